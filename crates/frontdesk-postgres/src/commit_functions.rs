//! The functions that commit on Citus.
//!
//! Citus does not run a statement with INSERT in a WITH clause as one task: it reads the results of
//! the parts into the coordinator. A call of a distributed function is one task. The worker that
//! holds the location executes the function, in one transaction on its own shards.

use std::fmt::Write as _;

use frontdesk_sql::THREAD_COLUMNS;

use crate::commit_shape::{
    DELETE_MESSAGES, EPOCH, Effect, HEAD_BEFORE, INSERT_HEAD, NEXT_REVISION, UPDATE_HEAD,
    insert_into_message, message_columns, message_with_key, new_messages, redaction,
    update_location, with_head_columns,
};
use crate::epoch::history;
use crate::key_lookup::KeyPlaces;
use crate::schema::{Schema, dollar_quoted, literal};

/// The version of the functions, which is part of their names. Processes with different versions
/// can use one database, so a function never changes after its release.
const VERSION: u32 = 1;

/// The process that executes a statement. Process ids of different servers can be equal.
const EXECUTOR: &str =
    "pg_catalog.pg_backend_pid() || ' ' || pg_catalog.pg_postmaster_start_time()";

/// Reads the token, locks the location, and writes the head.
///
/// Each statement has a snapshot of its own, so it reads everything that was committed before the
/// lock. The function returns no revision if it wrote nothing.
///
/// While Citus moves a shard, the coordinator can call the function on the worker that held the
/// shard before. Its statements would then write to the other worker, and Citus would report only a
/// warning if their commit failed. So the function returns an error unless its own process reads the
/// shard.
const BODY: &str = "
#variable_conflict use_column
DECLARE
    history text;
    locked record;
    before record;
    head record;
BEGIN
    history := {history};
    SELECT e.token INTO token FROM schema.epoch e WHERE e.timeline = history;
    IF token IS NULL OR token <> {epoch} THEN
        RETURN;
    END IF;
    {next_revision} FOR NO KEY UPDATE INTO locked;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF locked.executor <> {executor} THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
            MESSAGE = 'the location is on another server';
    END IF;
{keys}    IF $3 IS NULL THEN
        {insert_head};
        IF NOT FOUND THEN
            RETURN;
        END IF;
        SELECT locked.next_revision AS revision, false AS was_unread, false AS was_waiting
        INTO head;
    ELSE
        {head_before} INTO before;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        {update_head};
        SELECT locked.next_revision AS revision, coalesce(before.unread, false) AS was_unread,
            before.waiting_since IS NOT NULL AS was_waiting
        INTO head;
    END IF;
{change}    {update_location};
    written_revision := head.revision;
END
";

/// Returns the statements that create the functions and distribute them, in `schema.location`'s
/// group of shards.
pub(crate) fn commit_functions(schema: &Schema) -> Vec<String> {
    let create = |effect: &Effect| {
        let name = schema.qualify(&format!("schema.{}", name(*effect)));
        let types = parameter_types(*effect).join(", ");
        let body = dollar_quoted(&schema.qualify(&body(*effect)));
        let signature = literal(&format!("{name}({types})"));
        let location = literal(&schema.qualify("schema.location"));
        [
            format!(
                "CREATE FUNCTION {name}({types}, OUT token bigint, OUT written_revision bigint) \
                 LANGUAGE plpgsql AS {body};"
            ),
            format!(
                "SELECT create_distributed_function({signature}, '$1', \
                 colocate_with := {location});"
            ),
        ]
    };
    Effect::ALL.iter().flat_map(create).collect()
}

/// Returns the statement that calls the function of an effect. It has the same parameters as the
/// statement of [`CommitStatements`](crate::commit_statements::CommitStatements).
pub(crate) fn call(effect: Effect) -> String {
    let parameters = 1..=parameter_types(effect).len();
    let parameters: Vec<String> = parameters.map(|at| format!("${at}")).collect();
    format!("SELECT * FROM schema.{}({})", name(effect), parameters.join(", "))
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
    format!("commit_{effect}_{VERSION}")
}

fn body(effect: Effect) -> String {
    let executor = format!(", {EXECUTOR} AS executor");
    let insert_head =
        INSERT_HEAD.replace("{row}", "VALUES ($1, $2, locked.next_revision, {values})");
    BODY.replace("{history}", &history())
        .replace("{epoch}", &format!("${EPOCH}"))
        .replace("{next_revision}", &NEXT_REVISION.replace("{and_columns}", &executor))
        .replace("{executor}", EXECUTOR)
        .replace("{keys}", &return_if_key_is_taken(effect))
        .replace("{insert_head}", &with_head_columns(&insert_head))
        .replace("{head_before}", HEAD_BEFORE)
        .replace("{update_head}", &with_head_columns(&UPDATE_HEAD.replace("{from}", "")))
        .replace("{change}", &change(effect).map(|sql| format!("    {sql};\n")).unwrap_or_default())
        .replace("{update_location}", &update_location("", ""))
}

fn return_if_key_is_taken(effect: Effect) -> String {
    let mut sql = String::new();
    let source = new_messages(KeyPlaces::Messages);
    if let Some(taken) = message_with_key(effect, KeyPlaces::Messages, &source) {
        let perform = taken.replacen("SELECT", "PERFORM", 1);
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
            Some(insert_into_message(effect, |values| format!("VALUES ({values})")))
        }
        Effect::AddMessages => Some(insert_into_message(effect, |values| {
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

/// Returns the type of the parameter for a column. Every integer is a `bigint`.
fn column_type(column: &str) -> &'static str {
    match column {
        "location" | "booking" | "linked_to" | "linked_booking" | "preview" | "code"
        | "short_code" | "activity" | "status" | "customer_name" | "profile" | "author"
        | "name" | "body" => "text",
        "unread" | "preview_cut" => "boolean",
        _ => "bigint",
    }
}
