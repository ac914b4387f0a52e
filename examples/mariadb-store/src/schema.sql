CREATE TABLE IF NOT EXISTS location (
    location VARBINARY(128) NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    unread   BIGINT NOT NULL,
    waiting  BIGINT NOT NULL
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS thread (
    location      VARBINARY(128) NOT NULL,
    booking       VARBINARY(128) NOT NULL,
    revision      BIGINT NOT NULL,
    last_number   INT NOT NULL,
    newest_first  BIGINT,
    unread        BOOLEAN,
    waiting_since BIGINT,
    linked_to     VARBINARY(128),
    redactions    INT,
    created_at    BIGINT,
    first_number  INT,
    customer_messages INT,
    operator_messages INT,
    last_role     INT,
    last_at       BIGINT,
    preview       TEXT,
    preview_cut   BOOLEAN,
    customer_number INT, customer_covered INT, customer_furthest INT, customer_set_at BIGINT,
    operator_number INT, operator_covered INT, operator_furthest INT, operator_set_at BIGINT,
    code          TEXT,
    activity      TEXT,
    starts_at     BIGINT,
    duration_secs BIGINT,
    status        TEXT,
    customer_name TEXT,
    profile       TEXT,
    short_code    TEXT,
    booking_version BIGINT,
    linked_booking VARBINARY(128),
    PRIMARY KEY (location, booking),
    UNIQUE KEY feed (location, revision),
    KEY inbox (location, newest_first, booking),
    KEY unread (location, unread, newest_first, booking),
    KEY waiting (location, waiting_since, booking)
) ENGINE = InnoDB CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS message (
    location  VARBINARY(128) NOT NULL,
    booking   VARBINARY(128) NOT NULL,
    number    INT NOT NULL,
    ordinal   INT NOT NULL,
    role      INT NOT NULL,
    author    VARBINARY(128) NOT NULL,
    name      TEXT,
    body      MEDIUMTEXT NOT NULL,
    sent_at   BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    flags     INT NOT NULL,
    redaction INT,
    PRIMARY KEY (location, booking, number),
    KEY redaction (location, booking, redaction)
) ENGINE = InnoDB CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS idempotency_key (
    location VARBINARY(128) NOT NULL,
    booking  VARBINARY(128) NOT NULL,
    role     INT NOT NULL,
    author   VARBINARY(128) NOT NULL,
    `key`    VARBINARY(128) NOT NULL,
    number   INT NOT NULL,
    PRIMARY KEY (location, booking, role, author, `key`)
) ENGINE = InnoDB;
