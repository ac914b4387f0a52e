//! The size of the tables and indexes, compared with the first version of the schema.

use frontdesk_postgres::PostgresStore;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config};

use crate::Outcome;
use crate::dataset::{BATCH, Dataset, sizes};
use crate::postgres::{Cluster, Database, connect};

/// The number of locations.
const LOCATIONS: usize = 64;
/// The average number of messages of a thread.
const MESSAGES_PER_THREAD: usize = 20;
/// The highest permitted ratio of the sizes.
const LIMIT: f64 = 0.62;

/// Copies the rows of the newest schema into the tables of the first, in the same order. The first
/// schema has the key of each message, a UUID of 36 characters.
const COPY: &str = "
    INSERT INTO first.location SELECT location, revision, unread FROM newest.location;
    INSERT INTO first.message
    SELECT location, booking, number, ordinal, role, author, name, body, sent_at
    FROM newest.message;
    INSERT INTO first.idempotency_key
    SELECT location, booking, role, author, md5(location || booking || number)::uuid::text, number
    FROM newest.message;
    INSERT INTO first.thread (
        location, booking, revision, last_number, newest_first, awaits, created_at, first_number,
        by_customer, by_operator, last_role, last_at, preview, preview_cut,
        customer_number, customer_covered, customer_furthest, customer_set_at,
        operator_number, operator_covered, operator_furthest, operator_set_at,
        code, activity, starts_at, duration_secs, status, customer_name, profile)
    SELECT
        location, booking, revision, last_number, newest_first, unread, created_at, first_number,
        customer_messages, operator_messages, last_role, last_at, preview, preview_cut,
        customer_number, customer_covered, customer_furthest, customer_set_at,
        operator_number, operator_covered, operator_furthest, operator_set_at,
        code, activity, starts_at, duration_secs, status, customer_name, profile
    FROM newest.thread;";

pub(crate) fn run(runtime: &Runtime, cluster: &Cluster, is_measuring: bool) -> Outcome {
    let locations = if is_measuring { LOCATIONS } else { 2 };
    let threads = if is_measuring { locations * 8 * BATCH } else { locations * BATCH };
    let messages = threads * MESSAGES_PER_THREAD;
    runtime.block_on(async {
        let database = Database::on(cluster.admin()).await;
        let config = database.config();
        let newest = Dataset::load(&config, "newest", locations, [threads, messages]).await?;
        let client = create_first(&config).await?;
        println!("{messages} messages in {threads} threads of {locations} locations");
        newest.print_sizes(&client).await?;
        let first: i64 = sizes(&client, "first").await?.iter().map(|(_, bytes)| bytes).sum();
        let bytes: i64 = sizes(&client, "newest").await?.iter().map(|(_, bytes)| bytes).sum();
        #[expect(clippy::cast_precision_loss, reason = "the sizes are far below 2^52 bytes")]
        let [first, bytes, messages] = [first as f64, bytes as f64, messages as f64];
        println!("\n| bytes per message | first schema | ratio | limit |\n|---|---|---|---|");
        let ratio = bytes / first;
        println!("| {:.1} | {:.1} | {ratio:.3} | {LIMIT} |", bytes / messages, first / messages);
        Ok(())
    })
}

/// Creates the tables of the first schema and copies the rows into them.
async fn create_first(config: &Config) -> Outcome<Client> {
    let client = connect(config).await;
    let migrations = PostgresStore::builder().schema("first").migrations()?;
    client.batch_execute(migrations.first().ok_or("there is a first schema")?).await?;
    client.batch_execute(&format!("BEGIN; {COPY} COMMIT")).await?;
    for table in ["location", "thread", "message", "idempotency_key"] {
        client.batch_execute(&format!("VACUUM ANALYZE first.{table}")).await?;
    }
    Ok(client)
}
