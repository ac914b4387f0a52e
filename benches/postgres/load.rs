//! Threads and messages by the million, made on the server.

use frontdesk::store::{Direction, Filter, PostgresStore, Revision, ThreadStore};
use frontdesk::{BookingId, LocationId, MessageNumber, Preview, ThreadId};
use futures::future::try_join_all;
use tokio_postgres::{Client, Config};

use crate::Outcome;
use crate::postgres::connect;
use crate::town::pool;

/// How many threads a generation has at a location. The others have a message less
/// than the average, and its long one has theirs too.
pub(crate) const GENERATION: usize = 100;

/// One of so many threads is unread.
const UNREAD: usize = 20;

/// A schema that was filled.
pub(crate) struct Loaded {
    pub(crate) store: PostgresStore,
    schema: &'static str,
    pub(crate) locations: usize,
    /// How many a location has.
    pub(crate) threads: usize,
    /// How many a thread has on average.
    each: usize,
}

impl Loaded {
    /// Makes the tables in a schema and fills them: two connections with half of the
    /// locations each, which write a generation after the other.
    pub(crate) async fn new(
        config: &Config,
        schema: &'static str,
        locations: usize,
        [threads, messages]: [usize; 2],
    ) -> Outcome<Self> {
        let each = messages / threads;
        let threads = threads / locations;
        if each < 2 || threads == 0 || !threads.is_multiple_of(GENERATION) {
            return Err(
                "it wants two messages a thread, and hundreds of threads at a location".into()
            );
        }
        let store = PostgresStore::builder().schema(schema).pool(pool(config, 1))?;
        store.migrate().await?;
        let halves = [0..locations / 2, locations / 2..locations];
        let halves = halves.into_iter().filter(|half| !half.is_empty()).map(async |half| {
            let client = connect(config).await;
            for generation in 0..threads / GENERATION {
                let sql = include_str!("load.sql")
                    .replace("{schema}", schema)
                    .replace("{generation}", &generation.to_string())
                    .replace("{each}", &each.to_string())
                    .replace("{first}", &half.start.to_string())
                    .replace("{count}", &half.len().to_string());
                client.batch_execute(&format!("BEGIN; {sql} COMMIT")).await?;
            }
            Ok::<_, tokio_postgres::Error>(())
        });
        try_join_all(halves).await?;
        let client = connect(config).await;
        let totals = format!(
            "INSERT INTO {schema}.location SELECT 'l-' || lpad(l::text, 4, '0'), {threads}, {} \
             FROM generate_series(0, {}) AS l",
            threads / UNREAD,
            locations - 1
        );
        client.batch_execute(&totals).await?;
        for table in ["location", "thread", "message", "idempotency_key"] {
            client.batch_execute(&format!("VACUUM ANALYZE {schema}.{table}")).await?;
        }
        let loaded = Self { store, schema, locations, threads, each };
        loaded.assert_can_be_read().await?;
        Ok(loaded)
    }

    pub(crate) fn location(at: usize) -> Outcome<LocationId> {
        Ok(LocationId::new(format!("l-{at:04}"))?)
    }

    pub(crate) fn thread(location: usize, at: usize) -> Outcome<ThreadId> {
        Ok(ThreadId::new(Self::location(location)?, BookingId::new(format!("b-{at:06}"))?))
    }

    /// The long one of a generation.
    pub(crate) fn long(location: usize, generation: usize) -> Outcome<ThreadId> {
        Self::thread(location, generation * GENERATION)
    }

    pub(crate) fn generations(&self) -> usize {
        self.threads / GENERATION
    }

    pub(crate) fn messages(&self) -> usize {
        self.locations * self.threads * self.each
    }

    /// That the store reads what is there, and finds it whole.
    async fn assert_can_be_read(&self) -> Outcome {
        for at in [0, self.locations / 2, self.locations - 1] {
            let location = Self::location(at)?;
            let page = self.store.threads(&location, None, usize::MAX, Filter::All).await?;
            assert_eq!(page.threads.len(), self.threads);
            assert_eq!(page.revision, self.newest());
            let unread = page.threads.iter().filter(|thread| thread.awaits_operator()).count();
            assert_eq!(page.unread, unread as u64);
            for thread in page.threads.iter().step_by(7) {
                let is_long = thread.booking().id == Self::long(at, 0)?.booking;
                let all = MessageNumber::START..=MessageNumber::MAX;
                let all = self.store.messages(thread.id(), all, usize::MAX, Direction::OldestFirst);
                let all = all.await?;
                let last = all.last().ok_or("a thread is empty")?;
                assert!(!is_long || all.len() == self.each - 1 + GENERATION);
                assert_eq!(all.len(), thread.message_count() as usize);
                assert_eq!(last.number(), thread.last_number());
                assert_eq!(last.sent_at(), thread.active_at());
                let shown = thread.last_message().map(|last| &last.preview);
                assert_eq!(shown, Some(&Preview::of(last.body())));
            }
        }
        Ok(())
    }

    pub(crate) fn newest(&self) -> Revision {
        Revision::try_from(i64::try_from(self.threads).expect("it is small")).expect("it is small")
    }

    /// What a message costs on the disk: each table and each index, the largest first.
    pub(crate) async fn print_sizes(&self, client: &Client) -> Outcome {
        let sizes = format!(
            "SELECT c.relname, pg_relation_size(c.oid) FROM pg_class c \
             WHERE c.relnamespace = '{}'::regnamespace AND c.relkind IN ('r', 'i') \
             AND c.relname <> 'schema_version' ORDER BY 2 DESC",
            self.schema
        );
        let sizes = client.query(&sizes, &[]).await?.into_iter();
        let sizes: Vec<(String, i64)> = sizes.map(|row| (row.get(0), row.get(1))).collect();
        #[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
        let a_message = |bytes: i64| bytes as f64 / self.messages() as f64;
        println!("\n| table or index | bytes a message |\n|---|---|");
        println!("| all | {:.1} |", a_message(sizes.iter().map(|(_, bytes)| bytes).sum()));
        for (name, bytes) in sizes {
            println!("| {name} | {:.1} |", a_message(bytes));
        }
        Ok(())
    }
}
