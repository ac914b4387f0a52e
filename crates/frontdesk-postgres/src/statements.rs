use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};

use crate::change_number::OLDEST_RUNNING;
use crate::commit_statements::CommitStatements;
use crate::epoch::{store_token, with_epoch};
use crate::schema::Schema;

/// The condition on the revision of changed threads.
///
/// The server uses one plan for all polls only if its estimated cost is close to the cost of a
/// plan for a single poll. The subquery hides the revision from the planner, and the upper bound
/// lowers the estimated number of rows; together they keep the estimates close. Without them,
/// the server plans each poll of a location with a thousand threads anew, and the poll takes
/// three times as long.
const CHANGED: &str = "t.revision > (SELECT $2) AND t.revision <= 9007199254740991";

/// The SQL text of all statements on the tables of one schema.
///
/// The lists of columns come from [`frontdesk_sql`], so a new column needs a
/// migration and no change here. Each statement that answers a method is made by
/// [`with_epoch`], so its first own column is not NULL.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) head: String,
    pub(crate) heads: String,
    pub(crate) messages_oldest_first: String,
    pub(crate) messages_newest_first: String,
    pub(crate) messages_redacted_after: String,
    pub(crate) message_by_key: String,
    pub(crate) all_threads: String,
    pub(crate) unread_threads: String,
    pub(crate) waiting_threads: String,
    pub(crate) changes: String,
    /// This statement and the next one are not inside one location.
    pub(crate) locations: String,
    pub(crate) changed_locations: String,
    pub(crate) forget_keys: String,
    pub(crate) insert_location: String,
    /// Reads what is stored after a commit wrote nothing: the location's revision, the head,
    /// and the message with the first key that is taken.
    pub(crate) current_state: String,
    pub(crate) commits: CommitStatements,
    pub(crate) store_token: String,
}

impl Statements {
    pub(crate) fn new(schema: &Schema) -> Self {
        let head = format!("t.{}", THREAD_COLUMNS.join(", t."));
        // A message is read without its thread's id, which the reader already knows.
        let message = format!("m.{}", MESSAGE_COLUMNS[ID_COLUMNS.len()..].join(", m."));
        let threads = format!("SELECT {head} FROM schema.thread t WHERE t.location = $1");
        let messages = format!(
            "SELECT {message} FROM schema.message m WHERE m.location = $1 AND m.booking = $2"
        );
        let answer = |select: &str| schema.qualify(&with_epoch("", select));
        // One statement reads the location's row and the heads in one snapshot.
        let page = |condition: &str, order: &str, limit: &str| {
            answer(&format!(
                "SELECT l.revision, l.unread, l.waiting, {head} FROM schema.location l \
                 LEFT JOIN LATERAL (SELECT * FROM schema.thread t \
                 WHERE t.location = $1 AND {condition} ORDER BY {order} LIMIT {limit}) t ON true \
                 WHERE l.location = $1 ORDER BY {order}"
            ))
        };
        let list = |condition: &str, position: &str| {
            let after = format!("{condition} AND ({position}) > ($2, $3)");
            page(&after, position, "$4")
        };
        Self {
            head: answer(&format!("{threads} AND t.booking = $2")),
            heads: answer(&format!("{threads} AND t.booking = ANY ($2)")),
            messages_oldest_first: answer(&format!(
                "{messages} AND m.number BETWEEN $3 AND $4 ORDER BY m.number LIMIT $5"
            )),
            messages_newest_first: answer(&format!(
                "{messages} AND m.number BETWEEN $3 AND $4 ORDER BY m.number DESC LIMIT $5"
            )),
            messages_redacted_after: answer(&format!(
                "{messages} AND m.redaction > $3 ORDER BY m.redaction LIMIT $4"
            )),
            // The outer join makes a key without its message an error instead of an unused
            // key.
            message_by_key: answer(&format!(
                "SELECT k.number AS key_number, {message} FROM schema.idempotency_key k \
                 LEFT JOIN schema.message m \
                 ON m.location = $1 AND m.booking = $2 AND m.number = k.number \
                 WHERE k.location = $1 AND k.booking = $2 AND k.role = $3 AND k.author = $4 \
                 AND k.key = $5"
            )),
            all_threads: list("t.newest_first IS NOT NULL", "t.newest_first, t.booking"),
            unread_threads: list("t.unread", "t.newest_first, t.booking"),
            waiting_threads: list("t.waiting_since IS NOT NULL", "t.waiting_since, t.booking"),
            changes: page(CHANGED, "t.revision", "$3"),
            // A location has a row of revision 0 before its first commit.
            locations: answer(
                "SELECT l.location, l.revision FROM schema.location l \
                 WHERE l.location > $1 AND l.revision > 0 ORDER BY l.location LIMIT $2",
            ),
            // A list is short only where the transactions of all commits have one sequence of
            // numbers, so a store on Citus, whose servers count apart, gets no token (-1).
            changed_locations: answer(&format!(
                "SELECT s.next, l.location, l.revision FROM (SELECT CASE \
                 WHEN pg_catalog.to_regclass('pg_catalog.pg_dist_node') IS NULL \
                 THEN {OLDEST_RUNNING} ELSE -1 END AS next) s \
                 LEFT JOIN (SELECT l.location, l.revision FROM schema.location l \
                 WHERE l.location > $1 AND l.changed >= $2 AND l.revision > 0 \
                 ORDER BY l.location LIMIT $3) l ON true"
            )),
            // LIMIT 1 keeps the keys as the outer loop, in the order of their index, and the
            // array makes the DELETE use that index, too. Flag 2 marks imported messages. $3 is
            // one more than the limit $4, so that the answer shows if there are more keys.
            forget_keys: schema.qualify(&with_epoch(
                ", candidate AS MATERIALIZED (\
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
                 RETURNING k.number)",
                "SELECT (SELECT count(*) FROM removed), (SELECT count(*) FROM candidate)",
            )),
            insert_location: schema.qualify(
                "INSERT INTO schema.location (location, revision, unread, waiting) \
                 SELECT $1, 0, 0, 0 ON CONFLICT (location) DO NOTHING",
            ),
            current_state: answer(&format!(
                "SELECT true AS is_row, l.revision, {head}, k.ordinality, {message} \
                 FROM (SELECT) AS one_row \
                 LEFT JOIN schema.location l ON l.location = $1 \
                 LEFT JOIN schema.thread t ON t.location = $1 AND t.booking = $2 \
                 LEFT JOIN LATERAL (SELECT n.ordinality, k.number \
                 FROM unnest($3, $4, $5) WITH ORDINALITY AS n (role, author, key) \
                 JOIN schema.idempotency_key k ON k.location = $1 AND k.booking = $2 \
                 AND k.role = n.role AND k.author = n.author AND k.key = n.key \
                 ORDER BY n.ordinality LIMIT 1) k ON true \
                 LEFT JOIN schema.message m ON m.location = $1 AND m.booking = $2 \
                 AND m.number = k.number"
            )),
            commits: CommitStatements::new(schema),
            store_token: schema.qualify(&store_token()),
        }
    }
}
