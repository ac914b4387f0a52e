//! The least statements that an operation needs, sent without the store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Statement};

use crate::Outcome;
use crate::comparison::Turn;
use crate::fixture::{booking, location};
use crate::postgres::connect;
use crate::worker::Operation;

/// Each operation with the statements that read or write the fewest rows for it. Citus can prepare a
/// plan for each of them. They neither check the epoch nor keep any rule.
pub(crate) const BASELINES: [(Operation, &[&str]); 4] = [
    (
        Operation::Post,
        &[
            "SELECT * FROM {schema}.thread WHERE location = $1 AND booking = $2",
            "UPDATE {schema}.thread SET unread = true WHERE location = $1 AND booking = $2",
        ],
    ),
    (
        Operation::Page,
        &["SELECT * FROM {schema}.thread WHERE location = $1 AND newest_first IS NOT NULL \
           ORDER BY newest_first, booking LIMIT 50"],
    ),
    (
        Operation::History,
        &["SELECT * FROM {schema}.message WHERE location = $1 AND booking = $2 \
           ORDER BY number DESC LIMIT 50"],
    ),
    (
        Operation::Poll,
        &["SELECT revision, unread, waiting FROM {schema}.location WHERE location = $1"],
    ),
];

/// A connection that has prepared the statements of an operation.
pub(crate) struct Baseline {
    client: Client,
    statements: Vec<Statement>,
    parameters: [String; 2],
}

impl Baseline {
    pub(crate) async fn new(config: &Config, schema: &str, statements: &[&str]) -> Outcome<Self> {
        let client = connect(config).await;
        let mut prepared = Vec::new();
        for statement in statements {
            prepared.push(client.prepare(&statement.replace("{schema}", schema)).await?);
        }
        let parameters = [location(0).to_string(), booking(0, 0).id.to_string()];
        Ok(Self { client, statements: prepared, parameters })
    }

    /// Repeats the statements for a span of time.
    pub(crate) async fn run(self: Arc<Self>, span: Duration) -> Turn {
        let start = Instant::now();
        let repeated = tokio::spawn(async move {
            let mut latencies = Vec::new();
            while start.elapsed() < span {
                let operation = Instant::now();
                for statement in &self.statements {
                    let parameters =
                        self.parameters.each_ref().map(|value| value as &(dyn ToSql + Sync));
                    let parameters = &parameters[..statement.params().len()];
                    self.client.query(statement, parameters).await.expect("the statement is valid");
                }
                latencies.push(operation.elapsed().as_secs_f64());
            }
            latencies
        });
        Turn::new(repeated.await.expect("the task does not panic"), start.elapsed())
    }
}
