use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

/// The SQL text of the statements, with the column lists of [`frontdesk_sql`].
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) head: String,
    pub(crate) all_threads: String,
    pub(crate) unread_threads: String,
    pub(crate) waiting_threads: String,
    pub(crate) changes: String,
    pub(crate) messages_oldest_first: String,
    pub(crate) messages_newest_first: String,
    pub(crate) messages_redacted_after: String,
    pub(crate) message_by_key: String,
    pub(crate) insert_head: String,
    pub(crate) update_head: String,
    pub(crate) insert_message: String,
}

pub(crate) const LOCATIONS: &str = "SELECT location, revision FROM location \
    WHERE location > ? AND revision > 0 ORDER BY location LIMIT ?";

/// Creates the row of a location. This statement is a transaction of its own: inside of the
/// transaction of a commit it would hold a lock that leads to deadlocks.
pub(crate) const INSERT_LOCATION: &str = "INSERT IGNORE INTO location VALUES (?, 0, 0, 0)";

/// Locks the location and takes its next revision, which the answer returns as the last insert id.
pub(crate) const NEXT_REVISION: &str = "UPDATE location \
    SET revision = last_insert_id(revision + 1) \
    WHERE location = ? AND revision < 9007199254740991";

pub(crate) const LOCATION_REVISION: &str =
    "SELECT location, revision FROM location WHERE location = ?";

pub(crate) const ADD_COUNTS: &str =
    "UPDATE location SET unread = unread + ?, waiting = waiting + ? WHERE location = ?";

pub(crate) const INSERT_KEY: &str = "INSERT INTO idempotency_key \
    (location, booking, role, author, `key`, number) VALUES (?, ?, ?, ?, ?, ?)";

pub(crate) const ERASE_MESSAGES: &str = "DELETE FROM message WHERE location = ? AND booking = ?";

pub(crate) const ERASE_KEYS: &str =
    "DELETE FROM idempotency_key WHERE location = ? AND booking = ?";

pub(crate) const REDACT: &str = "UPDATE message SET body = '', redaction = ? \
    WHERE location = ? AND booking = ? AND number = ?";

pub(crate) const REDACT_AUTHOR: &str = "UPDATE message SET name = NULL \
    WHERE location = ? AND booking = ? AND number BETWEEN ? AND ? AND role = ? AND author = ?";

/// Selects keys of messages before a time. `flags & 2` marks imported messages.
pub(crate) const OLD_KEYS: &str = "SELECT k.booking, k.role, k.author, k.`key` \
    FROM idempotency_key k JOIN message m ON m.location = k.location \
    AND m.booking = k.booking AND m.number = k.number \
    WHERE k.location = ? AND m.sent_at < ? AND m.flags & 2 = 0 LIMIT ?";

pub(crate) const DELETE_KEY: &str = "DELETE FROM idempotency_key \
    WHERE location = ? AND booking = ? AND role = ? AND author = ? AND `key` = ?";

impl Statements {
    pub(crate) fn new() -> Self {
        let columns = THREAD_COLUMNS.join(", ");
        let threads = format!("SELECT {columns} FROM thread WHERE location = ?");
        // A query for messages does not read the thread's id, which the caller already knows.
        let message_columns = format!("m.{}", MESSAGE_COLUMNS[ID_COLUMNS.len()..].join(", m."));
        let messages = format!(
            "SELECT {message_columns} FROM message m WHERE m.location = ? AND m.booking = ?"
        );
        // One statement reads the counts and the heads, so both come from one snapshot.
        let with_counts = |filter: &str, order: &str| {
            format!(
                "SELECT l.revision, l.unread, l.waiting, t.{} FROM location l \
                 LEFT JOIN ({threads} AND {filter} ORDER BY {order} LIMIT ?) t ON TRUE \
                 WHERE l.location = ? ORDER BY t.{}",
                THREAD_COLUMNS.join(", t."),
                order.replace(", ", ", t."),
            )
        };
        // MariaDB 10.11 does not search an index by `(a, b) > (?, ?)`.
        let page = |filter: &str, time: &str| {
            let after = format!("{time} >= ? AND ({time} > ? OR booking > ?)");
            with_counts(&format!("{filter} AND {after}"), &format!("{time}, booking"))
        };
        let set: Vec<String> =
            THREAD_COLUMNS.iter().map(|column| format!("{column} = ?")).collect();
        Self {
            head: format!("{threads} AND booking = ?"),
            all_threads: page("newest_first IS NOT NULL", "newest_first"),
            unread_threads: page("unread = 1", "newest_first"),
            waiting_threads: page("waiting_since IS NOT NULL", "waiting_since"),
            changes: with_counts("revision > ?", "revision"),
            messages_oldest_first: format!(
                "{messages} AND m.number BETWEEN ? AND ? ORDER BY m.number LIMIT ?"
            ),
            messages_newest_first: format!(
                "{messages} AND m.number BETWEEN ? AND ? ORDER BY m.number DESC LIMIT ?"
            ),
            messages_redacted_after: format!(
                "{messages} AND m.redaction > ? ORDER BY m.redaction LIMIT ?"
            ),
            // If a key is stored but its message is missing, the outer join returns a row of
            // NULLs, which is an error. An inner join would report the key as unused.
            message_by_key: format!(
                "SELECT {message_columns} FROM idempotency_key k LEFT JOIN message m \
                 ON m.location = k.location AND m.booking = k.booking AND m.number = k.number \
                 WHERE k.location = ? AND k.booking = ? \
                 AND k.role = ? AND k.author = ? AND k.`key` = ?"
            ),
            insert_head: insert("thread", &THREAD_COLUMNS),
            update_head: format!(
                "UPDATE thread SET {} WHERE location = ? AND booking = ?",
                set.join(", ")
            ),
            insert_message: insert("message", &MESSAGE_COLUMNS),
        }
    }

    /// Returns the statement for the heads of `count` bookings.
    pub(crate) fn heads(count: usize) -> String {
        format!(
            "SELECT {} FROM thread WHERE location = ? AND booking IN ({})",
            THREAD_COLUMNS.join(", "),
            vec!["?"; count].join(", ")
        )
    }

    /// Returns the statements of commits.
    pub(crate) fn of_commits(&self) -> [&str; 12] {
        [
            &self.head,
            &self.message_by_key,
            &self.insert_head,
            &self.update_head,
            &self.insert_message,
            NEXT_REVISION,
            ADD_COUNTS,
            INSERT_KEY,
            ERASE_MESSAGES,
            ERASE_KEYS,
            REDACT,
            REDACT_AUTHOR,
        ]
    }
}

fn insert(table: &str, columns: &[&str]) -> String {
    let parameters = vec!["?"; columns.len()].join(", ");
    format!("INSERT INTO {table} ({}) VALUES ({parameters})", columns.join(", "))
}
