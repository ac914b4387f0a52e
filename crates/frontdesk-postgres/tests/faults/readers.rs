//! Clients that read.

use frontdesk::cursor::PollCursor;
use frontdesk::desk::{Conversation, CustomerPoll, MAX_PAGE, OperatorPoll, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::store::Revision;
use frontdesk::{DeskError, Message, MessageNumber, OperatorDesk, Role, Thread};

use crate::report::{DashboardState, Failure, Report, Row};
use crate::rng::Rng;
use crate::support::{booking, booking_id, location_id, participant_id};
use crate::worker::{Worker, pause, random_thread};

/// The longest time between two reads, in milliseconds.
const MAX_INTERVAL: u64 = 120;

/// Returns the value of a call, or reports the error if the faults can cause it.
#[track_caller]
fn value_or_report<T>(result: Result<T, DeskError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            Failure::report(&error);
            None
        }
    }
}

/// Asserts that consecutive messages have consecutive numbers.
fn assert_no_gap(messages: &[Message]) {
    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a gap in {numbers:?}");
}

/// An operator's screen: the list, which polls keep up to date, and at times an open
/// conversation.
pub(crate) struct Dashboard {
    worker: Worker,
    desk: OperatorDesk,
    rng: Rng,
    list: InboxList<Thread>,
    cursor: Option<PollCursor>,
    open: Option<Conversation>,
    state: DashboardState,
}

impl Dashboard {
    pub(crate) fn new(worker: Worker, location: &str, name: String, rng: Rng) -> Self {
        let desk = worker.desk.operator(location_id(location), participant_id(&name), None);
        let state = DashboardState {
            reader: name,
            location: location.to_owned(),
            unread: 0,
            rows: Vec::new(),
            polls: 0,
        };
        Self { worker, desk, rng, list: InboxList::new(), cursor: None, open: None, state }
    }

    /// Polls, and opens and closes conversations, until the worker stops.
    pub(crate) async fn run(mut self) -> Self {
        while self.worker.is_running() {
            self.poll().await;
            if self.rng.below::<u8>(8) == 0 {
                self.change_conversation().await;
            }
            pause(&mut self.rng, MAX_INTERVAL).await;
        }
        self.open = None;
        self
    }

    /// Polls until nothing changes, and reports the state of the screen.
    pub(crate) async fn finish(mut self) {
        while self.poll().await != Some(true) {}
        self.state.rows = self.list.iter().map(row).collect();
        Report::Dashboard(self.state).print();
    }

    /// Polls once. Returns `true` if nothing changed, and `None` after an error.
    async fn poll(&mut self) -> Option<bool> {
        self.state.polls += 1;
        let Some(cursor) = &self.cursor else {
            let page = value_or_report(self.desk.inbox(&PageRequest::first(MAX_PAGE)).await)?;
            (self.cursor, self.state.unread) = (Some(page.cursor), page.unread);
            self.list = page.threads.into_iter().collect();
            return Some(false);
        };
        let open = self.open.as_ref().map(Conversation::open_thread);
        let update = match value_or_report(self.desk.poll(cursor, open.as_ref()).await)? {
            OperatorPoll::Update(update) => update,
            OperatorPoll::StartOver { .. } => {
                Report::StartedOver { reader: self.state.reader.clone() }.print();
                (self.cursor, self.open) = (None, None);
                return Some(false);
            }
        };
        let is_empty = update.is_empty();
        update.apply_to(&mut self.list);
        if let (Some(newer), Some(open)) = (update.conversation, &mut self.open) {
            open.apply(newer);
            assert_no_gap(&open.messages);
        }
        (self.cursor, self.state.unread) = (Some(update.cursor), update.unread);
        Some(is_empty)
    }

    /// Closes the open conversation. Then opens another one, marks one as unread or does
    /// nothing.
    async fn change_conversation(&mut self) {
        self.open = None;
        let threads: Vec<&Thread> = self.list.iter().collect();
        if threads.is_empty() {
            return;
        }
        let (booking, last) = {
            let thread = self.rng.choose(&threads);
            (thread.id().booking.clone(), thread.last_number().get())
        };
        match self.rng.below::<u8>(4) {
            0 => {}
            1 if last > 0 => {
                let from = MessageNumber::new(1 + self.rng.below::<u32>(last.into())).unwrap();
                value_or_report(self.desk.mark_unread(&booking, from).await);
            }
            _ => {
                self.open = value_or_report(self.desk.open(&booking).await);
            }
        }
    }
}

/// Returns a thread's row in the list of a dashboard.
pub(crate) fn row(thread: &Thread) -> Row {
    Row {
        booking: thread.id().booking.as_str().to_owned(),
        last: thread.last_number().get(),
        unread: thread.unread(Role::Operator),
    }
}

/// A reader of the change feed of one location, directly from the store.
pub(crate) struct FeedReader {
    worker: Worker,
    location: String,
    name: String,
    since: Revision,
}

impl FeedReader {
    pub(crate) fn new(worker: Worker, location: &str, name: String) -> Self {
        Self { worker, location: location.to_owned(), name, since: Revision::ZERO }
    }

    pub(crate) async fn run(mut self) -> Self {
        let mut rng = Rng::new(self.name.len() as u64);
        while self.worker.is_running() {
            self.read().await;
            pause(&mut rng, MAX_INTERVAL).await;
        }
        self
    }

    /// Reads until a read succeeds.
    pub(crate) async fn finish(&mut self) {
        while !self.read().await {}
    }

    /// Reads once. Returns `false` after an error.
    async fn read(&mut self) -> bool {
        let location = location_id(&self.location);
        match self.worker.store.changes(&location, self.since, usize::MAX).await {
            Ok(changes) => {
                self.since = changes.value.counts.revision;
                true
            }
            Err(error) => {
                Failure::report_of_store(&error);
                false
            }
        }
    }
}

/// An operator who reads old messages, which marks nothing as read.
pub(crate) struct HistoryReader {
    pub(crate) worker: Worker,
    pub(crate) name: String,
    pub(crate) rng: Rng,
}

impl HistoryReader {
    pub(crate) async fn run(mut self) {
        while self.worker.is_running() {
            let (location, booking) = random_thread(&mut self.rng);
            self.read_backwards(location, booking).await;
            pause(&mut self.rng, MAX_INTERVAL).await;
        }
    }

    /// Reads up to four pages, from the newest to older ones.
    async fn read_backwards(&mut self, location: &str, booking: &str) {
        let participant = participant_id(&self.name);
        let desk = self.worker.desk.operator(location_id(location), participant, None);
        let mut before = None;
        for _ in 0..=self.rng.below::<u8>(3) {
            let limit = 1 + self.rng.below::<usize>(MAX_PAGE as u64);
            let messages = match desk.history(&booking_id(booking), before, limit).await {
                Ok(history) => history.messages,
                Err(DeskError::NotFound) => Vec::new(),
                Err(error) => {
                    Failure::report(&error);
                    break;
                }
            };
            assert_no_gap(&messages);
            before = messages.first().map(Message::number);
            if before.is_none_or(|number| number.get() == 1) {
                break;
            }
        }
    }
}

/// A customer who opens a conversation and polls it for a while.
pub(crate) struct CustomerClient {
    pub(crate) worker: Worker,
    pub(crate) name: String,
    pub(crate) rng: Rng,
}

impl CustomerClient {
    pub(crate) async fn run(mut self) {
        while self.worker.is_running() {
            let (location, booked) = random_thread(&mut self.rng);
            let desk = self
                .worker
                .desk
                .customer(location_id(location), booking_id(booked), participant_id(&self.name))
                .starting_with(booking(booked));
            let Some(opened) = value_or_report(desk.open().await) else { continue };
            let mut cursor = opened.cursor().clone();
            for _ in 0..self.rng.below::<u8>(20) {
                pause(&mut self.rng, MAX_INTERVAL).await;
                if !self.worker.is_running() {
                    return;
                }
                match value_or_report(desk.poll(&cursor).await) {
                    Some(CustomerPoll::Update(update)) => {
                        cursor = update.cursor().clone();
                    }
                    Some(CustomerPoll::StartOver) => {
                        Report::StartedOver { reader: self.name.clone() }.print();
                        match value_or_report(desk.open().await) {
                            Some(opened) => cursor = opened.cursor().clone(),
                            None => break,
                        }
                    }
                    None => {}
                }
            }
        }
    }
}
