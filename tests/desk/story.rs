//! A desk with a clock that the test sets and a listener that remembers.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::desk::{
    Event, FrontDeskBuilder, OpenThread, OperatorPoll, OperatorUpdate, PageRequest, PollCursor,
};
use frontdesk::store::{MemoryStore, Revision, ThreadStore};
use frontdesk::{
    Booking, BookingId, CustomerDesk, DisplayName, FrontDesk, IdempotencyKey, LocationDesk,
    LocationId, MessageNumber, OperatorDesk, ParticipantId, Role, Thread, Timestamp,
};

pub(crate) struct Story {
    pub(crate) desk: FrontDesk,
    pub(crate) store: MemoryStore,
    clock: Arc<AtomicI64>,
    events: Arc<Mutex<Vec<String>>>,
}

/// The story's first moment.
pub(crate) const START: &str = "2027-03-15T09:00:00Z";

impl Story {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// A story whose desk has other settings.
    pub(crate) fn with(settings: impl FnOnce(FrontDeskBuilder) -> FrontDeskBuilder) -> Self {
        Self::over(MemoryStore::new(), settings)
    }

    pub(crate) fn over(
        store: MemoryStore,
        settings: impl FnOnce(FrontDeskBuilder) -> FrontDeskBuilder,
    ) -> Self {
        let clock = Arc::new(AtomicI64::new(at(START).unix_micros()));
        let events = Arc::new(Mutex::new(Vec::new()));
        let (time, heard) = (Arc::clone(&clock), Arc::clone(&events));
        let builder = FrontDesk::builder(store.clone())
            .clock(move || Timestamp::saturating_from_unix_micros(time.load(Ordering::SeqCst)))
            .listener(move |event: &Event| heard.lock().unwrap().push(told(event)));
        Self { desk: settings(builder).build(), store, clock, events }
    }

    pub(crate) fn set_clock(&self, time: Timestamp) {
        self.clock.store(time.unix_micros(), Ordering::SeqCst);
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.set_clock(self.desk.now().saturating_add(Duration::from_secs(seconds)));
    }

    /// What the listener was told since it was last asked.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    pub(crate) fn kim(&self) -> OperatorDesk {
        self.desk.operator(here(), person("kim"), DisplayName::new("Kim"))
    }

    /// A colleague without a name.
    pub(crate) fn nameless(&self) -> OperatorDesk {
        self.desk.operator(here(), person("u-0"), None)
    }

    pub(crate) fn ann(&self) -> CustomerDesk {
        self.customer("b-1")
    }

    pub(crate) fn customer(&self, id: &str) -> CustomerDesk {
        self.desk.customer(here(), a_booking(id), person("ann"), DisplayName::new("Ann"))
    }

    pub(crate) fn location(&self) -> LocationDesk {
        self.desk.location(here())
    }

    pub(crate) async fn revision(&self) -> Revision {
        self.store.changes(&here(), Revision::MAX, 1).await.unwrap().revision
    }

    /// The thread of a booking, which is there.
    #[track_caller]
    pub(crate) fn thread(&self, id: &str) -> impl Future<Output = Thread> {
        let kim = self.kim();
        let id = booking(id);
        async move { kim.history(&id, None, 1).await.unwrap().thread }
    }

    pub(crate) async fn unread(&self, id: &str, role: Role) -> u32 {
        self.thread(id).await.unread(role)
    }

    pub(crate) async fn cursor(&self) -> PollCursor {
        self.kim().inbox(&PageRequest::first(50)).await.unwrap().cursor
    }

    /// A poll that goes on.
    pub(crate) async fn poll(
        &self,
        cursor: &PollCursor,
        open: Option<&OpenThread>,
    ) -> OperatorUpdate {
        match self.kim().poll(cursor, open).await.unwrap() {
            OperatorPoll::Update(update) => update,
            OperatorPoll::StartOver { .. } => panic!("the cursor should go on"),
        }
    }
}

fn told(event: &Event) -> String {
    match event {
        Event::Opened { thread } => format!("opened {}", thread.id().booking),
        Event::Received { message, .. } => format!("received {}", message.number()),
        Event::Replied { message, .. } => format!("replied {}", message.number()),
        Event::Read { thread, reader } => {
            format!("{reader} read to {}", thread.mark(*reader).number())
        }
        Event::Erased { tombstone } => format!("erased {}", tombstone.last),
        other => panic!("a new event: {other:?}"),
    }
}

pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

pub(crate) fn here() -> LocationId {
    LocationId::new("here").unwrap()
}

pub(crate) fn person(id: &str) -> ParticipantId {
    ParticipantId::new(id).unwrap()
}

pub(crate) fn booking(id: &str) -> BookingId {
    BookingId::new(id).unwrap()
}

pub(crate) fn a_booking(id: &str) -> Booking {
    Booking::new(booking(id), "K7Q2-XH41", "Harbour tour", at("2027-03-20T09:00:00Z"))
}

pub(crate) fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).unwrap()
}

pub(crate) fn key(key: &str) -> IdempotencyKey {
    IdempotencyKey::new(key).unwrap()
}

pub(crate) fn open(id: &str, shown: u32) -> OpenThread {
    OpenThread { booking: booking(id), shown: number(shown) }
}
