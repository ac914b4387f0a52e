//! Threads and messages by the million, generated on the server.

use frontdesk::store::{MessageQuery, Revision, ThreadList, ThreadQuery, ThreadStore};
use frontdesk::{BookingId, LocationId, MessageNumber, Preview, Role, ThreadId};
use frontdesk_postgres::PostgresStore;
use futures::future::try_join_all;
use tokio_postgres::{Client, Config};

use crate::Outcome;
use crate::fixture::pool;
use crate::postgres::connect;

/// The number of threads of a batch at one location. The first thread of a batch is long: it
/// has 100 messages more than each of the others.
pub(crate) const BATCH: usize = 100;

/// The interval of unread threads: one thread in every `UNREAD_EVERY` is unread.
const UNREAD_EVERY: usize = 20;

/// A schema filled with threads and messages.
pub(crate) struct Dataset {
    pub(crate) store: PostgresStore,
    schema: &'static str,
    pub(crate) locations: usize,
    /// The number of threads of a location.
    pub(crate) threads: usize,
    /// The average number of messages of a thread.
    messages_per_thread: usize,
}

impl Dataset {
    /// Creates the tables in a schema and fills them. Two connections load half of the
    /// locations each, batch by batch.
    pub(crate) async fn load(
        config: &Config,
        schema: &'static str,
        locations: usize,
        [threads, messages]: [usize; 2],
    ) -> Outcome<Self> {
        let messages_per_thread = messages / threads;
        let threads = threads / locations;
        if messages_per_thread < 2 || threads == 0 || !threads.is_multiple_of(BATCH) {
            return Err("a thread must have at least 2 messages, \
                        and a location a multiple of 100 threads"
                .into());
        }
        let store = PostgresStore::builder().schema(schema).pool(pool(config, 1))?;
        store.migrate().await?;
        let halves = [0..locations / 2, locations / 2..locations];
        let halves = halves.into_iter().filter(|half| !half.is_empty()).map(async |half| {
            let client = connect(config).await;
            for batch in 0..threads / BATCH {
                let sql = include_str!("dataset.sql")
                    .replace("{schema}", schema)
                    .replace("{batch}", &batch.to_string())
                    .replace("{messages_per_thread}", &messages_per_thread.to_string())
                    .replace("{first_location}", &half.start.to_string())
                    .replace("{locations}", &half.len().to_string());
                client.batch_execute(&format!("BEGIN; {sql} COMMIT")).await?;
            }
            Ok::<_, tokio_postgres::Error>(())
        });
        try_join_all(halves).await?;
        let client = connect(config).await;
        let counts = format!(
            "INSERT INTO {schema}.location (location, revision, unread, waiting) \
             SELECT 'l-' || lpad(l::text, 4, '0'), {threads}, {}, 0 \
             FROM generate_series(0, {}) AS l",
            threads / UNREAD_EVERY,
            locations - 1
        );
        client.batch_execute(&counts).await?;
        for table in ["location", "thread", "message"] {
            client.batch_execute(&format!("VACUUM ANALYZE {schema}.{table}")).await?;
        }
        let dataset = Self { store, schema, locations, threads, messages_per_thread };
        dataset.assert_valid().await?;
        Ok(dataset)
    }

    pub(crate) fn location(at: usize) -> Outcome<LocationId> {
        Ok(LocationId::new(format!("l-{at:04}"))?)
    }

    pub(crate) fn thread(location: usize, at: usize) -> Outcome<ThreadId> {
        Ok(ThreadId::new(Self::location(location)?, BookingId::new(format!("b-{at:06}"))?))
    }

    /// Returns the id of the long thread of a batch.
    pub(crate) fn long_thread(location: usize, batch: usize) -> Outcome<ThreadId> {
        Self::thread(location, batch * BATCH)
    }

    /// Returns the number of batches of a location.
    pub(crate) fn batches(&self) -> usize {
        self.threads / BATCH
    }

    /// Returns the number of messages of all locations.
    pub(crate) fn messages(&self) -> usize {
        self.locations * self.threads * self.messages_per_thread
    }

    /// Asserts that the store can read the rows of some locations and that these rows agree with
    /// each other.
    async fn assert_valid(&self) -> Outcome {
        for at in [0, self.locations / 2, self.locations - 1] {
            let location = Self::location(at)?;
            let query = ThreadQuery::new(&location, ThreadList::All(None), usize::MAX);
            let page = self.store.threads(&query).await?.value;
            assert_eq!(page.threads.len(), self.threads);
            assert_eq!(page.counts.revision, self.newest());
            let unread = page.threads.iter().filter(|thread| thread.is_unread_by(Role::Operator));
            assert_eq!(page.counts.unread, unread.count() as u64);
            for thread in page.threads.iter().step_by(7) {
                let is_long = thread.booking().id == Self::long_thread(at, 0)?.booking;
                let all = MessageNumber::START..=MessageNumber::MAX;
                let query = MessageQuery::oldest_first(thread.id(), all, usize::MAX);
                let messages = self.store.messages(&query).await?.value;
                let last = &messages.last().ok_or("a thread has no messages")?.message;
                assert!(!is_long || messages.len() == self.messages_per_thread - 1 + BATCH);
                assert_eq!(messages.len(), thread.message_count() as usize);
                assert_eq!(last.number(), thread.last_number());
                assert_eq!(last.sent_at(), thread.active_at());
                let preview = thread.last_message().and_then(|last| last.preview.clone());
                assert_eq!(preview, last.body().map(Preview::of));
            }
        }
        Ok(())
    }

    /// Returns the newest revision, which is the same at each location.
    pub(crate) fn newest(&self) -> Revision {
        let threads = i64::try_from(self.threads).expect("the number is small");
        Revision::try_from(threads).expect("the revision is in range")
    }

    /// Prints the bytes per message of each table and index, the largest first.
    pub(crate) async fn print_sizes(&self, client: &Client) -> Outcome {
        let sizes = sizes(client, self.schema).await?;
        #[expect(clippy::cast_precision_loss, reason = "the sizes are far below 2^52 bytes")]
        let per_message = |bytes: i64| bytes as f64 / self.messages() as f64;
        println!("\n| table or index | bytes per message |\n|---|---|");
        println!("| all | {:.1} |", per_message(sizes.iter().map(|(_, bytes)| bytes).sum()));
        for (name, bytes) in sizes {
            println!("| {name} | {:.1} |", per_message(bytes));
        }
        Ok(())
    }
}

/// Returns the size of each table and index of a schema, the largest first.
pub(crate) async fn sizes(client: &Client, schema: &str) -> Outcome<Vec<(String, i64)>> {
    let sizes = format!(
        "SELECT c.relname, pg_relation_size(c.oid) FROM pg_class c \
         WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('r', 'i') \
         AND c.relname <> 'schema_version' ORDER BY 2 DESC"
    );
    let sizes = client.query(&sizes, &[]).await?.into_iter();
    Ok(sizes.map(|row| (row.get(0), row.get(1))).collect())
}
