use frontdesk_sql::THREAD_COLUMNS;

use crate::change_number::OLDEST_RUNNING;
use crate::engine::Engine;
use crate::epoch::{store_token, with_epoch};
use crate::key_statements::message_columns;
use crate::schema::Schema;

/// The condition on the revision of changed threads.
///
/// The server uses one plan for all polls only if its estimated cost is close to the cost of a
/// plan for a single poll. The subquery hides the revision from the planner, and the upper bound
/// lowers the estimated number of rows; together they keep the estimates close. Without them,
/// the server plans each poll of a location with a thousand threads anew, and the poll takes
/// three times as long.
const CHANGED: &str = "t.revision > (SELECT $2) AND t.revision <= 9007199254740991";

/// The SQL text of the statements on the tables of one schema that use no idempotency key.
/// [`KeyStatements`](crate::key_statements::KeyStatements) has the others.
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
    pub(crate) all_threads: String,
    pub(crate) unread_threads: String,
    pub(crate) waiting_threads: String,
    pub(crate) changes: String,
    /// This statement and the next one are not inside one location.
    pub(crate) locations: String,
    pub(crate) changed_locations: String,
    pub(crate) insert_location: String,
    pub(crate) store_token: String,
}

impl Statements {
    pub(crate) fn new(schema: &Schema, engine: Engine) -> Self {
        let head = format!("t.{}", THREAD_COLUMNS.join(", t."));
        let message = message_columns();
        let threads = format!("SELECT {head} FROM schema.thread t WHERE t.location = $1");
        let messages = format!(
            "SELECT {message} FROM schema.message m WHERE m.location = $1 AND m.booking = $2"
        );
        let answer = |select: &str| schema.qualify(&with_epoch(engine, "", select));
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
            all_threads: list("t.newest_first IS NOT NULL", "t.newest_first, t.booking"),
            unread_threads: list("t.unread", "t.newest_first, t.booking"),
            waiting_threads: list("t.waiting_since IS NOT NULL", "t.waiting_since, t.booking"),
            changes: page(CHANGED, "t.revision", "$3"),
            // A location has a row of revision 0 before its first commit.
            locations: answer(
                "SELECT l.location, l.revision FROM schema.location l \
                 WHERE l.location > $1 AND l.revision > 0 ORDER BY l.location LIMIT $2",
            ),
            changed_locations: answer(&changed_locations(engine)),
            insert_location: schema.qualify(
                "INSERT INTO schema.location (location, revision, unread, waiting) \
                 VALUES ($1, 0, 0, 0) ON CONFLICT (location) DO NOTHING",
            ),
            store_token: schema.qualify(&store_token(engine)),
        }
    }
}

/// Returns the query for the locations that have changed since the token $2.
///
/// A list is short only where the transactions of all commits have one sequence of numbers. The
/// servers of Citus count apart, so the list contains every location there, and no token (-1). The
/// database of a store without the setting for Citus can have tables that the host distributed.
fn changed_locations(engine: Engine) -> String {
    let (next, is_changed) = match engine {
        Engine::Postgres => (
            format!(
                "CASE WHEN pg_catalog.to_regclass('pg_catalog.pg_dist_node') IS NULL \
                 THEN {OLDEST_RUNNING} ELSE -1 END"
            ),
            " AND l.changed >= $2",
        ),
        Engine::Citus => ("-1::bigint".to_owned(), ""),
    };
    format!(
        "SELECT s.next, l.location, l.revision FROM (SELECT {next} AS next) s \
         LEFT JOIN (SELECT l.location, l.revision FROM schema.location l \
         WHERE l.location > $1{is_changed} AND l.revision > 0 \
         ORDER BY l.location LIMIT $3) l ON true"
    )
}
