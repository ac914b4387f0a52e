use std::collections::HashMap;

use frontdesk::store::{Change, Commit};
use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

use crate::change_number::TRANSACTION;
use crate::epoch::with_epoch;
use crate::key_lookup::{KeyExpressions, KeyPlaces};
use crate::schema::Schema;

/// The position of the parameter for the epoch in which the commit was computed.
const EPOCH: usize = THREAD_COLUMNS.len() + 1;

/// The position of the first parameter of a change.
const CHANGE: usize = EPOCH + 1;

/// Locks the location's row until the transaction ends, so that commits of one location run
/// one after the other (P1). At READ COMMITTED a commit that waited for the lock reads the
/// row that the previous holder of the lock committed.
///
/// If the epoch has changed since the commit was computed, the expected revision can belong to
/// another state (P7). The statement then locks and writes nothing. The parameter is NULL if the
/// commit fits every epoch.
///
/// If a key of the commit is taken, the statement locks and writes nothing, and the server reports
/// no error. The snapshot of this condition can be older than the lock. But a commit that added the
/// key since then also changed the head, so the comparison of the revision fails.
const LOCK_LOCATION: &str = "locked AS MATERIALIZED (\
    SELECT revision + 1 AS next_revision FROM schema.location \
    WHERE location = $1 AND revision < 9007199254740991 \
    AND EXISTS (SELECT FROM epoch WHERE token = coalesce({epoch}, token)) \
    {keys_are_free} FOR NO KEY UPDATE)";

/// The condition that the key of a single message is free.
const KEY_IS_FREE: &str = "AND NOT EXISTS ({message_with_key})";

/// The condition that the keys of several messages are free. LIMIT makes the server look up each
/// key in the index instead of reading all messages of the thread.
const KEYS_ARE_FREE: &str = "AND NOT EXISTS (SELECT FROM new_message n CROSS JOIN LATERAL \
    ({message_with_key} LIMIT 1) k)";

/// Replaces the head if it is at the expected revision, which is $3.
///
/// The snapshot of the statement can be older than the lock. The UPDATE then compares the
/// revision of the newest version of the row. The columns of `before` belong to the
/// same version, because each revision identifies one version.
const REPLACE_HEAD: &str = "before AS MATERIALIZED (\
    SELECT unread, waiting_since FROM schema.thread \
    WHERE location = $1 AND booking = $2 AND revision = $3), \
    head AS (UPDATE schema.thread AS t \
    SET (revision, {columns}) = ROW (locked.next_revision, {values}) \
    FROM locked, before WHERE t.location = $1 AND t.booking = $2 AND t.revision = $3 \
    RETURNING t.revision, coalesce(before.unread, false) AS was_unread, \
    before.waiting_since IS NOT NULL AS was_waiting)";

/// Inserts the head of an unused id. The statement does nothing if another commit inserted a
/// head that the snapshot does not contain.
const INSERT_HEAD: &str = "head AS (INSERT INTO schema.thread \
    (location, booking, revision, {columns}) \
    SELECT $1, $2, locked.next_revision, {values} FROM locked \
    ON CONFLICT (location, booking) DO NOTHING \
    RETURNING revision, false AS was_unread, false AS was_waiting)";

/// Deletes the messages of a thread that is erased.
const ERASE: &str = "messages AS (DELETE FROM schema.message \
    WHERE location = $1 AND booking = $2 AND EXISTS (SELECT FROM head))";

/// Deletes the keys of the second schema of a thread that is erased.
const ERASE_KEYS: &str = "keys AS (DELETE FROM schema.idempotency_key \
    WHERE location = $1 AND booking = $2 AND EXISTS (SELECT FROM head))";

/// Removes the text of a message (T9).
const REDACT: &str = "message AS (UPDATE schema.message AS m \
    SET body = '', redaction = {ordinal} FROM head \
    WHERE m.location = $1 AND m.booking = $2 AND m.number = {number})";

/// Removes the name of an author from messages.
const REDACT_AUTHOR: &str = "messages AS (UPDATE schema.message AS m SET name = NULL FROM head \
    WHERE m.location = $1 AND m.booking = $2 AND m.number BETWEEN {first} AND {last} \
    AND m.role = {role} AND m.author = {author} AND m.name IS NOT NULL)";

/// Updates the location's revision and counts, if the head was written.
const UPDATE_LOCATION: &str = "written AS (UPDATE schema.location AS l \
    SET revision = head.revision, changed = {transaction}, \
    unread = l.unread + coalesce({unread}, false)::integer - head.was_unread::integer, \
    waiting = l.waiting + ({waiting_since} IS NOT NULL)::integer - head.was_waiting::integer \
    FROM head WHERE l.location = $1 RETURNING l.revision)";

/// The properties of a commit that select its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CommitShape {
    is_new_id: bool,
    effect: Effect,
}

/// The effect of a commit beside the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Effect {
    None,
    Erase,
    AddMessage,
    AddMessageWithKey,
    AddMessages,
    Redact,
    RedactAuthor,
}

impl Effect {
    const ALL: [Self; 7] = [
        Self::None,
        Self::Erase,
        Self::AddMessage,
        Self::AddMessageWithKey,
        Self::AddMessages,
        Self::Redact,
        Self::RedactAuthor,
    ];
}

impl CommitShape {
    pub(crate) fn of(commit: &Commit) -> Self {
        let effect = match commit.change() {
            // A commit that changes messages has a live thread as its next state.
            Change::None if commit.next().live().is_none() => Effect::Erase,
            Change::None => Effect::None,
            Change::Messages(messages) => match &messages[..] {
                [message] if message.key.is_none() => Effect::AddMessage,
                [_] => Effect::AddMessageWithKey,
                _ => Effect::AddMessages,
            },
            Change::Redact(_) => Effect::Redact,
            Change::RedactAuthor(_) => Effect::RedactAuthor,
        };
        Self { is_new_id: commit.expected().is_none(), effect }
    }

    /// Returns the statement. Its parameters are, in this order:
    ///
    /// - the values of [`THREAD_COLUMNS`], with the expected revision as the revision;
    /// - the epoch in which the commit was computed, or NULL;
    /// - for new messages the values of [`MESSAGE_COLUMNS`] after the id, then the digest of the
    ///   key, and for [`KeyPlaces::MessagesAndTable`] the key, each as an array if there are
    ///   several messages;
    /// - for a redaction the number and the redaction ordinal;
    /// - for a redaction of an author the first number, the last number, the role and the id.
    fn sql(self, places: KeyPlaces) -> String {
        let head = if self.is_new_id { INSERT_HEAD } else { REPLACE_HEAD };
        let mut parts = vec![String::new()];
        parts.extend(self.effect.source(places));
        parts.extend([LOCK_LOCATION.to_owned(), head.to_owned()]);
        parts.extend(self.effect.sql(places));
        parts.push(UPDATE_LOCATION.to_owned());
        // The location, the booking and the revision are not set from the values.
        let (columns, first) = (&THREAD_COLUMNS[ID_COLUMNS.len() + 1..], ID_COLUMNS.len() + 2);
        let thread_parameter = |column| parameter(&THREAD_COLUMNS, 1, column);
        let values: Vec<String> = (first..EPOCH).map(|at| format!("${at}")).collect();
        with_epoch(&parts.join(", "), "SELECT revision FROM written")
            .replace("{keys_are_free}", &self.effect.keys_are_free(places))
            .replace("{transaction}", TRANSACTION)
            .replace("{epoch}", &format!("${EPOCH}"))
            .replace("{columns}", &columns.join(", "))
            .replace("{values}", &values.join(", "))
            .replace("{unread}", &thread_parameter("unread"))
            .replace("{waiting_since}", &thread_parameter("waiting_since"))
    }
}

impl Effect {
    /// Returns the rows from which the statement inserts several messages.
    fn source(self, places: KeyPlaces) -> Option<String> {
        (self == Self::AddMessages).then(|| new_messages(places))
    }

    /// Returns the condition that the keys of the messages are free.
    fn keys_are_free(self, places: KeyPlaces) -> String {
        match self {
            Self::AddMessageWithKey => {
                let message = places.message_with_key(&KeyExpressions {
                    role: &message_parameter("role"),
                    author: &message_parameter("author"),
                    digest: &message_parameter("key_digest"),
                    key: &message_parameter("key"),
                });
                KEY_IS_FREE.replace("{message_with_key}", &message)
            }
            Self::AddMessages => {
                let message = places.message_with_key(&KeyExpressions {
                    role: "n.role",
                    author: "n.author",
                    digest: "n.key_digest",
                    key: "n.key",
                });
                KEYS_ARE_FREE.replace("{message_with_key}", &message)
            }
            _ => String::new(),
        }
    }

    fn sql(self, places: KeyPlaces) -> Option<String> {
        let change = |at: usize| format!("${}", CHANGE + at);
        Some(match self {
            Self::None => return None,
            Self::Erase => match places {
                KeyPlaces::Messages => ERASE.to_owned(),
                KeyPlaces::MessagesAndTable => format!("{ERASE}, {ERASE_KEYS}"),
            },
            Self::AddMessage | Self::AddMessageWithKey => {
                format!("message AS ({})", insert_into_message(message_parameter, "head"))
            }
            Self::AddMessages => {
                let column = |column: &str| format!("n.{column}");
                let messages = insert_into_message(column, "head, new_message AS n");
                format!("messages AS ({messages})")
            }
            Self::Redact => REDACT.replace("{number}", &change(0)).replace("{ordinal}", &change(1)),
            Self::RedactAuthor => REDACT_AUTHOR
                .replace("{first}", &change(0))
                .replace("{last}", &change(1))
                .replace("{role}", &change(2))
                .replace("{author}", &change(3)),
        })
    }
}

/// Returns the parameter for a column whose list begins at the parameter `first`.
fn parameter(columns: &[&str], first: usize, column: &str) -> String {
    let at = columns.iter().position(|found| *found == column);
    format!("${}", first + at.expect("the list has this column"))
}

/// The columns of a message after the id, in the order of their parameters, then the digest of the
/// key and the key.
fn message_columns() -> Vec<&'static str> {
    [&MESSAGE_COLUMNS[ID_COLUMNS.len()..], &["key_digest", "key"]].concat()
}

fn message_parameter(column: &str) -> String {
    parameter(&message_columns(), CHANGE, column)
}

/// Inserts rows into `message`, with `value` for each column that neither the thread nor
/// the head supplies.
fn insert_into_message(value: impl Fn(&str) -> String, source: &str) -> String {
    let values = MESSAGE_COLUMNS.map(|column| match column {
        "location" => "$1".to_owned(),
        "booking" => "$2".to_owned(),
        "revision" => "head.revision".to_owned(),
        other => value(other),
    });
    let (columns, values) = (MESSAGE_COLUMNS.join(", "), values.join(", "));
    let digest = value("key_digest");
    format!(
        "INSERT INTO schema.message ({columns}, key_digest) \
         SELECT {values}, {digest} FROM {source}"
    )
}

/// Makes one row from the elements of the arrays at each position.
fn new_messages(places: KeyPlaces) -> String {
    let mut columns = message_columns();
    if places == KeyPlaces::Messages {
        columns.retain(|column| *column != "key");
    }
    let arrays: Vec<String> = columns.iter().map(|column| message_parameter(column)).collect();
    format!(
        "new_message AS (SELECT * FROM unnest({}) AS n ({}))",
        arrays.join(", "),
        columns.join(", ")
    )
}

/// The statements of all shapes of commits.
#[derive(Debug)]
pub(crate) struct CommitStatements(HashMap<CommitShape, String>);

impl CommitStatements {
    pub(crate) fn new(schema: &Schema, places: KeyPlaces) -> Self {
        let shapes = [false, true]
            .into_iter()
            .flat_map(|is_new_id| Effect::ALL.map(|effect| CommitShape { is_new_id, effect }));
        Self(shapes.map(|shape| (shape, schema.qualify(&shape.sql(places)))).collect())
    }

    pub(crate) fn get(&self, shape: CommitShape) -> &str {
        &self.0[&shape]
    }
}
