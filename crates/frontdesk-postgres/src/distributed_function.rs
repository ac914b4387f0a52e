//! Functions that Citus calls on the worker that holds a location.

use crate::schema::{Schema, dollar_quoted, literal};

/// The version of the functions, which is part of their names. Processes with different versions
/// can use one database, so a function never changes after its release.
const VERSION: u32 = 1;

/// The condition that the location `$1` is on the server that executes the function.
const IS_HERE: &str = "EXISTS (SELECT FROM pg_catalog.pg_dist_placement p \
    JOIN pg_catalog.pg_dist_local_group g ON g.groupid = p.groupid WHERE p.shardid = \
    pg_catalog.get_shard_id_for_distribution_column({location}, $1))";

/// A function whose first parameter is a location.
#[derive(Debug)]
pub(crate) struct DistributedFunction {
    /// The name without the version.
    pub(crate) name: String,
    /// The types of the parameters.
    pub(crate) parameters: Vec<String>,
    /// The names and the types of the result's columns.
    pub(crate) results: Vec<(String, &'static str)>,
    /// `true` if the function returns any number of rows, and not exactly one.
    pub(crate) returns_set: bool,
    /// The body. It has the placeholder `{fail_if_elsewhere}`.
    pub(crate) body: String,
}

impl DistributedFunction {
    /// Returns the statements that create the function and distribute it.
    pub(crate) fn create(&self, schema: &Schema) -> Vec<String> {
        let location = literal(&schema.qualify("schema.location"));
        let name = schema.qualify(&qualified(&self.name));
        let types = self.parameters.join(", ");
        let results = self.results.iter().map(|(name, sql_type)| format!("OUT {name} {sql_type}"));
        let results = results.collect::<Vec<_>>().join(", ");
        let set = if self.returns_set { "SETOF " } else { "" };
        let body = schema
            .qualify(&self.body)
            .replace("{fail_if_elsewhere}", &fail_if_elsewhere())
            .replace("{location}", &location);
        let signature = literal(&format!("{name}({types})"));
        vec![
            format!(
                "CREATE FUNCTION {name}({types}, {results}) RETURNS {set}record \
                 LANGUAGE plpgsql AS {};",
                dollar_quoted(&body)
            ),
            format!(
                "SELECT create_distributed_function({signature}, '$1', \
                 colocate_with := {location});"
            ),
        ]
    }
}

/// Returns the statement that calls a function.
pub(crate) fn call(name: &str, parameters: usize) -> String {
    let parameters: Vec<String> = (1..=parameters).map(|at| format!("${at}")).collect();
    format!("SELECT * FROM {}({})", qualified(name), parameters.join(", "))
}

fn qualified(name: &str) -> String {
    format!("schema.{name}_{VERSION}")
}

/// Returns the statement that fails if the location is on another server. The store calls the
/// function again after this error.
fn fail_if_elsewhere() -> String {
    format!(
        "IF NOT {IS_HERE} THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
            MESSAGE = 'the location is on another server';
    END IF"
    )
}
