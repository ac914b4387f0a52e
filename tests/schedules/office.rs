use std::sync::{Arc, Mutex};

use frontdesk::desk::{Event, OpenThread, OperatorPoll, OperatorUpdate, PageRequest, PollCursor};
use frontdesk::inbox::InboxList;
use frontdesk::store::{Direction, Filter, Revision, Stored, ThreadStore};
use frontdesk::{
    CustomerDesk, DeskError, FrontDesk, LocationDesk, Message, MessageNumber, OperatorDesk, Role,
    Thread,
};

use crate::support::{at, booking, booking_id, place, thread_id, who};

const HERE: &str = "here";

/// A desk over a store, and what its listener was told.
#[derive(Clone)]
pub(crate) struct Office {
    store: Arc<dyn ThreadStore>,
    desk: FrontDesk,
    told: Arc<Mutex<Vec<Event>>>,
}

impl Office {
    pub(crate) fn over(store: Arc<dyn ThreadStore>) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let desk = FrontDesk::builder(Arc::clone(&store))
            .clock(|| at(0))
            .listener(move |event: &Event| telling.lock().unwrap().push(event.clone()))
            .build();
        Self { store, desk, told }
    }

    pub(crate) fn operator(&self) -> OperatorDesk {
        self.desk.operator(place(HERE), who("u-1"), None)
    }

    pub(crate) fn customer(&self, booked: &str) -> CustomerDesk {
        self.desk.customer(place(HERE), booking(booked), who("c-1"), None)
    }

    pub(crate) fn location(&self) -> LocationDesk {
        self.desk.location(place(HERE))
    }

    pub(crate) async fn thread(&self, booked: &str) -> Option<Thread> {
        let stored = self.store.thread(&thread_id(HERE, booked)).await.unwrap()?;
        stored.state.live().cloned()
    }

    pub(crate) async fn messages(&self, booked: &str) -> Vec<Message> {
        let whole = MessageNumber::START..=MessageNumber::MAX;
        let id = thread_id(HERE, booked);
        self.store.messages(&id, whole, usize::MAX, Direction::OldestFirst).await.unwrap()
    }

    /// What is stored, as numbers and texts.
    pub(crate) async fn texts(&self, booked: &str) -> Vec<(u32, String)> {
        let messages = self.messages(booked).await;
        messages.iter().map(|one| (one.number().get(), one.body().as_str().to_owned())).collect()
    }

    pub(crate) fn told(&self, which: impl Fn(&Event) -> bool) -> usize {
        self.told.lock().unwrap().iter().filter(|event| which(event)).count()
    }

    /// I3, U2: the head counts what is stored, which is numbered without gaps, as a
    /// whole and within each side.
    pub(crate) async fn assert_counts_exactly(&self, booked: &str) {
        let Some(thread) = self.thread(booked).await else { return };
        let messages = self.messages(booked).await;
        let first = thread.first_number().get();
        let expected: Vec<u32> = (first..=thread.last_number().get()).collect();
        let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
        assert_eq!(numbers, expected, "the numbers, without gaps");
        for role in [Role::Customer, Role::Operator] {
            let side = || messages.iter().filter(|message| message.role() == role);
            let ordinals: Vec<u32> = side().map(Message::ordinal).collect();
            assert_eq!(ordinals, (1..=thread.messages_by(role)).collect::<Vec<_>>(), "{role}s");
            let mark = thread.mark(role.other()).number();
            let unread = side().filter(|message| message.number() > mark).count();
            assert_eq!(thread.unread(role.other()) as usize, unread, "unread of the {role}s");
        }
    }
}

/// Whoever follows the feed itself, from the location's beginning.
pub(crate) struct Follower {
    store: Arc<dyn ThreadStore>,
    seen: Revision,
    states: Vec<Stored>,
}

impl Follower {
    pub(crate) fn of(office: &Office) -> Self {
        Self { store: Arc::clone(&office.store), seen: Revision::ZERO, states: Vec::new() }
    }

    /// P1: what comes is above all that was seen, and the feed does not go back.
    pub(crate) async fn look(&mut self) {
        let here = place(HERE);
        let changes = self.store.changes(&here, self.seen, usize::MAX).await.unwrap();
        assert!(changes.revision >= self.seen, "the feed went back");
        for stored in changes.changed {
            assert!((self.seen..=changes.revision).contains(&stored.revision));
            assert_ne!(stored.revision, self.seen, "what was seen came again");
            self.states.retain(|known| known.state.id() != stored.state.id());
            self.states.push(stored);
        }
        self.seen = changes.revision;
    }

    /// P1: who followed has what who looks now for the first time gets.
    pub(crate) async fn assert_missed_nothing(mut self) {
        self.look().await;
        let all = self.store.changes(&place(HERE), Revision::ZERO, usize::MAX).await.unwrap();
        assert_eq!(self.states, all.changed, "who followed the feed missed something");
    }
}

/// An operator's browser: the list, the unread number, an open conversation.
pub(crate) struct Dashboard {
    office: Office,
    list: InboxList<Thread>,
    unread: u64,
    open: Option<(&'static str, Vec<Message>)>,
    cursor: PollCursor,
}

impl Dashboard {
    pub(crate) async fn load(office: &Office, open: Option<&'static str>) -> Self {
        let page = office.operator().inbox(&PageRequest::first(50)).await.unwrap();
        Self {
            office: office.clone(),
            list: page.threads.into_iter().collect(),
            unread: page.unread,
            open: open.map(|booked| (booked, Vec::new())),
            cursor: page.cursor,
        }
    }

    /// Polls, and says whether anything came.
    pub(crate) async fn poll(&mut self) -> bool {
        let open = self.open.as_ref().map(|(booked, shown)| OpenThread {
            booking: booking_id(booked),
            shown: shown.last().map_or(MessageNumber::START, Message::number),
        });
        match self.office.operator().poll(&self.cursor, open.as_ref()).await {
            Ok(OperatorPoll::Update(update)) => self.apply(update),
            Ok(OperatorPoll::StartOver { cursor }) => panic!("told to start over at {cursor}"),
            Err(error) => panic!("{error}"),
        }
    }

    #[track_caller]
    fn apply(&mut self, update: OperatorUpdate) -> bool {
        let news = !update.is_empty();
        update.apply_to(&mut self.list);
        if let Some((open, shown)) = &mut self.open {
            if update.erased.iter().any(|tombstone| tombstone.booking().as_str() == *open) {
                shown.clear();
            }
            if let Some(conversation) = &update.conversation {
                shown.retain(|message| message.number() >= conversation.thread.first_number());
                shown.extend(conversation.messages.iter().cloned());
                let next = |two: &[Message]| two[0].number().next() == Some(two[1].number());
                assert!(shown.windows(2).all(next), "messages are missing or doubled");
            }
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
        let awaiting = self.list.iter().filter(|thread| thread.awaits_operator()).count();
        assert_eq!(awaiting as u64, self.unread, "the number beside the list is another's");
        news
    }

    pub(crate) async fn poll_until_quiet(&mut self) {
        for _ in 0..20 {
            if !self.poll().await {
                return;
            }
        }
        panic!("polls bring something for ever");
    }

    /// P1, P2, P3: it shows all that there is, and what it shows is read.
    pub(crate) async fn assert_shows_all(&self) {
        let here = place(HERE);
        let page = self.office.store.threads(&here, None, usize::MAX, Filter::All).await.unwrap();
        let shown: Vec<Thread> = self.list.iter().cloned().collect();
        assert_eq!(shown, page.threads, "the list");
        assert_eq!(self.unread, page.unread, "the unread number");
        let Some((booked, shown)) = &self.open else { return };
        assert_eq!(*shown, self.office.messages(booked).await, "the open conversation");
        let thread = self.office.thread(booked).await;
        assert_eq!(thread.map_or(0, |thread| thread.unread(Role::Operator)), 0, "what is shown");
    }
}

/// The number of what was sent; none where an operator found no thread.
#[track_caller]
pub(crate) fn number_of(sent: Result<MessageNumber, DeskError>) -> Option<u32> {
    match sent {
        Ok(number) => Some(number.get()),
        Err(DeskError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}
