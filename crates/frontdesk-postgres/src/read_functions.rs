//! The functions that read one location on Citus.
//!
//! Citus plans a statement that joins tables anew for each execution. This costs the coordinator
//! several times the CPU time of a call of a function, which the worker executes.

use crate::column_type::column_type;
use crate::distributed_function::{DistributedFunction, call};
use crate::epoch::history;
use crate::read::Read;

/// Reads the token, and then everything else with one statement, so from one snapshot. A read
/// without rows returns one row with the token.
///
/// While the shard moves to another worker, the statement could read the rows there. So the function
/// afterwards fails if the location is no longer on this server.
const BODY: &str = "
#variable_conflict use_column
DECLARE
    history text;
BEGIN
    history := {history};
    SELECT e.token INTO c0 FROM schema.epoch e WHERE e.timeline = history;
{poll}    RETURN QUERY {select};
    IF NOT FOUND THEN
        RETURN NEXT;
    END IF;
    {fail_if_elsewhere};
END
";

/// Reads only the counts. If no thread changed, they are the answer.
const POLL: &str = "    SELECT l.revision, l.unread, l.waiting INTO c1, c2, c3
    FROM schema.location l WHERE l.location = $1;
    IF c1 <= $2 THEN
        RETURN NEXT;
        {fail_if_elsewhere};
        RETURN;
    END IF;
";

pub(crate) fn read_function(read: &Read) -> DistributedFunction {
    let types = ["bigint"].into_iter().chain(read.columns().into_iter().map(read_type));
    let select =
        read.select(|table, column| format!("{table}.{column}::{}", read_type((table, column))));
    DistributedFunction {
        name: function_name(read),
        parameters: read.parameters.iter().map(|&sql_type| sql_type.to_owned()).collect(),
        results: types.enumerate().map(|(at, sql_type)| (format!("c{at}"), sql_type)).collect(),
        returns_set: true,
        body: BODY
            .replace("{history}", &history())
            .replace("{poll}", if read.is_poll() { POLL } else { "" })
            .replace("{select}", &select.replacen("SELECT ", "SELECT c0, ", 1)),
    }
}

/// Returns the statement that calls the function of a read.
pub(crate) fn call_read(read: &Read) -> String {
    call(&function_name(read), read.parameters.len())
}

fn function_name(read: &Read) -> String {
    format!("read_{}", read.name)
}

fn read_type((table, column): (&str, &str)) -> &'static str {
    // The location's number of unread threads has the name of a column of the thread.
    if table == "l" { "bigint" } else { column_type(column) }
}
