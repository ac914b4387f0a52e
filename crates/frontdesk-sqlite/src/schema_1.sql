CREATE TABLE location (
    location TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    unread   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The heads of threads, and the tombstones of erased threads. In a tombstone, every column after
-- last_number is NULL.
CREATE TABLE thread (
    location     TEXT NOT NULL,
    booking      TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    last_number  INTEGER NOT NULL,
    -- The negative time of activity, so that one index goes one way.
    newest_first INTEGER,
    awaits       INTEGER,
    created_at   INTEGER,
    first_number INTEGER,
    by_customer  INTEGER,
    by_operator  INTEGER,
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
    -- Replaces its own row alone, never one that has the same revision.
    PRIMARY KEY (location, booking) ON CONFLICT REPLACE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX thread_feed ON thread (location, revision);
CREATE INDEX thread_inbox ON thread (location, newest_first, booking)
    WHERE newest_first IS NOT NULL;
CREATE INDEX thread_unread ON thread (location, newest_first, booking)
    WHERE awaits = 1;

CREATE TABLE message (
    location TEXT NOT NULL,
    booking  TEXT NOT NULL,
    number   INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    role     INTEGER NOT NULL,
    author   TEXT NOT NULL,
    name     TEXT,
    body     TEXT NOT NULL,
    sent_at  INTEGER NOT NULL,
    PRIMARY KEY (location, booking, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_key (
    location TEXT NOT NULL,
    booking  TEXT NOT NULL,
    role     INTEGER NOT NULL,
    author   TEXT NOT NULL,
    key      TEXT NOT NULL,
    number   INTEGER NOT NULL,
    PRIMARY KEY (location, booking, role, author, key)
) STRICT, WITHOUT ROWID;
