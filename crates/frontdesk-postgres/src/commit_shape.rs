//! The parts of a commit that the statements of PostgreSQL and the functions of Citus share.

use frontdesk::store::{Change, Commit};
use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

use crate::key_lookup::{KeyExpressions, KeyPlaces};

/// The position of the parameter for the epoch in which the commit was computed.
pub(crate) const EPOCH: usize = THREAD_COLUMNS.len() + 1;

/// The position of the first parameter of a change.
const CHANGE: usize = EPOCH + 1;

/// The condition that the location has a next revision.
pub(crate) const HAS_NEXT_REVISION: &str = "l.revision < 9007199254740991";

/// Reads the columns of the head that the commit replaces, if the head is at the expected revision.
pub(crate) const HEAD_BEFORE: &str = "SELECT unread, waiting_since FROM schema.thread \
    WHERE location = $1 AND booking = $2 AND revision = $3";

/// Replaces the head if it is at the expected revision, which is $3.
pub(crate) const UPDATE_HEAD: &str = "UPDATE schema.thread AS t \
    SET (revision, {columns}) = ROW (locked.next_revision, {values}) \
    {from} WHERE t.location = $1 AND t.booking = $2 AND t.revision = $3";

/// Inserts the head of an unused id. `{row}` is the row of the columns' values.
pub(crate) const INSERT_HEAD: &str = "INSERT INTO schema.thread \
    (location, booking, revision, {columns}) {row} ON CONFLICT (location, booking) DO NOTHING";

/// Deletes the messages of a thread that is erased.
pub(crate) const DELETE_MESSAGES: &str =
    "DELETE FROM schema.message WHERE location = $1 AND booking = $2";

/// Removes the text of a message (T9).
const REDACT: &str = "UPDATE schema.message AS m SET body = '', redaction = {ordinal} {from} \
    WHERE m.location = $1 AND m.booking = $2 AND m.number = {number}";

/// Removes the name of an author from messages.
const REDACT_AUTHOR: &str = "UPDATE schema.message AS m SET name = NULL {from} \
    WHERE m.location = $1 AND m.booking = $2 AND m.number BETWEEN {first} AND {last} \
    AND m.role = {role} AND m.author = {author} AND m.name IS NOT NULL";

/// Updates the location's revision and counts.
const UPDATE_LOCATION: &str = "UPDATE schema.location AS l SET revision = {revision}, \
    unread = l.unread + {unread_change}, waiting = l.waiting + {waiting_change}";

/// The properties of a commit that select its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CommitShape {
    pub(crate) is_new_id: bool,
    pub(crate) effect: Effect,
}

/// The effect of a commit beside the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    None,
    Erase,
    AddMessage,
    AddMessageWithKey,
    AddMessages,
    Redact,
    RedactAuthor,
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

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let of_effect = |effect| [false, true].map(|is_new_id| Self { is_new_id, effect });
        Effect::ALL.into_iter().flat_map(of_effect)
    }
}

impl Effect {
    pub(crate) const ALL: [Self; 7] = [
        Self::None,
        Self::Erase,
        Self::AddMessage,
        Self::AddMessageWithKey,
        Self::AddMessages,
        Self::Redact,
        Self::RedactAuthor,
    ];

    /// Returns the SQL expression of a column of a new message: a parameter, or the column of the
    /// row `n` if the commit has several messages.
    pub(crate) fn message_value(self, column: &str) -> String {
        if self == Self::AddMessages { format!("n.{column}") } else { message_parameter(column) }
    }
}

/// Returns the statement that removes texts or names, if the effect is a redaction. `from` is the
/// `FROM` clause of the statement.
pub(crate) fn redaction(effect: Effect, from: &str) -> Option<String> {
    let change = |at: usize| format!("${}", CHANGE + at);
    let redaction = match effect {
        Effect::Redact => REDACT.replace("{number}", &change(0)).replace("{ordinal}", &change(1)),
        Effect::RedactAuthor => REDACT_AUTHOR
            .replace("{first}", &change(0))
            .replace("{last}", &change(1))
            .replace("{role}", &change(2))
            .replace("{author}", &change(3)),
        _ => return None,
    };
    Some(redaction.replace("{from}", from))
}

/// Completes [`UPDATE_HEAD`] or [`INSERT_HEAD`] with the columns that are set from parameters.
pub(crate) fn with_head_columns(sql: &str) -> String {
    // The location, the booking and the revision are not set from the values.
    let (columns, first) = (&THREAD_COLUMNS[ID_COLUMNS.len() + 1..], ID_COLUMNS.len() + 2);
    let values: Vec<String> = (first..EPOCH).map(|at| format!("${at}")).collect();
    sql.replace("{columns}", &columns.join(", ")).replace("{values}", &values.join(", "))
}

/// The SQL expressions for the head that a commit replaces.
#[derive(Debug)]
pub(crate) struct HeadBefore<'a> {
    pub(crate) was_unread: &'a str,
    pub(crate) was_waiting: &'a str,
}

impl HeadBefore<'static> {
    /// The head in the row `before`, which [`HEAD_BEFORE`] selects.
    pub(crate) const ROW: Self = Self {
        was_unread: "coalesce(before.unread, false)",
        was_waiting: "(before.waiting_since IS NOT NULL)",
    };
}

impl HeadBefore<'_> {
    /// Returns the update of the location without the conditions.
    pub(crate) fn update_location(&self, revision: &str) -> String {
        self.with_changes(UPDATE_LOCATION).replace("{revision}", revision)
    }

    /// Adds the changes of the location's counts to a statement.
    pub(crate) fn with_changes(&self, sql: &str) -> String {
        let Self { was_unread, was_waiting } = self;
        let thread_parameter = |column| parameter(&THREAD_COLUMNS, 1, column);
        let unread = format!("coalesce({}, false)", thread_parameter("unread"));
        let waiting = format!("({} IS NOT NULL)", thread_parameter("waiting_since"));
        sql.replace("{unread_change}", &format!("{unread}::integer - {was_unread}::integer"))
            .replace("{waiting_change}", &format!("{waiting}::integer - {was_waiting}::integer"))
    }
}

/// Returns the parameter for a column whose list begins at the parameter `first`.
fn parameter(columns: &[&str], first: usize, column: &str) -> String {
    let at = columns.iter().position(|found| *found == column);
    format!("${}", first + at.expect("the list has this column"))
}

/// The columns of a message after the id, in the order of their parameters, then the digest of the
/// key and the key.
pub(crate) fn message_columns() -> Vec<&'static str> {
    [&MESSAGE_COLUMNS[ID_COLUMNS.len()..], &["key_digest", "key"]].concat()
}

pub(crate) fn message_parameter(column: &str) -> String {
    parameter(&message_columns(), CHANGE, column)
}

/// Inserts rows into `message`. `revision` is the revision of the commit, and `rows` makes the rows
/// from the list of their values.
pub(crate) fn insert_into_message(
    effect: Effect,
    revision: &str,
    rows: impl FnOnce(&str) -> String,
) -> String {
    let values = MESSAGE_COLUMNS.map(|column| match column {
        "location" => "$1".to_owned(),
        "booking" => "$2".to_owned(),
        "revision" => revision.to_owned(),
        other => effect.message_value(other),
    });
    let (columns, values) = (MESSAGE_COLUMNS.join(", "), values.join(", "));
    let values = format!("{values}, {}", effect.message_value("key_digest"));
    format!("INSERT INTO schema.message ({columns}, key_digest) {}", rows(&values))
}

/// Makes one row `n` from the elements of the arrays at each position.
pub(crate) fn new_messages(places: KeyPlaces) -> String {
    let mut columns = message_columns();
    if places == KeyPlaces::Messages {
        columns.retain(|column| *column != "key");
    }
    let arrays: Vec<String> = columns.iter().map(|column| message_parameter(column)).collect();
    format!("unnest({}) AS n ({})", arrays.join(", "), columns.join(", "))
}

/// Returns the query for a message that has a key of the commit. `source` has the rows `n` of
/// several new messages. Returns `None` if the commit has no key.
pub(crate) fn message_with_key(effect: Effect, places: KeyPlaces, source: &str) -> Option<String> {
    let value = |column| effect.message_value(column);
    let message = places.message_with_key(&KeyExpressions {
        role: &value("role"),
        author: &value("author"),
        digest: &value("key_digest"),
        key: &value("key"),
    });
    match effect {
        Effect::AddMessageWithKey => Some(message),
        // LIMIT makes the server look up each key in the index instead of reading all messages of
        // the thread.
        Effect::AddMessages => {
            Some(format!("SELECT FROM {source} CROSS JOIN LATERAL ({message} LIMIT 1) k"))
        }
        _ => None,
    }
}
