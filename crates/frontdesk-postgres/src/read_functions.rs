//! The reads of one location on Citus.
//!
//! Citus prepares a plan for a statement on one table whose rows it finds by the location alone. It
//! plans every other statement anew for each execution, and the worker plans it once more. So the
//! statements here read one table each.

use crate::column_type::column_type;
use crate::distributed_function::{Access, DistributedFunction, call};
use crate::read::Read;
use crate::server_functions::{fail_if_elsewhere, is_current, token};

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

/// Returns only the counts if no thread changed.
const POLL: &str = "    IF c1 <= $2 THEN
        RETURN NEXT;
        {fail_if_elsewhere};
        RETURN;
    END IF;
";

/// Returns the function of a read.
pub(crate) fn read_function(read: &Read) -> DistributedFunction {
    let types = ["bigint"].into_iter().chain(read.columns().into_iter().map(read_type));
    let columns = read.columns().into_iter().enumerate().map(|(at, (table, column))| {
        if table == "l" { format!("c{}", at + 1) } else { cast((table, column)) }
    });
    let columns: Vec<String> = ["c0".to_owned()].into_iter().chain(columns).collect();
    let counts = match (read.has_counts(), read.is_poll()) {
        (false, _) => String::new(),
        (true, false) => COUNTS.to_owned(),
        (true, true) => format!("{COUNTS}{POLL}"),
    };
    let select = read.select_from_table(&columns.join(", "), "");
    DistributedFunction {
        name: function_name(read),
        parameters: read.parameters.iter().map(|&sql_type| sql_type.to_owned()).collect(),
        results: types.enumerate().map(|(at, sql_type)| (format!("c{at}"), sql_type)).collect(),
        access: Access::Read,
        body: BODY
            .replace("{token}", &token())
            .replace("{counts}", &counts)
            // Citus prepares no plan for a statement with a subquery.
            .replace("{select}", &select.replace("(SELECT $2)", "$2"))
            .replace("{fail_if_elsewhere}", &fail_if_elsewhere()),
    }
}

/// Returns the statement that calls the function of a read.
pub(crate) fn call_read(read: &Read) -> String {
    call(&function_name(read), read.parameters.len())
}

/// Returns the statement of a read of one table. Its last parameter is the token of the epoch, which
/// its rows do not contain.
///
/// The statement returns no rows if the read finds none, if the epoch has another token, and if the
/// location has moved to another server. For the read of changes it returns the counts, or no row if
/// a thread changed. The function of the read then has the answer.
pub(crate) fn read_if_current(read: &Read) -> Option<String> {
    let condition = format!(" AND {}", is_current(read.parameters.len() + 1));
    if read.is_poll() {
        // The last two columns are the id of a thread, which is NULL in a row without a thread.
        return Some(format!(
            "SELECT l.revision, l.unread, l.waiting, NULL::text, NULL::text \
             FROM schema.location l WHERE l.location = $1 AND l.revision <= $2{condition}"
        ));
    }
    let columns = read.columns().into_iter().map(|(table, column)| format!("{table}.{column}"));
    let columns = columns.collect::<Vec<_>>().join(", ");
    (!read.has_counts()).then(|| read.select_from_table(&columns, &condition))
}

fn function_name(read: &Read) -> String {
    format!("read_{}", read.name)
}

fn cast((table, column): (&str, &str)) -> String {
    format!("{table}.{column}::{}", read_type((table, column)))
}

fn read_type((table, column): (&str, &str)) -> &'static str {
    // The location's number of unread threads has the name of a column of the thread.
    if table == "l" { "bigint" } else { column_type(column) }
}
