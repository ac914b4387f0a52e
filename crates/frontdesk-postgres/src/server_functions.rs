//! The functions on Citus that ask about the server that executes them.
//!
//! Within a statement that Citus sends to a worker, a function cannot read a table of Citus. These
//! functions read the worker's copy of the table `epoch`, which is an ordinary table, and the tables
//! of Citus' metadata.

use crate::distributed_function::{qualified, with_version};
use crate::epoch::history;
use crate::schema::{Schema, dollar_quoted, literal};

/// Returns the token of the server's history, or NULL. `{epoch}` is the server's copy of the table.
const TOKEN: &str = "
BEGIN
    RETURN (SELECT e.token FROM {epoch} e WHERE e.timeline = {history});
END
";

/// Returns `true` if a location is on this server. The function is volatile, so it reads the present
/// metadata, also if its caller reads an older snapshot.
const IS_HERE: &str = "
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_catalog.pg_dist_placement p
        JOIN pg_catalog.pg_dist_local_group g ON g.groupid = p.groupid
        WHERE p.shardid = pg_catalog.get_shard_id_for_distribution_column({location}, $1));
END
";

/// Returns `true` if a location is on this server, and the epoch has a token. The function is stable
/// and its arguments are no columns, so a statement calls it once and not for each row.
const IS_CURRENT: &str = "
BEGIN
    RETURN {token}() = $2 AND {is_here}($1);
END
";

/// Creates a function on the coordinator. `{create}` is the text, in which `{epoch}` becomes the name
/// of the servers' copies of the table. Citus has chosen a number in this name.
const EXECUTE: &str = "
BEGIN
    EXECUTE pg_catalog.replace({create}, '{epoch}', (
        SELECT pg_catalog.format('%I.%I', {schema}, 'epoch_' || s.shardid)
        FROM pg_catalog.pg_dist_shard s WHERE s.logicalrelid = {table}::regclass));
END
";

/// Fails if the location is on another server.
const FAIL_IF_ELSEWHERE: &str = "IF NOT {is_here}($1) THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
            MESSAGE = 'the location is on another server';
    END IF";

/// Returns the expression for the token of the server's history.
pub(crate) fn token() -> String {
    format!("{}()", qualified("token"))
}

/// Returns the statement that fails if the location `$1` is on another server. The store calls the
/// function again after this error.
pub(crate) fn fail_if_elsewhere() -> String {
    FAIL_IF_ELSEWHERE.replace("{is_here}", &qualified("is_here"))
}

/// Returns the condition that the location `$1` is on the server and the epoch has the token of a
/// parameter.
pub(crate) fn is_current(token: usize) -> String {
    format!("{}($1, ${token})", qualified("is_current"))
}

/// Returns the name of the function that is created last.
pub(crate) fn last_function() -> String {
    with_version("is_current")
}

/// Returns the statements that create the functions on all servers.
pub(crate) fn server_functions(schema: &Schema) -> Vec<String> {
    let create = |name: &str, result: &str, body: &str| {
        format!(
            "CREATE FUNCTION {}{result} LANGUAGE plpgsql AS {};",
            qualified(name),
            dollar_quoted(body)
        )
    };
    let epoch = create("token", "() RETURNS bigint STABLE", &TOKEN.replace("{history}", &history()));
    let table = |name: &str| literal(&schema.qualify(name));
    let execute = EXECUTE
        .replace("{schema}", &literal(schema.name()))
        .replace("{table}", &table("schema.epoch"))
        .replace("{create}", &dollar_quoted(&epoch));
    let is_here = IS_HERE.replace("{location}", &table("schema.location"));
    let is_current = IS_CURRENT
        .replace("{token}", &qualified("token"))
        .replace("{is_here}", &qualified("is_here"));
    let distribute =
        |signature: &str| format!("SELECT create_distributed_function({});", table(signature));
    let statements = [
        format!("DO {};", dollar_quoted(&execute)),
        distribute(&format!("{}()", qualified("token"))),
        create("is_here", "(text) RETURNS boolean", &is_here),
        distribute(&format!("{}(text)", qualified("is_here"))),
        create("is_current", "(text, bigint) RETURNS boolean STABLE", &is_current),
        distribute(&format!("{}(text, bigint)", qualified("is_current"))),
    ];
    statements.map(|statement| schema.qualify(&statement)).into()
}
