//! The state of an operator's browser that loads one page and then polls.

use std::collections::BTreeSet;

use frontdesk::cursor::{OpenThread, PollCursor};
use frontdesk::desk::{OperatorUpdate, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::store::{ThreadList, ThreadStore};
use frontdesk::{BookingId, Message, OperatorDesk, Role, Thread};

use super::fixture::{Fixture, expect_update, open_thread};

/// The list, the unread number and one open conversation, each built from polls.
pub(crate) struct Dashboard {
    desk: OperatorDesk,
    list: InboxList<Thread>,
    unread: u64,
    open: Option<(OpenThread, Vec<Message>)>,
    cursor: PollCursor,
}

impl Dashboard {
    pub(crate) async fn load(desk: OperatorDesk, open: Option<&str>) -> Self {
        let page = desk.inbox(&PageRequest::first(200)).await.unwrap();
        assert_eq!(page.next, None, "the test has more than one page of threads");
        let open = open.map(|id| (open_thread(id, 0), Vec::new()));
        let list = page.threads.into_iter().collect();
        Self { desk, list, unread: page.unread, open, cursor: page.cursor }
    }

    /// Polls. Returns `true` if the answer had news.
    pub(crate) async fn poll(&mut self) -> bool {
        let open = self.open.as_ref().map(|(open, _)| open);
        let answer = self.desk.poll(&self.cursor, open).await.unwrap();
        self.apply(expect_update(answer))
    }

    #[track_caller]
    fn apply(&mut self, update: OperatorUpdate) -> bool {
        let has_news = !update.is_empty();
        let distinct: BTreeSet<&BookingId> =
            update.threads.iter().map(|thread| &thread.id().booking).collect();
        assert_eq!(distinct.len(), update.threads.len(), "an update repeats a thread");
        update.apply_to(&mut self.list);
        if let Some((open, messages)) = &mut self.open {
            if update.erased.iter().any(|tombstone| *tombstone.booking() == open.booking) {
                messages.clear();
            }
            if let Some(conversation) = update.conversation {
                *open = conversation.open_thread();
                messages.retain(|message| message.number() >= conversation.thread.first_number());
                messages.extend(conversation.messages);
                let gap =
                    messages.windows(2).find(|two| two[0].number().next() != Some(two[1].number()));
                assert_eq!(gap, None, "the open conversation has a gap or a duplicate");
            }
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
        let unread = self.list.iter().filter(|thread| thread.is_unread_by(Role::Operator)).count();
        assert_eq!(unread as u64, self.unread, "the unread number does not match the list");
        has_news
    }

    /// Polls until an answer has no news.
    pub(crate) async fn poll_until_quiet(&mut self) {
        for _ in 0..1_000 {
            if !self.poll().await {
                return;
            }
        }
        panic!("1,000 polls in a row had news");
    }

    /// P1, P2, P3: asserts that the dashboard shows everything that is stored, and that
    /// the open conversation is read.
    pub(crate) async fn assert_complete<S>(&self, fixture: &Fixture<S>)
    where
        S: ThreadStore + Clone + 'static,
    {
        let page = fixture.stored_page(ThreadList::All(None)).await;
        let shown: Vec<Thread> = self.list.iter().cloned().collect();
        assert_eq!(shown, page.threads, "the list");
        assert_eq!(self.unread, page.counts.unread, "the unread number");
        let Some((OpenThread { booking, .. }, messages)) = &self.open else { return };
        let stored = fixture.messages(booking.as_str()).await;
        assert_eq!(*messages, stored, "the open conversation");
        let thread = fixture.find_thread(booking.as_str()).await;
        let unread = thread.map_or(0, |thread| thread.unread(Role::Operator));
        assert_eq!(unread, 0, "the open conversation is unread");
    }
}

/// Polls each dashboard until it has no news, in two rounds. In the first round a dashboard
/// does not see the marks that the dashboards after it set.
pub(crate) async fn poll_all_until_quiet(dashboards: &mut [Dashboard]) {
    for _ in 0..2 {
        for dashboard in &mut *dashboards {
            dashboard.poll_until_quiet().await;
        }
    }
}
