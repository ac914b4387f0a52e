//! Those who read, and say what they were shown.

use frontdesk::desk::{
    Conversation, CustomerAnswer, CustomerPoll, MAX_PAGE, OperatorPoll, PageRequest, PollCursor,
};
use frontdesk::inbox::InboxList;
use frontdesk::store::Revision;
use frontdesk::view::English;
use frontdesk::{DeskError, Message, MessageNumber, OperatorDesk, Role, Thread};
use time::UtcOffset;

use crate::dice::Dice;
use crate::office::{Office, pause, somewhere};
use crate::report::{Feed, Head, Report, Row, Screen, Slice, Trouble};
use crate::support::{booking, booking_id, place, who};

/// How many milliseconds pass, at most, between two looks.
const INTERVAL: u64 = 120;

/// Says what somebody was shown of a thread. Whoever asks from now on has to be shown it
/// too.
fn shown(office: &Office, reader: &str, (here, booked): (&str, &str), slice: &Slice) {
    office.hear(here, booked, slice.last());
    let (reader, place, booked) = (reader.to_owned(), here.to_owned(), booked.to_owned());
    Report::Slice(Slice { reader, place, booked, ..*slice }).say();
}

/// An answer, unless it is one of the failures that pass.
#[track_caller]
fn answered<T>(asked: Result<T, DeskError>) -> Option<T> {
    match asked {
        Ok(answer) => Some(answer),
        Err(error) => {
            Trouble::note(&error);
            None
        }
    }
}

/// A team's browser: the list, kept up to date by polls, and a conversation that is open
/// at times.
pub(crate) struct Dashboard {
    office: Office,
    desk: OperatorDesk,
    dice: Dice,
    list: InboxList<Thread>,
    cursor: Option<PollCursor>,
    open: Option<Conversation>,
    screen: Screen,
}

impl Dashboard {
    pub(crate) fn new(office: Office, here: &str, name: String, dice: Dice) -> Self {
        let desk = office.desk.operator(place(here), who(&name), None);
        let screen = Screen {
            reader: name,
            place: here.to_owned(),
            unread: 0,
            rows: Vec::new(),
            polls: 0,
            started_over: 0,
        };
        Self { office, desk, dice, list: InboxList::new(), cursor: None, open: None, screen }
    }

    /// Polls and looks around until the office closes; then nothing is open.
    pub(crate) async fn attend(mut self) -> Self {
        while self.office.is_open() {
            self.poll().await;
            if self.dice.below::<u8>(8) == 0 {
                self.look_around().await;
            }
            pause(&mut self.dice, INTERVAL).await;
        }
        self.close();
        self
    }

    /// Polls until there is nothing new, and says what is on the screen.
    pub(crate) async fn finish(mut self) {
        while self.poll().await != Some(true) {}
        self.screen.rows = self.list.iter().map(row).collect();
        Report::Screen(self.screen).say();
    }

    /// Polls once. Whether there was nothing new, unless there was no answer.
    async fn poll(&mut self) -> Option<bool> {
        self.screen.polls += 1;
        let Some(cursor) = &self.cursor else {
            let page = answered(self.desk.inbox(&PageRequest::first(MAX_PAGE)).await)?;
            (self.cursor, self.screen.unread) = (Some(page.cursor), page.unread);
            self.list = page.threads.into_iter().collect();
            return Some(false);
        };
        let open = self.open.as_ref().map(Conversation::to_open);
        let update = match answered(self.desk.poll(cursor, open.as_ref()).await)? {
            OperatorPoll::Update(update) => update,
            OperatorPoll::StartOver { .. } => {
                self.screen.started_over += 1;
                (self.cursor, self.open) = (None, None);
                return Some(false);
            }
        };
        let is_empty = update.is_empty();
        update.apply_to(&mut self.list);
        if let (Some(news), Some(shown)) = (update.conversation, &mut self.open) {
            shown.apply(news);
        }
        (self.cursor, self.screen.unread) = (Some(update.cursor), update.unread);
        Some(is_empty)
    }

    /// Opens a conversation, closes it, or finds something in it that is to be read
    /// again.
    async fn look_around(&mut self) {
        self.close();
        let threads: Vec<&Thread> = self.list.iter().collect();
        if threads.is_empty() {
            return;
        }
        let (booked, last) = {
            let thread = self.dice.one_of(&threads);
            (thread.id().booking.clone(), thread.last_number().get())
        };
        match self.dice.below::<u8>(4) {
            0 => {}
            1 if last > 0 => {
                let from = MessageNumber::new(1 + self.dice.below::<u32>(last.into())).unwrap();
                answered(self.desk.mark_unread(&booked, from).await);
            }
            _ => {
                let at_least = self.office.heard(&self.screen.place, booked.as_str());
                let Some(found) = answered(self.desk.open(&booked).await) else { return };
                self.say(&found, at_least);
                self.open = Some(found);
            }
        }
    }

    /// Says what the open conversation has, all that came by polls included.
    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.say(&open, 0);
        }
    }

    fn say(&self, open: &Conversation, at_least: u32) {
        let spot = (self.screen.place.as_str(), open.thread.id().booking.as_str());
        let slice = Slice { at_least, ..Slice::of(&open.messages) };
        shown(&self.office, &self.screen.reader, spot, &slice);
    }
}

pub(crate) fn row(thread: &Thread) -> Row {
    Row {
        booked: thread.id().booking.as_str().to_owned(),
        last: thread.last_number().get(),
        unread: thread.unread(Role::Operator),
    }
}

/// Follows what a store says of a location.
pub(crate) struct FeedReader {
    office: Office,
    here: String,
    name: String,
    since: Revision,
}

impl FeedReader {
    pub(crate) fn new(office: Office, here: &str, name: String) -> Self {
        Self { office, here: here.to_owned(), name, since: Revision::ZERO }
    }

    pub(crate) async fn follow(mut self) -> Self {
        let mut dice = Dice::new(self.name.len() as u64);
        while self.office.is_open() {
            self.read().await;
            pause(&mut dice, INTERVAL).await;
        }
        self
    }

    pub(crate) async fn finish(&mut self) {
        while !self.read().await {}
    }

    /// Reads once; whether there was an answer.
    async fn read(&mut self) -> bool {
        let at_least = self.office.all_heard(&self.here);
        let asked = self.office.store.changes(&place(&self.here), self.since, usize::MAX).await;
        let changes = match asked {
            Ok(changes) => changes,
            Err(error) => {
                Trouble::of_store(&error);
                return false;
            }
        };
        let heads = changes.changed.iter().map(|stored| {
            let thread = stored.state.live().expect("nothing is erased");
            let Row { booked, last, unread } = row(thread);
            Head { revision: stored.revision.get(), booked, last, unread }
        });
        let feed = Feed {
            reader: self.name.clone(),
            place: self.here.clone(),
            since: self.since.get(),
            revision: changes.revision.get(),
            unread: changes.unread,
            heads: heads.collect(),
            at_least,
        };
        for Head { booked, last, .. } in &feed.heads {
            self.office.hear(&self.here, booked, *last);
        }
        Report::Feed(feed).say();
        self.since = changes.revision;
        true
    }
}

/// An operator who reads old messages, which marks nothing.
pub(crate) struct Historian {
    pub(crate) office: Office,
    pub(crate) name: String,
    pub(crate) dice: Dice,
}

impl Historian {
    pub(crate) async fn look_back(mut self) {
        while self.office.is_open() {
            let (here, booked) = somewhere(&mut self.dice);
            let desk = self.office.desk.operator(place(here), who(&self.name), None);
            let mut before = None;
            let mut at_least = self.office.heard(here, booked);
            // From the newest page to an older one, as a screen that is scrolled.
            for _ in 0..=self.dice.below::<u8>(3) {
                let limit = 1 + self.dice.below::<usize>(MAX_PAGE as u64);
                let messages = match desk.history(&booking_id(booked), before, limit).await {
                    Ok(history) => history.messages,
                    Err(DeskError::NotFound) => Vec::new(),
                    Err(error) => {
                        Trouble::note(&error);
                        break;
                    }
                };
                let slice = Slice { at_least, ..Slice::of(&messages) };
                shown(&self.office, &self.name, (here, booked), &slice);
                before = messages.first().map(Message::number);
                at_least = 0;
                if before.is_none_or(|number| number.get() == 1) {
                    break;
                }
            }
            pause(&mut self.dice, INTERVAL).await;
        }
    }
}

/// A customer who looks at a conversation, and polls it for a while.
pub(crate) struct Guest {
    pub(crate) office: Office,
    pub(crate) name: String,
    pub(crate) dice: Dice,
}

impl Guest {
    pub(crate) async fn visit(mut self) {
        while self.office.is_open() {
            let (here, booked) = somewhere(&mut self.dice);
            let desk =
                self.office.desk.customer(place(here), booking(booked), who(&self.name), None);
            let at_least = self.office.heard(here, booked);
            let Some(answer) = answered(desk.visit().await) else { continue };
            self.say(here, booked, at_least, &answer);
            let mut cursor = answer.cursor().clone();
            for _ in 0..self.dice.below::<u8>(20) {
                pause(&mut self.dice, INTERVAL).await;
                if !self.office.is_open() {
                    return;
                }
                match answered(desk.poll(&cursor).await) {
                    Some(CustomerPoll::Update(answer)) => {
                        self.say(here, booked, 0, &answer);
                        cursor = answer.cursor().clone();
                    }
                    Some(CustomerPoll::StartOver) => panic!("{here}/{booked} went back"),
                    None => {}
                }
            }
        }
    }

    fn say(&self, here: &str, booked: &str, at_least: u32, answer: &CustomerAnswer) {
        let view = answer.view(&self.office.desk.screen(&UtcOffset::UTC, &English));
        let sections = view.conversation.sections.iter();
        let entries = sections.flat_map(|section| &section.entries);
        let entries = entries.map(|entry| (entry.number, entry.side, entry.text.as_str()));
        let slice = Slice { at_least, ..Slice::new(entries) };
        shown(&self.office, &self.name, (here, booked), &slice);
    }
}
