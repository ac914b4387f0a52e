//! What is read of a store with much in it, next to one with little.

use std::cell::Cell;
use std::time::{Duration, Instant};

use frontdesk::store::{Direction, Filter, ThreadStore};
use frontdesk::{Draft, FrontDesk, IdempotencyKey, MessageNumber, ParticipantId};
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::dice::Dice;
use crate::load::{GENERATION, Loaded};
use crate::postgres::{Cluster, Database, connect};
use crate::town::TEXT;
use crate::turns::{Turn, Turns};
use crate::worker::KEYS;

/// A larger write-ahead log, or the loading would write every page again and again.
pub(crate) const SETTINGS: &str = "-c fsync=off -c max_wal_size=4GB";

/// How many locations much is spread over, if there are enough threads.
const LOCATIONS: usize = 1_000;
/// How many messages the other has, all at one location: as many as each location has
/// where there are 10^7.
const LITTLE: usize = 10_000;
/// How many threads or messages a page has.
const PAGE: usize = 50;
/// How much slower much may be than little.
const AT_MOST: f64 = 2.0;

#[derive(Debug, Clone, Copy)]
enum Ask {
    Head,
    Page,
    History,
    Poll,
    PollOfOne,
    /// The last, for it moves what the others find.
    Post,
}

const ASKS: [(Ask, &str, Option<f64>); 6] = [
    (Ask::Page, "inbox page of 50", Some(AT_MOST)),
    (Ask::History, "history of 50", Some(AT_MOST)),
    (Ask::Poll, "poll, nothing new", Some(AT_MOST)),
    (Ask::PollOfOne, "poll, one thread new", Some(AT_MOST)),
    (Ask::Head, "head", None),
    (Ask::Post, "post", None),
];

/// Loads so many threads and messages, and so few, and reads both in turns.
pub(crate) fn run(runtime: &Runtime, cluster: &Cluster, sizes: &[&str], whole: bool) -> Outcome {
    let sizes = match *sizes {
        [threads, messages] => [threads.parse()?, messages.parse()?],
        [] if whole => [100_000, 1_000_000],
        [] => [1_000, 3_000],
        _ => return Err("scale [THREADS MESSAGES]".into()),
    };
    let locations = LOCATIONS.min(sizes[0] / GENERATION);
    let database = runtime.block_on(Database::on(cluster.admin()));
    let config = database.config();
    let begun = Instant::now();
    let much = runtime.block_on(Loaded::new(&config, "much", locations, sizes))?;
    let took = begun.elapsed().as_secs();
    println!(
        "{} threads and {} messages at {locations} locations, made in {took} s",
        sizes[0],
        much.messages()
    );
    let few = LITTLE * sizes[0] / sizes[1] / GENERATION * GENERATION;
    let few = [few, few * (sizes[1] / sizes[0])];
    let little = runtime.block_on(Loaded::new(&config, "little", 1, few))?;
    runtime.block_on(async { much.print_sizes(&connect(&config).await).await })?;

    let (rounds, span) = if whole { (20, 250) } else { (1, 20) };
    let span = Duration::from_millis(span);
    println!(
        "\n| | {0} a second | {1} | {0}, median µs | {1} | ratio | at most |",
        much.messages(),
        little.messages()
    );
    println!("|---|---|---|---|---|---|---|");
    // No turn repeats another one's keys.
    let seed = Cell::new(0);
    let turn = |of: &Loaded, what| {
        let dice = Dice::new(seed.replace(seed.get() + 1));
        runtime.block_on(repeat(of, what, dice, span)).expect("it answers")
    };
    for (what, name, at_most) in ASKS {
        // Its statement is prepared then.
        turn(&much, what);
        turn(&little, what);
        let turns = Turns::take(rounds, || turn(&much, what), || turn(&little, what));
        println!("| {name} | {}", turns.columns(at_most));
    }
    Ok(())
}

/// Reads here and there for so long: nothing is in a cache because it was just there.
async fn repeat(of: &Loaded, what: Ask, mut dice: Dice, span: Duration) -> Outcome<Turn> {
    let (begun, mut latencies) = (Instant::now(), Vec::new());
    while begun.elapsed() < span {
        let location = dice.below::<usize>(of.locations as u64);
        let asked = Instant::now();
        let found = one(of, what, location, &mut dice).await?;
        latencies.push(asked.elapsed().as_secs_f64());
        let expected = match what {
            Ask::Page | Ask::History => PAGE,
            Ask::Head | Ask::PollOfOne | Ask::Post => 1,
            Ask::Poll => 0,
        };
        assert_eq!(found, expected, "{what:?}");
    }
    Ok(Turn::new(latencies, begun.elapsed()))
}

/// How many it found.
async fn one(of: &Loaded, what: Ask, at: usize, dice: &mut Dice) -> Outcome<usize> {
    let store = &of.store;
    let location = Loaded::location(at)?;
    let thread = dice.below::<usize>(of.threads as u64);
    Ok(match what {
        Ask::Head => usize::from(store.thread(&Loaded::thread(at, thread)?).await?.is_some()),
        Ask::Page => store.threads(&location, None, PAGE, Filter::All).await?.threads.len(),
        Ask::History => {
            let generation = dice.below::<usize>(of.generations() as u64);
            let (id, all) =
                (Loaded::long(at, generation)?, MessageNumber::START..=MessageNumber::MAX);
            store.messages(&id, all, PAGE, Direction::NewestFirst).await?.len()
        }
        Ask::Poll => store.changes(&location, of.newest(), PAGE).await?.changed.len(),
        Ask::PollOfOne => {
            store.changes(&location, of.newest().previous(), PAGE).await?.changed.len()
        }
        Ask::Post => {
            let id = Loaded::thread(at, thread)?;
            let desk = FrontDesk::new(store.clone());
            let team = ParticipantId::new("team")?;
            let (least, count) = KEYS;
            let key = (least + dice.below::<u64>(count)).to_string();
            let draft = Draft::new(TEXT).with_key(IdempotencyKey::new(key)?);
            desk.operator(location, team, None).reply(&id.booking, draft).await?;
            1
        }
    })
}
