//! A simulated browser of an operator, which loads one page of the inbox and then polls.

use std::collections::BTreeSet;

use frontdesk::cursor::{OpenThread, PollCursor};
use frontdesk::desk::{OperatorUpdate, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::store::{ThreadList, ThreadStore};
use frontdesk::{BookingId, Message, OperatorDesk, Role, Thread};

use super::fixture::{Fixture, expect_update, open_thread};

/// The list of threads, the number of unread threads and at most one open conversation. Polls keep
/// all of them up to date.
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

    /// Polls once and applies the answer. Returns `true` if the answer was not empty.
    pub(crate) async fn poll(&mut self) -> bool {
        let open = self.open.as_ref().map(|(open, _)| open);
        let answer = self.desk.poll(&self.cursor, open).await.unwrap();
        self.apply(expect_update(answer))
    }

    #[track_caller]
    fn apply(&mut self, update: OperatorUpdate) -> bool {
        let has_changes = !update.is_empty();
        let distinct: BTreeSet<&BookingId> =
            update.threads.iter().map(|thread| &thread.id().booking).collect();
        assert_eq!(distinct.len(), update.threads.len(), "an update contains a thread twice");
        update.apply_to(&mut self.list);
        if let Some((open, messages)) = &mut self.open {
            if update.erased.iter().any(|tombstone| *tombstone.booking() == open.booking) {
                messages.clear();
            }
            if let Some(conversation) = update.conversation {
                let known = open.redactions;
                *open = conversation.open_thread();
                if messages
                    .first()
                    .is_some_and(|first| first.number() >= conversation.thread.first_number())
                {
                    open.redactions = open.redactions.max(known);
                }
                messages.retain(|message| message.number() >= conversation.thread.first_number());
                messages.extend(conversation.messages);
                for redacted in conversation.redacted {
                    let known =
                        messages.iter_mut().filter(|known| known.number() == redacted.number());
                    known.for_each(|known| *known = redacted.clone());
                }
                let gap =
                    messages.windows(2).find(|two| two[0].number().next() != Some(two[1].number()));
                assert_eq!(gap, None, "the open conversation has a gap or a duplicate");
            }
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
        let unread = self.list.iter().filter(|thread| thread.is_unread_by(Role::Operator)).count();
        assert_eq!(
            unread as u64, self.unread,
            "the number of unread threads does not match the list"
        );
        has_changes
    }

    /// Polls until an answer is empty.
    pub(crate) async fn poll_until_quiet(&mut self) {
        for _ in 0..1_000 {
            if !self.poll().await {
                return;
            }
        }
        panic!("none of 1,000 polls returned an empty answer");
    }

    /// P1, P2, P3: asserts that the dashboard shows everything that is stored, and that the open
    /// conversation has no unread message.
    pub(crate) async fn assert_complete<S>(&self, fixture: &Fixture<S>)
    where
        S: ThreadStore + Clone + 'static,
    {
        let page = fixture.stored_page(ThreadList::All(None)).await;
        let shown: Vec<Thread> = self.list.iter().cloned().collect();
        assert_eq!(shown, page.threads, "the list of threads");
        assert_eq!(self.unread, page.counts.unread, "the number of unread threads");
        let Some((OpenThread { booking, .. }, messages)) = &self.open else { return };
        let stored = fixture.messages(booking.as_str()).await;
        assert_eq!(*messages, stored, "the messages of the open conversation");
        let thread = fixture.find_thread(booking.as_str()).await;
        let unread = thread.map_or(0, |thread| thread.unread(Role::Operator));
        assert_eq!(unread, 0, "the open conversation has unread messages");
    }
}

/// Polls each dashboard until an answer is empty, in two rounds. In the first round, a poll can
/// move the operators' read mark after an earlier dashboard was polled. The second round brings
/// these moves to all dashboards.
pub(crate) async fn poll_all_until_quiet(dashboards: &mut [Dashboard]) {
    for _ in 0..2 {
        for dashboard in &mut *dashboards {
            dashboard.poll_until_quiet().await;
        }
    }
}
