use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

use crate::rows::PACKED_COLUMNS;

/// The SQL text of all statements on the tables.
///
/// The column lists of heads come from [`frontdesk_sql`], so a new column of the head needs a
/// migration but no change in this file.
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
    /// Selects the values of [`Author`](crate::rows::Author).
    pub(super) author: &'static str,
    /// Selects 1 if a message of a thread has a digest in a range, else 0. The last parameter is the
    /// number of the thread's last message.
    pub(super) is_key_taken: String,
    pub(super) location_counts: &'static str,
    pub(super) locations: &'static str,
    /// Selects the values of [`CurrentState`](crate::rows::CurrentState).
    pub(super) current_state: String,
    pub(super) put_location: &'static str,
    pub(super) insert_head: String,
    pub(super) update_head: String,
    pub(super) participant: String,
    pub(super) named_participants: &'static str,
    pub(super) insert_participant: &'static str,
    pub(super) replace_participant: &'static str,
    pub(super) delete_unused_participant: &'static str,
    pub(super) insert_message: &'static str,
    pub(super) rebase_messages: &'static str,
    pub(super) erase_messages: &'static str,
    pub(super) erase_participants: &'static str,
    pub(super) redact_message: &'static str,
    pub(super) old_keys: &'static str,
    pub(super) forget_key: &'static str,
}

impl Statements {
    pub(super) fn new() -> Self {
        let threads = format!("SELECT {} FROM head WHERE location = ?1", THREAD_COLUMNS.join(", "));
        let message_columns = message_columns().join(", ");
        let messages = |condition: &str| {
            format!(
                "SELECT {message_columns} FROM head h CROSS JOIN message m \
                 WHERE h.location = ?1 AND h.booking = ?2 AND {condition}"
            )
        };
        let numbers = "m.id BETWEEN (h.thread_no << 31) + ?3 AND (h.thread_no << 31) + ?4";
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
            messages_oldest_first: messages(&format!("{numbers} ORDER BY m.id LIMIT ?5")),
            messages_newest_first: messages(&format!("{numbers} ORDER BY m.id DESC LIMIT ?5")),
            messages_redacted_after: messages(
                "m.thread_no = h.thread_no AND m.redaction > ?3 ORDER BY m.redaction LIMIT ?4",
            ),
            message_by_key: format!(
                "{} UNION ALL {}",
                messages(&format!("{} AND {}", first_numbers("h.thread_no"), has_digest(3, 4))),
                messages(&format!(
                    "m.thread_no = h.thread_no AND {} AND m.number > 64",
                    has_digest(3, 4)
                )),
            ),
            author: "SELECT role, author, name FROM participant \
                     WHERE thread_no = ?1 AND participant_no = ?2",
            is_key_taken: format!("SELECT {}", is_key_taken("?1", "?4", &has_digest(2, 3))),
            location_counts: "SELECT revision, unread, waiting FROM location WHERE location = ?1",
            locations: "SELECT location, revision FROM location WHERE location > ?1 \
                        ORDER BY location LIMIT ?2",
            // The outer join returns NULL for a missing head. Without a key, the statement reads no
            // message.
            current_state: format!(
                "SELECT l.revision, h.thread_no, h.last_number, h.revision, h.unread, \
                 h.waiting_since IS NOT NULL, h.created_at, ?3 IS NOT NULL AND ({}), ({}) \
                 FROM location l LEFT JOIN head h ON h.location = ?1 AND h.booking = ?2 \
                 WHERE l.location = ?1",
                is_key_taken("h.thread_no", "h.last_number", &has_digest(3, 4)),
                participant("h.thread_no", [5, 6, 7]),
            ),
            // RETURNING would be slower, because SQLite makes a temporary table for the row.
            put_location: "INSERT INTO location (location, revision, unread, waiting) \
                           VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET revision = ?2, \
                           unread = unread + ?3, waiting = waiting + ?4",
            insert_head: insert_head(),
            update_head: update_head(),
            participant: participant("?1", [2, 3, 4]),
            named_participants: "SELECT participant_no FROM participant WHERE thread_no = ?1 \
                                 AND role = ?2 AND author = ?3 AND name IS NOT NULL",
            insert_participant: "INSERT INTO participant \
                                 (thread_no, participant_no, role, author, name) VALUES (?1, \
                                 (SELECT coalesce(max(participant_no) + 1, 0) FROM participant \
                                 WHERE thread_no = ?1), ?2, ?3, ?4) RETURNING participant_no",
            replace_participant: "UPDATE message SET participant_no = ?5 \
                                  WHERE id BETWEEN (?1 << 31) + ?2 AND (?1 << 31) + ?3 \
                                  AND participant_no = ?4",
            delete_unused_participant: "DELETE FROM participant \
                                        WHERE thread_no = ?1 AND participant_no = ?2 \
                                        AND NOT EXISTS (SELECT 1 FROM message WHERE id BETWEEN \
                                        (?1 << 31) AND (?1 << 31) + 2147483647 \
                                        AND participant_no = ?2)",
            insert_message: "INSERT INTO message (id, bits, participant_no, key_digest, body, \
                             sent_after, revision) VALUES ((?1 << 31) + ?2, \
                             (coalesce(?3, 0) << 33) | (?4 << 2) | ?5, ?6, ?7, ?8, ?9 - ?10, ?11)",
            rebase_messages: "UPDATE message SET sent_after = sent_after + ?2 \
                              WHERE id BETWEEN (?1 << 31) AND (?1 << 31) + 2147483647",
            erase_messages: "DELETE FROM message \
                             WHERE id BETWEEN (?1 << 31) AND (?1 << 31) + 2147483647",
            erase_participants: "DELETE FROM participant WHERE thread_no = ?1",
            redact_message: "UPDATE message SET body = '', \
                             bits = (?3 << 33) | (bits & 8589934591) \
                             WHERE id = (?1 << 31) + ?2",
            old_keys: OLD_KEYS,
            forget_key: "UPDATE message SET key_digest = NULL WHERE id = ?1",
        }
    }
}

/// Returns the columns that a query for messages selects. The thread's id is missing, because the
/// caller already knows it. [`PACKED_COLUMNS`] contain the values of several columns. The virtual
/// columns of the table and a join with the authors took about a fifth of the time of a history.
fn message_columns() -> Vec<String> {
    let other = |column: &&str| match *column {
        "number" | "ordinal" | "flags" | "redaction" | "role" | "author" | "name" => None,
        "sent_at" => Some("h.created_at + m.sent_after".to_owned()),
        column => Some(format!("m.{column}")),
    };
    let packed = PACKED_COLUMNS.map(|column| format!("m.{column}"));
    packed.into_iter().chain(MESSAGE_COLUMNS[ID_COLUMNS.len()..].iter().filter_map(other)).collect()
}

/// CROSS JOIN makes SQLite use the threads as the outer loop. `bits & 2` marks imported messages.
const OLD_KEYS: &str = "SELECT h.booking, m.number, m.id FROM head h CROSS JOIN message m \
    ON m.id > (h.thread_no << 31) + iif(h.booking = ?3, ?4, 0) \
    AND m.id <= (h.thread_no << 31) + 2147483647 \
    WHERE h.location = ?1 AND h.booking >= ?3 AND m.key_digest IS NOT NULL \
    AND h.created_at + m.sent_after < ?2 AND m.bits & 2 = 0 \
    ORDER BY h.booking, m.id LIMIT ?5";

/// Returns the condition that a message is one of the first in its thread, which have no entries in
/// the index of digests.
fn first_numbers(thread: &str) -> String {
    format!("m.id BETWEEN ({thread} << 31) AND ({thread} << 31) + 64")
}

/// Returns the condition that the digest of a message's key is in the range between two parameters.
fn has_digest(low: u8, high: u8) -> String {
    format!("m.key_digest >= ?{low} AND m.key_digest <= ?{high}")
}

/// Returns the condition that a message of a thread has a digest.
fn is_key_taken(thread: &str, last_number: &str, has_digest: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM message m WHERE {} AND {has_digest}) OR {last_number} > 64 AND \
         EXISTS (SELECT 1 FROM message m WHERE m.thread_no = {thread} AND {has_digest} \
         AND m.number > 64)",
        first_numbers(thread)
    )
}

/// Returns the query for the number of an author. The parameters are the role, the id and the name.
fn participant(thread: &str, [role, author, name]: [u8; 3]) -> String {
    format!(
        "SELECT participant_no FROM participant WHERE thread_no = {thread} \
         AND role = ?{role} AND author = ?{author} AND name IS ?{name}"
    )
}

fn insert_head() -> String {
    let parameters: Vec<String> =
        (1..=THREAD_COLUMNS.len()).map(|index| format!("?{index}")).collect();
    format!(
        "INSERT INTO head ({}) VALUES ({}) RETURNING thread_no",
        THREAD_COLUMNS.join(", "),
        parameters.join(", ")
    )
}

/// Returns the statement that replaces all columns of a head. The parameter after the columns is the
/// number of the thread.
fn update_head() -> String {
    let columns = THREAD_COLUMNS.iter().enumerate().skip(ID_COLUMNS.len());
    let values: Vec<String> =
        columns.map(|(index, column)| format!("{column} = ?{}", index + 1)).collect();
    format!("UPDATE head SET {} WHERE thread_no = ?{}", values.join(", "), THREAD_COLUMNS.len() + 1)
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
            author,
            is_key_taken,
            location_counts,
            locations,
            current_state,
            put_location,
            insert_head,
            update_head,
            participant,
            named_participants,
            insert_participant,
            replace_participant,
            delete_unused_participant,
            insert_message,
            rebase_messages,
            erase_messages,
            erase_participants,
            redact_message,
            old_keys,
            forget_key,
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
            author,
            is_key_taken,
            location_counts,
            current_state,
            update_head,
            participant,
            named_participants,
            replace_participant,
            delete_unused_participant,
            rebase_messages,
            erase_messages,
            erase_participants,
            redact_message,
            old_keys,
            forget_key,
        ] as [&str; 24]
        {
            let steps = query_plan(&connection, sql);
            // Compound queries and subqueries have steps without a table.
            let has_table =
                |step: &String| !step.contains("QUERY") && !step.contains("CONSTANT ROW");
            let steps: Vec<String> = steps.into_iter().filter(has_table).collect();
            let (first, others) = steps.split_first().expect(sql);
            let restrictions = ["location=?", "thread_no=?", "rowid=?", "rowid>? AND rowid<?"];
            assert!(restrictions.iter().any(|text| first.contains(text)), "{sql}: {first}");
            for step in [first].into_iter().chain(others) {
                let is_slow = step.contains("SCAN") || step.contains("TEMP B-TREE");
                assert!(!is_slow, "{sql}: {step}");
            }
        }
        for sql in [put_location, insert_head, insert_message] as [&str; 3] {
            assert_eq!(query_plan(&connection, sql), [""; 0], "{sql}");
        }
        for (sql, expected) in [
            (
                all_threads.as_str(),
                "head USING INDEX head_inbox (location=? AND (newest_first,booking)>(?,?))",
            ),
            (
                unread_threads,
                "head USING INDEX head_unread (location=? AND (newest_first,booking)>(?,?))",
            ),
            (
                waiting_threads,
                "head USING INDEX head_waiting (location=? AND (waiting_since,booking)>(?,?))",
            ),
            (changes, "head USING INDEX head_feed (location=? AND revision>?)"),
            // The only statement that is not restricted to one location.
            (locations, "location USING PRIMARY KEY (location>?)"),
        ] {
            assert_eq!(query_plan(&connection, sql), [format!("SEARCH {expected}")]);
        }
        let insert = query_plan(&connection, insert_participant);
        assert!(insert.iter().any(|step| step.contains("(thread_no=?)")), "{insert:?}");
    }

    /// A statement for messages finds the number of the thread, then the messages.
    #[test]
    fn messages_are_found_by_the_number_of_their_thread() {
        let statements = Statements::new();
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let thread = "h USING INDEX head_id (location=? AND booking=?)";
        let numbers = "m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)";
        for (sql, expected) in [
            (&statements.messages_oldest_first, [thread, numbers]),
            (&statements.messages_newest_first, [thread, numbers]),
            (
                &statements.messages_redacted_after,
                [thread, "m USING INDEX message_redacted (thread_no=? AND redaction>?)"],
            ),
        ] {
            assert_eq!(query_plan(&connection, sql), expected.map(|step| format!("SEARCH {step}")));
        }
        for sql in [&statements.message_by_key, &statements.is_key_taken, &statements.current_state]
        {
            let by_key = query_plan(&connection, sql);
            let index = "m USING INDEX message_digest \
                         (thread_no=? AND key_digest>? AND key_digest<?)";
            for search in [index, numbers].map(|search| format!("SEARCH {search}")) {
                assert!(by_key.contains(&search), "{by_key:?}");
            }
            assert!(!by_key.iter().any(|step| step.contains("SCAN m")), "{by_key:?}");
        }
    }
}
