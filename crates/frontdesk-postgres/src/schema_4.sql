-- Idempotency keys are stored with their messages: key_digest is the first 8 bytes of the digest.
-- A message row has its columns in an order without gaps. This order needs a new table, so only a
-- database without messages gets it.
DO $migration$
BEGIN
    IF EXISTS (SELECT FROM schema.message) OR EXISTS (SELECT FROM schema.idempotency_key) THEN
        ALTER TABLE schema.message ADD COLUMN key_digest bigint;
    ELSE
        DROP TABLE schema.message;
        CREATE TABLE schema.message (
            sent_at    bigint NOT NULL,
            -- The revision of the commit that added the message; 0 for messages of the first
            -- schema.
            revision   bigint NOT NULL DEFAULT 0,
            key_digest bigint,
            number     integer NOT NULL,
            ordinal    integer NOT NULL,
            -- The position among the thread's redacted messages; NULL while the message has its
            -- text.
            redaction  integer,
            role       smallint NOT NULL,
            -- Bit 0: automatic. Bit 1: imported.
            flags      smallint NOT NULL DEFAULT 0,
            location   text COLLATE "C" NOT NULL,
            booking    text COLLATE "C" NOT NULL,
            author     text COLLATE "C" NOT NULL,
            name       text,
            body       text NOT NULL,
            PRIMARY KEY (location, booking, number)
        )/* partitioned */;
        /* partitions of message */
        CREATE INDEX message_redaction ON schema.message (location, booking, redaction)
            WHERE redaction IS NOT NULL;
    END IF;
END
$migration$;
CREATE INDEX message_key ON schema.message (key_digest) WHERE key_digest IS NOT NULL;
