//! Requests to a large database compared with requests to a small one.

use std::cell::Cell;
use std::time::{Duration, Instant};

use frontdesk::store::{MessageQuery, ThreadList, ThreadQuery, ThreadStore};
use frontdesk::{Draft, FrontDesk, IdempotencyKey, MessageNumber, ParticipantId};
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::comparison::{Comparison, Turn};
use crate::dataset::{BATCH, Dataset};
use crate::fixture::TEXT;
use crate::postgres::{Cluster, Database, connect};
use crate::rng::Rng;
use crate::worker::{FIRST_KEY, KEYS};

/// The settings of the server. With the default size of the write-ahead log, loading would
/// write every page several times.
pub(crate) const SETTINGS: &str = "-c fsync=off -c max_wal_size=4GB";

/// The maximum number of locations of the large database. Each location has at least [`BATCH`]
/// threads.
const LOCATIONS: usize = 1_000;
/// The number of messages of the small database, all at one location. Each location of a large
/// database of 10^7 messages has the same number.
const SMALL: usize = 10_000;
/// The number of threads or of messages on a page.
const PAGE: usize = 50;
/// The highest permitted ratio of the latencies.
const LIMIT: f64 = 2.0;

#[derive(Debug, Clone, Copy)]
enum Request {
    Head,
    Page,
    History,
    Poll,
    PollOneChange,
    Post,
}

/// The requests in the order in which they run. Posts come last because they change the
/// database.
const REQUESTS: [(Request, &str, Option<f64>); 6] = [
    (Request::Page, "inbox page of 50", Some(LIMIT)),
    (Request::History, "history of 50", Some(LIMIT)),
    (Request::Poll, "poll without changes", Some(LIMIT)),
    (Request::PollOneChange, "poll with one change", Some(LIMIT)),
    (Request::Head, "head", None),
    (Request::Post, "post", None),
];

/// Loads a large and a small database and sends the same requests to both in turns. `sizes` is
/// empty or contains the numbers of threads and of messages of the large database.
pub(crate) fn run(
    runtime: &Runtime,
    cluster: &Cluster,
    sizes: &[&str],
    is_measuring: bool,
) -> Outcome {
    let [threads, messages] = match *sizes {
        [threads, messages] => [threads.parse()?, messages.parse()?],
        [] if is_measuring => [100_000, 1_000_000],
        [] => [1_000, 3_000],
        _ => return Err("the arguments must be: scale [THREADS MESSAGES]".into()),
    };
    let locations = LOCATIONS.min(threads / BATCH);
    let database = runtime.block_on(Database::on(cluster.admin()));
    let config = database.config();
    let start = Instant::now();
    let large = Dataset::load(&config, "large", locations, [threads, messages]);
    let large = runtime.block_on(large)?;
    let seconds = start.elapsed().as_secs();
    let loaded = large.messages();
    println!("{threads} threads, {loaded} messages, {locations} locations, loaded in {seconds} s");
    let few = SMALL * threads / messages / BATCH * BATCH;
    let few = [few, few * (messages / threads)];
    let small = runtime.block_on(Dataset::load(&config, "small", 1, few))?;
    runtime.block_on(async { large.print_sizes(&connect(&config).await).await })?;

    let (rounds, span) = if is_measuring { (20, 250) } else { (1, 20) };
    let span = Duration::from_millis(span);
    println!(
        "\n| request | {0} messages, per second | {1}, per second \
         | {0}, median µs | {1}, median µs | ratio | limit |",
        large.messages(),
        small.messages()
    );
    println!("|---|---|---|---|---|---|---|");
    // Each turn has its own seed, so that no turn repeats the keys of another turn.
    let seed = Cell::new(0);
    let turn = |dataset: &Dataset, request| {
        let rng = Rng::new(seed.replace(seed.get() + 1));
        runtime.block_on(repeat(dataset, request, rng, span)).expect("the store answers")
    };
    for (request, name, limit) in REQUESTS {
        // These turns are not counted: during them the connections prepare the statement.
        turn(&large, request);
        turn(&small, request);
        let comparison =
            Comparison::run(rounds, || turn(&large, request), || turn(&small, request));
        println!("| {name} | {}", comparison.columns(limit));
    }
    Ok(())
}

/// Repeats a request at random locations for a span of time.
async fn repeat(
    dataset: &Dataset,
    request: Request,
    mut rng: Rng,
    span: Duration,
) -> Outcome<Turn> {
    let (start, mut latencies) = (Instant::now(), Vec::new());
    while start.elapsed() < span {
        let location = rng.below::<usize>(dataset.locations as u64);
        let sent_at = Instant::now();
        let found = send(dataset, request, location, &mut rng).await?;
        latencies.push(sent_at.elapsed().as_secs_f64());
        let expected = match request {
            Request::Page | Request::History => PAGE,
            Request::Head | Request::PollOneChange | Request::Post => 1,
            Request::Poll => 0,
        };
        assert_eq!(found, expected, "{request:?}");
    }
    Ok(Turn::new(latencies, start.elapsed()))
}

/// Sends a request and returns the number of items in the answer.
async fn send(dataset: &Dataset, request: Request, at: usize, rng: &mut Rng) -> Outcome<usize> {
    let store = &dataset.store;
    let location = Dataset::location(at)?;
    let thread = rng.below::<usize>(dataset.threads as u64);
    Ok(match request {
        Request::Head => {
            let id = Dataset::thread(at, thread)?;
            usize::from(store.thread(&id).await?.value.is_some())
        }
        Request::Page => {
            let query = ThreadQuery::new(&location, ThreadList::All(None), PAGE);
            store.threads(&query).await?.value.threads.len()
        }
        Request::History => {
            let batch = rng.below::<usize>(dataset.batches() as u64);
            let id = Dataset::long_thread(at, batch)?;
            let all = MessageNumber::START..=MessageNumber::MAX;
            let query = MessageQuery::newest_first(&id, all, PAGE);
            store.messages(&query).await?.value.len()
        }
        Request::Poll => {
            store.changes(&location, dataset.newest(), PAGE).await?.value.changed.len()
        }
        Request::PollOneChange => {
            let since = dataset.newest().previous();
            store.changes(&location, since, PAGE).await?.value.changed.len()
        }
        Request::Post => {
            let id = Dataset::thread(at, thread)?;
            let desk = FrontDesk::new(store.clone());
            let operator = ParticipantId::new("team")?;
            let key = (FIRST_KEY + rng.below::<u64>(KEYS)).to_string();
            let draft = Draft::new(TEXT).with_key(IdempotencyKey::new(key)?);
            desk.operator(location, operator, None).reply(&id.booking, draft).await?;
            1
        }
    })
}
