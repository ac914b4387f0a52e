//! The SQL text that distributes the tables over the servers of a Citus cluster.

use crate::commit_functions::commit_functions;
use crate::epoch::history;
use crate::read::Reads;
use crate::read_functions::read_function;
use crate::schema::{Schema, dollar_quoted, literal};
use crate::server_functions::server_functions;

/// The tables that Citus distributes by location. The first decides the number of shards.
const TABLES: [&str; 3] = ["location", "thread", "message"];

/// Returns whether the schema has tables, whether Citus has one of them, and whether Citus
/// distributes all of them as [`distribution`] does.
pub(crate) const SELECT_DISTRIBUTION: &str = "SELECT count(*) > 0, count(p.logicalrelid) > 0, \
    count(*) FILTER (WHERE p.partmethod = 'h' AND c.relname <> 'epoch' \
    AND pg_catalog.column_to_column_name(c.oid, p.partkey) = 'location') = 3 \
    AND count(DISTINCT p.colocationid) FILTER (WHERE c.relname <> 'epoch') = 1 \
    AND count(*) FILTER (WHERE p.partmethod = 'n' AND p.repmodel = 't' \
    AND c.relname = 'epoch') = 1 \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_catalog.pg_dist_partition p ON p.logicalrelid = c.oid \
    WHERE n.nspname::text = $1 AND c.relkind IN ('r', 'p') \
    AND c.relname::text IN ('location', 'thread', 'message', 'epoch')";

/// Stores a token for the histories of all servers. If several sessions call the function at the
/// same time, only the first changes the table.
const STORE_EPOCH: &str = "
DECLARE
    histories text[];
BEGIN
    LOCK TABLE schema.schema_version IN SHARE ROW EXCLUSIVE MODE;
    IF (SELECT pg_catalog.bool_and(n.success AND n.result = 't')
        FROM pg_catalog.run_command_on_all_nodes({is_known}) n) THEN
        RETURN;
    END IF;
    histories := ARRAY(SELECT DISTINCT CASE WHEN n.success THEN n.result END
        FROM pg_catalog.run_command_on_all_nodes({history}) n);
    IF pg_catalog.array_position(histories, NULL) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'cannot_connect_now',
            MESSAGE = 'a server of the cluster is not available';
    END IF;
    DELETE FROM schema.epoch;
    INSERT INTO schema.epoch (timeline, token)
    SELECT known.timeline, new_token FROM unnest(histories) AS known (timeline);
END
";

/// Returns the statements that distribute the tables, and create the functions that the store
/// calls. Citus copies the rows of the tables to the shards.
pub(crate) fn distribution(schema: &Schema, shards: u16) -> Vec<String> {
    let name = |table: &str| literal(&schema.qualify(&format!("schema.{table}")));
    // Otherwise Citus refuses to distribute a function after a table with rows.
    let mut statements =
        vec!["SET LOCAL citus.multi_shard_modify_mode TO 'sequential';".to_owned()];
    for (at, table) in TABLES.into_iter().enumerate() {
        let placement = match at {
            0 => format!("shard_count => {shards}, colocate_with => 'none'"),
            _ => format!("colocate_with => {}", name(TABLES[0])),
        };
        let table = name(table);
        statements
            .push(format!("SELECT create_distributed_table({table}, 'location', {placement});"));
    }
    // The coordinator keeps hidden copies of the rows that Citus moved to the shards.
    let truncate =
        |table| format!("SELECT truncate_local_data_after_distributing_table({});", name(table));
    statements.extend(TABLES.map(truncate));
    statements.extend(distribute_epoch(schema));
    statements.extend(functions(schema));
    statements
}

/// Returns the statements that create the functions of this version of the crate.
pub(crate) fn functions(schema: &Schema) -> Vec<String> {
    let reads = Reads::from_fn(|read| vec![read_function(&read)]).concat();
    let functions = commit_functions().chain(reads);
    let create = functions.flat_map(|function| function.create(schema));
    create.chain(server_functions(schema)).collect()
}

/// Returns the statements that make the table `epoch` one with a copy on each server.
fn distribute_epoch(schema: &Schema) -> [String; 4] {
    let select_history = format!("SELECT {}", history());
    let is_known = schema.qualify(&format!(
        "SELECT EXISTS (SELECT FROM schema.epoch e WHERE e.timeline = {})",
        history()
    ));
    let store_epoch = schema
        .qualify(STORE_EPOCH)
        .replace("{is_known}", &literal(&is_known))
        .replace("{history}", &literal(&select_history));
    [
        "DELETE FROM schema.epoch;".to_owned(),
        format!(
            "INSERT INTO schema.epoch (timeline, token) SELECT DISTINCT n.result, t.token FROM \
             (SELECT pg_catalog.hashtextextended(pg_catalog.gen_random_uuid()::text, 0) AS token) t, \
             pg_catalog.run_command_on_all_nodes({}) n WHERE n.success;",
            literal(&select_history)
        ),
        format!(
            "SELECT create_reference_table({});",
            literal(&schema.qualify("schema.epoch"))
        ),
        format!(
            "CREATE FUNCTION schema.store_epoch_1(new_token bigint) RETURNS void \
             LANGUAGE plpgsql AS {};",
            dollar_quoted(&store_epoch)
        ),
    ]
    .map(|statement| schema.qualify(&statement))
}
