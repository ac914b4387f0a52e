//! The reads of one location.

use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

/// The condition on the revision of changed threads.
///
/// The server uses one plan for all polls only if its estimated cost is close to the cost of a
/// plan for a single poll. The subquery hides the revision from the planner, and the upper bound
/// lowers the estimated number of rows; together they keep the estimates close. Without them,
/// the server plans each poll of a location with a thousand threads anew, and the poll takes
/// three times as long.
const CHANGED: &str = "t.revision > (SELECT $2) AND t.revision <= 9007199254740991";

/// The columns of the location's counts.
const COUNTS: [&str; 3] = ["revision", "unread", "waiting"];

/// The columns that a read returns for each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowKind {
    /// The columns of the thread `t`.
    Thread,
    /// The counts of the location `l`, and the columns of the thread `t`.
    CountsAndThread,
    /// The columns of the message `m` without its thread's id, which the reader already knows.
    Message,
}

/// A read of one location, whose id is the parameter `$1`.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) name: &'static str,
    /// The types of the parameters.
    pub(crate) parameters: &'static [&'static str],
    rows: RowKind,
    /// The part of the query after its list of columns.
    source: String,
}

impl Read {
    /// Returns the query. `expression` makes the expression of a column of a table.
    pub(crate) fn select(&self, expression: impl Fn(&str, &str) -> String) -> String {
        let columns = self.columns();
        let columns = columns.iter().map(|(table, column)| expression(table, column));
        format!("SELECT {} FROM {}", columns.collect::<Vec<_>>().join(", "), self.source)
    }

    /// Returns the columns, each with the name of its table in the query.
    pub(crate) fn columns(&self) -> Vec<(&'static str, &'static str)> {
        let of = |table, columns: &[&'static str]| -> Vec<_> {
            columns.iter().map(|column| (table, *column)).collect()
        };
        match self.rows {
            RowKind::Thread => of("t", &THREAD_COLUMNS),
            RowKind::CountsAndThread => [of("l", &COUNTS), of("t", &THREAD_COLUMNS)].concat(),
            RowKind::Message => of("m", &MESSAGE_COLUMNS[ID_COLUMNS.len()..]),
        }
    }

    /// Returns `true` if the read returns only the counts when no thread changed after the revision
    /// `$2`.
    pub(crate) fn is_poll(&self) -> bool {
        self.name == "changes"
    }
}

/// The reads of the methods of a store.
#[derive(Debug)]
pub(crate) struct Reads<T> {
    pub(crate) head: T,
    pub(crate) heads: T,
    pub(crate) messages_oldest_first: T,
    pub(crate) messages_newest_first: T,
    pub(crate) messages_redacted_after: T,
    pub(crate) all_threads: T,
    pub(crate) unread_threads: T,
    pub(crate) waiting_threads: T,
    pub(crate) changes: T,
}

impl<T> Reads<T> {
    /// Makes a value from each read.
    pub(crate) fn from_fn(make: impl Fn(Read) -> T) -> Self {
        const LIST: &[&str] = &["text", "bigint", "text", "bigint"];
        const NUMBERS: &[&str] = &["text", "text", "bigint", "bigint", "bigint"];
        let thread = |name, parameters, condition: &str| {
            let source = format!("schema.thread t WHERE t.location = $1 AND {condition}");
            make(Read { name, parameters, rows: RowKind::Thread, source })
        };
        let messages = |name, parameters, condition: &str| {
            let source = format!(
                "schema.message m WHERE m.location = $1 AND m.booking = $2 AND {condition}"
            );
            make(Read { name, parameters, rows: RowKind::Message, source })
        };
        // One statement reads the location's row and the heads in one snapshot.
        let page = |name, parameters, condition: &str, order: &str, limit: &str| {
            let source = format!(
                "schema.location l LEFT JOIN LATERAL (SELECT * FROM schema.thread t \
                 WHERE t.location = $1 AND {condition} ORDER BY {order} LIMIT {limit}) t ON true \
                 WHERE l.location = $1 ORDER BY {order}"
            );
            make(Read { name, parameters, rows: RowKind::CountsAndThread, source })
        };
        let list = |name, condition: &str, position: &str| {
            let after = format!("{condition} AND ({position}) > ($2, $3)");
            page(name, LIST, &after, position, "$4")
        };
        Self {
            head: thread("head", &["text", "text"], "t.booking = $2"),
            heads: thread("heads", &["text", "text[]"], "t.booking = ANY ($2)"),
            messages_oldest_first: messages(
                "messages_oldest_first",
                NUMBERS,
                "m.number BETWEEN $3 AND $4 ORDER BY m.number LIMIT $5",
            ),
            messages_newest_first: messages(
                "messages_newest_first",
                NUMBERS,
                "m.number BETWEEN $3 AND $4 ORDER BY m.number DESC LIMIT $5",
            ),
            messages_redacted_after: messages(
                "messages_redacted_after",
                &["text", "text", "bigint", "bigint"],
                "m.redaction > $3 ORDER BY m.redaction LIMIT $4",
            ),
            all_threads: list(
                "all_threads",
                "t.newest_first IS NOT NULL",
                "t.newest_first, t.booking",
            ),
            unread_threads: list("unread_threads", "t.unread", "t.newest_first, t.booking"),
            waiting_threads: list(
                "waiting_threads",
                "t.waiting_since IS NOT NULL",
                "t.waiting_since, t.booking",
            ),
            changes: page("changes", &["text", "bigint", "bigint"], CHANGED, "t.revision", "$3"),
        }
    }
}

impl<T> Reads<Vec<T>> {
    pub(crate) fn concat(self) -> Vec<T> {
        [
            self.head,
            self.heads,
            self.messages_oldest_first,
            self.messages_newest_first,
            self.messages_redacted_after,
            self.all_threads,
            self.unread_threads,
            self.waiting_threads,
            self.changes,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
