//! What the store costs: the desk over [`SqliteStore`] next to the same SQL written
//! by hand. See the README beside it.

mod by_hand;
mod content;
mod contest;
mod million;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use frontdesk::desk::{OperatorPoll, OperatorUpdate, PageRequest};
use frontdesk::store::{SqliteStore, Synchronous};
use frontdesk::{BookingId, Role};
use futures::executor::block_on;
use futures::future::join_all;

use crate::by_hand::{ByHand, Post, connect, dump};
use crate::content::{HARBOUR, Place};
use crate::contest::Contest;

type Outcome = Result<(), Box<dyn Error>>;

/// The threads of the location, and how many messages each has at first.
const THREADS: usize = 400;
const EACH: usize = 60;
/// How many threads and messages a page has.
const PAGE: usize = 50;
/// How many write at once.
const WRITERS: usize = 16;

fn main() -> Outcome {
    // Without it Cargo only asks whether the bench runs.
    let whole = std::env::args().any(|argument| argument == "--bench");
    if std::env::args().any(|argument| argument == "million") {
        return million::run(if whole { 1_000_000 } else { 10_000 });
    }
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("made.sqlite");
    make(&made)?;
    let rounds = if whole { 100 } else { 2 };
    println!("what                      the desk    by hand   ratio   at most   a hop");
    for (name, synchronous) in [("FULL", Synchronous::Full), ("NORMAL", Synchronous::Normal)] {
        let files = ["desk", "hand"].map(|way| folder.path().join(format!("{way}-{name}")));
        for file in &files {
            fs::copy(&made, file)?;
        }
        compare(name, synchronous, &files, rounds)?;
    }
    println!();
    let span = Duration::from_millis(if whole { 3_000 } else { 20 });
    for (name, synchronous) in [("FULL", Synchronous::Full), ("NORMAL", Synchronous::Normal)] {
        rates(name, synchronous, &folder.path().join(format!("rates-{name}")), span)?;
    }
    Ok(())
}

/// Makes the file that all begin with.
fn make(path: &Path) -> Outcome {
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(path)?;
    let place = Place::new(store, HARBOUR, THREADS);
    for number in 0..THREADS * EACH {
        block_on(place.post(number));
    }
    Ok(())
}

fn compare(
    name: &str,
    synchronous: Synchronous,
    [desk_file, hand_file]: &[PathBuf; 2],
    rounds: u32,
) -> Outcome {
    let store = SqliteStore::builder().synchronous(synchronous).open(desk_file)?;
    let place = Place::new(store, HARBOUR, THREADS);
    let connection = connect(hand_file, synchronous)?;
    let mut hand = ByHand::new(&connection)?;
    same_answers(&place, &mut hand)?;

    // One by one, since a disk has its moods.
    let post = Contest::run(
        (20 * rounds, 1),
        |number| _ = block_on(place.post(THREADS * EACH + number as usize)),
        |number| _ = post_by_hand(&mut hand, THREADS * EACH + number as usize),
    );
    // Both have posted the same, and to the last byte of each row wrote the same.
    assert_eq!(dump(&connect(desk_file, synchronous)?)?, dump(&connection)?);
    same_answers(&place, &mut hand)?;

    let first = PageRequest::first(PAGE);
    let limit = i64::try_from(PAGE)?;
    let page = Contest::run(
        (rounds, 20),
        |_| assert_eq!(block_on(place.team.inbox(&first)).unwrap().threads.len(), PAGE),
        |_| assert_eq!(hand.page(HARBOUR, limit).unwrap().1.len(), PAGE + 1),
    );
    let bookings: Vec<_> =
        (0..THREADS).map(|thread| BookingId::new(content::booking_id(thread))).collect();
    let bookings = bookings.into_iter().collect::<Result<Vec<_>, _>>()?;
    let booking = |number: u32| &bookings[number as usize % THREADS];
    let history = Contest::run(
        (rounds, 20),
        |number| {
            let history = block_on(place.team.history(booking(number), None, PAGE));
            assert_eq!(history.unwrap().messages.len(), PAGE);
        },
        |number| {
            let history = hand.history(HARBOUR, booking(number).as_str(), limit);
            assert_eq!(history.unwrap().1.len(), PAGE);
        },
    );

    let before_last = block_on(place.team.inbox(&first))?.cursor;
    let revision = hand.poll(HARBOUR, 0)?.0;
    block_on(place.post(2 * THREADS * EACH));
    post_by_hand(&mut hand, 2 * THREADS * EACH);
    let after_last = block_on(place.team.inbox(&first))?.cursor;
    let polls = |cursor| updated(block_on(place.team.poll(cursor, None)).unwrap()).threads.len();
    let quiet = Contest::run(
        (rounds, 100),
        |_| assert_eq!(polls(&after_last), 0),
        |_| assert_eq!(hand.poll(HARBOUR, revision + 1).unwrap().2.len(), 0),
    );
    let news = Contest::run(
        (rounds, 100),
        |_| assert_eq!(polls(&before_last), 1),
        |_| assert_eq!(hand.poll(HARBOUR, revision).unwrap().2.len(), 1),
    );

    let at_most = if synchronous == Synchronous::Full { "1.5" } else { "-" };
    for (what, contest, at_most) in [
        ("post", post, at_most),
        ("inbox page of 50", page, "2"),
        ("history of 50", history, "2"),
        ("poll, nothing new", quiet, "2"),
        ("poll, one thread new", news, "2"),
    ] {
        let (desk, hand, ratio) = (micros(contest.desk), micros(contest.by_hand), contest.ratio());
        let (what, hop) = (format!("{name}, {what}"), micros(contest.hop));
        println!("{what:<28}{desk:>6.1} {hand:>7.1} µs {ratio:>7.2} {at_most:>7} {hop:>7.1}");
    }
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
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

/// Both files answer the same.
fn same_answers(place: &Place, hand: &mut ByHand<'_>) -> Outcome {
    let page = block_on(place.team.inbox(&PageRequest::first(PAGE)))?;
    let (unread, mut heads) = hand.page(HARBOUR, i64::try_from(PAGE)?)?;
    heads.truncate(PAGE);
    assert_eq!((page.unread.cast_signed(), page.threads.len()), (unread, heads.len()));
    for (thread, head) in page.threads.iter().zip(&heads) {
        let last = thread.last_message().map(|last| last.preview.as_str());
        assert_eq!((thread.id().booking.as_str(), last), (&*head.booking, head.preview.as_deref()));
        assert_eq!(i64::from(thread.last_number()), head.last_number);
        assert!(head.numbers.iter().flatten().count() > 10 && head.words[1].is_some());

        let history = block_on(place.team.history(&thread.id().booking, None, PAGE))?;
        let (_, rows) = hand.history(HARBOUR, &head.booking, i64::try_from(PAGE)?)?;
        assert_eq!(history.messages.len(), rows.len());
        for (message, row) in history.messages.iter().zip(rows) {
            let number = i64::from(message.number());
            assert_eq!((number, i64::from(message.ordinal())), (row.number, row.ordinal));
            assert_eq!(message.role() == Role::Operator, row.role == 1);
            assert_eq!((message.author().id.as_str(), None), (&*row.author, row.name));
            let sent_at = message.sent_at().unix_micros();
            assert_eq!((message.body().as_str(), sent_at), (&*row.body, row.sent_at));
        }
    }
    let (revision, _, _) = hand.poll(HARBOUR, 0)?;
    assert!(hand.poll(HARBOUR, revision)?.2.is_empty());
    assert!(updated(block_on(place.team.poll(&page.cursor, None))?).is_empty());
    Ok(())
}

/// Posts and polls a second, by one and by many at once.
fn rates(name: &str, synchronous: Synchronous, path: &Path, span: Duration) -> Outcome {
    let store = SqliteStore::builder().synchronous(synchronous).open(path)?;
    for at_once in [1, WRITERS] {
        let places: Vec<_> = (0..at_once)
            .map(|writer| Place::new(store.clone(), &format!("{at_once}-{writer}"), THREADS))
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
