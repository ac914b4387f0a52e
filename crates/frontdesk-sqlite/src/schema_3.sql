-- The migration to this schema moves the rows of the tables before it in steps. A table with the
-- suffix "_2" holds the rows that are not moved yet. The tables of this schema have columns that the
-- statements of older stores do not know, so older stores that are still open get errors.
ALTER TABLE thread RENAME TO thread_2;
ALTER TABLE message RENAME TO message_2;
ALTER TABLE idempotency_key RENAME TO idempotency_key_2;

-- The heads of threads, the links, and the tombstones of erased threads. In a tombstone, every
-- column after last_number is NULL. A link also has linked_to.
CREATE TABLE head (
    -- The number of the thread in the file, which never changes.
    thread_no    INTEGER PRIMARY KEY CHECK (thread_no < 4294967296),
    location     TEXT NOT NULL,
    booking      TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    last_number  INTEGER NOT NULL,
    -- The negative time of activity, so that an ascending index has the order of the inbox.
    newest_first INTEGER,
    unread       INTEGER,
    waiting_since INTEGER,
    -- The booking of the thread to which a linked id leads.
    linked_to    TEXT,
    redactions   INTEGER,
    created_at   INTEGER,
    first_number INTEGER,
    customer_messages INTEGER,
    operator_messages INTEGER,
    last_role    INTEGER,
    last_at      INTEGER,
    preview      TEXT,
    preview_cut  INTEGER,
    customer_number INTEGER, customer_covered INTEGER,
    customer_furthest INTEGER, customer_set_at INTEGER,
    operator_number INTEGER, operator_covered INTEGER,
    operator_furthest INTEGER, operator_set_at INTEGER,
    code          TEXT,
    activity      TEXT,
    starts_at     INTEGER,
    duration_secs INTEGER,
    status        TEXT,
    customer_name TEXT,
    profile       TEXT,
    short_code    TEXT,
    booking_version INTEGER,
    -- The booking of the thread's snapshot, if that booking was linked to the thread.
    linked_booking TEXT
) STRICT;
CREATE UNIQUE INDEX head_id ON head (location, booking);
CREATE UNIQUE INDEX head_feed ON head (location, revision);
CREATE INDEX head_inbox ON head (location, newest_first, booking)
    WHERE newest_first IS NOT NULL;
CREATE INDEX head_unread ON head (location, newest_first, booking)
    WHERE unread = 1;
CREATE INDEX head_waiting ON head (location, waiting_since, booking)
    WHERE waiting_since IS NOT NULL;

-- The authors of a thread. An author who wrote under several names has a row for each name.
CREATE TABLE participant (
    thread_no      INTEGER NOT NULL,
    participant_no INTEGER NOT NULL,
    role           INTEGER NOT NULL,
    author         TEXT NOT NULL,
    name           TEXT,
    PRIMARY KEY (thread_no, participant_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    -- The number of the thread, multiplied by 2^31, plus the number of the message. One integer
    -- needs fewer bytes than two columns.
    id             INTEGER PRIMARY KEY,
    thread_no      INTEGER NOT NULL AS (id >> 31) VIRTUAL,
    number         INTEGER NOT NULL AS (id & 2147483647) VIRTUAL,
    -- Bit 0: automatic. Bit 1: imported. From bit 2: the ordinal. From bit 33: the position among
    -- the thread's redacted messages; 0 while the message has its text.
    bits           INTEGER NOT NULL,
    flags          INTEGER NOT NULL AS (bits & 3) VIRTUAL,
    ordinal        INTEGER NOT NULL AS ((bits >> 2) & 2147483647) VIRTUAL,
    redaction      INTEGER AS (nullif((bits >> 33) & 2147483647, 0)) VIRTUAL,
    participant_no INTEGER NOT NULL,
    -- The digest of the idempotency key; NULL without a key.
    digest         BLOB,
    body           TEXT NOT NULL,
    -- The time after created_at of the head. It needs fewer bytes than the time itself.
    sent_after     INTEGER NOT NULL,
    -- The revision of the commit that added the message; 0 for messages of the first schema.
    revision       INTEGER NOT NULL
) STRICT;
CREATE INDEX message_redacted ON message (thread_no, redaction)
    WHERE redaction IS NOT NULL;
-- A lookup of a key reads the messages with lower numbers one by one, and most threads have no
-- others. So most messages need no entry in this index.
CREATE INDEX message_digest ON message (thread_no, digest)
    WHERE number > 64 AND digest IS NOT NULL;
