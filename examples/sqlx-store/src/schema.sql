-- The tables of `SqlxStore`. Each key begins with the location.
-- Ids and idempotency keys are compared by bytes, so they have the collation "C".

CREATE TABLE frontdesk_location (
    location text COLLATE "C" PRIMARY KEY,
    -- The revision of the latest commit.
    revision bigint NOT NULL,
    -- The numbers of unread and of waiting threads.
    unread   bigint NOT NULL,
    waiting  bigint NOT NULL
);

-- Threads, links and tombstones: the columns of `frontdesk_sql::THREAD_COLUMNS`.
CREATE TABLE frontdesk_thread (
    location      text COLLATE "C" NOT NULL,
    booking       text COLLATE "C" NOT NULL,
    revision      bigint NOT NULL,
    last_number   bigint NOT NULL,
    -- The negative time of the last activity. NULL in links and tombstones.
    newest_first  bigint,
    unread        boolean,
    waiting_since bigint,
    linked_to     text COLLATE "C",
    redactions    bigint,
    created_at    bigint,
    first_number  bigint,
    customer_messages bigint,
    operator_messages bigint,
    last_role     bigint,
    last_at       bigint,
    preview       text,
    preview_cut   boolean,
    customer_number bigint, customer_covered bigint, customer_furthest bigint, customer_set_at bigint,
    operator_number bigint, operator_covered bigint, operator_furthest bigint, operator_set_at bigint,
    code          text,
    activity      text,
    starts_at     bigint,
    duration_secs bigint,
    status        text,
    customer_name text,
    profile       text,
    short_code    text,
    booking_version bigint,
    linked_booking text COLLATE "C",
    PRIMARY KEY (location, booking)
);
CREATE UNIQUE INDEX frontdesk_thread_feed ON frontdesk_thread (location, revision);
CREATE INDEX frontdesk_thread_inbox ON frontdesk_thread (location, newest_first, booking)
    WHERE newest_first IS NOT NULL;
CREATE INDEX frontdesk_thread_unread ON frontdesk_thread (location, newest_first, booking)
    WHERE unread;
CREATE INDEX frontdesk_thread_waiting ON frontdesk_thread (location, waiting_since, booking)
    WHERE waiting_since IS NOT NULL;

-- The columns of `frontdesk_sql::MESSAGE_COLUMNS`, and the idempotency key.
CREATE TABLE frontdesk_message (
    location  text COLLATE "C" NOT NULL,
    booking   text COLLATE "C" NOT NULL,
    number    bigint NOT NULL,
    ordinal   bigint NOT NULL,
    role      bigint NOT NULL,
    author    text COLLATE "C" NOT NULL,
    name      text,
    body      text NOT NULL,
    sent_at   bigint NOT NULL,
    revision  bigint NOT NULL,
    flags     bigint NOT NULL,
    redaction bigint,
    -- NULL if the message was sent without a key, or if its key was forgotten.
    key       text COLLATE "C",
    PRIMARY KEY (location, booking, number)
);
CREATE UNIQUE INDEX frontdesk_message_key ON frontdesk_message (location, booking, role, author, key)
    WHERE key IS NOT NULL;
CREATE INDEX frontdesk_message_redaction ON frontdesk_message (location, booking, redaction)
    WHERE redaction IS NOT NULL;
