use frontdesk::cursor::{OpenThread, PollCursor};
use frontdesk::desk::{Conversation, MAX_PAGE, OperatorPoll, OperatorUpdate, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::{BookingId, DeskError, Message, OperatorDesk, Role, Thread};

/// The state of one operator's browser: the list of threads, which polls keep up to date,
/// and the open conversation.
pub(crate) struct SimulatedDashboard {
    desk: OperatorDesk,
    pub(crate) list: InboxList<Thread>,
    pub(crate) unread_threads: u64,
    cursor: PollCursor,
    open: Option<Conversation>,
    pub(crate) counts: PollCounts,
}

/// The results of a dashboard's polls.
#[derive(Default)]
pub(crate) struct PollCounts {
    pub(crate) polls: u64,
    pub(crate) polls_with_changes: u64,
    pub(crate) start_overs: u64,
    pub(crate) opened_conversations: u64,
    /// Messages that polls added to the open conversation.
    pub(crate) polled_messages: u64,
    /// Polls whose first message was not the one after the last shown message. Always 0 unless
    /// the library or the store loses a message.
    pub(crate) gaps: u64,
}

impl SimulatedDashboard {
    /// The operator opens another conversation after this many polls.
    const POLLS_PER_CONVERSATION: u64 = 60;
    /// Rows of the list that fit on the screen.
    const VISIBLE_ROWS: usize = 20;

    pub(crate) async fn load(desk: OperatorDesk) -> Result<Self, DeskError> {
        let page = desk.inbox(&PageRequest::first(MAX_PAGE)).await?;
        let mut dashboard = Self {
            desk,
            list: InboxList::new(),
            unread_threads: page.unread,
            cursor: page.cursor,
            open: None,
            counts: PollCounts::default(),
        };
        dashboard.reload().await?;
        Ok(dashboard)
    }

    /// Polls and, from time to time, opens another conversation.
    pub(crate) async fn poll_and_browse(&mut self) -> Result<(), DeskError> {
        self.poll().await?;
        if self.counts.polls.is_multiple_of(Self::POLLS_PER_CONVERSATION) {
            self.open_first_unread().await?;
        }
        Ok(())
    }

    pub(crate) async fn poll(&mut self) -> Result<(), DeskError> {
        self.counts.polls += 1;
        let open = self.open.as_ref().map(Conversation::open_thread);
        match self.desk.poll(&self.cursor, open.as_ref()).await? {
            OperatorPoll::Update(update) => self.apply(update, open.as_ref()),
            OperatorPoll::StartOver { .. } => {
                self.counts.start_overs += 1;
                self.reload().await?;
            }
        }
        Ok(())
    }

    /// Loads the whole list and the open conversation again.
    async fn reload(&mut self) -> Result<(), DeskError> {
        let mut page = self.desk.inbox(&PageRequest::first(MAX_PAGE)).await?;
        (self.cursor, self.unread_threads) = (page.cursor, page.unread);
        self.list = page.threads.into_iter().collect();
        while let Some(next) = page.next {
            page = self.desk.inbox(&PageRequest::after(next, MAX_PAGE)).await?;
            self.list.extend(page.threads);
        }
        if let Some(open) = self.open.take() {
            self.open(&open.thread.id().booking).await?;
        }
        Ok(())
    }

    fn apply(&mut self, update: OperatorUpdate, open: Option<&OpenThread>) {
        self.counts.polls_with_changes += u64::from(!update.is_empty());
        update.apply_to(&mut self.list);
        for tombstone in &update.erased {
            self.open.take_if(|open| open.thread.id() == &tombstone.id);
        }
        if let (Some(newer), Some(shown)) = (update.conversation, &mut self.open) {
            let expected = open.and_then(|open| open.shown.next());
            let expected = expected.max(Some(newer.thread.first_number()));
            let first = newer.messages.first().map(Message::number);
            self.counts.gaps += u64::from(first.is_some() && first != expected);
            self.counts.polled_messages += newer.messages.len() as u64;
            shown.apply(newer);
        }
        (self.cursor, self.unread_threads) = (update.cursor, update.unread);
    }

    /// Closes the open conversation and opens the first visible conversation that is unread, if
    /// there is one.
    async fn open_first_unread(&mut self) -> Result<(), DeskError> {
        self.open = None;
        let unread = self
            .list
            .iter()
            .take(Self::VISIBLE_ROWS)
            .find(|thread| thread.is_unread_by(Role::Operator));
        if let Some(booking) = unread.map(|thread| thread.id().booking.clone()) {
            self.counts.opened_conversations += 1;
            self.open(&booking).await?;
        }
        Ok(())
    }

    async fn open(&mut self, booking: &BookingId) -> Result<(), DeskError> {
        self.open = match self.desk.open(booking).await {
            Ok(conversation) => {
                // Opening marked the conversation as read, so its row changes now. The next poll
                // returns the new number of unread threads.
                self.list.upsert(conversation.thread.clone());
                Some(conversation)
            }
            // The thread was erased. The next poll removes it from the list.
            Err(DeskError::NotFound) => None,
            Err(error) => return Err(error),
        };
        Ok(())
    }
}
