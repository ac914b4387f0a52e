//! Clients of operators and customers, which build their state from the desks' answers.

use frontdesk::cursor::{CustomerCursor, OpenThread, PageCursor, PollCursor};
use frontdesk::desk::{Conversation, OperatorUpdate, Sent};
use frontdesk::inbox::InboxList;
use frontdesk::view::CustomerHistoryView;
use frontdesk::{BookingId, MessageNumber, Role, Thread};

use crate::operations::Target;
use crate::reference::ModelMessage;
use crate::support::booking_id;

/// An operator's client, which loads pages and polls.
pub(crate) struct OperatorClient {
    pub(crate) location: usize,
    pub(crate) operator: usize,
    pub(crate) list: InboxList<Thread>,
    pub(crate) unread: u64,
    pub(crate) cursor: PollCursor,
    /// The cursor of the next page, and the last thread of the page that was loaded last. `None` if
    /// that page is the last page.
    pub(crate) next_page: Option<(PageCursor, Thread)>,
    /// The poll cursor of the first page.
    pub(crate) first_page_cursor: PollCursor,
    /// The conversation that was open at the last poll.
    pub(crate) polled: Option<OpenThread>,
    /// The number of commits that the model had when the cursor was returned.
    pub(crate) commits: u64,
    /// The epoch that the host application had set when the cursor was returned.
    pub(crate) epoch: u64,
    pub(crate) open: Option<OpenConversation>,
}

/// The conversation that a client has open. `conversation` is `None` before the first answer with
/// messages, and after the thread is erased.
pub(crate) struct OpenConversation {
    pub(crate) booking: BookingId,
    pub(crate) conversation: Option<Conversation>,
    pub(crate) shown: MessageNumber,
    pub(crate) redactions: u32,
}

impl OpenConversation {
    #[track_caller]
    pub(crate) fn new(booking: &str) -> Self {
        let shown = MessageNumber::START;
        Self { booking: booking_id(booking), conversation: None, shown, redactions: 0 }
    }

    pub(crate) fn apply(&mut self, newer: Conversation) {
        let conversation = match self.conversation.take() {
            Some(mut conversation) => {
                conversation.apply(newer);
                conversation
            }
            None => newer,
        };
        self.show(conversation);
    }

    pub(crate) fn insert(&mut self, sent: &Sent) {
        if let Some(mut conversation) = self.conversation.take() {
            conversation.insert(sent);
            self.show(conversation);
        }
    }

    fn show(&mut self, conversation: Conversation) {
        let OpenThread { shown, redactions, .. } = conversation.open_thread();
        (self.shown, self.redactions) = (shown, redactions);
        self.conversation = Some(conversation);
    }
}

impl OperatorClient {
    pub(crate) fn open_thread(&self) -> Option<OpenThread> {
        let open = self.open.as_ref()?;
        Some(OpenThread::new(open.booking.clone(), open.shown).with_redactions(open.redactions))
    }

    pub(crate) fn apply(&mut self, update: OperatorUpdate) {
        update.apply_to(&mut self.list);
        if let Some(open) = &mut self.open {
            if update.erased.iter().any(|tombstone| *tombstone.booking() == open.booking) {
                open.conversation = None;
            }
            if let Some(newer) = update.conversation {
                open.apply(*newer);
            }
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
    }
}

/// A customer's client, which opens the customer's conversation and polls.
pub(crate) struct CustomerClient {
    pub(crate) target: Target,
    pub(crate) customer: usize,
    pub(crate) cursor: CustomerCursor,
    pub(crate) shown: u32,
    /// The epoch that the host application had set when the cursor was returned.
    pub(crate) epoch: u64,
    pub(crate) entries: Vec<Entry>,
}

/// An entry of a conversation: number, role and text.
pub(crate) type Entry = (u32, Role, String);

pub(crate) fn view_entries(conversation: &CustomerHistoryView) -> Vec<Entry> {
    let entries = conversation.sections.iter().flat_map(|section| &section.entries);
    entries
        .map(|entry| {
            let text = entry.text.as_ref().map_or("", |text| text.as_str());
            assert_eq!(entry.text.is_none(), entry.removed.is_some(), "T9: the label");
            (entry.number.get(), entry.side, text.to_owned())
        })
        .collect()
}

pub(crate) fn entries_of(messages: &[ModelMessage]) -> Vec<Entry> {
    let messages = messages.iter();
    messages.map(|message| (message.number, message.role, message.text.clone())).collect()
}
