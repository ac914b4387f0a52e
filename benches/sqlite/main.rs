//! What the store costs: the desk over [`SqliteStore`] next to the same SQL written
//! by hand. See the README above it.

#[path = "../by_hand/mod.rs"]
mod by_hand;
#[path = "../content/mod.rs"]
mod content;
#[path = "../contest/mod.rs"]
mod contest;
mod hop;
mod million;

use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use frontdesk::desk::{OperatorPoll, OperatorUpdate, PageRequest};
use frontdesk::store::{SqliteStore, Synchronous};
use futures::executor::block_on;
use futures::future::join_all;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::by_hand::{ByHand, Post, dump, same_answers};
use crate::content::{Desk, HARBOUR, Place};
use crate::contest::{Bench, Row, each};
use crate::hop::Hop;

type Outcome = Result<(), Box<dyn Error>>;

/// The threads of the location, and how many messages each has at first.
const THREADS: usize = 400;
const EACH: usize = 60;
/// How many threads and messages a page has.
const PAGE: usize = 50;
/// How many write at once.
const WRITERS: usize = 16;

fn main() -> Outcome {
    let mut bench = Bench::from_args();
    if std::env::args().any(|argument| argument == "million") {
        return million::run(if bench.is_whole() { 1_000_000 } else { 10_000 });
    }
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("made.sqlite");
    make(&made)?;
    for (name, synchronous) in [("FULL", Synchronous::Full), ("NORMAL", Synchronous::Normal)] {
        let files = ["desk", "hand"].map(|way| folder.path().join(format!("{way}-{name}")));
        for file in &files {
            fs::copy(&made, file)?;
        }
        compare(&mut bench, name, synchronous, &files)?;
    }
    let span = Duration::from_millis(if bench.is_whole() { 3_000 } else { 20 });
    for (name, synchronous) in [("FULL", Synchronous::Full), ("NORMAL", Synchronous::Normal)] {
        rates(name, synchronous, &folder.path().join(format!("rates-{name}")), span)?;
    }
    bench.finish();
    Ok(())
}

/// Makes the file that all begin with.
fn make(path: &Path) -> Outcome {
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(path)?;
    let place = Desk::new(store).place(HARBOUR, THREADS);
    for number in 0..THREADS * EACH {
        block_on(place.post(number));
    }
    Ok(())
}

/// Opens a file that a store has made, with the same settings.
fn connect(path: &Path, synchronous: Synchronous) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = if synchronous == Synchronous::Full { "FULL" } else { "NORMAL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn compare(
    bench: &mut Bench,
    name: &str,
    synchronous: Synchronous,
    [desk_file, hand_file]: &[PathBuf; 2],
) -> Outcome {
    let store = SqliteStore::builder().synchronous(synchronous).open(desk_file)?;
    let place = Desk::new(store).place(HARBOUR, THREADS);
    let connection = connect(hand_file, synchronous)?;
    let mut hand = ByHand::new(&connection)?;
    same_answers(&place.team, &mut hand, HARBOUR, PAGE)?;

    post(bench, name, synchronous, &place, &mut hand);
    // Both have posted the same, and to the last byte of each row wrote the same.
    assert_eq!(dump(&connect(desk_file, synchronous)?)?, dump(&connection)?);
    same_answers(&place.team, &mut hand, HARBOUR, PAGE)?;

    pages(bench, name, &place, &mut hand);
    polls(bench, name, &place, &mut hand)
}

fn post(
    bench: &mut Bench,
    name: &str,
    synchronous: Synchronous,
    place: &Place,
    hand: &mut ByHand<'_>,
) {
    let posted = [(); 2].map(|()| Cell::new(THREADS * EACH));
    let [ours, theirs] = &posted;
    let next = |count: &Cell<usize>| count.replace(count.get() + 1);
    let at_most = (synchronous == Synchronous::Full).then_some(1.5);
    bench.row(&format!("sqlite {name}, a post"), |row| {
        row.ours("the desk", at_most, each(|| block_on(place.post(next(ours)))))
            .obvious("SQL by hand", each(|| post_by_hand(hand, next(theirs))));
        hop(row);
    });
    // Who was slower posted less.
    let most = ours.get().max(theirs.get());
    (ours.get()..most).for_each(|number| _ = block_on(place.post(number)));
    (theirs.get()..most).for_each(|number| _ = post_by_hand(hand, number));
}

fn pages(bench: &mut Bench, name: &str, place: &Place, hand: &mut ByHand<'_>) {
    let first = PageRequest::first(PAGE);
    bench.row(&format!("sqlite {name}, an inbox page of 50"), |row| {
        row.ours("the desk", 2.0, each(|| block_on(place.team.inbox(&first)).unwrap()))
            .obvious("SQL by hand", each(|| hand.page(HARBOUR, 50).unwrap()));
        hop(row);
    });
    let round = || (0..THREADS).cycle().map(|thread| &place.bookings[thread]);
    let (mut ours, mut theirs) = (round(), round());
    let mut next = move || ours.next().expect("it goes round");
    let mut hand_next = move || theirs.next().expect("it goes round").as_str();
    bench.row(&format!("sqlite {name}, a history of 50"), |row| {
        let team = &place.team;
        row.ours("the desk", 2.0, each(|| block_on(team.history(next(), None, PAGE)).unwrap()))
            .obvious("SQL by hand", each(|| hand.history(HARBOUR, hand_next(), 50).unwrap()));
        hop(row);
    });
}

fn polls(bench: &mut Bench, name: &str, place: &Place, hand: &mut ByHand<'_>) -> Outcome {
    let first = PageRequest::first(PAGE);
    let before_last = block_on(place.team.inbox(&first))?.cursor;
    let revision = hand.poll(HARBOUR, 0)?.0;
    // Into a thread that both have, whoever posted how often before.
    let last = 1_000 * THREADS * EACH;
    block_on(place.post(last));
    post_by_hand(hand, last);
    let after_last = block_on(place.team.inbox(&first))?.cursor;
    for (what, cursor, revision, news) in
        [("nothing new", after_last, revision + 1, 0), ("one thread new", before_last, revision, 1)]
    {
        let ours = || updated(block_on(place.team.poll(&cursor, None)).unwrap());
        assert_eq!((ours().threads.len(), hand.poll(HARBOUR, revision)?.2.len()), (news, news));
        bench.row(&format!("sqlite {name}, a poll, {what}"), |row| {
            row.ours("the desk", 2.0, each(ours))
                .obvious("SQL by hand", each(|| hand.poll(HARBOUR, revision).unwrap()));
            hop(row);
        });
    }
    Ok(())
}

fn hop(row: &mut Row<'_>) {
    let hop = Hop::new();
    row.limit("a hop", each(move || hop.there_and_back()));
}

fn post_by_hand(hand: &mut ByHand<'_>, number: usize) -> i64 {
    let (thread, role) = content::whose(number, THREADS);
    let (author, booking) = (content::author(thread, role), content::booking_id(thread));
    let (key, text) = (content::key(number), content::text(number));
    let post = Post {
        location: HARBOUR,
        booking: &booking,
        role,
        author: &author,
        key: &key,
        text: &text,
        at: content::time(number),
    };
    hand.post(&post).expect("it can be posted")
}

fn updated(poll: OperatorPoll) -> OperatorUpdate {
    match poll {
        OperatorPoll::Update(update) => update,
        OperatorPoll::StartOver { .. } => panic!("nobody is that far behind"),
    }
}

/// Posts and polls a second, by one and by many at once.
fn rates(name: &str, synchronous: Synchronous, path: &Path, span: Duration) -> Outcome {
    let store = SqliteStore::builder().synchronous(synchronous).open(path)?;
    for at_once in [1, WRITERS] {
        let places: Vec<_> = (0..at_once)
            .map(|writer| Desk::new(store.clone()).place(&format!("{at_once}-{writer}"), THREADS))
            .collect();
        let begun = Instant::now();
        let posted = block_on(join_all(places.iter().map(async |place| {
            let mut posted = 0;
            while begun.elapsed() < span {
                place.post(posted).await;
                posted += 1;
            }
            posted
        })));
        let posts = a_second(&posted, begun.elapsed());

        let begun = Instant::now();
        let polled = block_on(join_all(places.iter().map(async |place| {
            let mut cursor = place.team.inbox(&PageRequest::first(PAGE)).await.unwrap().cursor;
            let mut polled = 0_usize;
            while begun.elapsed() < span {
                cursor = updated(place.team.poll(&cursor, None).await.unwrap()).cursor;
                polled += 1;
            }
            polled
        })));
        let polls = a_second(&polled, begun.elapsed());
        println!("{name}, {at_once:>2} at once: {posts:>6} posts, {polls:>6} polls a second");
    }
    Ok(())
}

fn a_second(counts: &[usize], took: Duration) -> u128 {
    counts.iter().sum::<usize>() as u128 * 1_000_000 / took.as_micros()
}
