use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

/// The SQL text of all statements on the tables.
///
/// The column lists come from [`frontdesk_sql`], so a new column needs a migration but no
/// change in this file.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) head: String,
    pub(super) all_threads: String,
    pub(super) unread_threads: String,
    pub(super) waiting_threads: String,
    pub(super) changes: String,
    pub(super) messages_oldest_first: String,
    pub(super) messages_newest_first: String,
    pub(super) messages_redacted_after: String,
    pub(super) message_by_key: String,
    pub(super) location_counts: &'static str,
    pub(super) locations: &'static str,
    /// Selects the revision of a head, which a commit compares, and the flags that the location's
    /// counts depend on.
    pub(super) current_state: &'static str,
    pub(super) next_revision: &'static str,
    pub(super) put_head: String,
    pub(super) insert_message: String,
    pub(super) insert_key: String,
    pub(super) erase_messages: &'static str,
    pub(super) erase_keys: &'static str,
    pub(super) redact_message: &'static str,
    pub(super) redact_author: &'static str,
    pub(super) old_keys: &'static str,
    pub(super) delete_key: &'static str,
}

impl Statements {
    pub(super) fn new() -> Self {
        let threads =
            format!("SELECT {} FROM thread WHERE location = ?1", THREAD_COLUMNS.join(", "));
        // A query for messages does not read the thread's id, which the caller already knows.
        let message_columns = format!("m.{}", MESSAGE_COLUMNS[ID_COLUMNS.len()..].join(", m."));
        let messages = format!(
            "SELECT {message_columns} FROM message m WHERE m.location = ?1 AND m.booking = ?2"
        );
        Self {
            head: format!("{threads} AND booking = ?2"),
            all_threads: format!(
                "{threads} AND newest_first IS NOT NULL AND (newest_first, booking) > (?2, ?3) \
                 ORDER BY newest_first, booking LIMIT ?4"
            ),
            unread_threads: format!(
                "{threads} AND unread = 1 AND (newest_first, booking) > (?2, ?3) \
                 ORDER BY newest_first, booking LIMIT ?4"
            ),
            waiting_threads: format!(
                "{threads} AND waiting_since IS NOT NULL AND (waiting_since, booking) > (?2, ?3) \
                 ORDER BY waiting_since, booking LIMIT ?4"
            ),
            changes: format!("{threads} AND revision > ?2 ORDER BY revision LIMIT ?3"),
            messages_oldest_first: format!(
                "{messages} AND m.number BETWEEN ?3 AND ?4 ORDER BY m.number LIMIT ?5"
            ),
            messages_newest_first: format!(
                "{messages} AND m.number BETWEEN ?3 AND ?4 ORDER BY m.number DESC LIMIT ?5"
            ),
            messages_redacted_after: format!(
                "{messages} AND m.redaction > ?3 ORDER BY m.redaction LIMIT ?4"
            ),
            // If a key is stored but its message is missing, the outer join returns a row of
            // NULLs, which is an error. An inner join would report the key as unused.
            message_by_key: format!(
                "SELECT {message_columns} FROM idempotency_key k \
                 LEFT JOIN message m USING (location, booking, number) \
                 WHERE k.location = ?1 AND k.booking = ?2 \
                 AND k.role = ?3 AND k.author = ?4 AND k.key = ?5"
            ),
            location_counts: "SELECT revision, unread, waiting FROM location WHERE location = ?1",
            locations: "SELECT location, revision FROM location WHERE location > ?1 \
                        ORDER BY location LIMIT ?2",
            current_state: "SELECT revision, unread, waiting_since IS NOT NULL FROM thread \
                            WHERE location = ?1 AND booking = ?2",
            next_revision: "INSERT INTO location (location, revision, unread, waiting) \
                            VALUES (?1, 1, ?2, ?3) ON CONFLICT DO UPDATE SET \
                            revision = revision + 1, unread = unread + ?2, \
                            waiting = waiting + ?3 RETURNING revision",
            // The table's primary key has ON CONFLICT REPLACE, so the INSERT replaces the row of
            // the same thread.
            put_head: insert("thread", &THREAD_COLUMNS),
            insert_message: insert("message", &MESSAGE_COLUMNS),
            insert_key: insert(
                "idempotency_key",
                &["location", "booking", "role", "author", "key", "number"],
            ),
            erase_messages: "DELETE FROM message WHERE location = ?1 AND booking = ?2",
            erase_keys: "DELETE FROM idempotency_key WHERE location = ?1 AND booking = ?2",
            redact_message: "UPDATE message SET body = '', redaction = ?4 \
                             WHERE location = ?1 AND booking = ?2 AND number = ?3",
            redact_author: "UPDATE message SET name = NULL \
                            WHERE location = ?1 AND booking = ?2 AND number BETWEEN ?3 AND ?4 \
                            AND role = ?5 AND author = ?6 AND name IS NOT NULL",
            // CROSS JOIN makes SQLite use the keys as the outer loop. `flags & 2` marks imported
            // messages.
            old_keys: "SELECT k.booking, k.role, k.author, k.key FROM idempotency_key k \
                       CROSS JOIN message m USING (location, booking, number) \
                       WHERE k.location = ?1 AND m.sent_at < ?2 AND m.flags & 2 = 0 LIMIT ?3",
            delete_key: "DELETE FROM idempotency_key WHERE location = ?1 AND booking = ?2 \
                         AND role = ?3 AND author = ?4 AND key = ?5",
        }
    }
}

fn insert(table: &str, columns: &[&str]) -> String {
    let parameters: Vec<String> = (1..=columns.len()).map(|index| format!("?{index}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), parameters.join(", "))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::schema;

    /// Returns the steps by which SQLite runs a statement.
    fn query_plan(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get("detail").unwrap());
        }
        steps
    }

    /// Each statement finds its rows by an index and reads them in the order of the index. No
    /// statement scans a table or sorts.
    #[test]
    fn each_statement_uses_an_index() {
        // This pattern has no `..`, so a new statement must be added to a list below.
        let Statements {
            head,
            all_threads,
            unread_threads,
            waiting_threads,
            changes,
            messages_oldest_first,
            messages_newest_first,
            messages_redacted_after,
            message_by_key,
            location_counts,
            locations,
            current_state,
            next_revision,
            put_head,
            insert_message,
            insert_key,
            erase_messages,
            erase_keys,
            redact_message,
            redact_author,
            old_keys,
            delete_key,
        } = &Statements::new();

        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        for sql in [
            head,
            all_threads,
            unread_threads,
            waiting_threads,
            changes,
            messages_oldest_first,
            messages_newest_first,
            messages_redacted_after,
            message_by_key,
            location_counts,
            current_state,
            erase_messages,
            erase_keys,
            redact_message,
            redact_author,
            old_keys,
            delete_key,
        ] as [&str; 17]
        {
            let steps = query_plan(&connection, sql);
            assert!(!steps.is_empty(), "{sql}");
            for step in steps {
                assert!(
                    step.starts_with("SEARCH ") && step.contains("location=?"),
                    "{sql}: {step}"
                );
            }
        }
        for sql in [next_revision, put_head, insert_message, insert_key] as [&str; 4] {
            assert_eq!(query_plan(&connection, sql), [""; 0], "{sql}");
        }
        for (sql, expected) in [
            (
                all_threads.as_str(),
                "thread USING INDEX thread_inbox (location=? AND (newest_first,booking)>(?,?))",
            ),
            (
                unread_threads,
                "thread USING INDEX thread_unread (location=? AND (newest_first,booking)>(?,?))",
            ),
            (
                waiting_threads,
                "thread USING INDEX thread_waiting (location=? AND (waiting_since,booking)>(?,?))",
            ),
            (changes, "thread USING INDEX thread_feed (location=? AND revision>?)"),
            (
                messages_redacted_after,
                "m USING INDEX message_redaction (location=? AND booking=? AND redaction>?)",
            ),
            // The only statement that is not restricted to one location.
            (locations, "location USING PRIMARY KEY (location>?)"),
        ] {
            assert_eq!(query_plan(&connection, sql), [format!("SEARCH {expected}")]);
        }
    }
}
