use crate::change_number::OLDEST_RUNNING;
use crate::engine::Engine;
use crate::epoch::{store_token, with_epoch};
use crate::read::{Read, Reads};
use crate::read_functions::{call_read, counts_if_current, read_if_current};
use crate::schema::Schema;

/// The SQL text of a read.
#[derive(Debug)]
pub(crate) struct ReadStatement {
    /// A statement that always has the answer.
    pub(crate) text: String,
    /// On Citus, a faster statement with one more parameter: the token of the epoch. If it returns
    /// rows, they are the answer of this epoch, without the token.
    pub(crate) if_current: Option<String>,
}

impl From<String> for ReadStatement {
    fn from(text: String) -> Self {
        Self { text, if_current: None }
    }
}

/// The SQL text of the statements on the tables of one schema that use no idempotency key.
/// [`KeyStatements`](crate::key_statements::KeyStatements) has the others.
///
/// The lists of columns come from [`frontdesk_sql`], so a new column needs a
/// migration and no change here. Each statement that answers a method is made by
/// [`with_epoch`], so its first own column is not NULL.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) reads: Reads<ReadStatement>,
    /// On Citus, a read of a location's counts. If it returns a row, the counts are those of the epoch
    /// whose token is the last parameter.
    pub(crate) counts_if_current: Option<String>,
    /// This statement and the next one are not inside one location.
    pub(crate) locations: ReadStatement,
    pub(crate) changed_locations: ReadStatement,
    pub(crate) insert_location: String,
    pub(crate) store_token: String,
}

impl Statements {
    pub(crate) fn new(schema: &Schema, engine: Engine) -> Self {
        let answer = |select: &str| schema.qualify(&with_epoch(engine, "", select));
        let read = |read: Read| match engine {
            Engine::Postgres => {
                answer(&read.select(|table, column| format!("{table}.{column}"))).into()
            }
            Engine::Citus => ReadStatement {
                text: schema.qualify(&call_read(&read)),
                if_current: Some(schema.qualify(&read_if_current(&read))),
            },
        };
        Self {
            reads: Reads::from_fn(read),
            counts_if_current: match engine {
                Engine::Postgres => None,
                Engine::Citus => Some(schema.qualify(&counts_if_current())),
            },
            // A location has a row of revision 0 before its first commit.
            locations: answer(
                "SELECT l.location, l.revision FROM schema.location l \
                 WHERE l.location > $1 AND l.revision > 0 ORDER BY l.location LIMIT $2",
            )
            .into(),
            changed_locations: answer(&changed_locations(engine)).into(),
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
