//! The storage contract as a program (section 4 of the design): each case is a
//! clause, an async function over a fresh store, and runs on every store here.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, MemoryStore, NewMessage, Revision, Stored,
    ThreadPage, ThreadState, ThreadStore,
};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, IdempotencyKey, LocationId, Message,
    MessageBody, MessageNumber, Participant, ProfileId, Role, Seen, Thread, ThreadId, Timestamp,
    Tombstone,
};
use futures::FutureExt;
use support::naive::NaiveStore;
use support::{at, booking, booking_id, customer, key, number, operator, place, thread_id};
use tokio::task::{JoinSet, yield_now};

/// One test a case and store.
macro_rules! contract {
    ($($case:ident,)+) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                super::$case(std::sync::Arc::new(super::MemoryStore::new())).await;
            })+
        }

        mod naive {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                super::$case(std::sync::Arc::new(super::NaiveStore::new())).await;
            })+
        }
    };
}

contract! {
    a_thread_is_created_once_under_many_racers,
    one_of_many_commits_from_the_same_revision_wins,
    a_conflict_writes_nothing_and_brings_what_is_stored,
    a_taken_key_wins_over_a_conflict_and_brings_its_message,
    a_commit_is_all_or_nothing_and_every_index_agrees_after_it,
    a_dropped_commit_has_happened_wholly_or_not_at_all,
    an_answer_is_one_snapshot_while_writers_run,
    a_read_begun_after_an_acknowledged_commit_sees_it,
    a_feed_never_misses_a_late_commit,
    a_feed_brings_each_thread_to_its_final_state,
    revisions_of_a_location_only_rise,
    history_gives_the_numbers_of_a_range_from_either_end,
    history_of_an_unknown_or_erased_thread_is_empty,
    inbox_is_newest_first_then_by_the_bytes_of_the_booking,
    inbox_pages_of_every_size_give_the_whole_inbox,
    inbox_pages_neither_skip_nor_repeat_while_threads_move,
    idle_since_gives_what_was_last_active_then_or_earlier,
    unread_counts_threads_with_an_unread_customer_message,
    keys_are_told_apart_by_thread_side_and_author,
    keys_are_compared_by_bytes,
    erasing_leaves_a_tombstone_and_nothing_else,
    an_erased_thread_starts_anew_from_the_next_number,
    locations_never_see_each_other,
    ids_are_compared_by_bytes,
    texts_come_back_byte_for_byte,
    times_come_back_to_the_microsecond,
    a_head_comes_back_whole,
    a_thread_changed_twice_is_one_change,
    changes_respect_the_limit_and_say_whether_there_is_more,
    changes_of_a_since_at_or_above_the_newest_are_none,
    an_unknown_location_answers_empty,
    an_arc_of_a_store_is_a_store,
}

type Shared = Arc<dyn ThreadStore>;

const HERE: &str = "here";
const ALL: usize = usize::MAX;
const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

// ---------------------------------------------------------------- commits

/// A thread without messages, in place of what is there.
fn starting(id: &ThreadId, found: Option<&Stored>, now: Timestamp) -> Commit {
    Commit::new(ThreadState::Live(thread_after(id, found, now)), found)
}

fn thread_after(id: &ThreadId, found: Option<&Stored>, now: Timestamp) -> Thread {
    let after = match found.map(|stored| &stored.state) {
        Some(ThreadState::Live(thread)) => return thread.clone(),
        Some(ThreadState::Erased(tombstone)) => tombstone.last,
        None => MessageNumber::START,
    };
    Thread::start(id.location.clone(), booking(id.booking.as_str()), now, after).unwrap()
}

/// A message, in a new thread where there is none.
#[track_caller]
fn saying(
    id: &ThreadId,
    found: Option<&Stored>,
    author: &Participant,
    text: &str,
    now: Timestamp,
) -> Commit {
    let body = MessageBody::with_limit(text, usize::MAX).unwrap();
    let thread = thread_after(id, found, now);
    let posted = thread.post(author.clone().into(), body, now, Seen::Everything).unwrap();
    Commit::new(ThreadState::Live(posted.thread), found).with_message(posted.message, None)
}

#[track_caller]
fn keyed(mut commit: Commit, key: &IdempotencyKey) -> Commit {
    commit.message.as_mut().unwrap().key = Some(key.clone());
    commit
}

#[track_caller]
fn erasing(found: Option<&Stored>) -> Commit {
    Commit::new(ThreadState::Erased(live(found).erase()), found)
}

#[track_caller]
fn said(commit: &Commit) -> Message {
    commit.message.as_ref().unwrap().message.clone()
}

// ---------------------------------------------------------------- answers

#[track_caller]
fn committed(outcome: CommitOutcome) -> Revision {
    match outcome {
        CommitOutcome::Committed(revision) => revision,
        other => panic!("it was not committed but {other:?}"),
    }
}

#[track_caller]
fn live(found: Option<&Stored>) -> &Thread {
    found.and_then(|stored| stored.state.live()).expect("a live thread")
}

#[track_caller]
fn assert_same<T: PartialEq + Debug>(found: &T, expected: &T, what: &str) {
    assert!(found == expected, "{what}:\n found    {found:?}\n expected {expected:?}");
}

fn bookings(threads: &[Thread]) -> Vec<&str> {
    threads.iter().map(|thread| thread.id().booking.as_str()).collect()
}

fn numbers(messages: &[Message]) -> Vec<u32> {
    messages.iter().map(|message| message.number().get()).collect()
}

async fn history(store: &Shared, id: &ThreadId) -> Vec<Message> {
    store.messages(id, WHOLE, ALL, Direction::OldestFirst).await.unwrap()
}

async fn by_key(
    store: &Shared,
    id: &ThreadId,
    author: &Participant,
    key: &IdempotencyKey,
) -> Option<Message> {
    store.message_by_key(id, author.role, &author.id, key).await.unwrap()
}

/// All that a location answers, and what is stored of some of its threads.
#[derive(Debug, PartialEq)]
struct Picture {
    changes: Changes,
    inbox: ThreadPage,
    unread: ThreadPage,
    threads: Vec<(Option<Stored>, Vec<Message>)>,
}

async fn picture(store: &Shared, location: &LocationId, ids: &[&ThreadId]) -> Picture {
    let mut threads = Vec::new();
    for id in ids {
        threads.push((store.thread(id).await.unwrap(), history(store, id).await));
    }
    Picture {
        changes: store.changes(location, Revision::ZERO, ALL).await.unwrap(),
        inbox: store.threads(location, None, ALL, Filter::All).await.unwrap(),
        unread: store.threads(location, None, ALL, Filter::Unread).await.unwrap(),
        threads,
    }
}

// ---------------------------------------------------------------- writers

/// Reads, makes a commit and commits it, until nobody else was faster.
async fn write(
    store: &Shared,
    id: &ThreadId,
    next: impl Fn(Option<&Stored>) -> Option<Commit>,
) -> Option<(Revision, Commit)> {
    let mut found = store.thread(id).await.unwrap();
    for _ in 0..10_000 {
        let commit = next(found.as_ref())?;
        match store.commit(commit.clone()).await.unwrap() {
            CommitOutcome::Committed(revision) => return Some((revision, commit)),
            CommitOutcome::Conflict(current) => found = current,
            CommitOutcome::KeyTaken(message) => panic!("no key was given: {message:?}"),
        }
    }
    panic!("a commit from what a conflict brought never went through");
}

/// One location's only writer, and what must be stored there after each commit.
struct Ledger {
    store: Shared,
    location: LocationId,
    newest: Revision,
    heads: BTreeMap<BookingId, Stored>,
    messages: Vec<(BookingId, Message, Option<IdempotencyKey>)>,
}

impl Ledger {
    #[track_caller]
    fn new(store: &Shared, location: &str) -> Self {
        Self {
            store: Arc::clone(store),
            location: place(location),
            newest: Revision::ZERO,
            heads: BTreeMap::new(),
            messages: Vec::new(),
        }
    }

    #[track_caller]
    fn id(&self, booking: &str) -> ThreadId {
        ThreadId::new(self.location.clone(), booking_id(booking))
    }

    fn found(&self, booking: &str) -> Option<&Stored> {
        self.heads.get(booking)
    }

    #[track_caller]
    fn thread(&self, booking: &str) -> &Thread {
        live(self.found(booking))
    }

    async fn commit(&mut self, commit: Commit) -> Revision {
        let Commit { next, message, .. } = commit.clone();
        let revision = committed(self.store.commit(commit).await.unwrap());
        assert!(revision > self.newest, "{revision:?} came after {:?}", self.newest);
        let booking = next.id().booking.clone();
        if next.live().is_none() {
            self.messages.retain(|(of, ..)| *of != booking);
        }
        if let Some(NewMessage { message, key, .. }) = message {
            self.messages.push((booking.clone(), message, key));
        }
        self.heads.insert(booking, Stored { revision, state: next });
        self.newest = revision;
        revision
    }

    async fn start(&mut self, booking: &str, seconds: i64) -> Revision {
        let commit = starting(&self.id(booking), self.found(booking), at(seconds));
        self.commit(commit).await
    }

    async fn say(&mut self, booking: &str, author: &Participant, seconds: i64) -> Message {
        let id = self.id(booking);
        let commit = saying(&id, self.found(booking), author, "Can we come by bike?", at(seconds));
        let message = said(&commit);
        self.commit(commit).await;
        message
    }

    async fn say_with(
        &mut self,
        booking: &str,
        author: &Participant,
        text: &str,
        key: &IdempotencyKey,
    ) -> Message {
        let commit = saying(&self.id(booking), self.found(booking), author, text, at(0));
        let message = said(&commit);
        self.commit(keyed(commit, key)).await;
        message
    }

    async fn change(&mut self, booking: &str, change: impl Fn(&Thread) -> Option<Thread>) {
        let found = self.found(booking);
        let next = change(live(found)).expect("something to change");
        let commit = Commit::new(ThreadState::Live(next), found);
        self.commit(commit).await;
    }

    /// Marks everything as read for a side.
    async fn read(&mut self, booking: &str, reader: Role) {
        let messages = history(&self.store, &self.id(booking)).await;
        let last = messages.last().expect("a message to read");
        self.change(booking, |thread| thread.mark_read(reader, last, at(0))).await;
    }

    async fn erase(&mut self, booking: &str) -> Revision {
        let commit = erasing(self.found(booking));
        self.commit(commit).await
    }

    /// Whether every way of asking gives what was committed.
    async fn check(&self) {
        let (store, location) = (&self.store, &self.location);
        let mut changed: Vec<Stored> = self.heads.values().cloned().collect();
        changed.sort_by_key(|stored| stored.revision);
        let mut threads: Vec<Thread> =
            changed.iter().filter_map(|stored| stored.state.live().cloned()).collect();
        threads.sort_by(|a, b| {
            let key = |thread: &Thread| thread.id().booking.as_str().as_bytes().to_vec();
            b.active_at().cmp(&a.active_at()).then(key(a).cmp(&key(b)))
        });
        let mut awaiting = threads.clone();
        awaiting.retain(|thread| self.unread_in(thread) > 0);
        let (unread, revision) = (awaiting.len() as u64, self.newest);

        let found = store.changes(location, Revision::ZERO, ALL).await.unwrap();
        assert_same(&found, &Changes { changed, more: false, unread, revision }, "the feed");
        let found = store.threads(location, None, ALL, Filter::All).await.unwrap();
        assert_same(&found, &ThreadPage { threads, unread, revision }, "the inbox");
        let found = store.threads(location, None, ALL, Filter::Unread).await.unwrap();
        let expected = ThreadPage { threads: awaiting, unread, revision };
        assert_same(&found, &expected, "the unread threads");

        for (booking, head) in &self.heads {
            let id = ThreadId::new(location.clone(), booking.clone());
            assert_same(&store.thread(&id).await.unwrap(), &Some(head.clone()), "the head");
            let of_thread = self.messages.iter().filter(|(of, ..)| of == booking);
            let messages: Vec<Message> = of_thread.map(|(_, message, _)| message.clone()).collect();
            assert_same(&history(store, &id).await, &messages, "the history");
        }
        for (booking, message, key) in &self.messages {
            let Some(key) = key else { continue };
            let id = ThreadId::new(location.clone(), booking.clone());
            let found = by_key(store, &id, message.author(), key).await;
            assert_same(&found, &Some(message.clone()), "the message of a key");
        }
    }

    /// The customers' messages after the operators' mark, counted one by one.
    fn unread_in(&self, thread: &Thread) -> usize {
        let mark = thread.mark(Role::Operator).number();
        let of_thread = self.messages.iter().filter(|(of, ..)| *of == thread.id().booking);
        of_thread
            .filter(|(_, message, _)| message.role() == Role::Customer && message.number() > mark)
            .count()
    }
}

async fn join<T: 'static>(mut tasks: JoinSet<T>) -> Vec<T> {
    let mut done = Vec::new();
    while let Some(task) = tasks.join_next().await {
        done.push(task.expect("a task of the test failed"));
    }
    done
}

/// Runs `read` over and over on two tasks until `writers` are done, and once
/// more after that.
async fn while_writing<F: Future<Output = ()> + Send>(
    writers: JoinSet<()>,
    read: impl Fn() -> F + Clone + Send + 'static,
) {
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for _ in 0..2 {
        let (done, read) = (Arc::clone(&done), read.clone());
        readers.spawn(async move {
            loop {
                let last = done.load(SeqCst);
                read().await;
                if last {
                    return;
                }
                yield_now().await;
            }
        });
    }
    join(writers).await;
    done.store(true, SeqCst);
    join(readers).await;
}

// ---------------------------------------------------------------- commit

/// I2: however many open a thread at once, it is created once.
async fn a_thread_is_created_once_under_many_racers(store: Shared) {
    let id = thread_id(HERE, "b-1");
    let mut racers = JoinSet::new();
    for racer in 0..50 {
        let (store, id) = (Arc::clone(&store), id.clone());
        racers.spawn(async move {
            let commit = saying(&id, None, &customer(&format!("c-{racer}")), "Hello!", at(racer));
            (store.commit(commit.clone()).await.unwrap(), commit)
        });
    }
    let outcomes = join(racers).await;
    let stored = store.thread(&id).await.unwrap().unwrap();
    let mut winners = Vec::new();
    for (outcome, commit) in outcomes {
        match outcome {
            CommitOutcome::Committed(revision) => winners.push((revision, commit)),
            conflict => {
                assert_same(&conflict, &CommitOutcome::Conflict(Some(stored.clone())), "a loser");
            }
        }
    }
    let [(revision, winner)] = winners.as_slice() else { panic!("{} won", winners.len()) };
    assert_same(
        &stored,
        &Stored { revision: *revision, state: winner.next.clone() },
        "what is stored",
    );
    assert_same(&history(&store, &id).await, &vec![said(winner)], "the messages");
    let feed = store.changes(&id.location, Revision::ZERO, ALL).await.unwrap();
    assert_same(&feed.changed, &vec![stored], "the feed");
}

/// Of the commits computed from one revision, one is written.
async fn one_of_many_commits_from_the_same_revision_wins(store: Shared) {
    let id = thread_id(HERE, "b-1");
    committed(store.commit(starting(&id, None, at(0))).await.unwrap());
    for round in 1..=10 {
        let found = store.thread(&id).await.unwrap();
        let mut racers = JoinSet::new();
        for racer in 0..20 {
            let author = customer(&format!("c-{racer}"));
            let commit = saying(&id, found.as_ref(), &author, "Hello!", at(0));
            let store = Arc::clone(&store);
            racers.spawn(async move { store.commit(commit).await.unwrap() });
        }
        let outcomes = join(racers).await;
        let won = outcomes.iter().filter(|one| matches!(one, CommitOutcome::Committed(_))).count();
        assert_eq!(won, 1, "winners of round {round}");
        let history = history(&store, &id).await;
        assert_eq!(numbers(&history), (1..=round).collect::<Vec<_>>());
    }
}

/// Nothing is written on a conflict, and the caller gets what is stored instead.
async fn a_conflict_writes_nothing_and_brings_what_is_stored(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let (talk, gone, new) = (ledger.id("talk"), ledger.id("gone"), ledger.id("new"));
    let ann = customer("c-1");
    ledger.say("talk", &ann, 0).await;
    let older = ledger.found("talk").cloned();
    ledger.say("talk", &ann, 1).await;
    let newer = ledger.found("talk").cloned();
    ledger.say("gone", &ann, 2).await;
    let before_erasure = ledger.found("gone").cloned();
    ledger.erase("gone").await;
    let tombstone = ledger.found("gone").cloned();

    let ids = [&talk, &gone, &new];
    let before = picture(&store, &ledger.location, &ids).await;
    let mut ahead = newer.clone().unwrap();
    ahead.revision = Revision::MAX;
    let state = ThreadState::Live(thread_after(&new, None, at(0)));
    let nowhere = Stored { revision: ahead.revision, state };
    let from_elsewhere = [
        ("never seen, but there", saying(&talk, None, &ann, "x", at(9)), &newer),
        ("an older one", saying(&talk, older.as_ref(), &ann, "x", at(9)), &newer),
        ("one that is not taken yet", saying(&talk, Some(&ahead), &ann, "x", at(9)), &newer),
        ("erasing from an older one", erasing(older.as_ref()), &newer),
        ("starting what is there", starting(&talk, None, at(9)), &newer),
        ("erased since", saying(&gone, before_erasure.as_ref(), &ann, "x", at(9)), &tombstone),
        ("erased, as if never used", saying(&gone, None, &ann, "x", at(9)), &tombstone),
        ("never used, as if it was", saying(&new, Some(&nowhere), &ann, "x", at(9)), &None),
    ];
    for (which, commit, stored) in from_elsewhere {
        for commit in [commit.clone(), with_key_if_any(commit, "k-1")] {
            let outcome = store.commit(commit).await.unwrap();
            assert_same(&outcome, &CommitOutcome::Conflict(stored.clone()), which);
            assert_same(&picture(&store, &ledger.location, &ids).await, &before, which);
        }
    }
    for id in ids {
        assert_eq!(by_key(&store, id, &ann, &key("k-1")).await, None, "a key of nothing written");
    }
    ledger.check().await;
}

fn with_key_if_any(commit: Commit, text: &str) -> Commit {
    if commit.message.is_some() { keyed(commit, &key(text)) } else { commit }
}

/// I4: a used key is answered with its message whatever revision the retry was
/// computed from, and nothing is written.
async fn a_taken_key_wins_over_a_conflict_and_brings_its_message(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let id = ledger.id("b-1");
    let (ann, once) = (customer("c-1"), key("once"));
    ledger.start("b-1", 0).await;
    let empty = ledger.found("b-1").cloned();
    let first = ledger.say_with("b-1", &ann, "Hello!", &once).await;
    let after_first = ledger.found("b-1").cloned();
    ledger.say("b-1", &operator("u-1"), 2).await;
    let current = ledger.found("b-1").cloned();

    let before = picture(&store, &id.location, &[&id]).await;
    let from = [
        ("none", None),
        ("the one before", empty),
        ("its own", after_first),
        ("the current one", current),
    ];
    for (which, found) in from {
        for text in ["Hello!", "Something else"] {
            let commit = keyed(saying(&id, found.as_ref(), &ann, text, at(9)), &once);
            let outcome = store.commit(commit).await.unwrap();
            assert_same(&outcome, &CommitOutcome::KeyTaken(first.clone()), which);
            assert_same(&picture(&store, &id.location, &[&id]).await, &before, which);
        }
    }
    ledger.check().await;
}

/// After each commit, every way of asking gives the same state.
async fn a_commit_is_all_or_nothing_and_every_index_agrees_after_it(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let (ann, bob, team) = (customer("c-1"), customer("c-2"), operator("u-1"));
    ledger.check().await;
    ledger.start("b-1", 10).await;
    ledger.check().await;
    ledger.say("b-2", &ann, 20).await;
    ledger.check().await;
    ledger.say_with("b-1", &ann, "One", &key("k-1")).await;
    ledger.check().await;
    ledger.say("b-1", &bob, 30).await;
    ledger.check().await;
    ledger.read("b-1", Role::Operator).await;
    ledger.check().await;
    let first = ledger.say_with("b-1", &team, "Two", &key("k-1")).await;
    ledger.check().await;
    ledger.read("b-1", Role::Customer).await;
    ledger.check().await;
    ledger.change("b-1", |thread| thread.mark_unread(Role::Customer, &first, at(31))).await;
    ledger.check().await;
    let cancelled = booking("b-2").with_status(BookingStatus::Cancelled);
    ledger.change("b-2", |thread| thread.rebook(&cancelled)).await;
    ledger.check().await;
    ledger.say("b-1", &bob, 40).await;
    ledger.check().await;
    ledger.erase("b-1").await;
    ledger.check().await;
    ledger.start("b-1", 50).await;
    ledger.check().await;
    ledger.say_with("b-1", &team, "Three", &key("k-1")).await;
    ledger.check().await;
    ledger.erase("b-2").await;
    ledger.check().await;
}

/// A commit whose future was dropped has happened wholly or not at all.
async fn a_dropped_commit_has_happened_wholly_or_not_at_all(store: Shared) {
    let (id, ann) = (thread_id(HERE, "b-1"), customer("c-1"));
    let mut expected = Vec::new();
    for round in 1..=20 {
        let found = store.thread(&id).await.unwrap();
        let once = key(&format!("k-{round}"));
        let commit = keyed(saying(&id, found.as_ref(), &ann, "Hello!", at(round)), &once);
        let message = said(&commit);
        let future = store.commit(commit.clone());
        if round % 2 == 0 {
            // Begun, and dropped at its first await.
            drop(future.now_or_never());
        } else {
            drop(future);
        }

        let stored = store.thread(&id).await.unwrap();
        let happened = stored != found;
        if happened {
            assert_same(&live(stored.as_ref()), &commit.next.live().unwrap(), "the head");
            expected.push(message.clone());
        }
        assert_same(&history(&store, &id).await, &expected, "the history");
        let by_key = by_key(&store, &id, &ann, &once).await;
        assert_same(&by_key, &happened.then_some(message), "the message of its key");
        let feed = store.changes(&id.location, Revision::ZERO, ALL).await.unwrap();
        assert_same(&feed.changed, &stored.into_iter().collect(), "the feed");
    }
}

// ---------------------------------------------------------------- many at once

/// A commit that was acknowledged.
#[derive(Clone)]
struct Logged {
    revision: Revision,
    commit: Commit,
}

/// Everything that was committed, from which any moment can be told again.
#[derive(Default, Clone)]
struct Log(Arc<Mutex<Vec<Logged>>>);

impl Log {
    fn add(&self, revision: Revision, commit: Commit) {
        self.0.lock().unwrap().push(Logged { revision, commit });
    }

    fn in_order(&self) -> Vec<Logged> {
        let mut log = self.0.lock().unwrap().clone();
        log.sort_by_key(|logged| logged.revision);
        log
    }
}

/// The heads as of a revision.
fn as_of(log: &[Logged], revision: Revision) -> Vec<Stored> {
    let mut heads: BTreeMap<&ThreadId, Stored> = BTreeMap::new();
    for logged in log.iter().take_while(|logged| logged.revision <= revision) {
        let stored = Stored { revision: logged.revision, state: logged.commit.next.clone() };
        heads.insert(logged.commit.id(), stored);
    }
    let mut heads: Vec<Stored> = heads.into_values().collect();
    heads.sort_by_key(|stored| stored.revision);
    heads
}

fn awaiting(heads: &[Stored]) -> u64 {
    let threads = heads.iter().filter_map(|stored| stored.state.live());
    threads.filter(|thread| thread.awaits_operator()).count() as u64
}

/// Four tasks that write into five threads, erase and start anew.
fn busy_writers(store: &Shared, log: &Log) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let (store, log) = (Arc::clone(store), log.clone());
        writers.spawn(async move {
            for step in 0..40 {
                let id = thread_id(HERE, &format!("b-{}", (writer + step) % 5));
                let author = if step % 3 == 0 { operator("u-1") } else { customer("c-1") };
                let written = write(&store, &id, |found| {
                    let erased = (writer + step) % 11 == 0 && found?.state.live().is_some();
                    Some(if erased {
                        erasing(found)
                    } else {
                        saying(&id, found, &author, &format!("{writer}, {step}"), at(step))
                    })
                });
                if let Some((revision, commit)) = written.await {
                    log.add(revision, commit);
                }
                yield_now().await;
            }
        });
    }
    writers
}

/// Each answer is as of one moment: that of the revision it names.
async fn an_answer_is_one_snapshot_while_writers_run(store: Shared) {
    #[derive(Default)]
    struct Observed {
        inboxes: Vec<(Filter, ThreadPage)>,
        feeds: Vec<(Revision, Changes)>,
        histories: Vec<(ThreadId, Vec<Message>)>,
    }
    let (log, observed) = (Log::default(), Arc::new(Mutex::new(Observed::default())));
    let writers = busy_writers(&store, &log);
    let (reading, seen) = (Arc::clone(&store), Arc::clone(&observed));
    while_writing(writers, move || {
        let (store, seen) = (Arc::clone(&reading), Arc::clone(&seen));
        async move {
            let here = place(HERE);
            for filter in [Filter::All, Filter::Unread] {
                let page = store.threads(&here, None, ALL, filter).await.unwrap();
                seen.lock().unwrap().inboxes.push((filter, page));
            }
            let newest = seen.lock().unwrap().inboxes.last().unwrap().1.revision;
            for since in [Revision::ZERO, newest, newest.previous().previous()] {
                let feed = store.changes(&here, since, ALL).await.unwrap();
                seen.lock().unwrap().feeds.push((since, feed));
            }
            let id = thread_id(HERE, "b-1");
            let messages = history(&store, &id).await;
            seen.lock().unwrap().histories.push((id, messages));
        }
    })
    .await;

    let log = log.in_order();
    let observed = std::mem::take(&mut *observed.lock().unwrap());
    for (filter, page) in observed.inboxes {
        let heads = as_of(&log, page.revision);
        let mut threads: Vec<Thread> =
            heads.iter().filter_map(|stored| stored.state.live().cloned()).collect();
        threads.retain(|thread| filter == Filter::All || thread.awaits_operator());
        frontdesk::inbox::sort(&mut threads);
        let (unread, revision) = (awaiting(&heads), page.revision);
        assert_same(&page, &ThreadPage { threads, unread, revision }, "a page");
    }
    for (since, feed) in observed.feeds {
        let heads = as_of(&log, feed.revision);
        let (unread, revision) = (awaiting(&heads), feed.revision);
        let changed = heads.into_iter().filter(|stored| stored.revision > since).collect();
        assert_same(&feed, &Changes { changed, more: false, unread, revision }, "a feed");
    }
    let mut moments: Vec<Vec<Message>> = vec![Vec::new()];
    for logged in log.iter().filter(|logged| logged.commit.id().booking.as_str() == "b-1") {
        let mut now = moments.last().cloned().unwrap_or_default();
        match &logged.commit.message {
            Some(new) => now.push(new.message.clone()),
            None => now.clear(),
        }
        moments.push(now);
    }
    for (id, messages) in observed.histories {
        assert!(moments.contains(&messages), "{id} never had just {:?}", numbers(&messages));
    }
}

/// Freshness: whoever asks after a commit was acknowledged sees it.
async fn a_read_begun_after_an_acknowledged_commit_sees_it(store: Shared) {
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let author = customer(&format!("c-{writer}"));
            for step in 0..15 {
                let id = thread_id(HERE, &format!("b-{}", step % 3));
                let once = key(&format!("k-{step}"));
                let (revision, commit) = write(&store, &id, |found| {
                    Some(keyed(saying(&id, found, &author, "Hello!", at(step)), &once))
                })
                .await
                .unwrap();
                let (store, author) = (Arc::clone(&store), author.clone());
                tokio::spawn(async move { sees(&store, &author, &once, revision, &commit).await })
                    .await
                    .unwrap();
            }
        });
    }
    join(writers).await;
}

/// Whether every method sees a commit.
async fn sees(
    store: &Shared,
    author: &Participant,
    key: &IdempotencyKey,
    revision: Revision,
    commit: &Commit,
) {
    let (id, message) = (commit.id(), said(commit));
    let is_there = |thread: &Thread| thread.id() == id && thread.has_message(message.number());
    let stored = store.thread(id).await.unwrap().expect("the thread");
    assert!(stored.revision >= revision && is_there(live(Some(&stored))), "thread");
    assert!(history(store, id).await.contains(&message), "messages");
    assert_eq!(by_key(store, id, author, key).await.as_ref(), Some(&message), "message_by_key");
    let page = store.threads(&id.location, None, ALL, Filter::All).await.unwrap();
    assert!(page.revision >= revision && page.threads.iter().any(is_there), "threads");
    let since = revision.previous();
    let feed = store.changes(&id.location, since, ALL).await.unwrap();
    let changed = feed.changed.iter().any(|stored| stored.state.live().is_some_and(is_there));
    assert!(feed.revision >= revision && changed, "changes");
}

/// A poller, as a dashboard is one.
struct Poller {
    since: Revision,
    limit: usize,
    seen: Vec<Revision>,
    latest: BTreeMap<ThreadId, Stored>,
}

impl Poller {
    fn new(limit: usize) -> Self {
        Self { since: Revision::ZERO, limit, seen: Vec::new(), latest: BTreeMap::new() }
    }

    async fn poll(&mut self, store: &Shared) -> bool {
        let feed = store.changes(&place(HERE), self.since, self.limit).await.unwrap();
        assert!(feed.changed.len() <= self.limit, "more than the limit");
        for stored in &feed.changed {
            let newest = self.seen.last().copied().unwrap_or(self.since).max(self.since);
            assert!(stored.revision > newest, "{:?} after {newest:?}", stored.revision);
            assert!(stored.revision <= feed.revision, "a change after the newest revision");
            self.seen.push(stored.revision);
            self.latest.insert(stored.state.id().clone(), stored.clone());
        }
        self.since = match feed.changed.last() {
            Some(last) if feed.more => last.revision,
            _ => feed.revision,
        };
        !feed.changed.is_empty()
    }
}

/// Polls from several tasks with several limits while `writers` run, to the end.
async fn poll_while(store: &Shared, writers: JoinSet<()>) -> Vec<Poller> {
    let done = Arc::new(AtomicBool::new(false));
    let mut pollers = JoinSet::new();
    for limit in [1, 3, 1_000] {
        let (store, done) = (Arc::clone(store), Arc::clone(&done));
        pollers.spawn(async move {
            let mut poller = Poller::new(limit);
            loop {
                let last = done.load(SeqCst);
                if !poller.poll(&store).await && last {
                    return poller;
                }
                yield_now().await;
            }
        });
    }
    join(writers).await;
    done.store(true, SeqCst);
    join(pollers).await
}

/// P1: nothing at or below a revision that was seen appears later, so that who
/// polls from there gets every commit once. Each commit is of a thread of its
/// own, so that none stands in for another.
async fn a_feed_never_misses_a_late_commit(store: Shared) {
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let mut writers = JoinSet::new();
    for writer in 0..6 {
        let (store, acknowledged) = (Arc::clone(&store), Arc::clone(&acknowledged));
        writers.spawn(async move {
            for step in 0..40 {
                let id = thread_id(HERE, &format!("b-{writer}-{step}"));
                let commit = saying(&id, None, &customer("c-1"), "Hello!", at(step));
                let revision = committed(store.commit(commit).await.unwrap());
                assert!(acknowledged.lock().unwrap().insert(revision), "{revision:?} came twice");
                yield_now().await;
            }
        });
    }
    let pollers = poll_while(&store, writers).await;
    let acknowledged: Vec<Revision> = acknowledged.lock().unwrap().iter().copied().collect();
    assert_eq!(acknowledged.len(), 240);
    for poller in pollers {
        assert_same(&poller.seen, &acknowledged, "the revisions that were polled");
    }
}

/// P1: the union of polls is the final state, with erasures and new starts.
async fn a_feed_brings_each_thread_to_its_final_state(store: Shared) {
    let log = Log::default();
    let writers = busy_writers(&store, &log);
    let pollers = poll_while(&store, writers).await;
    let log = log.in_order();
    let last = log.last().map_or(Revision::ZERO, |logged| logged.revision);
    let heads = as_of(&log, last);
    for poller in pollers {
        let mut polled: Vec<Stored> = poller.latest.into_values().collect();
        polled.sort_by_key(|stored| stored.revision);
        assert_same(&polled, &heads, "what was polled");
        assert_eq!(poller.since, last);
    }
}

/// P1: each commit takes a revision above all that were taken before, also over
/// an erasure.
async fn revisions_of_a_location_only_rise(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let ann = customer("c-1");
    for step in 0..5 {
        // The ledger asserts it.
        ledger.start("b-1", step).await;
        ledger.say("b-2", &ann, step).await;
        ledger.erase("b-1").await;
        assert!(ledger.newest <= Revision::MAX);
    }
}

// ---------------------------------------------------------------- history

/// Both ends of a range are included, at every edge, from either direction, and
/// the limit counts from where the direction starts.
async fn history_gives_the_numbers_of_a_range_from_either_end(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    for step in 0..4 {
        ledger.say("b-1", &customer("c-1"), step).await;
    }
    ledger.erase("b-1").await;
    // The second life has 5 to 10.
    for step in 4..10 {
        let author = if step % 2 == 0 { customer("c-1") } else { operator("u-1") };
        ledger.say("b-1", &author, step).await;
    }
    let id = ledger.id("b-1");
    let ends: Vec<MessageNumber> = (0..=12).map(number).chain([MessageNumber::MAX]).collect();
    for &from in &ends {
        for &to in &ends {
            for limit in [0, 1, 2, 5, 6, 7, ALL] {
                for direction in [Direction::OldestFirst, Direction::NewestFirst] {
                    let mut expected: Vec<u32> = (5..=10)
                        .filter(|&message| from.get() <= message && message <= to.get())
                        .collect();
                    if direction == Direction::NewestFirst {
                        expected.reverse();
                    }
                    expected.truncate(limit);
                    let found = store.messages(&id, from..=to, limit, direction).await.unwrap();
                    let what = format!("{limit} of {from} to {to}, {direction:?}");
                    assert_same(&numbers(&found), &expected, &what);
                }
            }
        }
    }
}

/// An unknown thread, an erased one and one without messages have no history.
async fn history_of_an_unknown_or_erased_thread_is_empty(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    ledger.say("gone", &customer("c-1"), 0).await;
    ledger.erase("gone").await;
    ledger.start("silent", 1).await;
    for booking in ["gone", "silent", "unknown"] {
        assert_eq!(history(&store, &ledger.id(booking)).await, [], "{booking}");
    }
}

// ---------------------------------------------------------------- inbox

/// Bookings whose order is not the same by bytes, by UTF-16, by letter case and
/// by number, all last active at one of three times.
async fn a_mixed_inbox(store: &Shared) -> Ledger {
    let mut ledger = Ledger::new(store, HERE);
    let ids = [
        "b-10", "b-2", "B-2", "a", "A", "_", "~", "é", "e\u{301}", "z", "ß", "ss", "\u{FF5E}",
        "😀", "b", "b-", "0", "00", "İ", "i",
    ];
    for (place, id) in ids.into_iter().enumerate() {
        let seconds = [20, 10, 30][place % 3];
        if place % 2 == 0 {
            ledger.start(id, seconds).await;
        } else {
            // Created at one time, active at another.
            ledger.start(id, 0).await;
            let author = if place % 4 == 1 { customer("c-1") } else { operator("u-1") };
            ledger.say(id, &author, seconds).await;
        }
    }
    ledger
}

/// L1: newest first, then by booking id in bytes.
async fn inbox_is_newest_first_then_by_the_bytes_of_the_booking(store: Shared) {
    let ledger = a_mixed_inbox(&store).await;
    let mut expected: Vec<(Timestamp, &str)> = ledger
        .heads
        .values()
        .map(|stored| live(Some(stored)))
        .map(|thread| (thread.active_at(), thread.id().booking.as_str()))
        .collect();
    expected.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.as_bytes().cmp(b.1.as_bytes())));
    let page = store.threads(&place(HERE), None, ALL, Filter::All).await.unwrap();
    let found: Vec<(Timestamp, &str)> = page
        .threads
        .iter()
        .map(|thread| (thread.active_at(), thread.id().booking.as_str()))
        .collect();
    assert_same(&found, &expected, "the inbox");
}

/// L2: pages of every size, of all threads and of the unread ones, joined, are
/// the whole list; a limit of 0 is an empty page.
async fn inbox_pages_of_every_size_give_the_whole_inbox(store: Shared) {
    let ledger = a_mixed_inbox(&store).await;
    let here = place(HERE);
    for filter in [Filter::All, Filter::Unread] {
        let whole = store.threads(&here, None, ALL, filter).await.unwrap();
        assert!(whole.threads.len() >= 5, "enough threads to page through");
        for size in 1..=whole.threads.len() + 1 {
            let (mut walked, mut after) = (Vec::new(), None);
            loop {
                let page = store.threads(&here, after.as_ref(), size, filter).await.unwrap();
                assert_eq!((page.unread, page.revision), (whole.unread, ledger.newest));
                let full = page.threads.len() == size;
                walked.extend(page.threads);
                after = walked.last().map(InboxPosition::of);
                if !full {
                    break;
                }
                assert!(walked.len() <= whole.threads.len(), "the pages have no end");
            }
            let what = format!("{filter:?} in pages of {size}");
            assert_same(&bookings(&walked), &bookings(&whole.threads), &what);
        }
        let none = store.threads(&here, None, 0, filter).await.unwrap();
        let expected =
            ThreadPage { threads: Vec::new(), unread: whole.unread, revision: ledger.newest };
        assert_same(&none, &expected, "a page of nothing");
    }
}

/// L2: whoever walks the pages while threads move to the top, are erased and
/// begin, meets each thread that stays once, and none twice.
async fn inbox_pages_neither_skip_nor_repeat_while_threads_move(store: Shared) {
    for size in 1..=5 {
        let location = format!("{HERE}-{size}");
        let mut ledger = Ledger::new(&store, &location);
        let ann = customer("c-1");
        for thread in 0..30 {
            // Two of each time.
            ledger.say(&format!("b-{thread:02}"), &ann, thread / 2).await;
        }
        let (mut walked, mut after) = (Vec::new(), None);
        let mut stays: BTreeSet<String> = (0..30).map(|thread| format!("b-{thread:02}")).collect();
        for step in 0.. {
            assert!(step <= 30, "the pages have no end");
            let page =
                store.threads(&place(&location), after.as_ref(), size, Filter::All).await.unwrap();
            let Some(last) = page.threads.last() else { break };
            after = Some(InboxPosition::of(last));
            let end = last.id().booking.as_str().to_owned();
            walked.extend(page.threads.iter().map(|thread| thread.id().booking.to_string()));

            // The one that the walk goes on from moves, so does one that is
            // somewhere, another is erased and a new one begins.
            ledger.say(&end, &ann, 100 + step).await;
            let moves = format!("b-{:02}", step * 7 % 30);
            ledger.say(&moves, &ann, 100 + step).await;
            stays.remove(&moves);
            let erased = format!("b-{:02}", step * 11 % 30);
            if ledger.found(&erased).is_some_and(|stored| stored.state.live().is_some()) {
                ledger.erase(&erased).await;
                stays.remove(&erased);
            }
            ledger.start(&format!("n-{step}"), 100 + step).await;
        }
        let once: BTreeSet<String> = walked.iter().cloned().collect();
        assert_eq!(once.len(), walked.len(), "pages of {size} repeat: {walked:?}");
        assert!(once.is_superset(&stays), "pages of {size} skip: {:?}", stays.difference(&once));
    }
}

/// L2: what was last active at a time or earlier, equal times included.
async fn idle_since_gives_what_was_last_active_then_or_earlier(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let micro = Duration::from_micros(1);
    let times = [
        ("min", Timestamp::MIN),
        ("before", at(20).saturating_sub(micro)),
        ("at-1", at(20)),
        ("at-2", at(20)),
        ("after", at(20).saturating_add(micro)),
        ("max", Timestamp::MAX),
    ];
    for (booking, now) in times {
        let commit = starting(&ledger.id(booking), None, now);
        ledger.commit(commit).await;
    }
    let expected: [(Timestamp, &[&str]); 5] = [
        (Timestamp::MIN, &["min"]),
        (at(20).saturating_sub(micro), &["before", "min"]),
        (at(20), &["at-1", "at-2", "before", "min"]),
        (at(20).saturating_add(micro), &["after", "at-1", "at-2", "before", "min"]),
        (Timestamp::MAX, &["max", "after", "at-1", "at-2", "before", "min"]),
    ];
    for (since, expected) in expected {
        let position = InboxPosition::idle_since(since);
        let here = place(HERE);
        let page = store.threads(&here, Some(&position), ALL, Filter::All).await.unwrap();
        assert_eq!(bookings(&page.threads), expected, "idle since {since}");
        let page = store.threads(&here, Some(&position), 2, Filter::All).await.unwrap();
        assert_eq!(bookings(&page.threads), expected[..expected.len().min(2)], "two of them");
    }
}

/// U4: the unread number counts threads, not messages, and the filter lists them.
async fn unread_counts_threads_with_an_unread_customer_message(store: Shared) {
    async fn assert_unread(ledger: &Ledger, expected: &[&str]) {
        let here = place(HERE);
        let page = ledger.store.threads(&here, None, ALL, Filter::Unread).await.unwrap();
        assert_eq!(bookings(&page.threads), expected);
        let unread = expected.len() as u64;
        let all = ledger.store.threads(&here, None, 1, Filter::All).await.unwrap();
        let feed = ledger.store.changes(&here, ledger.newest, 1).await.unwrap();
        assert_eq!((page.unread, all.unread, feed.unread), (unread, unread, unread));
    }
    let mut ledger = Ledger::new(&store, HERE);
    let (ann, team) = (customer("c-1"), operator("u-1"));
    ledger.start("b-1", 0).await;
    assert_unread(&ledger, &[]).await;
    let first = ledger.say("b-1", &ann, 1).await;
    let second = ledger.say("b-1", &ann, 2).await;
    ledger.say("b-2", &ann, 2).await;
    ledger.say("b-3", &team, 3).await;
    assert_unread(&ledger, &["b-1", "b-2"]).await;
    ledger.read("b-3", Role::Customer).await;
    ledger.change("b-1", |thread| thread.mark_read(Role::Operator, &first, at(4))).await;
    assert_unread(&ledger, &["b-1", "b-2"]).await;
    ledger.change("b-1", |thread| thread.mark_read(Role::Operator, &second, at(5))).await;
    assert_unread(&ledger, &["b-2"]).await;
    ledger.change("b-1", |thread| thread.mark_unread(Role::Operator, &second, at(6))).await;
    assert_unread(&ledger, &["b-1", "b-2"]).await;
    ledger.say("b-2", &team, 7).await;
    assert_unread(&ledger, &["b-1"]).await;
    ledger.say("b-3", &ann, 8).await;
    assert_unread(&ledger, &["b-3", "b-1"]).await;
    ledger.erase("b-3").await;
    assert_unread(&ledger, &["b-1"]).await;
    ledger.start("b-3", 9).await;
    assert_unread(&ledger, &["b-1"]).await;
    ledger.say("b-3", &ann, 10).await;
    assert_unread(&ledger, &["b-3", "b-1"]).await;
}

// ---------------------------------------------------------------- keys

/// I4: the same key of another thread, side or author is another key.
async fn keys_are_told_apart_by_thread_side_and_author(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    // The same id on both sides.
    let authors = [customer("x-1"), operator("x-1"), customer("x-2"), operator("x-2")];
    let once = key("once");
    let mut sent = Vec::new();
    for booking in ["b-1", "b-2"] {
        for author in &authors {
            let id = ledger.id(booking);
            assert_eq!(by_key(&store, &id, author, &once).await, None);
            sent.push((id, author, ledger.say_with(booking, author, "Hello!", &once).await));
        }
    }
    for (id, author, message) in sent {
        let found = by_key(&store, &id, author, &once).await;
        assert_same(&found, &Some(message), "the message of the key");
        assert_eq!(by_key(&store, &id, author, &key("never")).await, None);
    }
    ledger.say("b-1", &customer("x-3"), 0).await;
    assert_eq!(by_key(&store, &ledger.id("b-1"), &customer("x-3"), &once).await, None);
    ledger.check().await;
}

/// I4: keys differ by any byte, letter case, accents and outer spaces included.
async fn keys_are_compared_by_bytes(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let ann = customer("c-1");
    let long = "k".repeat(128);
    let keys =
        ["k", "K", "k ", " k", "ké", "ke\u{301}", "ke", "0", "00", "%", "_", &long[1..], &long];
    let mut sent = Vec::new();
    for text in keys {
        sent.push((text, ledger.say_with("b-1", &ann, "Hello!", &key(text)).await));
    }
    for (text, message) in sent {
        let found = by_key(&store, &ledger.id("b-1"), &ann, &key(text)).await;
        assert_same(&found, &Some(message), text);
    }
}

// ---------------------------------------------------------------- erasure

/// L3: the messages, the keys and the place in the inbox are gone; the tombstone
/// is the head and is in the feed.
async fn erasing_leaves_a_tombstone_and_nothing_else(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let (ann, team, once) = (customer("c-1"), operator("u-1"), key("once"));
    ledger.say_with("b-1", &ann, "Hello!", &once).await;
    ledger.say_with("b-1", &team, "Hi!", &once).await;
    ledger.say("b-1", &ann, 3).await;
    ledger.say("b-2", &ann, 4).await;
    let before = ledger.newest;
    let revision = ledger.erase("b-1").await;

    let id = ledger.id("b-1");
    let tombstone = Tombstone { id: id.clone(), last: number(3) };
    let stored = Stored { revision, state: ThreadState::Erased(tombstone) };
    assert_same(&store.thread(&id).await.unwrap(), &Some(stored.clone()), "the head");
    for direction in [Direction::OldestFirst, Direction::NewestFirst] {
        assert_eq!(store.messages(&id, WHOLE, ALL, direction).await.unwrap(), []);
    }
    for author in [&ann, &team] {
        assert_eq!(by_key(&store, &id, author, &once).await, None);
    }
    let here = place(HERE);
    for filter in [Filter::All, Filter::Unread] {
        let page = store.threads(&here, None, ALL, filter).await.unwrap();
        assert_eq!((bookings(&page.threads), page.unread), (vec!["b-2"], 1));
    }
    let feed = store.changes(&here, before, ALL).await.unwrap();
    assert_same(&feed.changed, &vec![stored], "the feed");
    ledger.check().await;
}

/// L3: a thread started after its erasure goes on from the next number, has
/// nothing of its earlier life, and its keys are free again.
async fn an_erased_thread_starts_anew_from_the_next_number(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let (ann, once) = (customer("c-1"), key("once"));
    ledger.say_with("b-1", &ann, "Hello!", &once).await;
    ledger.say("b-1", &operator("u-1"), 1).await;
    for life in 1..=3 {
        ledger.erase("b-1").await;
        ledger.start("b-1", 2).await;
        ledger.check().await;
        let id = ledger.id("b-1");
        assert_eq!(by_key(&store, &id, &ann, &once).await, None, "a key of an earlier life");
        let again = ledger.say_with("b-1", &ann, "Hello again!", &once).await;
        assert_eq!(again.number(), number(2 + life));
        assert_eq!(history(&store, &id).await, std::slice::from_ref(&again));
        assert_eq!(by_key(&store, &id, &ann, &once).await, Some(again));
        ledger.check().await;
    }
}

// ---------------------------------------------------------------- isolation

/// Nothing of one location is seen in, or changed by, a call about another, the
/// same booking, author and key notwithstanding.
async fn locations_never_see_each_other(store: Shared) {
    let mut here = Ledger::new(&store, "here");
    let mut there = Ledger::new(&store, "there");
    let (ann, once) = (customer("c-1"), key("once"));
    here.say_with("b-1", &ann, "Here", &once).await;
    there.check().await;
    there.say_with("b-1", &ann, "There", &once).await;
    there.say("b-1", &ann, 5).await;
    here.check().await;
    there.check().await;

    // A position of one location is only a place in the other.
    let after = InboxPosition::of(there.thread("b-1"));
    let page = store.threads(&place("here"), Some(&after), ALL, Filter::All).await.unwrap();
    assert_same(&page.threads, &vec![here.thread("b-1").clone()], "the page");

    // A revision of one location says nothing of the other.
    for _ in 0..5 {
        there.start("b-2", 6).await;
        there.erase("b-2").await;
    }
    let feed = store.changes(&place("here"), here.newest, ALL).await.unwrap();
    assert_eq!((feed.changed.len(), feed.revision), (0, here.newest));

    here.read("b-1", Role::Operator).await;
    here.erase("b-1").await;
    here.check().await;
    there.check().await;
    let found = by_key(&store, &there.id("b-1"), &ann, &once).await;
    assert_eq!(found.expect("the message there").body().as_str(), "There");
}

/// I1: ids that look or sort alike are not the same.
async fn ids_are_compared_by_bytes(store: Shared) {
    let alike = ["k", "K", "é", "e\u{301}", "e", "ｅ", "ss", "ß", "%", "_", "\\", "'", "/", "a/b"];
    let mut ledgers = Vec::new();
    for location in alike {
        let mut ledger = Ledger::new(&store, location);
        for booking in alike {
            ledger.say(booking, &customer(location), 0).await;
        }
        ledgers.push(ledger);
    }
    for ledger in &ledgers {
        ledger.check().await;
    }
    let longest = "é".repeat(64);
    let mut ledger = Ledger::new(&store, &longest);
    ledger.say_with(&longest, &customer(&longest), "Hello!", &key(&longest)).await;
    ledger.check().await;
}

// ---------------------------------------------------------------- given back as given

/// Whatever can be a body is read back byte for byte.
async fn texts_come_back_byte_for_byte(store: Shared) {
    let texts = [
        "é".to_owned(),
        "e\u{301}".to_owned(),
        "👩‍👩‍👧‍👦🏽🇳🇱".to_owned(),
        "שלום \u{200F}\u{202E}abc\u{202C} مرحبا".to_owned(),
        "\u{1112}\u{1161}\u{11AB} 한".to_owned(),
        "a\tb\n\n  c".to_owned(),
        "'; drop table messages; -- \" ` \\ \\0 \\u0000 %s ? $1 :a {}".to_owned(),
        "<b>&amp;amp; &lt;</b>".to_owned(),
        "\u{10FFFF}\u{FFFD}\u{FFFF}\u{E000}a\u{200B}".to_owned(),
        "Zalgo".chars().flat_map(|c| [c, '\u{0300}', '\u{0323}', '\u{0489}']).collect(),
        "x".repeat(10_000),
        "😀".repeat(10_000),
        "x".repeat(MessageBody::MAX_BYTES),
    ];
    let mut ledger = Ledger::new(&store, HERE);
    let names = ["Ann", "Zoë 🐙", "עברית", "O'Neil \\ \"Q\"", "e\u{301}"];
    let mut sent = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let mut author = customer(&format!("c:{}@é", place % 2));
        author.name = DisplayName::new(names[place % names.len()]);
        let message = ledger.say_with("b-1", &author, text, &key(&format!("k-{place}"))).await;
        assert_eq!(message.body().as_str(), text, "the test's own text");
        sent.push(message);
    }
    assert_same(&history(&store, &ledger.id("b-1")).await, &sent, "the messages");
    ledger.check().await;
}

/// W1: times are read back to the microsecond, at both ends of the range too,
/// and order the inbox there.
async fn times_come_back_to_the_microsecond(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let micro = Duration::from_micros(1);
    let times = [
        Timestamp::MIN,
        Timestamp::MIN.saturating_add(micro),
        Timestamp::UNIX_EPOCH.saturating_sub(micro),
        Timestamp::UNIX_EPOCH,
        Timestamp::UNIX_EPOCH.saturating_add(micro),
        at(0).saturating_add(Duration::from_micros(999_999)),
        Timestamp::MAX.saturating_sub(micro),
        Timestamp::MAX,
    ];
    let talk = ledger.id("talk");
    for (place, now) in times.into_iter().enumerate() {
        // Said and read at each time in one thread, and a booking at each.
        let commit = saying(&talk, ledger.found("talk"), &customer("c-1"), "x", now);
        let message = said(&commit);
        ledger.commit(commit).await;
        ledger.change("talk", |thread| thread.mark_read(Role::Operator, &message, now)).await;
        let booking = Booking::new(booking_id(&format!("b-{place}")), "", "", now);
        let thread =
            Thread::start(talk.location.clone(), booking, now, MessageNumber::START).unwrap();
        ledger.commit(Commit::new(ThreadState::Live(thread), None)).await;
        ledger.check().await;
    }
    let sent: Vec<Timestamp> = history(&store, &talk).await.iter().map(Message::sent_at).collect();
    assert_eq!(sent, times);
}

/// Everything that a head can hold is read back: the booking's fields, counts,
/// the preview, and marks that went forward and back.
async fn a_head_comes_back_whole(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let full = Booking::new(booking_id("full"), "K7Q2-XH41/é", "Whales & <dolphins> 🐋", at(9))
        .lasting(Booking::MAX_DURATION)
        .with_status(BookingStatus::from_word("on hold"))
        .with_customer_name(DisplayName::new("Zoë 'Z' \u{1F419}"))
        .with_profile(ProfileId::new("crm:88/é").unwrap());
    let empty = Booking::new(booking_id("empty"), "", "", Timestamp::MIN);
    for (booking, status) in [
        (full, None),
        (empty, Some(BookingStatus::Pending)),
        (booking("b-1"), Some(BookingStatus::Confirmed)),
        (booking("b-2"), Some(BookingStatus::Cancelled)),
        (booking("b-3"), Some(BookingStatus::Complete)),
    ] {
        let id = booking.id.as_str().to_owned();
        let booking = status.into_iter().fold(booking, Booking::with_status);
        let thread = Thread::start(place(HERE), booking, at(0), MessageNumber::START).unwrap();
        ledger.commit(Commit::new(ThreadState::Live(thread), None)).await;
        ledger.check().await;
        for text in ["é".repeat(200), "👩‍👩‍👧‍👦".repeat(90), "x".repeat(80), "a\n b".to_owned()]
        {
            let thread_id = ledger.id(&id);
            let commit = saying(&thread_id, ledger.found(&id), &customer("c-1"), &text, at(1));
            ledger.commit(commit).await;
            ledger.check().await;
        }
        let messages = history(&store, &ledger.id(&id)).await;
        ledger.change(&id, |thread| thread.mark_read(Role::Operator, &messages[3], at(2))).await;
        ledger.change(&id, |thread| thread.mark_unread(Role::Operator, &messages[1], at(3))).await;
        ledger.change(&id, |thread| thread.mark_unread(Role::Customer, &messages[2], at(4))).await;
        let mark = ledger.thread(&id).mark(Role::Operator);
        assert_eq!((mark.number().get(), mark.furthest().get()), (1, 4), "the test's own mark");
        ledger.check().await;
    }
}

// ---------------------------------------------------------------- feed

/// P2: whatever happened to it, a thread is in the feed once, as it is now.
async fn a_thread_changed_twice_is_one_change(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    let (ann, here) = (customer("c-1"), place(HERE));
    let first = ledger.start("b-1", 0).await;
    ledger.say("b-2", &ann, 1).await;
    ledger.say("b-1", &ann, 2).await;
    ledger.read("b-1", Role::Operator).await;
    for since in [Revision::ZERO, first, first.next().unwrap()] {
        let feed = store.changes(&here, since, ALL).await.unwrap();
        let of_it: Vec<&Stored> = feed
            .changed
            .iter()
            .filter(|stored| stored.state.id().booking.as_str() == "b-1")
            .collect();
        assert_same(&of_it, &vec![ledger.found("b-1").unwrap()], "the changes of it");
    }
    let before = ledger.newest;
    ledger.erase("b-1").await;
    ledger.start("b-1", 3).await;
    ledger.erase("b-1").await;
    let feed = store.changes(&here, before, ALL).await.unwrap();
    assert_same(&feed.changed, &vec![ledger.found("b-1").unwrap().clone()], "the changes of it");
}

/// The lowest revisions come first, at most `limit`, and `more` is said exactly
/// when there are more; the rest of the answer is of the whole location.
async fn changes_respect_the_limit_and_say_whether_there_is_more(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    for booking in 0..8 {
        ledger.say(&format!("b-{booking}"), &customer("c-1"), 0).await;
    }
    ledger.read("b-3", Role::Operator).await;
    ledger.erase("b-5").await;
    let mut heads: Vec<Stored> = ledger.heads.values().cloned().collect();
    heads.sort_by_key(|stored| stored.revision);
    let sinces = (0..=ledger.newest.get()).map(|at| Revision::try_from(at.cast_signed()).unwrap());
    for since in sinces {
        let after: Vec<Stored> =
            heads.iter().filter(|stored| stored.revision > since).cloned().collect();
        for limit in (0..=after.len() + 1).chain([ALL]) {
            let changed: Vec<Stored> = after.iter().take(limit).cloned().collect();
            let more = after.len() > limit;
            let expected = Changes { changed, more, unread: 6, revision: ledger.newest };
            let found = store.changes(&place(HERE), since, limit).await.unwrap();
            assert_same(&found, &expected, &format!("{limit} since {since:?}"));
        }
    }
}

/// P7 stands on this: a `since` that the location has not reached brings nothing,
/// and the newest revision tells that it is ahead.
async fn changes_of_a_since_at_or_above_the_newest_are_none(store: Shared) {
    let mut ledger = Ledger::new(&store, HERE);
    ledger.say("b-1", &customer("c-1"), 0).await;
    let newest = ledger.newest;
    for since in [newest, newest.next().unwrap(), Revision::MAX.previous(), Revision::MAX] {
        for limit in [0, 1, ALL] {
            let found = store.changes(&place(HERE), since, limit).await.unwrap();
            let expected =
                Changes { changed: Vec::new(), more: false, unread: 1, revision: newest };
            assert_same(&found, &expected, &format!("{limit} since {since:?}"));
        }
    }
}

// ---------------------------------------------------------------- the rest

/// An unknown location is an empty one, asking about it makes nothing, and its
/// first commit is like any other.
async fn an_unknown_location_answers_empty(store: Shared) {
    let mut there = Ledger::new(&store, "there");
    there.say("b-1", &customer("c-1"), 0).await;
    for _ in 0..2 {
        let id = thread_id(HERE, "b-1");
        assert_eq!(store.thread(&id).await.unwrap(), None);
        assert_eq!(history(&store, &id).await, []);
        assert_eq!(by_key(&store, &id, &customer("c-1"), &key("k")).await, None);
        for since in [Revision::ZERO, Revision::MAX] {
            let feed = store.changes(&id.location, since, ALL).await.unwrap();
            assert_same(&feed, &Changes::default(), "the feed");
        }
        for filter in [Filter::All, Filter::Unread] {
            let page = store.threads(&id.location, None, ALL, filter).await.unwrap();
            assert_same(&page, &ThreadPage::default(), "the inbox");
        }
        let ahead = Stored {
            revision: there.newest,
            state: ThreadState::Live(thread_after(&id, None, at(0))),
        };
        let outcome = store.commit(saying(&id, Some(&ahead), &customer("c-1"), "x", at(0))).await;
        assert_same(&outcome.unwrap(), &CommitOutcome::Conflict(None), "a commit from nowhere");
    }
    let mut here = Ledger::new(&store, HERE);
    here.say("b-1", &customer("c-1"), 0).await;
    here.check().await;
    there.check().await;
}

/// `Arc<T>` of a store is that store, for each of the trait's methods.
async fn an_arc_of_a_store_is_a_store(store: Shared) {
    fn is_store<S: ThreadStore + 'static>(store: S) -> Shared {
        Arc::new(store)
    }
    let wrapped = is_store(Arc::new(is_store(Arc::clone(&store))));
    let mut inside = Ledger::new(&store, HERE);
    inside.say_with("b-1", &customer("c-1"), "Hello!", &key("once")).await;
    inside.store = Arc::clone(&wrapped);
    inside.check().await;
    inside.say("b-2", &customer("c-1"), 1).await;
    inside.erase("b-1").await;
    inside.check().await;
    inside.store = store;
    inside.check().await;
}
