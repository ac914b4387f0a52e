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
    /// The condition on the rows of the location.
    condition: String,
    /// The columns that order the rows. Empty if the rows have no order.
    pub(crate) order: &'static str,
    /// The parameter for the number of rows. Only an ordered read has a limit.
    limit: &'static str,
}

impl Read {
    /// Returns the query. `expression` makes the expression of a column of a table.
    ///
    /// One statement reads the location's row and the heads in one snapshot.
    pub(crate) fn select(&self, expression: impl Fn(&str, &str) -> String) -> String {
        let columns = self.columns();
        let columns = columns.iter().map(|(table, column)| expression(table, column));
        let columns = columns.collect::<Vec<_>>().join(", ");
        match self.rows {
            RowKind::CountsAndThread => format!(
                "SELECT {columns} FROM schema.location l LEFT JOIN LATERAL ({}) t ON true \
                 WHERE l.location = $1 ORDER BY {}",
                self.select_from_table("*", ""),
                self.order
            ),
            RowKind::Thread | RowKind::Message => self.select_from_table(&columns, ""),
        }
    }

    /// Returns the query for the rows of the table of threads or messages. `conditions` are further
    /// conditions, each with AND before it.
    pub(crate) fn select_from_table(&self, columns: &str, conditions: &str) -> String {
        let Self { condition, order, limit, .. } = self;
        let table = match self.rows {
            RowKind::Thread | RowKind::CountsAndThread => "thread t",
            RowKind::Message => "message m",
        };
        let alias = &table[table.len() - 1..];
        let order = match *order {
            "" => String::new(),
            order => format!(" ORDER BY {order} LIMIT {limit}"),
        };
        format!(
            "SELECT {columns} FROM schema.{table} \
             WHERE {alias}.location = $1 AND {condition}{conditions}{order}"
        )
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

    /// Returns `true` if each row begins with the counts of the location.
    pub(crate) fn has_counts(&self) -> bool {
        self.rows == RowKind::CountsAndThread
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
        const UNORDERED: (&str, &str) = ("", "");
        let read = |name, parameters, rows, condition: &str, (order, limit)| {
            make(Read { name, parameters, rows, condition: condition.to_owned(), order, limit })
        };
        let threads = |name, parameters, condition| {
            read(name, parameters, RowKind::Thread, condition, UNORDERED)
        };
        let messages = |name, parameters, condition: &str, order| {
            let condition = format!("m.booking = $2 AND {condition}");
            read(name, parameters, RowKind::Message, &condition, order)
        };
        let list = |name, condition: &str, position| {
            let condition = format!("{condition} AND ({position}) > ($2, $3)");
            read(name, LIST, RowKind::CountsAndThread, &condition, (position, "$4"))
        };
        let between = "m.number BETWEEN $3 AND $4";
        Self {
            head: threads("head", &["text", "text"], "t.booking = $2"),
            heads: threads("heads", &["text", "text[]"], "t.booking = ANY ($2)"),
            messages_oldest_first: messages(
                "messages_oldest_first",
                NUMBERS,
                between,
                ("m.number", "$5"),
            ),
            messages_newest_first: messages(
                "messages_newest_first",
                NUMBERS,
                between,
                ("m.number DESC", "$5"),
            ),
            messages_redacted_after: messages(
                "messages_redacted_after",
                &["text", "text", "bigint", "bigint"],
                "m.redaction > $3",
                ("m.redaction", "$4"),
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
            changes: read(
                "changes",
                &["text", "bigint", "bigint"],
                RowKind::CountsAndThread,
                CHANGED,
                ("t.revision", "$3"),
            ),
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
