use std::cell::{Cell, RefCell, RefMut};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use std::time::{Duration, Instant};

use frontdesk::desk::{PageRequest, PollCursor};
use frontdesk::store::{
    Commit, CommitOutcome, Filter, MemoryStore, Revision, ThreadState, ThreadStore as _,
};
use frontdesk::{
    BookingId, Draft, LocationId, MessageBody, MessageNumber, Participant, Role, Seen, ThreadId,
};
use futures::executor::block_on;
use rusqlite::Connection;

use crate::by_hand::{self, ByHand, Post, same_answers};
use crate::content::{self, Desk, Place};

pub(crate) const PAGE: usize = 50;
/// How many threads a location has, and how many messages for each of them.
const THREADS: usize = 100;
const EACH: usize = 10;

/// The same messages in a `MemoryStore` and in SQLite.
pub(crate) struct Town<'c> {
    pub(crate) store: MemoryStore,
    hand: RefCell<ByHand<'c>>,
    pub(crate) ids: Vec<LocationId>,
    pub(crate) places: Vec<Place>,
    pub(crate) first: PageRequest,
    /// Of each location its longest thread, and a number inside it.
    pub(crate) parts: Vec<(ThreadId, MessageNumber)>,
    /// Where polling each location goes on.
    pub(crate) seen: Vec<(LocationId, Revision, PollCursor)>,
    /// How many messages each way has.
    ours: Cell<usize>,
    theirs: Cell<usize>,
}

/// A message that is to be posted: its location, thread and side.
struct Whose {
    location: usize,
    thread: usize,
    role: Role,
}

impl<'c> Town<'c> {
    pub(crate) fn build(connection: &'c Connection, locations: usize) -> Self {
        let names: Vec<String> = (0..locations).map(|at| format!("harbour-{at:05}")).collect();
        start(connection, &names).expect("its schema is there");
        let store = MemoryStore::new();
        let desk = Desk::new(store.clone());
        let ids: Result<Vec<_>, _> = names.iter().map(LocationId::new).collect();
        let mut town = Self {
            hand: RefCell::new(ByHand::new(connection).expect("its schema is there")),
            store,
            ids: ids.expect("they are short"),
            places: names.iter().map(|name| desk.place(name, THREADS)).collect(),
            first: PageRequest::first(PAGE),
            parts: Vec::new(),
            seen: Vec::new(),
            ours: Cell::new(0),
            theirs: Cell::new(0),
        };
        town.post_all(locations * THREADS * EACH);
        town.look_around();
        town.assert_same_answers();
        town
    }

    fn look_around(&mut self) {
        for (at, location) in self.ids.iter().enumerate() {
            let longest = BookingId::new(content::booking_id(0)).expect("it is short");
            let id = ThreadId::new(location.clone(), longest);
            let after = u32::try_from(1 + at % EACH).expect("it is small");
            self.parts.push((id, MessageNumber::new(after).expect("it is small")));
            let page = block_on(self.places[at].team.inbox(&self.first)).expect("it is there");
            let found = block_on(self.store.threads(location, None, 0, Filter::All));
            let revision = found.expect("it is there").revision;
            self.seen.push((location.clone(), revision, page.cursor));
        }
    }

    pub(crate) fn hand(&self) -> RefMut<'_, ByHand<'c>> {
        self.hand.borrow_mut()
    }

    /// Goes round all locations, without ever doing two neighbours in turn, and far
    /// from where the other contestants are: nobody finds the caches warmed.
    pub(crate) fn round(&self, contestant: usize) -> impl FnMut() -> usize + use<> {
        let count = self.ids.len();
        let mut at = contestant * count / 3;
        move || {
            at = (at + 617) % count;
            at
        }
    }

    /// Each location in turn; in it at first its longest thread with each fifth
    /// message, and later each thread in turn.
    fn whose(&self, number: usize) -> Whose {
        let (location, at) = (number % self.ids.len(), number / self.ids.len());
        let (thread, role) = content::whose(at, THREADS);
        let filling = (THREADS..THREADS * EACH).contains(&at);
        let thread = if filling && at.is_multiple_of(5) { 0 } else { thread };
        Whose { location, thread, role }
    }

    /// The next so many messages of one of the ways.
    fn next(count: &Cell<usize>, times: u32) -> Range<usize> {
        let from = count.get();
        count.set(from + times as usize);
        from..count.get()
    }

    pub(crate) fn post_through_the_desk(&self, times: u32) -> Duration {
        let numbers = Self::next(&self.ours, times);
        let drafts: Vec<(usize, Draft)> = numbers.map(|at| (at, content::draft(at))).collect();
        block_on(async {
            let begun = Instant::now();
            for (number, draft) in drafts {
                let Whose { location, thread, role } = self.whose(number);
                self.places[location].send(thread, role, content::time(number), draft).await;
            }
            begun.elapsed()
        })
    }

    pub(crate) fn post_by_hand(&self, times: u32) -> Duration {
        let numbers = Self::next(&self.theirs, times);
        let words: Vec<_> =
            numbers.clone().map(|at| (content::key(at), content::text(at))).collect();
        let authors = numbers.clone().map(|at| {
            let whose = self.whose(at);
            content::author(whose.thread, whose.role)
        });
        let authors: Vec<_> = authors.collect();
        let mut hand = self.hand();
        let begun = Instant::now();
        for ((number, (key, text)), author) in numbers.zip(&words).zip(&authors) {
            let Whose { location, thread, role } = self.whose(number);
            let booking = self.places[location].bookings[thread].as_str();
            let (location, at) = (self.ids[location].as_str(), content::time(number));
            let post = Post { location, booking, role, author, key, text, at };
            hand.post(&post).expect("it can be posted");
        }
        begun.elapsed()
    }

    /// What the store has to do of a post: all else is done before.
    pub(crate) fn commit(&self, times: u32) -> Duration {
        // No thread twice, or the second commit would be in conflict.
        assert!(times as usize <= self.ids.len() * THREADS);
        let commits = Self::next(&self.ours, times).map(|number| self.commit_of(number));
        let commits: Vec<_> = commits.collect();
        block_on(async {
            let begun = Instant::now();
            for commit in commits {
                let outcome = self.store.commit(commit).await;
                assert!(matches!(outcome, Ok(CommitOutcome::Committed(_))));
            }
            begun.elapsed()
        })
    }

    fn commit_of(&self, number: usize) -> Commit {
        let Whose { location, thread, role } = self.whose(number);
        let booking = self.places[location].bookings[thread].clone();
        let id = ThreadId::new(self.ids[location].clone(), booking);
        let found = block_on(self.store.thread(&id)).expect("it is there");
        let draft = content::draft(number);
        let id = content::participant(thread, role);
        let author = Arc::new(Participant { role, id, name: None });
        let body = MessageBody::new(&draft.body).expect("it is a message");
        let at = content::time(number);
        let thread = found.as_ref().and_then(|found| found.state.live()).expect("it is there");
        let posted = thread.post(author, body, at, Seen::Everything).expect("it is not full");
        let next = ThreadState::Live(posted.thread);
        Commit::new(next, found.as_ref()).with_message(posted.message, draft.key)
    }

    fn post_all(&self, count: usize) {
        let missing = |has: &Cell<usize>| u32::try_from(count - has.get()).expect("it is small");
        self.post_through_the_desk(missing(&self.ours));
        self.post_by_hand(missing(&self.theirs));
    }

    /// Lets the way that posted less catch up.
    pub(crate) fn even_out(&self) {
        self.post_all(self.ours.get().max(self.theirs.get()));
    }

    pub(crate) fn assert_same_answers(&self) {
        let mut hand = self.hand();
        // A part tells enough: each was filled as the others were.
        for (place, location) in self.places.iter().zip(&self.ids).step_by(20) {
            same_answers(&place.team, &mut hand, location.as_str(), PAGE).expect("it answers");
        }
        for (id, after) in &self.parts {
            let (location, booking) = (id.location.as_str(), id.booking.as_str());
            let theirs = hand.after(location, booking, (*after).into(), 50).expect("it answers");
            let direction = frontdesk::store::Direction::OldestFirst;
            let ours = block_on(self.store.messages(id, from(*after), PAGE, direction));
            let ours = ours.expect("it answers");
            assert_eq!((ours.len(), theirs.len()), (PAGE, PAGE));
            for (message, line) in ours.iter().zip(theirs) {
                assert_eq!(i64::from(message.number()), line.number);
                assert_eq!(message.body().as_str(), line.body);
            }
        }
    }
}

/// Starts what the desk starts with the first messages.
fn start(connection: &Connection, names: &[String]) -> rusqlite::Result<()> {
    for (at, name) in names.iter().enumerate() {
        connection.execute("INSERT INTO location VALUES (?1, 0, 0)", [name])?;
        for thread in 0..THREADS {
            let time = content::time(at + names.len() * thread);
            by_hand::start(connection, name, &content::booking(thread), thread, time)?;
        }
    }
    Ok(())
}

/// The numbers after one.
pub(crate) fn from(after: MessageNumber) -> RangeInclusive<MessageNumber> {
    after.next().unwrap_or(MessageNumber::MAX)..=MessageNumber::MAX
}
