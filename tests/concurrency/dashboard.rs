//! An operator's browser, polling.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use frontdesk::desk::{OpenThread, OperatorPoll, OperatorUpdate, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::{BookingId, Message, MessageNumber, OperatorDesk, Thread};
use tokio::task::yield_now;

use crate::support::booking_id;

/// What an operator's browser has: the list, the unread number, and one open
/// conversation, built of one page and of polls.
pub(crate) struct Dashboard {
    pub(crate) desk: OperatorDesk,
    pub(crate) list: InboxList<Thread>,
    pub(crate) unread: u64,
    pub(crate) open: Option<(BookingId, Vec<Message>)>,
    pub(crate) cursor: frontdesk::desk::PollCursor,
}

impl Dashboard {
    pub(crate) async fn load(desk: OperatorDesk, open: Option<&str>) -> Self {
        let page = desk.inbox(&PageRequest::first(200)).await.unwrap();
        assert_eq!(page.next, None, "the test has one page of threads");
        let open = open.map(|booked| (booking_id(booked), Vec::new()));
        let list = page.threads.into_iter().collect();
        Self { desk, list, unread: page.unread, open, cursor: page.cursor }
    }

    pub(crate) fn opened(&self) -> Option<OpenThread> {
        let (booking, messages) = self.open.as_ref()?;
        let shown = messages.last().map_or(MessageNumber::START, Message::number);
        Some(OpenThread { booking: booking.clone(), shown })
    }

    /// Polls; says whether anything came.
    pub(crate) async fn poll(&mut self) -> bool {
        match self.desk.poll(&self.cursor, self.opened().as_ref()).await.unwrap() {
            OperatorPoll::Update(update) => self.apply(update),
            OperatorPoll::StartOver { cursor } => panic!("told to start over at {cursor}"),
        }
    }

    pub(crate) async fn poll_until_quiet(&mut self) {
        for _ in 0..1_000 {
            if !self.poll().await {
                return;
            }
        }
        panic!("polls bring something for ever");
    }

    #[track_caller]
    fn apply(&mut self, update: OperatorUpdate) -> bool {
        let mut news = !update.threads.is_empty();
        let once: BTreeSet<&BookingId> =
            update.threads.iter().map(|thread| &thread.id().booking).collect();
        assert_eq!(once.len(), update.threads.len(), "a thread came twice");
        self.list.extend(update.threads);
        for tombstone in &update.erased {
            news |= self.list.remove(tombstone.booking()).is_some();
            if let Some((open, shown)) = &mut self.open
                && open == tombstone.booking()
            {
                shown.clear();
            }
        }
        if let (Some(conversation), Some((_, shown))) = (update.conversation, &mut self.open) {
            shown.retain(|message| message.number() >= conversation.thread.first_number());
            shown.extend(conversation.messages);
            let gaps = shown.windows(2).find(|two| two[0].number().next() != Some(two[1].number()));
            assert_eq!(gaps, None, "messages on the screen are missing or doubled");
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
        news
    }
}

/// Polls until `done`, and then until nothing comes.
pub(crate) async fn poll_to_the_end(mut dashboard: Dashboard, done: Arc<AtomicBool>) -> Dashboard {
    loop {
        let last = done.load(SeqCst);
        if last {
            dashboard.poll_until_quiet().await;
            return dashboard;
        }
        dashboard.poll().await;
        yield_now().await;
    }
}
