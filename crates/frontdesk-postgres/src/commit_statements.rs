use std::collections::HashMap;

use crate::change_number::TRANSACTION;
use crate::commit_functions::call_commit;
use crate::commit_shape::{
    CommitShape, DELETE_MESSAGES, EPOCH, Effect, HAS_NEXT_REVISION, HEAD_BEFORE, INSERT_HEAD,
    LocationUpdate, UPDATE_HEAD, insert_into_message, message_with_key, new_messages, redaction,
    with_head_columns,
};
use crate::engine::Engine;
use crate::epoch::with_epoch;
use crate::key_lookup::KeyPlaces;
use crate::schema::Schema;

/// Locks the location's row until the transaction ends, so that commits of one location run
/// one after the other (P1). At READ COMMITTED a commit that waited for the lock reads the
/// row that the previous holder of the lock committed.
///
/// If the epoch has changed since the commit was computed, the expected revision can belong to
/// another state (P7). The statement then locks and writes nothing. The parameter is NULL if the
/// commit fits every epoch.
///
/// If a key of the commit is taken, the statement locks and writes nothing, and the server reports
/// no error. The snapshot of this condition can be older than the lock. But a commit that added the
/// key since then also changed the head, so the comparison of the revision fails.
const LOCK_LOCATION: &str = "locked AS MATERIALIZED (\
    SELECT revision + 1 AS next_revision FROM schema.location WHERE {has_next_revision} \
    AND EXISTS (SELECT FROM epoch WHERE token = coalesce({epoch}, token)) \
    {keys_are_free} FOR NO KEY UPDATE)";

/// Replaces the head.
///
/// The snapshot of the statement can be older than the lock. The UPDATE then compares the
/// revision of the newest version of the row. The columns of `before` belong to the
/// same version, because each revision identifies one version.
const REPLACE_HEAD: &str = "before AS MATERIALIZED ({head_before}), head AS ({update_head} \
    RETURNING t.revision, coalesce(before.unread, false) AS was_unread, \
    before.waiting_since IS NOT NULL AS was_waiting)";

/// Inserts the head of an unused id. The statement does nothing if another commit inserted a
/// head that the snapshot does not contain.
const ADD_HEAD: &str = "head AS ({insert_head} \
    RETURNING revision, false AS was_unread, false AS was_waiting)";

/// Deletes the keys of the second schema of a thread that is erased.
const ERASE_KEYS: &str = "keys AS (DELETE FROM schema.idempotency_key \
    WHERE location = $1 AND booking = $2 AND EXISTS (SELECT FROM head))";

/// The update of the location, if the head was written.
const HEAD_WRITTEN: LocationUpdate<'static> = LocationUpdate {
    revision: "head.revision",
    was_unread: "head.was_unread",
    was_waiting: "head.was_waiting",
};

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
        parts.extend([lock_location(effect, places), write_head(is_new_id)]);
        parts.extend(change(effect, places));
        parts.push(format!(
            "written AS ({update}, changed = {TRANSACTION} \
             FROM head WHERE l.location = $1 RETURNING l.revision)",
            update = HEAD_WRITTEN.sql()
        ));
        with_epoch(Engine::Postgres, &parts.join(", "), "SELECT revision FROM written")
    }
}

fn lock_location(effect: Effect, places: KeyPlaces) -> String {
    let taken = message_with_key(effect, places, "new_message n");
    let keys_are_free = taken.map(|taken| format!("AND NOT EXISTS ({taken})")).unwrap_or_default();
    LOCK_LOCATION
        .replace("{has_next_revision}", HAS_NEXT_REVISION)
        .replace("{epoch}", &format!("${EPOCH}"))
        .replace("{keys_are_free}", &keys_are_free)
}

fn write_head(is_new_id: bool) -> String {
    if is_new_id {
        let row = "SELECT $1, $2, locked.next_revision, {values} FROM locked";
        let insert = with_head_columns(&INSERT_HEAD.replace("{row}", row));
        return ADD_HEAD.replace("{insert_head}", &insert);
    }
    let update = with_head_columns(&UPDATE_HEAD.replace("{from}", "FROM locked, before"));
    REPLACE_HEAD.replace("{head_before}", HEAD_BEFORE).replace("{update_head}", &update)
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
