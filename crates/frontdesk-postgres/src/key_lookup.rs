//! The SQL expressions that find messages by their idempotency keys.

use frontdesk::ThreadId;
use frontdesk::store::{KeyQuery, NewMessage};
use frontdesk_sql::KeyDigest;

/// The places that store idempotency keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyPlaces {
    /// The column `key_digest` of the messages.
    Messages,
    /// The messages, and the table `idempotency_key` of the second schema. Each key is in one of
    /// the two places. Its migration moves the keys of that table to the messages.
    MessagesAndTable,
}

/// The SQL expressions of a key.
#[derive(Debug)]
pub(crate) struct KeyExpressions<'a> {
    pub(crate) role: &'a str,
    pub(crate) author: &'a str,
    pub(crate) digest: &'a str,
    /// The key itself. Only [`KeyPlaces::MessagesAndTable`] needs it.
    pub(crate) key: &'a str,
}

impl KeyPlaces {
    /// Returns a query for the message with a key, in the thread of the parameters `$1` and `$2`.
    pub(crate) fn message_with_key(self, expressions: &KeyExpressions<'_>) -> String {
        let KeyExpressions { role, author, digest, key } = expressions;
        let in_messages = format!(
            "SELECT m.* FROM schema.message m WHERE m.location = $1 AND m.booking = $2 \
             AND m.key_digest = {digest} AND m.role = {role} AND m.author = {author}"
        );
        match self {
            Self::Messages => in_messages,
            Self::MessagesAndTable => format!(
                "{in_messages} UNION ALL SELECT m.* FROM schema.idempotency_key k \
                 JOIN schema.message m \
                 ON m.location = $1 AND m.booking = $2 AND m.number = k.number \
                 WHERE k.location = $1 AND k.booking = $2 AND k.role = {role} \
                 AND k.author = {author} AND k.key = {key}"
            ),
        }
    }
}

/// Returns the value of the column `key_digest`: the first 8 bytes of the digest.
///
/// Every lookup also compares the thread, the role and the author. So only two keys of one author
/// in one thread could be mistaken for each other. Among 10^5 such keys the probability is 3 in
/// 10^10. The whole digest would cost 17 bytes more for each message, in the row and in the index.
pub(crate) fn key_digest(query: &KeyQuery<'_>) -> i64 {
    let digest = KeyDigest::of(query).to_bytes();
    let mut first = [0; size_of::<i64>()];
    first.copy_from_slice(&digest[..size_of::<i64>()]);
    i64::from_be_bytes(first)
}

/// Returns the value of the column `key_digest` of a new message.
pub(crate) fn new_key_digest(thread: &ThreadId, new: &NewMessage) -> Option<i64> {
    let key = new.key.as_ref()?;
    Some(key_digest(&KeyQuery::new(thread, new.message.author(), key)))
}

/// Returns the SQL expression that computes the column `key_digest` from the row `k` of the table
/// `idempotency_key`.
pub(crate) fn key_digest_of_row() -> String {
    let text = |column: &str| {
        format!(
            "pg_catalog.int4send(pg_catalog.octet_length(k.{column})) \
             || pg_catalog.convert_to(k.{column}, 'UTF8')"
        )
    };
    let fields = [
        text("location"),
        text("booking"),
        "pg_catalog.int4send(k.role)".to_owned(),
        text("author"),
        text("key"),
    ];
    format!(
        "('x' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256({}), 1, 8), 'hex'))\
         ::bit(64)::bigint",
        fields.join(" || ")
    )
}
