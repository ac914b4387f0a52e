use std::collections::HashMap;

use crate::change_number::TRANSACTION;
use crate::commit_functions::call_commit;
use crate::commit_shape::{
    CommitShape, DELETE_MESSAGES, EPOCH, Effect, HAS_NEXT_REVISION, HEAD_BEFORE, HeadBefore,
    INSERT_HEAD, UPDATE_HEAD, insert_into_message, message_with_key, new_messages, redaction,
    with_head_columns,
};
use crate::engine::Engine;
use crate::epoch::with_epoch;
use crate::key_lookup::KeyPlaces;
use crate::schema::Schema;

/// The condition that the commit may write.
///
/// If the epoch has changed since the commit was computed, the expected revision can belong to
/// another state (P7). The statement then locks and writes nothing. The parameter is NULL if the
/// commit fits every epoch.
///
/// If a commit replaces a head and one of its keys is taken, the statement locks and writes nothing,
/// and the server reports no error. The snapshot of this condition can be older than the lock. But a
/// commit that added the key since then also changed the head, so the comparison of the revision
/// fails. A commit of a new id compares no keys: if the id is used, it has a head, and the statement
/// locks the location and inserts nothing.
const MAY_WRITE: &str =
    "AND EXISTS (SELECT FROM epoch WHERE token = coalesce({epoch}, token)) {keys_are_free}";

/// Locks the head that the commit replaces, if it is at the expected revision. Then only the limit
/// of revisions can prevent the commit.
///
/// Statements that lock both rows lock the head before the location. Otherwise two of them could
/// wait for each other. A commit of a new id locks the location and then waits for no head.
///
/// The snapshot of the statement can be older than the lock. The server then compares the revision of
/// the newest version of the row.
const LOCK_HEAD: &str = "before AS MATERIALIZED ({head_before} {may_write} FOR NO KEY UPDATE)";

/// Takes the next revision and updates the counts of the location. The row stays locked until the
/// transaction ends, so commits of one location run one after the other (P1).
///
/// An UPDATE would do the same. But if an UPDATE, or a SELECT with FOR UPDATE, has waited for a row
/// that another commit then changed, the server prepares all parts of the statement a second time
/// while it holds the lock. With ON CONFLICT the server looks up the new row and updates it. The
/// inserted values only matter if the host has deleted the location's row.
const UPDATE_LOCATION: &str = "locked AS (\
    INSERT INTO schema.location AS l (location, revision, unread, waiting, changed) \
    SELECT $1, 1, {unread_change}, {waiting_change}, {transaction} FROM before \
    ON CONFLICT (location) DO UPDATE SET revision = l.revision + 1, \
    unread = l.unread + excluded.unread, waiting = l.waiting + excluded.waiting, \
    changed = excluded.changed WHERE {has_next_revision} \
    RETURNING l.revision AS next_revision)";

/// Replaces the head, which the statement has locked.
const REPLACE_HEAD: &str = "head AS ({update_head} RETURNING t.revision)";

/// Locks the location's row, for a commit that inserts a head. At READ COMMITTED a commit that
/// waited for the lock reads the row that the previous holder of the lock committed.
const LOCK_LOCATION: &str = "locked AS MATERIALIZED (SELECT revision + 1 AS next_revision \
    FROM schema.location l WHERE l.location = $1 AND {has_next_revision} {may_write} \
    FOR NO KEY UPDATE)";

/// Inserts the head of an unused id. The statement does nothing if another commit inserted a
/// head that the snapshot does not contain.
const ADD_HEAD: &str = "head AS ({insert_head} RETURNING revision)";

/// Deletes the keys of the second schema of a thread that is erased.
const ERASE_KEYS: &str = "keys AS (DELETE FROM schema.idempotency_key \
    WHERE location = $1 AND booking = $2 AND EXISTS (SELECT FROM head))";

/// The values of an unused id.
const NO_HEAD_BEFORE: HeadBefore<'static> =
    HeadBefore { was_unread: "false", was_waiting: "false" };

impl CommitShape {
    /// Returns the statement. Its parameters are, in this order:
    ///
    /// - the values of [`THREAD_COLUMNS`](frontdesk_sql::THREAD_COLUMNS), with the expected
    ///   revision as the revision;
    /// - the epoch in which the commit was computed, or NULL;
    /// - for new messages the values of [`MESSAGE_COLUMNS`](frontdesk_sql::MESSAGE_COLUMNS) after
    ///   the id, then the digest of the key, and for [`KeyPlaces::MessagesAndTable`] the key, each
    ///   as an array if there are several messages;
    /// - for a redaction the number and the redaction ordinal;
    /// - for a redaction of an author the first number, the last number, the role and the id.
    fn sql(self, places: KeyPlaces) -> String {
        let Self { is_new_id, effect } = self;
        let mut parts = vec![String::new()];
        if effect == Effect::AddMessages {
            parts.push(format!("new_message AS (SELECT * FROM {})", new_messages(places)));
        }
        let taken = (!is_new_id).then(|| message_with_key(effect, places, "new_message n"));
        let keys_are_free = taken.flatten().map(|taken| format!("AND NOT EXISTS ({taken})"));
        let may_write = MAY_WRITE
            .replace("{epoch}", &format!("${EPOCH}"))
            .replace("{keys_are_free}", &keys_are_free.unwrap_or_default());
        parts.push(if is_new_id { add_head(&may_write) } else { replace_head(&may_write) });
        parts.extend(change(effect, places));
        if is_new_id {
            let update = NO_HEAD_BEFORE.update_location("head.revision");
            parts.push(format!(
                "written AS ({update}, changed = {TRANSACTION} FROM head WHERE l.location = $1)"
            ));
        }
        with_epoch(Engine::Postgres, &parts.join(", "), "SELECT revision FROM head")
    }
}

/// Returns the parts that insert the head of an unused id.
fn add_head(may_write: &str) -> String {
    let lock = LOCK_LOCATION
        .replace("{has_next_revision}", HAS_NEXT_REVISION)
        .replace("{may_write}", may_write);
    let row = "SELECT $1, $2, locked.next_revision, {values} FROM locked";
    let insert = with_head_columns(&INSERT_HEAD.replace("{row}", row));
    format!("{lock}, {}", ADD_HEAD.replace("{insert_head}", &insert))
}

/// Returns the parts that update the location and replace the head.
fn replace_head(may_write: &str) -> String {
    let lock = LOCK_HEAD.replace("{head_before}", HEAD_BEFORE).replace("{may_write}", may_write);
    let update_location = HeadBefore::ROW
        .with_changes(UPDATE_LOCATION)
        .replace("{transaction}", TRANSACTION)
        .replace("{has_next_revision}", HAS_NEXT_REVISION);
    let update = with_head_columns(&UPDATE_HEAD.replace("{from}", "FROM locked"));
    format!("{lock}, {update_location}, {}", REPLACE_HEAD.replace("{update_head}", &update))
}

/// Returns the parts that write the messages and the keys.
fn change(effect: Effect, places: KeyPlaces) -> Option<String> {
    if let Some(redaction) = redaction(effect, "FROM head") {
        return Some(format!("messages AS ({redaction})"));
    }
    let source = match effect {
        Effect::None | Effect::Redact | Effect::RedactAuthor => return None,
        Effect::Erase => {
            let erase = format!("messages AS ({DELETE_MESSAGES} AND EXISTS (SELECT FROM head))");
            return Some(match places {
                KeyPlaces::Messages => erase,
                KeyPlaces::MessagesAndTable => format!("{erase}, {ERASE_KEYS}"),
            });
        }
        Effect::AddMessage | Effect::AddMessageWithKey => "head",
        Effect::AddMessages => "head, new_message AS n",
    };
    let rows = |values: &str| format!("SELECT {values} FROM {source}");
    let insert = insert_into_message(effect, "head.revision", rows);
    Some(format!("messages AS ({insert})"))
}

/// The statements of all shapes of commits.
#[derive(Debug)]
pub(crate) struct CommitStatements(HashMap<CommitShape, String>);

impl CommitStatements {
    pub(crate) fn new(schema: &Schema, engine: Engine, places: KeyPlaces) -> Self {
        let sql = |shape: CommitShape| match engine {
            Engine::Postgres => shape.sql(places),
            Engine::Citus => call_commit(shape.effect),
        };
        Self(CommitShape::all().map(|shape| (shape, schema.qualify(&sql(shape)))).collect())
    }

    pub(crate) fn get(&self, shape: CommitShape) -> &str {
        &self.0[&shape]
    }
}
