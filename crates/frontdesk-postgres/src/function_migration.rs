//! The migration of distributed tables to the functions of this version of the crate.

use tokio_postgres::{Client, Row};

use crate::connections::{Connections, discard_if_broken};
use crate::distribution::functions;
use crate::error::DatabaseError;
use crate::retry::RetryBudget;
use crate::row_reader::RowReader;
use crate::schema::{Schema, literal};
use crate::server_functions::last_function;

/// The procedure that creates the functions if another version of the crate distributed the tables.
/// The functions of that version stay, because its processes can still run.
pub(crate) struct FunctionMigration<'a> {
    pub(crate) connections: &'a Connections,
    pub(crate) schema: &'a Schema,
}

impl FunctionMigration<'_> {
    pub(crate) async fn run(&self) -> Result<(), DatabaseError> {
        let mut budget = RetryBudget::new();
        loop {
            match self.attempt(&budget).await {
                Err(error) if budget.allows_retry_after(&error) => {}
                created => return created,
            }
        }
    }

    /// Creates the functions. If they exist, it only reads, so that a role without the right to
    /// create can call it.
    async fn attempt(&self, budget: &RetryBudget) -> Result<(), DatabaseError> {
        let rows = self.connections.query_once(budget, &self.select_is_done(), &[]).await?;
        if is_done(&rows)? {
            return Ok(());
        }
        let mut connection = self.connections.get(budget).await?;
        let created = self.create(&mut connection).await;
        if let Err(error) = &created {
            discard_if_broken(connection, error);
        }
        created
    }

    async fn create(&self, client: &mut Client) -> Result<(), DatabaseError> {
        let transaction = client.transaction().await?;
        // Only one process at a time holds the lock.
        let lock = self.schema.qualify("LOCK TABLE schema.schema_version IN ACCESS EXCLUSIVE MODE");
        transaction.batch_execute(&lock).await?;
        if !is_done(&transaction.query_typed(&self.select_is_done(), &[]).await?)? {
            for statement in functions(self.schema) {
                transaction.batch_execute(&statement).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Returns the query for the function that is created last.
    fn select_is_done(&self) -> String {
        let [schema, function] = [self.schema.name(), &last_function()].map(literal);
        format!(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p \
             JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
             WHERE n.nspname::text = {schema} AND p.proname::text = {function})"
        )
    }
}

fn is_done(rows: &[Row]) -> Result<bool, DatabaseError> {
    RowReader::new(rows.first().ok_or(DatabaseError::RetriesExhausted)?).read()
}
