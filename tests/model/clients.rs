//! Browsers, and what they have built of answers.

use frontdesk::desk::{
    Conversation, CustomerCursor, OpenThread, OperatorUpdate, PageCursor, PollCursor,
};
use frontdesk::inbox::InboxList;
use frontdesk::view::CustomerConversation;
use frontdesk::{BookingId, MessageNumber, Role, Thread};

use crate::operations::Spot;
use crate::support::booking_id;
use crate::support::rules::Said;

/// What an operator's browser has built of pages and polls.
pub(crate) struct Dashboard {
    pub(crate) place: usize,
    pub(crate) operator: usize,
    pub(crate) list: InboxList<Thread>,
    pub(crate) unread: u64,
    pub(crate) cursor: PollCursor,
    /// Where the walk through the pages goes on; none when it is through.
    pub(crate) next: Option<(PageCursor, Thread)>,
    /// What the walk's first page said that polling goes on from.
    pub(crate) walk: PollCursor,
    /// What was open at the last poll.
    pub(crate) polled: Option<OpenThread>,
    /// How many commits the cursor has seen, and which epoch it is of.
    pub(crate) commits: u64,
    pub(crate) epoch: u64,
    pub(crate) open: Option<Screen>,
}

/// An open conversation on a screen: nothing yet where it was never opened, and
/// no longer anything where it was erased.
pub(crate) struct Screen {
    pub(crate) booking: BookingId,
    pub(crate) conversation: Option<Conversation>,
    pub(crate) shown: MessageNumber,
}

impl Screen {
    #[track_caller]
    pub(crate) fn new(booking: &str) -> Self {
        let shown = MessageNumber::START;
        Self { booking: booking_id(booking), conversation: None, shown }
    }

    pub(crate) fn take_in(&mut self, newer: Conversation) {
        self.shown = newer.to_open().shown;
        match &mut self.conversation {
            Some(conversation) => conversation.apply(newer),
            None => self.conversation = Some(newer),
        }
    }
}

impl Dashboard {
    pub(crate) fn opened(&self) -> Option<OpenThread> {
        let open = self.open.as_ref()?;
        Some(OpenThread { booking: open.booking.clone(), shown: open.shown })
    }

    pub(crate) fn apply(&mut self, update: OperatorUpdate) {
        update.apply_to(&mut self.list);
        for tombstone in &update.erased {
            let gone = self.open.as_mut().filter(|open| open.booking == *tombstone.booking());
            if let Some(open) = gone {
                open.conversation = None;
            }
        }
        if let (Some(newer), Some(open)) = (update.conversation, &mut self.open) {
            open.take_in(newer);
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
    }
}

/// What a customer's browser has built of visits and polls.
pub(crate) struct Portal {
    pub(crate) spot: Spot,
    pub(crate) customer: usize,
    pub(crate) cursor: CustomerCursor,
    pub(crate) shown: u32,
    pub(crate) epoch: u64,
    /// Number, side and text.
    pub(crate) entries: Vec<(u32, Role, String)>,
}

pub(crate) fn entries(conversation: &CustomerConversation) -> Vec<(u32, Role, String)> {
    let entries = conversation.sections.iter().flat_map(|section| &section.entries);
    entries.map(|entry| (entry.number.get(), entry.side, entry.text.as_str().to_owned())).collect()
}

pub(crate) fn shown_of(messages: &[Said]) -> Vec<(u32, Role, String)> {
    messages.iter().map(|said| (said.number, said.role, said.text.clone())).collect()
}
