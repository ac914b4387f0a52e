//! The functions that commit on Citus.
//!
//! Citus does not run a statement with INSERT in a WITH clause as one task: it reads the results of
//! the parts into the coordinator. A call of a distributed function is one task. The worker that
//! holds the location executes the function, in one transaction on its own shards.

use std::fmt::Write as _;

use frontdesk_sql::THREAD_COLUMNS;

use crate::column_type::column_type;
use crate::commit_shape::{
    DELETE_MESSAGES, EPOCH, Effect, HAS_NEXT_REVISION, HEAD_BEFORE, HeadBefore, INSERT_HEAD,
    UPDATE_HEAD, insert_into_message, message_columns, message_with_key, new_messages, redaction,
    with_head_columns,
};
use crate::distributed_function::{Access, DistributedFunction, call};
use crate::key_lookup::KeyPlaces;
use crate::server_functions::{fail_if_elsewhere, token};

/// Reads the token and the head, locks the location, and writes.
///
/// Each statement has a snapshot of its own. The function returns no revision if it wrote nothing.
///
/// The update of the location keeps Citus from moving the shard until the transaction ends. Before,
/// the shard can move to another worker between two statements. So afterwards the function compares
/// the revision of the head again. And it returns an error if the location is on another server than
/// this one: its statements would write there, and Citus would report only a warning if the other
/// server failed to commit. The store sends the commit again after these errors.
const BODY: &str = "
#variable_conflict use_column
DECLARE
    before record;
    locked record;
BEGIN
    token := {token};
    IF token IS NULL OR token <> {epoch} THEN
        RETURN;
    END IF;
    IF $3 IS NULL THEN
        PERFORM FROM schema.thread WHERE location = $1 AND booking = $2;
        IF FOUND THEN
            RETURN;
        END IF;
        SELECT false AS unread, NULL::bigint AS waiting_since INTO before;
    ELSE
        {head_before} FOR NO KEY UPDATE INTO before;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
{keys}    {update_location} WHERE l.location = $1 AND {has_next_revision} RETURNING revision AS next_revision INTO locked;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    {fail_if_elsewhere};
    IF $3 IS NULL THEN
        {insert_head};
    ELSE
        {update_head};
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
            MESSAGE = 'another commit wrote the thread first';
    END IF;
{change}    written_revision := locked.next_revision;
END
";

/// The revision of the commit in [`BODY`].
const REVISION: &str = "locked.next_revision";

pub(crate) fn commit_functions() -> impl Iterator<Item = DistributedFunction> {
    Effect::ALL.into_iter().map(|effect| DistributedFunction {
        name: name(effect),
        parameters: parameter_types(effect),
        results: ["token", "written_revision"].map(|name| (name.to_owned(), "bigint")).into(),
        access: Access::Write,
        body: body(effect),
    })
}

/// Returns the statement that calls the function of an effect. It has the same parameters as the
/// statement of [`CommitStatements`](crate::commit_statements::CommitStatements).
pub(crate) fn call_commit(effect: Effect) -> String {
    call(&name(effect), parameter_types(effect).len())
}

fn name(effect: Effect) -> String {
    let effect = match effect {
        Effect::None => "head",
        Effect::Erase => "erasure",
        Effect::AddMessage => "message",
        Effect::AddMessageWithKey => "message_with_key",
        Effect::AddMessages => "messages",
        Effect::Redact => "redaction",
        Effect::RedactAuthor => "author_redaction",
    };
    format!("commit_{effect}")
}

fn body(effect: Effect) -> String {
    let insert_head =
        INSERT_HEAD.replace("{row}", "VALUES ($1, $2, locked.next_revision, {values})");
    BODY.replace("{token}", &token())
        .replace("{fail_if_elsewhere}", &fail_if_elsewhere())
        .replace("{epoch}", &format!("${EPOCH}"))
        .replace("{head_before}", HEAD_BEFORE)
        .replace("{keys}", &return_if_key_is_taken(effect))
        .replace("{update_location}", &HeadBefore::ROW.update_location("l.revision + 1"))
        .replace("{has_next_revision}", HAS_NEXT_REVISION)
        .replace("{insert_head}", &with_head_columns(&insert_head))
        .replace("{update_head}", &with_head_columns(&UPDATE_HEAD.replace("{from}", "")))
        .replace("{change}", &change(effect).map(|sql| format!("    {sql};\n")).unwrap_or_default())
}

fn return_if_key_is_taken(effect: Effect) -> String {
    let mut sql = String::new();
    let source = new_messages(KeyPlaces::Messages);
    if let Some(taken) = message_with_key(effect, KeyPlaces::Messages, &source) {
        let perform = taken.replacen("SELECT m.*", "SELECT", 1).replacen("SELECT", "PERFORM", 1);
        let _ = write!(sql, "    {perform};\n    IF FOUND THEN\n        RETURN;\n    END IF;\n");
    }
    sql
}

/// Returns the statement that writes the messages.
fn change(effect: Effect) -> Option<String> {
    match effect {
        Effect::None => None,
        Effect::Erase => Some(DELETE_MESSAGES.to_owned()),
        Effect::AddMessage | Effect::AddMessageWithKey => {
            Some(insert_into_message(effect, REVISION, |values| format!("VALUES ({values})")))
        }
        Effect::AddMessages => Some(insert_into_message(effect, REVISION, |values| {
            format!("SELECT {values} FROM {}", new_messages(KeyPlaces::Messages))
        })),
        Effect::Redact | Effect::RedactAuthor => redaction(effect, ""),
    }
}

/// Returns the types of the parameters.
fn parameter_types(effect: Effect) -> Vec<String> {
    let of_columns = |columns: &[&str], suffix: &str| -> Vec<String> {
        columns.iter().map(|column| format!("{}{suffix}", column_type(column))).collect()
    };
    let mut message = message_columns();
    message.retain(|column| *column != "key");
    let mut types = of_columns(&THREAD_COLUMNS, "");
    types.push("bigint".to_owned());
    types.extend(match effect {
        Effect::None | Effect::Erase => Vec::new(),
        Effect::AddMessage | Effect::AddMessageWithKey => of_columns(&message, ""),
        Effect::AddMessages => of_columns(&message, "[]"),
        Effect::Redact => of_columns(&["number", "redaction"], ""),
        Effect::RedactAuthor => of_columns(&["number", "number", "role", "author"], ""),
    });
    types
}
