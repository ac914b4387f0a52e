use deadpool_postgres::{Object, Pool};
use scopeguard::{ScopeGuard, guard};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::error::DatabaseError;
use crate::parameters::Parameter;
use crate::recovery::Recovery;
use crate::retry::RetryBudget;

/// The pool of connections, and the protocol for sending statements.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool,
    unnamed_statements: bool,
}

/// A failed attempt to run a statement.
pub(crate) struct QueryFailure {
    pub(crate) error: DatabaseError,
    /// `true` if the server may have executed the statement despite the error.
    pub(crate) outcome_unknown: bool,
}

impl From<DatabaseError> for QueryFailure {
    fn from(error: DatabaseError) -> Self {
        Self { error, outcome_unknown: false }
    }
}

impl From<QueryFailure> for DatabaseError {
    fn from(failure: QueryFailure) -> Self {
        failure.error
    }
}

impl Connections {
    /// Uses a pool. With `unnamed_statements` each statement is sent with its text instead
    /// of being prepared once on each connection.
    pub(crate) fn new(pool: Pool, unnamed_statements: bool) -> Self {
        Self { pool, unnamed_statements }
    }

    pub(crate) fn unnamed_statements(&self) -> bool {
        self.unnamed_statements
    }

    pub(crate) async fn get(&self, budget: &RetryBudget) -> Result<Object, DatabaseError> {
        if budget.has_lost_connections() {
            drop(self.pool.retain(|_, _| false));
        }
        Ok(self.pool.get().await?)
    }

    /// Runs a statement once, as a transaction of its own. It takes one round trip if the
    /// connection has prepared it before.
    ///
    /// If the caller drops the future, the connection does not return to the pool, because
    /// its next user would wait for the late response.
    pub(crate) async fn query_once(
        &self,
        budget: &RetryBudget,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, QueryFailure> {
        let connection =
            guard(self.get(budget).await?, |connection| drop(Object::take(connection)));
        let types: Vec<Type> = parameters.iter().map(Parameter::sql_type).collect();
        let values = parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync));
        let response = if self.unnamed_statements || budget.needs_unnamed_statement() {
            connection.query_typed(sql, &values.zip(types).collect::<Vec<_>>()).await
        } else {
            let prepared = match connection.prepare_typed_cached(sql, &types).await {
                Ok(prepared) => prepared,
                Err(error) => {
                    let error = error.into();
                    discard_if_broken(ScopeGuard::into_inner(connection), &error);
                    return Err(error.into());
                }
            };
            connection.query(&prepared, &values.collect::<Vec<_>>()).await
        };
        let connection = ScopeGuard::into_inner(connection);
        response.map_err(|error| {
            let error = DatabaseError::from(error);
            discard_if_broken(connection, &error);
            QueryFailure { outcome_unknown: error.leaves_outcome_unknown(), error }
        })
    }

    /// Runs a statement that may be executed twice, such as a read.
    pub(crate) async fn query_with_retry(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, DatabaseError> {
        let mut budget = RetryBudget::new();
        loop {
            match self.query_once(&budget, sql, parameters).await {
                Ok(rows) => return Ok(rows),
                Err(failure) if budget.allows_retry_after(&failure.error) => {}
                Err(failure) => return Err(failure.error),
            }
        }
    }
}

/// Removes a connection from the pool if the next attempt needs another connection.
pub(crate) fn discard_if_broken(connection: Object, error: &DatabaseError) {
    if error.recovery() == Recovery::Reconnect {
        drop(Object::take(connection));
    }
}
