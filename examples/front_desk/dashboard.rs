use frontdesk::desk::{Conversation, MAX_PAGE, OpenThread, OperatorPoll, OperatorUpdate};
use frontdesk::desk::{PageRequest, PollCursor};
use frontdesk::inbox::InboxList;
use frontdesk::{BookingId, DeskError, OperatorDesk, Thread};

/// What a team's browser holds: the list, kept up to date by polls, and the
/// conversation that is open.
pub(crate) struct Dashboard {
    desk: OperatorDesk,
    pub(crate) list: InboxList<Thread>,
    pub(crate) unread: u64,
    cursor: PollCursor,
    open: Option<Conversation>,
    pub(crate) seen: Seen,
}

/// What a dashboard went through.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) polls: u64,
    /// Polls that brought something.
    pub(crate) brought: u64,
    pub(crate) started_over: u64,
    pub(crate) opened: u64,
    /// Messages that came into the open conversation by polls.
    pub(crate) messages: u64,
    /// How often these did not follow what was shown: never, if all is well.
    pub(crate) gaps: u64,
}

impl Dashboard {
    /// How many polls go by until somebody looks at another conversation.
    const ATTENTION: u64 = 60;
    /// How much of the list is on the screen.
    const IN_SIGHT: usize = 20;

    pub(crate) async fn load(desk: OperatorDesk) -> Result<Self, DeskError> {
        let page = desk.inbox(&PageRequest::first(MAX_PAGE)).await?;
        let (list, unread, cursor) = (InboxList::new(), page.unread, page.cursor);
        let mut new = Self { desk, list, unread, cursor, open: None, seen: Seen::default() };
        new.reload().await?;
        Ok(new)
    }

    /// Polls once, and then, now and then, opens another conversation.
    pub(crate) async fn attend(&mut self) -> Result<(), DeskError> {
        self.poll().await?;
        if self.seen.polls.is_multiple_of(Self::ATTENTION) {
            self.look_around().await?;
        }
        Ok(())
    }

    /// Polls once.
    pub(crate) async fn poll(&mut self) -> Result<(), DeskError> {
        self.seen.polls += 1;
        let open = self.open.as_ref().map(Conversation::to_open);
        match self.desk.poll(&self.cursor, open.as_ref()).await? {
            OperatorPoll::Update(update) => self.apply(update, open.as_ref()),
            OperatorPoll::StartOver { .. } => {
                self.seen.started_over += 1;
                self.reload().await?;
            }
        }
        Ok(())
    }

    /// The whole list anew, and the open conversation with it.
    async fn reload(&mut self) -> Result<(), DeskError> {
        let mut page = self.desk.inbox(&PageRequest::first(MAX_PAGE)).await?;
        (self.cursor, self.unread) = (page.cursor, page.unread);
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
        self.seen.brought += u64::from(!update.is_empty());
        update.apply_to(&mut self.list);
        for tombstone in &update.erased {
            self.open.take_if(|open| open.thread.id() == &tombstone.id);
        }
        if let (Some(news), Some(shown)) = (update.conversation, &mut self.open) {
            let follows = open.and_then(|open| open.shown.next());
            let follows = follows.max(Some(news.thread.first_number()));
            let first = news.messages.first().map(frontdesk::Message::number);
            self.seen.gaps += u64::from(first.is_some() && first != follows);
            self.seen.messages += news.messages.len() as u64;
            shown.apply(news);
        }
        (self.cursor, self.unread) = (update.cursor, update.unread);
    }

    /// Opens the first conversation in sight that waits for an answer, or closes
    /// the one that is open.
    async fn look_around(&mut self) -> Result<(), DeskError> {
        self.open = None;
        let waiting = self.list.iter().take(Self::IN_SIGHT).find(|thread| thread.awaits_operator());
        if let Some(booking) = waiting.map(|thread| thread.id().booking.clone()) {
            self.seen.opened += 1;
            self.open(&booking).await?;
        }
        Ok(())
    }

    async fn open(&mut self, booking: &BookingId) -> Result<(), DeskError> {
        self.open = match self.desk.open(booking).await {
            Ok(conversation) => {
                // Read now; the unread number follows with the next poll.
                self.list.upsert(conversation.thread.clone());
                Some(conversation)
            }
            // Erased since; the next poll takes it out of the list.
            Err(DeskError::NotFound) => None,
            Err(error) => return Err(error),
        };
        Ok(())
    }
}
