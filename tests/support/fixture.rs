//! A `FrontDesk` with a clock that the test sets and a listener that records every event.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use frontdesk::cursor::{OpenThread, PollCursor};
use frontdesk::desk::{
    Event, FrontDeskBuilder, ManualClock, OperatorPoll, OperatorUpdate, PageRequest,
};
use frontdesk::store::{
    Changes, MemoryStore, MessageQuery, Revision, ThreadList, ThreadPage, ThreadQuery, ThreadStore,
};
use frontdesk::{
    AdminDesk, CustomerDesk, DisplayName, FrontDesk, LocationId, Message, MessageNumber,
    OperatorDesk, Role, Thread, ThreadId, Timestamp,
};

use super::{at, booking, booking_id, location_id, number, participant_id};

/// The range of all message numbers.
pub(crate) const ALL: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

/// A `FrontDesk` over a store, and a location, by default "here". The methods return operator,
/// customer and admin desks of this location. The clock starts at `at(0)`. Clones share the store,
/// the clock and the recorded events.
#[derive(Clone)]
pub(crate) struct Fixture<S = MemoryStore> {
    pub(crate) store: S,
    pub(crate) desk: FrontDesk,
    pub(crate) location: LocationId,
    clock: ManualClock,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::over(MemoryStore::new())
    }
}

impl<S: ThreadStore + Clone + 'static> Fixture<S> {
    pub(crate) fn over(store: S) -> Self {
        Self::configured(store, |builder| builder)
    }

    pub(crate) fn configured(
        store: S,
        settings: impl FnOnce(FrontDeskBuilder) -> FrontDeskBuilder,
    ) -> Self {
        let clock = ManualClock::new(at(0));
        let events = Arc::default();
        let desk = settings(builder(&store, &clock, &events)).build();
        Self { store, desk, location: location_id("here"), clock, events }
    }

    /// Returns a fixture with the same store, clock, events and location, whose `FrontDesk` is
    /// built anew with `settings`.
    pub(crate) fn reconfigured(
        &self,
        settings: impl FnOnce(FrontDeskBuilder) -> FrontDeskBuilder,
    ) -> Self {
        let desk = settings(builder(&self.store, &self.clock, &self.events)).build();
        Self { desk, ..self.clone() }
    }

    /// Returns a fixture whose operator, customer and admin desks are those of another location.
    pub(crate) fn at_location(self, id: &str) -> Self {
        Self { location: location_id(id), ..self }
    }

    pub(crate) fn thread_id(&self, id: &str) -> ThreadId {
        ThreadId::new(self.location.clone(), booking_id(id))
    }

    // ------------------------------------------------------------ clock and events

    pub(crate) fn now(&self) -> Timestamp {
        self.desk.now()
    }

    pub(crate) fn set_clock(&self, time: Timestamp) {
        self.clock.set(time);
    }

    /// Moves the clock forward, or back if `seconds` is negative.
    pub(crate) fn advance(&self, seconds: i64) {
        let micros = self.now().unix_micros() + seconds * 1_000_000;
        self.set_clock(Timestamp::saturating_from_unix_micros(micros));
    }

    /// Returns the events that were recorded since the fixture was made or since events were last
    /// taken.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    /// Takes the recorded events and returns a line of text for each.
    pub(crate) fn take_event_log(&self) -> Vec<String> {
        self.take_events().iter().map(event_line).collect()
    }

    // ------------------------------------------------------------ desks of the location

    /// Returns the operator Kim's desk.
    pub(crate) fn kim(&self) -> OperatorDesk {
        let location = self.location.clone();
        self.desk.operator(location, participant_id("kim"), DisplayName::new("Kim"))
    }

    /// Returns the desk of an operator without a name.
    pub(crate) fn operator(&self, id: &str) -> OperatorDesk {
        self.desk.operator(self.location.clone(), participant_id(id), None)
    }

    /// Returns the customer Ann's desk for the booking b-1.
    pub(crate) fn ann(&self) -> CustomerDesk {
        self.ann_with("b-1")
    }

    /// Returns the customer Ann's desk for a booking.
    pub(crate) fn ann_with(&self, id: &str) -> CustomerDesk {
        self.customer(id, "ann").with_name(DisplayName::new("Ann"))
    }

    /// Returns the desk of a customer without a name. The desk knows the booking, so that its first
    /// message can start the thread.
    pub(crate) fn customer(&self, id: &str, participant: &str) -> CustomerDesk {
        let location = self.location.clone();
        self.desk
            .customer(location, booking_id(id), participant_id(participant))
            .starting_with(booking(id))
    }

    pub(crate) fn admin(&self) -> AdminDesk {
        self.desk.admin(self.location.clone())
    }

    // ------------------------------------------------------------ stored state

    pub(crate) async fn find_thread(&self, id: &str) -> Option<Thread> {
        let stored = self.store.thread(&self.thread_id(id)).await.unwrap().value?;
        stored.state.live().cloned()
    }

    /// Returns a thread. Panics if the thread was not started or was erased.
    pub(crate) async fn thread(&self, id: &str) -> Thread {
        self.find_thread(id).await.expect("the thread was started and is not erased")
    }

    pub(crate) async fn unread(&self, id: &str, role: Role) -> u32 {
        self.thread(id).await.unread(role)
    }

    /// Returns all stored messages of a thread, oldest first.
    pub(crate) async fn messages(&self, id: &str) -> Vec<Message> {
        let thread = self.thread_id(id);
        let query = MessageQuery::oldest_first(&thread, ALL, usize::MAX);
        let stored = self.store.messages(&query).await.unwrap().value;
        stored.into_iter().map(|stored| stored.message).collect()
    }

    /// Returns the numbers and texts of all stored messages of a thread.
    pub(crate) async fn texts(&self, id: &str) -> Vec<(u32, String)> {
        let messages = self.messages(id).await;
        messages.iter().map(|message| (message.number().get(), text(message).to_owned())).collect()
    }

    /// Returns all threads of a list on one page, with the location's counts.
    pub(crate) async fn stored_page(&self, list: ThreadList<'_>) -> ThreadPage {
        let query = ThreadQuery::new(&self.location, list, usize::MAX);
        self.store.threads(&query).await.unwrap().value
    }

    /// Returns all changes of the location since a revision.
    pub(crate) async fn changes(&self, since: Revision) -> Changes {
        self.store.changes(&self.location, since, usize::MAX).await.unwrap().value
    }

    pub(crate) async fn revision(&self) -> Revision {
        self.changes(Revision::MAX).await.counts.revision
    }

    // ------------------------------------------------------------ polling

    /// Returns a cursor at the newest revision, from which a client starts polling.
    pub(crate) async fn cursor(&self) -> PollCursor {
        self.kim().inbox(&PageRequest::first(50)).await.unwrap().cursor
    }

    /// Polls as an operator. Panics if the answer is "start over".
    pub(crate) async fn poll(
        &self,
        cursor: &PollCursor,
        open: Option<&OpenThread>,
    ) -> OperatorUpdate {
        expect_update(self.kim().poll(cursor, open).await.unwrap())
    }
}

fn builder(
    store: &(impl ThreadStore + Clone + 'static),
    clock: &ManualClock,
    events: &Arc<Mutex<Vec<Event>>>,
) -> FrontDeskBuilder {
    let events = Arc::clone(events);
    FrontDesk::builder(store.clone())
        .clock(clock.clone())
        .listener(move |event: &Event| events.lock().unwrap().push(event.clone()))
}

fn event_line(event: &Event) -> String {
    match event {
        Event::ThreadStarted { thread } => format!("thread {} started", thread.id().booking),
        Event::MessageReceived { message, .. } => format!("message {} received", message.number()),
        Event::ReplySent { message, .. } => format!("reply {} sent", message.number()),
        Event::MarkedRead { thread, reader } => {
            format!("read by {reader} to {}", thread.mark(*reader).number())
        }
        Event::BookingUpdated { thread, .. } => format!("booking {} updated", thread.id().booking),
        Event::MarkedUnread { thread, reader } => {
            format!("unread by {reader} from {}", thread.mark(*reader).number().get() + 1)
        }
        Event::MarkedAnswered { thread } => format!("thread {} answered", thread.id().booking),
        Event::MessageRedacted { message, .. } => format!("message {} redacted", message.number()),
        Event::ThreadLinked { thread, booking } => {
            format!("booking {booking} linked to {}", thread.id().booking)
        }
        Event::ThreadErased { tombstone } => format!("thread erased at {}", tombstone.last),
        other => panic!("the fixture has no text for the event {other:?}"),
    }
}

#[track_caller]
pub(crate) fn expect_update(answer: OperatorPoll) -> OperatorUpdate {
    match answer {
        OperatorPoll::Update(update) => update,
        OperatorPoll::StartOver { cursor } => panic!("the poll starts over at {cursor}"),
    }
}

#[track_caller]
pub(crate) fn open_thread(id: &str, shown: u32) -> OpenThread {
    OpenThread::new(booking_id(id), number(shown))
}

/// Returns the text of a message that is not redacted.
#[track_caller]
pub(crate) fn text(message: &Message) -> &str {
    message.body().expect("the message is not redacted").as_str()
}
