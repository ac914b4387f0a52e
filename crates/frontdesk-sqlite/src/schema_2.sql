-- SQLite also renames the columns in the indexes of the table.
ALTER TABLE thread RENAME COLUMN awaits TO unread;
ALTER TABLE thread RENAME COLUMN by_customer TO customer_messages;
ALTER TABLE thread RENAME COLUMN by_operator TO operator_messages;
-- The migration to schema 3 computes the times of a file of the first schema.
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

-- The number of threads with waiting_since, which the migration to schema 3 computes.
ALTER TABLE location ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;

-- The revision of the commit that added the message; 0 for messages of the first schema.
ALTER TABLE message ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
-- Bit 0: automatic. Bit 1: imported.
ALTER TABLE message ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
-- The position among the thread's redacted messages; NULL while the message has its text.
ALTER TABLE message ADD COLUMN redaction INTEGER;

-- The epoch of the file (P7). The table has one row.
CREATE TABLE epoch (
    token INTEGER NOT NULL,
    -- The start of the machine in which stores with `Synchronous::Normal` last opened the
    -- file; NULL without such stores.
    normal_since TEXT
);
INSERT INTO epoch VALUES (random(), NULL);
