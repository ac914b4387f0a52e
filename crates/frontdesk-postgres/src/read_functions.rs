//! The reads of one location on Citus.
//!
//! The coordinator keeps the plan of a statement that reads one table and finds the rows of a
//! location. It plans every other statement, and every call of a function, anew each time. So each
//! read has a statement for one table, and a function for the cases without rows.

use crate::column_type::column_type;
use crate::distributed_function::{Access, DistributedFunction, call};
use crate::read::Read;
use crate::server_functions::{counts, fail_if_elsewhere, is_current, token};

/// Reads the token, and then the rows. A read without rows returns one row with the token.
///
/// While the shard moves to another worker, Citus could execute some of the statements there, in
/// another snapshot. So the function afterwards fails if the location is no longer on this server.
const BODY: &str = "
#variable_conflict use_column
BEGIN
    c0 := {token};
{counts}    RETURN QUERY {select};
    IF NOT FOUND THEN
        RETURN NEXT;
    END IF;
    {fail_if_elsewhere};
END
";

/// Reads the counts of the location.
const COUNTS: &str = "    SELECT l.revision, l.unread, l.waiting INTO c1, c2, c3
    FROM schema.location l WHERE l.location = $1;
";

/// Returns the function of a read.
pub(crate) fn read_function(read: &Read) -> DistributedFunction {
    let types = ["bigint"].into_iter().chain(read.columns().into_iter().map(read_type));
    let columns = read.columns().into_iter().enumerate().map(|(at, (table, column))| {
        if table == "l" { format!("c{}", at + 1) } else { with_type((table, column)) }
    });
    let columns: Vec<String> = ["c0".to_owned()].into_iter().chain(columns).collect();
    let counts = if read.has_counts() { COUNTS } else { "" };
    let select = select(read, &columns.join(", "), "");
    DistributedFunction {
        name: function_name(read),
        parameters: read.parameters.iter().map(|&sql_type| sql_type.to_owned()).collect(),
        results: types.enumerate().map(|(at, sql_type)| (format!("c{at}"), sql_type)).collect(),
        access: Access::Read,
        body: BODY
            .replace("{token}", &token())
            .replace("{counts}", counts)
            .replace("{select}", &select)
            .replace("{fail_if_elsewhere}", &fail_if_elsewhere()),
    }
}

/// Returns the statement that calls the function of a read.
pub(crate) fn call_read(read: &Read) -> String {
    call(&function_name(read), read.parameters.len())
}

/// Returns the statement of a read. Its last parameter is the token of the epoch, which its rows do
/// not contain. The first column of a read with counts is an array with the counts, and NULL in all
/// rows but the first.
///
/// The statement returns no rows if the read finds none, if the epoch has another token, and if the
/// location is no longer on the worker that executes the statement. The function of the read then has
/// the answer.
pub(crate) fn read_if_current(read: &Read) -> String {
    let condition = format!(" AND {}", is_current(read.parameters.len() + 1));
    let columns = read.columns().into_iter().filter(|(table, _)| *table != "l");
    let columns: Vec<_> = columns.map(|(table, column)| format!("{table}.{column}")).collect();
    let columns = columns.join(", ");
    if !read.has_counts() {
        return select(read, &columns, &condition);
    }
    let counts = format!(
        "CASE WHEN pg_catalog.row_number() OVER (ORDER BY {}) = 1 THEN {} END",
        read.order,
        counts()
    );
    select(read, &format!("{counts}, {columns}"), &condition)
}

/// Returns the statement of a read of the counts. Its parameters are the location and the token of
/// the epoch.
pub(crate) fn counts_if_current() -> String {
    format!(
        "SELECT l.revision, l.unread, l.waiting FROM schema.location l \
         WHERE l.location = $1 AND {}",
        is_current(2)
    )
}

/// Returns a query for one table. The coordinator keeps no plan of a statement with a subquery.
fn select(read: &Read, columns: &str, conditions: &str) -> String {
    read.select_from_table(columns, conditions).replace("(SELECT $2)", "$2")
}

fn function_name(read: &Read) -> String {
    format!("read_{}", read.name)
}

fn with_type((table, column): (&str, &str)) -> String {
    format!("{table}.{column}::{}", read_type((table, column)))
}

fn read_type((table, column): (&str, &str)) -> &'static str {
    // The location's number of unread threads has the name of a column of the thread.
    if table == "l" { "bigint" } else { column_type(column) }
}
