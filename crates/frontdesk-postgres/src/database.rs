use crate::answer_rows::AnswerRows;
use crate::connections::{Connections, QueryFailure};
use crate::epoch::random_token;
use crate::error::DatabaseError;
use crate::parameters::Parameter;
use crate::retry::RetryBudget;
use crate::statements::Statements;

/// The connections and the statements.
pub(crate) struct Database {
    pub(crate) connections: Connections,
    pub(crate) statements: Statements,
}

impl Database {
    pub(crate) fn new(connections: Connections, statements: Statements) -> Self {
        Self { connections, statements }
    }

    /// Runs a statement that may be executed twice, such as a read.
    pub(crate) async fn read(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<AnswerRows, DatabaseError> {
        let mut budget = RetryBudget::new();
        loop {
            match self.run_once(&budget, sql, parameters).await {
                Ok(rows) => return Ok(rows),
                Err(failure) if budget.allows_retry_after(&failure.error) => {}
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// Runs a statement once. If the server's timeline has no token yet, the statement has
    /// written nothing. Then this method stores a token and runs the statement again.
    pub(crate) async fn run_once(
        &self,
        budget: &RetryBudget,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<AnswerRows, QueryFailure> {
        if let Some(rows) = self.try_run(budget, sql, parameters).await? {
            return Ok(rows);
        }
        let token = [Parameter::from(random_token())];
        let stored = self.connections.query_once(budget, &self.statements.store_token, &token);
        // The outcome of `sql` is known even if the outcome of this statement is not.
        stored.await.map_err(|failure| failure.error)?;
        let rows = self.try_run(budget, sql, parameters).await?;
        rows.ok_or_else(|| DatabaseError::NoEpoch.into())
    }

    async fn try_run(
        &self,
        budget: &RetryBudget,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<AnswerRows>, QueryFailure> {
        Ok(AnswerRows::new(self.connections.query_once(budget, sql, parameters).await?)?)
    }
}
