ALTER TABLE schema.thread RENAME COLUMN awaits TO unread;
ALTER TABLE schema.thread RENAME COLUMN by_customer TO customer_messages;
ALTER TABLE schema.thread RENAME COLUMN by_operator TO operator_messages;
ALTER TABLE schema.thread
    ADD COLUMN waiting_since bigint,
    -- The booking that a linked id leads to. A row with neither newest_first nor linked_to
    -- is a tombstone.
    ADD COLUMN linked_to text COLLATE "C",
    -- The booking of the thread's snapshot, if that booking was linked to the thread.
    ADD COLUMN linked_booking text COLLATE "C",
    -- The number of redacted messages; NULL counts as 0.
    ADD COLUMN redactions integer,
    ADD COLUMN short_code text,
    ADD COLUMN booking_version bigint;
-- A thread waits since the first customer message (role 0) that no operator's message followed.
UPDATE schema.thread SET waiting_since = (
    SELECT asked.sent_at FROM schema.message AS asked
    WHERE asked.location = thread.location AND asked.booking = thread.booking AND asked.role = 0
      AND asked.number > coalesce(
          (SELECT reply.number FROM schema.message AS reply
           WHERE reply.location = thread.location AND reply.booking = thread.booking
             AND reply.role = 1
           ORDER BY reply.number DESC LIMIT 1), 0)
    ORDER BY asked.number LIMIT 1)
WHERE last_role = 0;
CREATE INDEX thread_waiting ON schema.thread (location, waiting_since, booking)
    WHERE waiting_since IS NOT NULL;

-- The number of threads with waiting_since.
ALTER TABLE schema.location ADD COLUMN waiting bigint NOT NULL DEFAULT 0;
UPDATE schema.location SET waiting = (
    SELECT count(*) FROM schema.thread
    WHERE thread.location = location.location AND thread.waiting_since IS NOT NULL);

ALTER TABLE schema.message
    -- The revision of the commit that added the message; 0 for messages of the first schema.
    ADD COLUMN revision bigint NOT NULL DEFAULT 0,
    -- Bit 0: automatic. Bit 1: imported.
    ADD COLUMN flags integer NOT NULL DEFAULT 0,
    -- The position among the thread's redacted messages; NULL while the message has its text.
    ADD COLUMN redaction integer;
CREATE INDEX message_redaction ON schema.message (location, booking, redaction)
    WHERE redaction IS NOT NULL;

-- The token of a timeline (P7). The table has one row; the first session of a timeline
-- updates it.
CREATE TABLE schema.epoch (
    timeline text COLLATE "C" NOT NULL,
    token    bigint NOT NULL,
    PRIMARY KEY (timeline)
);
INSERT INTO schema.epoch VALUES ('', 0);
