//! Clients that read, and report what they were shown.

use frontdesk::cursor::PollCursor;
use frontdesk::desk::{
    Conversation, CustomerConversation, CustomerPoll, MAX_PAGE, OperatorPoll, PageRequest,
};
use frontdesk::inbox::InboxList;
use frontdesk::store::Revision;
use frontdesk::view::English;
use frontdesk::{DeskError, Message, MessageBody, MessageNumber, OperatorDesk, Role, Thread};
use time::UtcOffset;

use crate::report::{DashboardState, Failure, FeedSlice, Head, HistorySlice, Report, Row};
use crate::rng::Rng;
use crate::support::{booking, booking_id, location_id, participant_id};
use crate::worker::{Worker, pause, random_thread};

/// The longest time between two reads, in milliseconds.
const MAX_INTERVAL: u64 = 120;

/// Reports that a client was shown messages of a thread. All later reads of the process have
/// to contain them, too.
fn report_history(
    worker: &Worker,
    reader: &str,
    (location, booking): (&str, &str),
    slice: &HistorySlice,
) {
    worker.record_stored(location, booking, slice.last());
    let (reader, location, booking) = (reader.to_owned(), location.to_owned(), booking.to_owned());
    Report::History(HistorySlice { reader, location, booking, ..*slice }).print();
}

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
            start_overs: 0,
        };
        Self { worker, desk, rng, list: InboxList::new(), cursor: None, open: None, state }
    }

    /// Polls, and opens and closes conversations, until the worker stops. Then it closes the
    /// open conversation.
    pub(crate) async fn run(mut self) -> Self {
        while self.worker.is_running() {
            self.poll().await;
            if self.rng.below::<u8>(8) == 0 {
                self.change_conversation().await;
            }
            pause(&mut self.rng, MAX_INTERVAL).await;
        }
        self.close();
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
                self.state.start_overs += 1;
                (self.cursor, self.open) = (None, None);
                return Some(false);
            }
        };
        let is_empty = update.is_empty();
        update.apply_to(&mut self.list);
        if let (Some(newer), Some(open)) = (update.conversation, &mut self.open) {
            open.apply(newer);
        }
        (self.cursor, self.state.unread) = (Some(update.cursor), update.unread);
        Some(is_empty)
    }

    /// Closes the open conversation. Then opens another one, marks one as unread or does
    /// nothing.
    async fn change_conversation(&mut self) {
        self.close();
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
                let at_least = self.worker.known_last(&self.state.location, booking.as_str());
                let opened = value_or_report(self.desk.open(&booking).await);
                let Some(conversation) = opened else { return };
                self.report(&conversation, at_least);
                self.open = Some(conversation);
            }
        }
    }

    /// Closes the open conversation, and reports its messages with those that polls added.
    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.report(&open, 0);
        }
    }

    fn report(&self, conversation: &Conversation, at_least: u32) {
        let booking = conversation.thread.id().booking.as_str();
        let slice = HistorySlice { at_least, ..HistorySlice::of(&conversation.messages) };
        let thread = (self.state.location.as_str(), booking);
        report_history(&self.worker, &self.state.reader, thread, &slice);
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
        let at_least = self.worker.known_last_of_all(&self.location);
        let location = location_id(&self.location);
        let changes = match self.worker.store.changes(&location, self.since, usize::MAX).await {
            Ok(answer) => answer.value,
            Err(error) => {
                Failure::report_of_store(&error);
                return false;
            }
        };
        let heads = changes.changed.iter().map(|changed| {
            let thread = changed.state.live().expect("no client erases or links a thread");
            let Row { booking, last, unread } = row(thread);
            Head { revision: changed.revision.get(), booking, last, unread }
        });
        let slice = FeedSlice {
            reader: self.name.clone(),
            location: self.location.clone(),
            since: self.since.get(),
            revision: changes.counts.revision.get(),
            unread: changes.counts.unread,
            heads: heads.collect(),
            at_least,
        };
        for Head { booking, last, .. } in &slice.heads {
            self.worker.record_stored(&self.location, booking, *last);
        }
        Report::Feed(slice).print();
        self.since = changes.counts.revision;
        true
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
        let mut at_least = self.worker.known_last(location, booking);
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
            let slice = HistorySlice { at_least, ..HistorySlice::of(&messages) };
            report_history(&self.worker, &self.name, (location, booking), &slice);
            before = messages.first().map(Message::number);
            at_least = 0;
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
            let at_least = self.worker.known_last(location, booked);
            let desk = self
                .worker
                .desk
                .customer(location_id(location), booking_id(booked), participant_id(&self.name))
                .starting_with(booking(booked));
            let Some(opened) = value_or_report(desk.open().await) else { continue };
            self.report((location, booked), at_least, &opened);
            let mut cursor = opened.cursor().clone();
            for _ in 0..self.rng.below::<u8>(20) {
                pause(&mut self.rng, MAX_INTERVAL).await;
                if !self.worker.is_running() {
                    return;
                }
                match value_or_report(desk.poll(&cursor).await) {
                    Some(CustomerPoll::Update(update)) => {
                        self.report((location, booked), 0, &update);
                        cursor = update.cursor().clone();
                    }
                    Some(CustomerPoll::StartOver) => {
                        panic!("the poll of {location}/{booked} started over")
                    }
                    None => {}
                }
            }
        }
    }

    fn report(&self, thread: (&str, &str), at_least: u32, conversation: &CustomerConversation) {
        let context = self.worker.desk.view_context(&UtcOffset::UTC, &English);
        let view = conversation.view(&context);
        let entries = view.conversation.sections.iter().flat_map(|section| &section.entries);
        let messages = entries.map(|entry| {
            let text = entry.text.as_ref().map_or("", MessageBody::as_str);
            (entry.number, entry.side, text)
        });
        let slice = HistorySlice { at_least, ..HistorySlice::new(messages) };
        report_history(&self.worker, &self.name, thread, &slice);
    }
}
