CREATE TABLE schema.location (
    location text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    unread   bigint NOT NULL,
    PRIMARY KEY (location)
)/* partitioned */;

-- A head, or a tombstone: then every column after last_number is NULL.
CREATE TABLE schema.thread (
    location     text COLLATE "C" NOT NULL,
    booking      text COLLATE "C" NOT NULL,
    revision     bigint NOT NULL,
    last_number  integer NOT NULL,
    -- The negative time of activity, so that one index goes one way.
    newest_first bigint,
    awaits       boolean,
    created_at   bigint,
    first_number integer,
    by_customer  integer,
    by_operator  integer,
    last_role    integer,
    last_at      bigint,
    preview      text,
    preview_cut  boolean,
    customer_number integer, customer_covered integer,
    customer_furthest integer, customer_set_at bigint,
    operator_number integer, operator_covered integer,
    operator_furthest integer, operator_set_at bigint,
    code          text,
    activity      text,
    starts_at     bigint,
    duration_secs bigint,
    status        text,
    customer_name text,
    profile       text,
    PRIMARY KEY (location, booking)
)/* partitioned */;
CREATE UNIQUE INDEX thread_feed ON schema.thread (location, revision);
CREATE INDEX thread_inbox ON schema.thread (location, newest_first, booking)
    WHERE newest_first IS NOT NULL;
CREATE INDEX thread_unread ON schema.thread (location, newest_first, booking)
    WHERE awaits;

CREATE TABLE schema.message (
    location text COLLATE "C" NOT NULL,
    booking  text COLLATE "C" NOT NULL,
    number   integer NOT NULL,
    ordinal  integer NOT NULL,
    role     integer NOT NULL,
    author   text COLLATE "C" NOT NULL,
    name     text,
    body     text NOT NULL,
    sent_at  bigint NOT NULL,
    PRIMARY KEY (location, booking, number)
)/* partitioned */;

CREATE TABLE schema.idempotency_key (
    location text COLLATE "C" NOT NULL,
    booking  text COLLATE "C" NOT NULL,
    role     integer NOT NULL,
    author   text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    number   integer NOT NULL,
    PRIMARY KEY (location, booking, role, author, key)
)/* partitioned */;
