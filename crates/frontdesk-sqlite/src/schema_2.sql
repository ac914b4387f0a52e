-- SQLite also renames the columns in the indexes of the table.
ALTER TABLE thread RENAME COLUMN awaits TO unread;
ALTER TABLE thread RENAME COLUMN by_customer TO customer_messages;
ALTER TABLE thread RENAME COLUMN by_operator TO operator_messages;
ALTER TABLE thread ADD COLUMN waiting_since INTEGER;
-- The booking of the thread to which a linked id leads. A row with neither newest_first nor
-- linked_to is a tombstone.
ALTER TABLE thread ADD COLUMN linked_to TEXT;
-- The booking of the thread's snapshot, if that booking was linked to the thread.
ALTER TABLE thread ADD COLUMN linked_booking TEXT;
-- The number of redacted messages.
ALTER TABLE thread ADD COLUMN redactions INTEGER DEFAULT 0;
ALTER TABLE thread ADD COLUMN short_code TEXT;
ALTER TABLE thread ADD COLUMN booking_version INTEGER;
-- A thread waits since the first customer message (role 0) that no operator's message followed.
UPDATE thread SET waiting_since = (
    SELECT asked.sent_at FROM message AS asked
    WHERE asked.location = thread.location AND asked.booking = thread.booking AND asked.role = 0
      AND asked.number > coalesce(
          (SELECT reply.number FROM message AS reply
           WHERE reply.location = thread.location AND reply.booking = thread.booking
             AND reply.role = 1
           ORDER BY reply.number DESC LIMIT 1), 0)
    ORDER BY asked.number LIMIT 1)
WHERE last_role = 0;
CREATE INDEX thread_waiting ON thread (location, waiting_since, booking)
    WHERE waiting_since IS NOT NULL;

-- The number of threads with waiting_since.
ALTER TABLE location ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
UPDATE location SET waiting = (
    SELECT count(*) FROM thread
    WHERE thread.location = location.location AND thread.waiting_since IS NOT NULL);

-- The revision of the commit that added the message; 0 for messages of the first schema.
ALTER TABLE message ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
-- Bit 0: automatic. Bit 1: imported.
ALTER TABLE message ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
-- The position among the thread's redacted messages; NULL while the message has its text.
ALTER TABLE message ADD COLUMN redaction INTEGER;
CREATE INDEX message_redaction ON message (location, booking, redaction)
    WHERE redaction IS NOT NULL;

-- The epoch of the file (P7). The table has one row.
CREATE TABLE epoch (
    token INTEGER NOT NULL,
    -- The start of the machine in which stores with `Synchronous::Normal` last opened the
    -- file; NULL without such stores.
    normal_since TEXT
);
INSERT INTO epoch VALUES (random(), NULL);
