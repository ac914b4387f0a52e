//! The functions on Citus that describe the server that executes them.
//!
//! Within a statement that Citus sends to a worker, a function cannot read a table of Citus. So these
//! functions read the shards on the worker, which are ordinary tables, and Citus' metadata.

use crate::distributed_function::{qualified, with_version};
use crate::epoch::history;
use crate::schema::{Schema, dollar_quoted, literal};

/// Returns the token of the server's history, or NULL. `{epoch}` is the server's copy of the table.
const TOKEN: &str = "
BEGIN
    RETURN (SELECT e.token FROM {epoch} e WHERE e.timeline = {history});
END
";

/// Returns `true` if a location is on this server and the server's history has a token. The function is
/// stable and its arguments are no columns, so a statement calls it once and not for each row.
const IS_CURRENT: &str = "
BEGIN
    RETURN {token}() = $2 AND {is_here}($1);
END
";

/// Returns the counts of a location from the shard on this server. The function is stable, so it
/// reads the snapshot of the statement that calls it.
const COUNTS: &str = "
DECLARE
    counts bigint[];
BEGIN
    EXECUTE pg_catalog.format(
        'SELECT ARRAY[l.revision, l.unread, l.waiting] FROM %I.%I l WHERE l.location = $1', {schema},
        'location_' || pg_catalog.get_shard_id_for_distribution_column({location}, $1))
    INTO counts USING $1;
    RETURN counts;
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

/// Creates a function on the coordinator. `{create}` is the text, in which `{epoch}` becomes the name
/// of the servers' copies of the table. Citus has chosen a number in this name.
const CREATE_WITH_EPOCH: &str = "
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

/// Returns the condition that the location `$1` is on this server, and that the server's history has
/// the token of a parameter.
pub(crate) fn is_current(token: usize) -> String {
    format!("{}($1, ${token})", qualified("is_current"))
}

/// Returns the expression for the counts of the location `$1`.
pub(crate) fn counts() -> String {
    format!("{}($1)", qualified("counts"))
}

/// Returns the name of the function that is created last.
pub(crate) fn last_function() -> String {
    with_version("is_current")
}

/// Returns the statements that create the functions on all servers.
pub(crate) fn server_functions(schema: &Schema) -> Vec<String> {
    let table = |name: &str| literal(&schema.qualify(name));
    let create = |signature: &str, properties: &str, body: &str| {
        let body = body
            .replace("{token}", &qualified("token"))
            .replace("{is_here}", &qualified("is_here"))
            .replace("{history}", &history())
            .replace("{schema}", &literal(schema.name()))
            .replace("{location}", &table("schema.location"));
        let body = dollar_quoted(&body);
        format!("CREATE FUNCTION {signature} {properties} LANGUAGE plpgsql AS {body};")
    };
    let [token, is_current] =
        [qualified("token") + "()", qualified("is_current") + "(text, bigint)"];
    let [counts, is_here] = ["counts", "is_here"].map(|name| qualified(name) + "(text)");
    let with_epoch = CREATE_WITH_EPOCH
        .replace("{schema}", &literal(schema.name()))
        .replace("{table}", &table("schema.epoch"))
        .replace("{create}", &dollar_quoted(&create(&token, "RETURNS bigint STABLE", TOKEN)));
    let functions = [
        (token, format!("DO {};", dollar_quoted(&with_epoch))),
        (counts.clone(), create(&counts, "RETURNS bigint[] STABLE", COUNTS)),
        // Otherwise the setting of the functions that call this one would make the server plan the
        // query anew each time.
        (
            is_here.clone(),
            create(&is_here, "RETURNS boolean SET plan_cache_mode = force_generic_plan", IS_HERE),
        ),
        (is_current.clone(), create(&is_current, "RETURNS boolean STABLE", IS_CURRENT)),
    ];
    let distribute =
        |signature: &str| format!("SELECT create_distributed_function({});", table(signature));
    let statements =
        functions.into_iter().flat_map(|(signature, create)| [create, distribute(&signature)]);
    statements.map(|statement| schema.qualify(&statement)).collect()
}
