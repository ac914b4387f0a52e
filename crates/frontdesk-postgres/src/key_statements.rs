use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

use crate::commit_statements::CommitStatements;
use crate::engine::Engine;
use crate::epoch::with_epoch;
use crate::key_lookup::{KeyExpressions, KeyPlaces};
use crate::schema::Schema;

/// The SQL text of the statements that use idempotency keys, for the places where a database
/// stores them.
///
/// With [`KeyPlaces::MessagesAndTable`] the last parameter of these statements is the key, or the
/// array of keys. With [`KeyPlaces::Messages`] the statements do not have this parameter.
#[derive(Debug)]
pub(crate) struct KeyStatements {
    pub(crate) places: KeyPlaces,
    pub(crate) message_by_key: String,
    /// Reads what is stored after a commit wrote nothing: the location's revision, the head,
    /// and the message with the first key that is taken.
    pub(crate) current_state: String,
    pub(crate) commits: CommitStatements,
    pub(crate) forget_keys: String,
    /// Forgets keys of the table `idempotency_key`.
    pub(crate) forget_keys_of_table: String,
}

/// Forgets keys of the messages. LIMIT keeps the threads as the outer loop, in the order of their
/// index, and the array makes the UPDATE use the index of the numbers. Flag 2 marks imported
/// messages. $3 is one more than the limit $4, so that the answer shows if there are more keys.
const FORGET_KEYS: &str = ", candidate AS MATERIALIZED (\
    SELECT t.booking, m.number FROM schema.thread t \
    CROSS JOIN LATERAL (SELECT m.number FROM schema.message m \
    WHERE m.location = $1 AND m.booking = t.booking AND m.sent_at < $2 AND m.flags & 2 = 0 \
    AND m.key_digest IS NOT NULL ORDER BY m.number LIMIT $3) m \
    WHERE t.location = $1 \
    AND EXISTS (SELECT FROM epoch WHERE token IS NOT NULL) ORDER BY t.booking LIMIT $3), \
    chosen AS MATERIALIZED (SELECT * FROM candidate LIMIT $4), \
    removed AS (UPDATE schema.message m SET key_digest = NULL WHERE m.location = $1 \
    AND m.booking = ANY (ARRAY (SELECT DISTINCT booking FROM chosen)) \
    AND m.key_digest IS NOT NULL \
    AND EXISTS (SELECT FROM chosen c WHERE c.booking = m.booking AND c.number = m.number) \
    RETURNING m.number)";

/// Forgets keys of the table. LIMIT 1 keeps the keys as the outer loop, in the order of their
/// index, and the array makes the DELETE use that index, too.
const FORGET_KEYS_OF_TABLE: &str = ", candidate AS MATERIALIZED (\
    SELECT k.booking, k.role, k.author, k.key FROM schema.idempotency_key k \
    CROSS JOIN LATERAL (SELECT FROM schema.message m \
    WHERE m.location = $1 AND m.booking = k.booking AND m.number = k.number \
    AND m.sent_at < $2 AND m.flags & 2 = 0 LIMIT 1) m \
    WHERE k.location = $1 AND EXISTS (SELECT FROM epoch WHERE token IS NOT NULL) \
    ORDER BY k.booking, k.role, k.author, k.key LIMIT $3), \
    chosen AS MATERIALIZED (SELECT * FROM candidate LIMIT $4), \
    removed AS (DELETE FROM schema.idempotency_key k WHERE k.location = $1 \
    AND k.booking = ANY (ARRAY (SELECT DISTINCT booking FROM chosen)) \
    AND EXISTS (SELECT FROM chosen c WHERE c.booking = k.booking \
    AND c.role = k.role AND c.author = k.author AND c.key = k.key) \
    RETURNING k.number)";

impl KeyStatements {
    pub(crate) fn new(schema: &Schema, engine: Engine, places: KeyPlaces) -> Self {
        let head = format!("t.{}", THREAD_COLUMNS.join(", t."));
        let message = message_columns();
        let answer = |select: &str| schema.qualify(&with_epoch(engine, "", select));
        let forget = |parts: &str| {
            let counts = "SELECT (SELECT count(*) FROM removed), (SELECT count(*) FROM candidate)";
            schema.qualify(&with_epoch(engine, parts, counts))
        };
        let by_key = places.message_with_key(&KeyExpressions {
            role: "$3",
            author: "$4",
            digest: "$5",
            key: "$6",
        });
        let taken = places.message_with_key(&KeyExpressions {
            role: "n.role",
            author: "n.author",
            digest: "n.key_digest",
            key: "n.key",
        });
        let keys = match places {
            KeyPlaces::Messages => {
                "unnest($3, $4, $5) WITH ORDINALITY AS n (role, author, key_digest)"
            }
            KeyPlaces::MessagesAndTable => {
                "unnest($3, $4, $5, $6) WITH ORDINALITY AS n (role, author, key_digest, key)"
            }
        };
        Self {
            places,
            message_by_key: answer(&format!("SELECT {message} FROM ({by_key}) m")),
            current_state: answer(&format!(
                "SELECT true AS is_row, l.revision, {head}, m.ordinality, {message} \
                 FROM (SELECT) AS one_row \
                 LEFT JOIN schema.location l ON l.location = $1 \
                 LEFT JOIN schema.thread t ON t.location = $1 AND t.booking = $2 \
                 LEFT JOIN LATERAL (SELECT n.ordinality, m.* FROM {keys} \
                 CROSS JOIN LATERAL ({taken} LIMIT 1) m ORDER BY n.ordinality LIMIT 1) m ON true"
            )),
            commits: CommitStatements::new(schema, engine, places),
            forget_keys: forget(FORGET_KEYS),
            forget_keys_of_table: forget(FORGET_KEYS_OF_TABLE),
        }
    }
}

/// Returns the columns of the message `m` without its thread's id, which the reader already knows.
pub(crate) fn message_columns() -> String {
    format!("m.{}", MESSAGE_COLUMNS[ID_COLUMNS.len()..].join(", m."))
}
