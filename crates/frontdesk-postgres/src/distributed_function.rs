//! Functions that Citus calls on the worker that holds a location.

use crate::schema::{Schema, dollar_quoted, literal};

/// The version of the functions, which is part of their names. Processes with different versions
/// can use one database, so a function never changes after its release.
const VERSION: u32 = 2;

/// The effect of a function on the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The function returns any number of rows. All its statements read the snapshot of the
    /// statement that calls it.
    Read,
    /// The function writes, and returns exactly one row. Each statement has a snapshot of its own.
    Write,
}

/// A function whose first parameter is a location.
#[derive(Debug)]
pub(crate) struct DistributedFunction {
    /// The name without the version.
    pub(crate) name: String,
    /// The types of the parameters.
    pub(crate) parameters: Vec<String>,
    /// The names and the types of the result's columns.
    pub(crate) results: Vec<(String, &'static str)>,
    pub(crate) access: Access,
    pub(crate) body: String,
}

/// The setting for the statements of the functions. With it, the server plans each statement anew.
///
/// Citus 13.2.2 keeps one more plan of a statement after each execution with a plan for all values,
/// and does not use these plans. The memory of a worker's process would grow by 262 kB with each
/// message.
const SETTING: &str = "SET plan_cache_mode = force_custom_plan";

impl DistributedFunction {
    /// Returns the statements that create the function and distribute it.
    pub(crate) fn create(&self, schema: &Schema) -> Vec<String> {
        let location = literal(&schema.qualify("schema.location"));
        let name = schema.qualify(&qualified(&self.name));
        let types = self.parameters.join(", ");
        let results = self.results.iter().map(|(name, sql_type)| format!("OUT {name} {sql_type}"));
        let results = results.collect::<Vec<_>>().join(", ");
        let (set, volatility) = match self.access {
            Access::Read => ("SETOF ", "STABLE "),
            Access::Write => ("", ""),
        };
        let body = dollar_quoted(&schema.qualify(&self.body));
        let signature = literal(&format!("{name}({types})"));
        vec![
            format!(
                "CREATE FUNCTION {name}({types}, {results}) RETURNS {set}record \
                 {volatility}{SETTING} LANGUAGE plpgsql AS {body};"
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

/// Returns the name of a function with its schema.
pub(crate) fn qualified(name: &str) -> String {
    format!("schema.{}", with_version(name))
}

/// Returns the name of a function.
pub(crate) fn with_version(name: &str) -> String {
    format!("{name}_{VERSION}")
}
