use frontdesk::store::Epoch;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Pool, Value};

use crate::error::DatabaseError;
use crate::rows::Columns;
use crate::statements::Statements;

/// The epoch of every answer. The server loses no acknowledged commit.
pub(crate) const EPOCH: Epoch = Epoch::ZERO;

/// The pool of connections and the statements.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) pool: Pool,
    pub(crate) statements: Statements,
}

impl Database {
    /// Runs a read of one statement, which has one snapshot.
    pub(crate) async fn read<T>(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        decode: impl FnMut(&mut Columns) -> Result<T, DatabaseError>,
    ) -> Result<Vec<T>, DatabaseError> {
        let mut connection = self.pool.get_conn().await?;
        query(&mut connection, sql, parameters, decode).await
    }

    /// Runs a statement that is a transaction of its own.
    pub(crate) async fn execute(
        &self,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<(), DatabaseError> {
        Ok(self.pool.get_conn().await?.exec_drop(sql, positional(parameters)).await?)
    }
}

/// Runs a query and decodes its rows.
pub(crate) async fn query<T>(
    connection: &mut Conn,
    sql: &str,
    parameters: Vec<Value>,
    mut decode: impl FnMut(&mut Columns) -> Result<T, DatabaseError>,
) -> Result<Vec<T>, DatabaseError> {
    let rows: Vec<mysql_async::Row> = connection.exec(sql, positional(parameters)).await?;
    rows.into_iter().map(|row| decode(&mut row.into())).collect()
}

pub(crate) fn positional(parameters: Vec<Value>) -> Params {
    if parameters.is_empty() { Params::Empty } else { Params::Positional(parameters) }
}
