//! The same messages in a `MemoryStore` and in SQLite.

use std::cell::{Cell, RefCell, RefMut};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use std::time::{Duration, Instant};

use frontdesk::cursor::PollCursor;
use frontdesk::desk::PageRequest;
use frontdesk::store::{
    Commit, CommitOutcome, MemoryStore, MessageQuery, NewMessage, NewMessages, Revision,
    ThreadList, ThreadQuery, ThreadState, ThreadStore as _,
};
use frontdesk::{
    BookingId, Draft, LocationId, MessageBody, MessageNumber, Participant, Post, Role, ThreadId,
};
use frontdesk_benches::baseline::verify::assert_same_answers;
use frontdesk_benches::baseline::{Baseline, PostRequest, setup};
use frontdesk_benches::workload::{self, ClockedDesk, LocationHandles};
use futures::executor::block_on;
use rusqlite::Connection;

/// The number of threads or of messages on a page.
pub(crate) const PAGE: usize = 50;
/// The number of threads of a location.
const THREADS: usize = 100;
/// The average number of messages of a thread.
const MESSAGES_PER_THREAD: usize = 10;

/// A filled `MemoryStore`, and a filled SQLite database in memory.
pub(crate) struct Fixture<'c> {
    pub(crate) store: MemoryStore,
    baseline: RefCell<Baseline<'c>>,
    pub(crate) ids: Vec<LocationId>,
    pub(crate) locations: Vec<LocationHandles>,
    pub(crate) first_page: PageRequest,
    /// The longest thread of each location, and the message number after which the benchmark
    /// reads the thread.
    pub(crate) long_threads: Vec<(ThreadId, MessageNumber)>,
    /// The newest position of each location after the stores were filled.
    pub(crate) newest: Vec<Position>,
    /// The number of messages in the store.
    our_messages: Cell<usize>,
    /// The number of messages in SQLite.
    baseline_messages: Cell<usize>,
}

/// The newest revision of a location, and a poll cursor at this revision.
pub(crate) struct Position {
    pub(crate) revision: Revision,
    pub(crate) cursor: PollCursor,
}

/// The location, thread and role of a message.
struct Target {
    location: usize,
    thread: usize,
    role: Role,
}

impl<'c> Fixture<'c> {
    pub(crate) fn build(connection: &'c Connection, locations: usize) -> Self {
        let names: Vec<String> = (0..locations).map(|at| format!("harbour-{at:05}")).collect();
        insert_threads(connection, &names).expect("the schema is complete");
        let store = MemoryStore::new();
        let desk = ClockedDesk::new(store.clone());
        let ids: Result<Vec<_>, _> = names.iter().map(LocationId::new).collect();
        let mut fixture = Self {
            baseline: RefCell::new(Baseline::new(connection).expect("the schema is complete")),
            store,
            ids: ids.expect("the ids are valid"),
            locations: names.iter().map(|name| desk.handles(name, THREADS)).collect(),
            first_page: PageRequest::first(PAGE),
            long_threads: Vec::new(),
            newest: Vec::new(),
            our_messages: Cell::new(0),
            baseline_messages: Cell::new(0),
        };
        fixture.post_up_to(locations * THREADS * MESSAGES_PER_THREAD);
        fixture.record_positions();
        fixture.assert_same_answers();
        fixture
    }

    fn record_positions(&mut self) {
        for (at, location) in self.ids.iter().enumerate() {
            let longest = BookingId::new(workload::booking_id(0)).expect("the id is valid");
            let id = ThreadId::new(location.clone(), longest);
            let after = u32::try_from(1 + at % MESSAGES_PER_THREAD).expect("the number is small");
            let after = MessageNumber::new(after).expect("the number is in range");
            self.long_threads.push((id, after));
            let page = block_on(self.locations[at].operator.inbox(&self.first_page));
            let query = ThreadQuery::new(location, ThreadList::All(None), 0);
            let counts = block_on(self.store.threads(&query)).expect("the store answers");
            let revision = counts.value.counts.revision;
            let cursor = page.expect("the store answers").cursor;
            self.newest.push(Position { revision, cursor });
        }
    }

    pub(crate) fn baseline(&self) -> RefMut<'_, Baseline<'c>> {
        self.baseline.borrow_mut()
    }

    /// Returns a function that returns one location after the other, in an endless cycle.
    /// Consecutive locations are far apart, and the cycles of the candidates 0, 1 and 2 start
    /// far apart, so that no candidate finds its data in the caches.
    pub(crate) fn location_cycle(&self, candidate: usize) -> impl FnMut() -> usize + use<> {
        let count = self.ids.len();
        let mut at = candidate * count / 3;
        move || {
            at = (at + 617) % count;
            at
        }
    }

    /// Returns the target of a message. Consecutive messages go to consecutive locations, and
    /// within each location to consecutive threads. While the stores are filled, each fifth
    /// message of a location goes to the first thread, which becomes the longest.
    fn target(&self, number: usize) -> Target {
        let (location, at) = (number % self.ids.len(), number / self.ids.len());
        let (thread, role) = workload::thread_and_role(at, THREADS);
        let is_filling = (THREADS..THREADS * MESSAGES_PER_THREAD).contains(&at);
        let thread = if is_filling && at.is_multiple_of(5) { 0 } else { thread };
        Target { location, thread, role }
    }

    /// Takes the next `times` message numbers of one of the stores. `messages` is the number of
    /// messages in this store.
    fn reserve(messages: &Cell<usize>, times: u32) -> Range<usize> {
        let from = messages.get();
        messages.set(from + times as usize);
        from..messages.get()
    }

    pub(crate) fn post_through_desk(&self, times: u32) -> Duration {
        let numbers = Self::reserve(&self.our_messages, times);
        let drafts: Vec<(usize, Draft)> =
            numbers.map(|number| (number, workload::draft(number))).collect();
        block_on(async {
            let start = Instant::now();
            for (number, draft) in drafts {
                let Target { location, thread, role } = self.target(number);
                self.locations[location].send(thread, role, workload::time(number), draft).await;
            }
            start.elapsed()
        })
    }

    pub(crate) fn post_through_baseline(&self, times: u32) -> Duration {
        let numbers = Self::reserve(&self.baseline_messages, times);
        let inputs = numbers.map(|number| {
            let target = self.target(number);
            let author = workload::author(target.thread, target.role);
            (number, workload::key(number), workload::text(number), author)
        });
        let inputs: Vec<_> = inputs.collect();
        let mut baseline = self.baseline();
        let start = Instant::now();
        for (number, key, text, author) in &inputs {
            let Target { location, thread, role } = self.target(*number);
            let booking = self.locations[location].bookings[thread].as_str();
            let (location, at) = (self.ids[location].as_str(), workload::time(*number));
            let request = PostRequest { location, booking, role, author, key, text, at };
            baseline.post(&request).expect("the message is posted");
        }
        start.elapsed()
    }

    /// Times the store's part of `times` posts. The commits are computed before the clock starts.
    pub(crate) fn commit(&self, times: u32) -> Duration {
        // All commits are computed from the current state of the store, so two commits to the
        // same thread would conflict.
        assert!(times as usize <= self.ids.len() * THREADS);
        let commits =
            Self::reserve(&self.our_messages, times).map(|number| self.next_commit(number));
        let commits: Vec<_> = commits.collect();
        block_on(async {
            let start = Instant::now();
            for commit in commits {
                let outcome = self.store.commit(commit).await;
                let outcome = outcome.expect("the store answers").value;
                assert!(matches!(outcome, CommitOutcome::Committed(_)));
            }
            start.elapsed()
        })
    }

    fn next_commit(&self, number: usize) -> Commit {
        let Target { location, thread, role } = self.target(number);
        let booking = self.locations[location].bookings[thread].clone();
        let id = ThreadId::new(self.ids[location].clone(), booking);
        let found = block_on(self.store.thread(&id)).expect("the store answers").value;
        let draft = workload::draft(number);
        let id = workload::participant(thread, role);
        let author = Arc::new(Participant::new(role, id, None));
        let body = MessageBody::new(&draft.body).expect("the text is valid");
        let at = workload::time(number);
        let thread = found.as_ref().and_then(|found| found.state.live());
        let thread = thread.expect("the thread exists");
        let posted = thread.post(Post::new(author, body, at));
        let posted = posted.expect("the thread is not full");
        let message = NewMessages::one(NewMessage::new(posted.message, draft.key));
        Commit::new(ThreadState::Live(posted.thread), found.as_ref())
            .with_messages(message)
            .expect("the message is the thread's last message")
    }

    fn post_up_to(&self, messages: usize) {
        let missing = |posted: &Cell<usize>| {
            u32::try_from(messages - posted.get()).expect("the number is small")
        };
        self.post_through_desk(missing(&self.our_messages));
        self.post_through_baseline(missing(&self.baseline_messages));
    }

    /// Posts the missing messages to the store that has fewer.
    pub(crate) fn post_missing(&self) {
        self.post_up_to(self.our_messages.get().max(self.baseline_messages.get()));
    }

    pub(crate) fn assert_same_answers(&self) {
        let mut baseline = self.baseline();
        // One location in twenty is enough because all are filled in the same way.
        for (handles, location) in self.locations.iter().zip(&self.ids).step_by(20) {
            assert_same_answers(&handles.operator, &mut baseline, location.as_str(), PAGE)
                .expect("both stores answer");
        }
        for (id, after) in &self.long_threads {
            let (location, booking) = (id.location.as_str(), id.booking.as_str());
            let rows = baseline.messages_after(location, booking, (*after).into(), 50);
            let rows = rows.expect("SQLite answers");
            let range = numbers_after(*after);
            let query = MessageQuery::oldest_first(id, range, PAGE);
            let ours = block_on(self.store.messages(&query)).expect("the store answers").value;
            assert_eq!((ours.len(), rows.len()), (PAGE, PAGE));
            for (stored, row) in ours.iter().zip(rows) {
                assert_eq!(i64::from(stored.message.number()), row.number);
                let body = stored.message.body().map(MessageBody::as_str);
                assert_eq!(body, Some(&*row.body));
            }
        }
    }
}

/// Inserts the threads into SQLite. In the `MemoryStore`, the desk starts the same threads with
/// their first messages.
fn insert_threads(connection: &Connection, locations: &[String]) -> rusqlite::Result<()> {
    for (at, location) in locations.iter().enumerate() {
        setup::insert_location(connection, location)?;
        for thread in 0..THREADS {
            let time = workload::time(at + locations.len() * thread);
            let booking = workload::booking(thread);
            setup::insert_thread(connection, location, &booking, thread, time)?;
        }
    }
    Ok(())
}

/// Returns all numbers after `after`.
pub(crate) fn numbers_after(after: MessageNumber) -> RangeInclusive<MessageNumber> {
    after.next().unwrap_or(MessageNumber::MAX)..=MessageNumber::MAX
}
