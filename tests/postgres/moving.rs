//! A location that moves to another server, by the scripts of the page about it.

use std::fs;
use std::process::Stdio;

use frontdesk::desk::{OperatorPoll, PageRequest, PollCursor};
use frontdesk::store::{
    Changes, Direction, Filter, PostgresStore, Revision, StoreErrorKind, Stored, ThreadPage,
    ThreadStore,
};
use frontdesk::{DeskError, Draft, FrontDesk, Message, Role};
use futures::future::join;
use tempfile::TempDir;

use crate::postgres::cluster::psql;
use crate::postgres::{Cluster, Database};
use crate::stage::{WAITS, WHOLE, made, soon, store};
use crate::support::{booking, booking_id, key, place, thread_id, who};

const PAGE: &str = include_str!("../../docs/moving-a-location.md");

/// A name that would end a string.
const MOVING: &str = "o'hara's";

/// The scripts of the page, in its order.
#[derive(Clone, Copy)]
enum Script {
    Close,
    Copy,
    Arrive,
    Reopen,
    Forget,
}

impl Script {
    fn text(self) -> &'static str {
        let block = PAGE.split("```sql\n").nth(self as usize + 1).unwrap();
        block.split("```").next().unwrap()
    }
}

/// Runs a script as the owner of a database, in the folder of the copy, and says
/// whether it came to its end.
async fn run(
    script: Script,
    cluster: &Cluster,
    database: &Database,
    folder: &TempDir,
    set: &[&str],
) -> bool {
    let file = folder.path().join("script.sql");
    fs::write(&file, script.text()).unwrap();
    let (name, port) = (database.name(), cluster.port());
    let mut psql = psql();
    psql.args(["-v", &format!("location={MOVING}"), "-f"]).arg(file);
    psql.args(set.iter().flat_map(|set| ["-v", set]));
    psql.arg(format!("postgres://{name}:{name}@127.0.0.1:{port}/{name}"));
    psql.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    tokio::task::spawn_blocking(move || psql.status().unwrap().success()).await.unwrap()
}

/// Closes the location and copies it out.
async fn leave(cluster: &Cluster, database: &Database, folder: &TempDir) -> bool {
    run(Script::Close, cluster, database, folder, &[]).await
        && run(Script::Copy, cluster, database, folder, &[]).await
}

/// The text that a script leaves of what it counted.
fn counted(folder: &TempDir, file: &str) -> String {
    fs::read_to_string(folder.path().join(file)).unwrap()
}

/// All that a store answers about a location.
#[derive(Debug, PartialEq)]
struct Answers {
    inbox: ThreadPage,
    unread: ThreadPage,
    changes: Vec<Changes>,
    threads: Vec<Kept>,
}

/// A thread's head, its messages, and those that some keys find.
type Kept = (Option<Stored>, Vec<Message>, Vec<Option<Message>>);

async fn answers(store: &PostgresStore, location: &str) -> Answers {
    let list = async |filter| store.threads(&place(location), None, 100, filter).await.unwrap();
    let (inbox, unread) = (list(Filter::All).await, list(Filter::Unread).await);
    let (mut changes, mut threads) = (Vec::new(), Vec::new());
    // Closed, it has the highest revision.
    for since in 0..=i64::from(inbox.revision).min(40) {
        let since = Revision::try_from(since).unwrap();
        changes.push(store.changes(&place(location), since, 2).await.unwrap());
    }
    for booked in 0..6 {
        let id = thread_id(location, &format!("b-{booked}"));
        let messages = store.messages(&id, WHOLE, 100, Direction::OldestFirst).await.unwrap();
        let mut keyed = Vec::new();
        for (role, author) in [(Role::Customer, "c-1"), (Role::Operator, "u-1")] {
            for sent in 0..8 {
                let key = key(&format!("k-{sent}"));
                keyed.push(store.message_by_key(&id, role, &who(author), &key).await.unwrap());
            }
        }
        threads.push((store.thread(&id).await.unwrap(), messages, keyed));
    }
    Answers { inbox, unread, changes, threads }
}

fn said(text: &str, sent: u32) -> Draft {
    Draft::new(text).with_key(key(&format!("k-{sent}")))
}

async fn customer_says(desk: &FrontDesk, location: &str, booked: &str, draft: Draft) -> Outcome {
    let customer = desk.customer(place(location), booking(booked), who("c-1"), None);
    let sent = customer.send(draft).await?;
    Ok((sent.number().get(), sent.is_replayed()))
}

type Outcome = Result<(u32, bool), DeskError>;

/// Threads that are read, unread, marked unread, erased, begun anew and empty, with
/// everything in their texts that a copy could trip over. The cursor is of the middle.
async fn fill(store: &PostgresStore, location: &str) -> PollCursor {
    let desk = FrontDesk::new(store.clone());
    let team = desk.operator(place(location), who("u-1"), None);
    for (booked, text) in
        [("b-0", "tab\there\nnew\\line\\n"), ("b-1", "\\N"), ("b-2", "\\."), ("b-3", "é 🚣 \"'\"")]
    {
        for sent in 0..3 {
            customer_says(&desk, location, booked, said(text, sent)).await.unwrap();
        }
        team.reply(&booking_id(booked), said(&format!("You said {text}"), 3)).await.unwrap();
    }
    let cursor = team.inbox(&PageRequest::first(10)).await.unwrap().cursor;
    team.start(booking("b-4")).await.unwrap();
    for booked in ["b-1", "b-2"] {
        assert!(desk.location(place(location)).erase(&booking_id(booked)).await.unwrap());
    }
    customer_says(&desk, location, "b-2", said("again", 4)).await.unwrap();
    customer_says(&desk, location, "b-3", said("again", 4)).await.unwrap();
    let first = team.history(&booking_id("b-0"), None, 10).await.unwrap().messages[0].number();
    team.mark_unread(&booking_id("b-0"), first).await.unwrap();
    cursor
}

pub(crate) async fn all_of_a_location_moves_and_nothing_else(cluster: &Cluster) {
    for partitions in [None, Some(16)] {
        let (from, to) = (Database::on(cluster.admin()).await, Database::on(cluster.admin()).await);
        let source = store(&from.config()).await;
        let builder = PostgresStore::builder();
        let builder = partitions.map_or(builder.clone(), |count| builder.partitions(count));
        let target = made(builder, &to.config()).await;
        let cursor = fill(&source, MOVING).await;
        fill(&source, "beach").await;
        fill(&target, "pier").await;
        let moving = answers(&source, MOVING).await;
        let others = (answers(&source, "beach").await, answers(&target, "pier").await);
        assert_eq!(moving.inbox.threads.len(), 4, "b-1 is erased");

        let folder = tempfile::tempdir().unwrap();
        assert!(leave(cluster, &from, &folder).await);
        assert!(run(Script::Arrive, cluster, &to, &folder, &[]).await);
        assert_eq!(counted(&folder, "source.txt"), counted(&folder, "target.txt"));
        assert_eq!(answers(&target, MOVING).await, moving);

        // On the way, the source can be read.
        let desk = FrontDesk::new(source.clone());
        let late = customer_says(&desk, MOVING, "b-3", said("late", 5)).await;
        let Err(DeskError::Store(error)) = late else { panic!("{late:?}") };
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error:?}");
        let here = answers(&source, MOVING).await;
        assert_eq!((here.inbox.threads, here.threads), (moving.inbox.threads, moving.threads));

        assert!(run(Script::Forget, cluster, &from, &folder, &[]).await);
        for booked in ["b-3", "b-5"] {
            let forgotten = customer_says(&desk, MOVING, booked, said("late", 5)).await;
            assert!(matches!(forgotten, Err(DeskError::Store(_))), "{forgotten:?}");
        }
        let left = answers(&source, MOVING).await;
        assert!(left.threads.iter().all(|(head, messages, keyed)| {
            head.is_none() && messages.is_empty() && keyed.iter().all(Option::is_none)
        }));
        assert_eq!((answers(&source, "beach").await, answers(&target, "pier").await), others);

        goes_on(&target, &cursor, moving.inbox.revision).await;
        assert_eq!(answers(&target, "pier").await, others.1);
    }
}

/// Clients notice nothing of the move.
async fn goes_on(target: &PostgresStore, cursor: &PollCursor, revision: Revision) {
    let desk = FrontDesk::new(target.clone());
    let again = customer_says(&desk, MOVING, "b-3", said("again", 4)).await.unwrap();
    assert_eq!(again, (5, true));
    let team = desk.operator(place(MOVING), who("u-1"), None);
    let OperatorPoll::Update(update) = team.poll(cursor, None).await.unwrap() else {
        panic!("it started over")
    };
    let changed: Vec<_> =
        update.threads.iter().map(|thread| thread.id().booking.as_str()).collect();
    assert_eq!((changed, update.erased.len()), (vec!["b-4", "b-2", "b-3", "b-0"], 1));

    // The tombstone goes on as well.
    for (booked, number) in [("b-3", 6), ("b-1", 5), ("b-5", 1)] {
        let sent = customer_says(&desk, MOVING, booked, said("new", 6)).await.unwrap();
        assert_eq!(sent, (number, false), "{booked}");
    }
    let now = target.threads(&place(MOVING), None, 10, Filter::All).await.unwrap().revision;
    assert_eq!(i64::from(now), i64::from(revision) + 3);
}

pub(crate) async fn who_writes_while_it_is_copied_is_refused_and_writes_nothing(cluster: &Cluster) {
    let (from, to) = (Database::on(cluster.admin()).await, Database::on(cluster.admin()).await);
    let (source, target) = (store(&from.config()).await, store(&to.config()).await);
    fill(&source, MOVING).await;
    let moving = answers(&source, MOVING).await;
    let folder = tempfile::tempdir().unwrap();
    let (before, watching) = (from.connect().await, from.connect().await);
    // The script stands in line behind somebody who writes, and a message behind it.
    before.batch_execute("BEGIN; SELECT FROM frontdesk.location FOR UPDATE").await.unwrap();
    let desk = FrontDesk::new(source.clone());
    let message = async {
        soon(&watching, WAITS, 1).await;
        let sending = customer_says(&desk, MOVING, "b-3", said("late", 5));
        let releasing = async {
            soon(&watching, WAITS, 2).await;
            before.batch_execute("COMMIT").await.unwrap();
        };
        join(sending, releasing).await.0
    };
    let (left, late) = join(leave(cluster, &from, &folder), message).await;
    assert!(left);
    assert!(matches!(late, Err(DeskError::Store(_))), "{late:?}");

    assert!(run(Script::Arrive, cluster, &to, &folder, &[]).await);
    assert_eq!(answers(&target, MOVING).await, moving);
    assert_eq!(answers(&source, MOVING).await.threads, moving.threads);
    let desk = FrontDesk::new(target);
    let again = customer_says(&desk, MOVING, "b-3", said("late", 5)).await.unwrap();
    assert_eq!(again, (6, false));
}

pub(crate) async fn a_location_is_closed_once_and_copied_over_none(cluster: &Cluster) {
    let (from, to) = (Database::on(cluster.admin()).await, Database::on(cluster.admin()).await);
    let (source, target) = (store(&from.config()).await, store(&to.config()).await);
    let folder = tempfile::tempdir().unwrap();
    assert!(!leave(cluster, &from, &folder).await, "there is none");
    fill(&source, MOVING).await;
    assert!(leave(cluster, &from, &folder).await);
    let copied = counted(&folder, "location.copy");
    assert!(!leave(cluster, &from, &folder).await, "it is closed");
    assert_eq!(counted(&folder, "location.copy"), copied);

    let desk = FrontDesk::new(target.clone());
    customer_says(&desk, MOVING, "b-5", said("here before", 1)).await.unwrap();
    let there = answers(&target, MOVING).await;
    assert!(!run(Script::Arrive, cluster, &to, &folder, &[]).await);
    assert!(!run(Script::Forget, cluster, &to, &folder, &[]).await, "it is not closed there");
    assert_eq!(answers(&target, MOVING).await, there);
}

pub(crate) async fn a_location_can_stay_and_can_come_back(cluster: &Cluster) {
    let (from, to) = (Database::on(cluster.admin()).await, Database::on(cluster.admin()).await);
    let (source, target) = (store(&from.config()).await, store(&to.config()).await);
    fill(&source, MOVING).await;
    let moving = answers(&source, MOVING).await;
    let folder = tempfile::tempdir().unwrap();
    assert!(leave(cluster, &from, &folder).await);
    let revision = format!("revision={}", i64::from(moving.inbox.revision));
    assert!(run(Script::Reopen, cluster, &from, &folder, &[&revision]).await);
    assert_eq!(answers(&source, MOVING).await, moving);

    assert!(leave(cluster, &from, &folder).await);
    assert!(run(Script::Arrive, cluster, &to, &folder, &[]).await);
    assert!(run(Script::Forget, cluster, &from, &folder, &[]).await);
    let desk = FrontDesk::new(target.clone());
    customer_says(&desk, MOVING, "b-5", said("there", 1)).await.unwrap();
    let there = answers(&target, MOVING).await;
    assert!(leave(cluster, &to, &folder).await);
    assert!(run(Script::Arrive, cluster, &from, &folder, &[]).await);
    assert_eq!(answers(&source, MOVING).await, there);
}
