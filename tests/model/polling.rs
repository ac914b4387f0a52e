//! The operations of the clients: loading pages, selecting a conversation, and polling.

use frontdesk::cursor::{CustomerCursor, OpenThread, PollCursor};
use frontdesk::desk::{CustomerPoll, OperatorPoll, OperatorUpdate, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::{MessageNumber, Role, Thread};

use crate::assertions::{assert_messages, booking_of};
use crate::clients::{CustomerClient, OpenConversation, OperatorClient, entries_of, view_entries};
use crate::harness::Harness;
use crate::operations::{BOOKINGS, Target};
use crate::reference::{ModelHead, ModelMessage};

impl Harness {
    /// L2: loads the next page of a client's list. After the last page, loads the first page again.
    pub(crate) async fn load_page(&mut self, client: usize, size: usize) {
        let OperatorClient { location, operator, .. } = self.operators[client];
        let (model, desk) = (&self.models[location], self.operator(location, operator));
        let client = &mut self.operators[client];
        let mut expected = model.inbox();
        let request = match client.next_page.take() {
            Some((cursor, last)) => {
                let (active_at, id) = (last.active_at(), booking_of(&last));
                expected.retain(|(booking, thread)| {
                    thread.active_at() < active_at
                        || thread.active_at() == active_at && *booking > id
                });
                PageRequest::after(through_text(&cursor), size)
            }
            None => PageRequest::first(size),
        };
        let is_first = request == PageRequest::first(size);
        let page = desk.inbox(&request).await.unwrap();

        let bookings: Vec<&str> = page.threads.iter().map(booking_of).collect();
        let first: Vec<&str> = expected.iter().take(size).map(|(booking, _)| *booking).collect();
        assert_eq!(bookings, first, "a page of {size} threads");
        assert_eq!(page.next.is_some(), expected.len() > size, "a next page exists");
        assert_eq!(page.unread, model.unread_threads().len() as u64, "the page's unread threads");
        assert_eq!(page.waiting, model.waiting_threads().len() as u64, "the page's waiting number");

        if is_first {
            client.list = InboxList::new();
            client.first_page_cursor = page.cursor.clone();
            client.cursor = page.cursor.clone();
            client.polled = None;
            client.commits = model.commits;
            client.epoch = self.epoch;
        }
        assert_eq!(
            page.cursor, client.first_page_cursor,
            "L2: each page has the first page's cursor"
        );
        client.next_page = page.next.map(|next| (next, page.threads[size - 1].clone()));
        client.list.extend(page.threads);
    }

    /// Selects the conversation that a client shows, or none. Opens the conversation if `open` is
    /// `true`.
    pub(crate) async fn select(&mut self, client: usize, booking: Option<usize>, open: bool) {
        let OperatorClient { location, operator, .. } = self.operators[client];
        let mut selected = booking.map(|booking| OpenConversation::new(BOOKINGS[booking]));
        if let (Some(selected), Some(booking), true) = (&mut selected, booking, open)
            && let Some(conversation) = self.open(Target { location, booking }, operator).await
        {
            selected.apply(conversation);
        }
        self.operators[client].open = selected;
    }

    pub(crate) async fn poll(&mut self, index: usize) {
        let now = self.now();
        let OperatorClient { location, operator, epoch, commits, .. } = self.operators[index];
        let (desk, open) = (self.operator(location, operator), self.operators[index].open_thread());
        let cursor: PollCursor = through_text(&self.operators[index].cursor);
        let update = match desk.poll(&cursor, open.as_ref()).await.unwrap() {
            OperatorPoll::StartOver { .. } => {
                assert_ne!(epoch, self.epoch, "the poll starts over, but the epoch did not change");
                self.operators[index] = self.operator_client(location, operator).await;
                return;
            }
            OperatorPoll::Update(update) => update,
        };
        assert_eq!(epoch, self.epoch, "P7: a cursor of another epoch was accepted");

        let model = &mut self.models[location];
        let first_unread = open
            .as_ref()
            .and_then(|open| model.first_unread(open.booking.as_str(), Role::Operator));
        let new = open.as_ref().map_or(Vec::new(), |open| {
            let shown = Some(open.shown.get());
            model.read_after(open.booking.as_str(), Role::Operator, shown, now)
        });
        let changed = model.changed_since(commits);
        let just_opened = open.as_ref().filter(|_| self.operators[index].polled != open);
        assert_update(&update, &changed, just_opened, &new);
        let unread = model.unread_threads().len() as u64;
        assert_eq!(update.unread, unread, "U4: the unread threads after the poll's own mark");
        let waiting = model.waiting_threads().len() as u64;
        assert_eq!(update.waiting, waiting, "U5: the waiting threads");
        if let Some(conversation) = &update.conversation {
            let target = Target { location, booking: booking_index(&conversation.thread) };
            assert_eq!(Some(&conversation.thread), self.head(target).await.as_ref());
            let found = conversation.first_unread.map(MessageNumber::get);
            assert_eq!(found, first_unread, "U3: the first unread message");
        }

        let client = &mut self.operators[index];
        client.commits = self.models[location].commits;
        client.polled = open;
        client.apply(update);
        self.assert_client(&self.operators[index]).await;
    }

    pub(crate) async fn customer_poll(&mut self, index: usize) {
        let now = self.now();
        let CustomerClient { target, customer, shown, epoch, .. } = self.customers[index];
        let booking = target.booking_id();
        let cursor: CustomerCursor = through_text(&self.customers[index].cursor);
        let answer = match self.customer(target, customer).poll(&cursor).await.unwrap() {
            CustomerPoll::StartOver => {
                assert_ne!(epoch, self.epoch, "the poll starts over, but the epoch did not change");
                self.customers[index] = self.customer_client(target, customer).await;
                return;
            }
            CustomerPoll::Update(answer) => answer,
        };
        assert_eq!(epoch, self.epoch, "P7: a cursor of another epoch was accepted");
        let model = &mut self.models[target.location];
        let first_unread = model.first_unread(booking, Role::Customer);
        let new = model.read_after(booking, Role::Customer, Some(shown), now);
        let view = self.view(&answer);
        let found = view.first_unread.map(MessageNumber::get);
        assert_eq!(found, first_unread, "U3: the first unread message");
        self.assert_view(target, &view, &new);
        let model = &self.models[target.location];
        assert_eq!(answer.is_started(), model.thread(booking).is_some());

        let client = &mut self.customers[index];
        client.entries.retain(|(number, ..)| *number >= view.page_info.first_number.get());
        client.entries.extend(view_entries(&view));
        for redacted in &view.redacted {
            let shown = client.entries.iter_mut();
            let shown = shown.filter(|(number, ..)| *number == redacted.number.get());
            shown.for_each(|(_, _, text)| text.clear());
        }
        client.shown = model.last(booking);
        client.cursor = answer.cursor().clone();
        assert_eq!(client.entries, entries_of(&model.messages(booking)), "the customer's screen");
    }
}

#[track_caller]
fn booking_index(thread: &Thread) -> usize {
    BOOKINGS.iter().position(|booking| *booking == booking_of(thread)).unwrap()
}

/// Converts a cursor to text and parses the text, as happens when a client sends the cursor.
#[track_caller]
pub(crate) fn through_text<C: std::fmt::Display + std::str::FromStr<Err: std::fmt::Debug>>(
    cursor: &C,
) -> C {
    cursor.to_string().parse().unwrap()
}

/// P2: asserts that an update contains each changed thread once, in the order of the threads' last
/// changes, and that it contains the erased threads and the new messages of the open conversation.
#[track_caller]
fn assert_update(
    update: &OperatorUpdate,
    changed: &[(&str, &ModelHead)],
    just_opened: Option<&OpenThread>,
    new: &[ModelMessage],
) {
    let live = changed.iter().filter(|(_, head)| head.thread.is_some());
    let live: Vec<&str> = live.map(|(booking, _)| *booking).collect();
    let threads: Vec<&str> = update.threads.iter().map(booking_of).collect();
    assert_eq!(threads, live, "the changed threads");

    let expected = changed.iter().filter(|(_, head)| head.thread.is_none());
    let expected: Vec<&str> = expected.map(|(booking, _)| *booking).collect();
    let erased = update.erased.iter().map(|tombstone| tombstone.booking().as_str());
    // The first poll with an open conversation reports an erasure of this conversation even if the
    // erasure is older than the cursor. `expected` does not contain older erasures.
    let is_after_cursor = |booking: &&str| {
        let open = just_opened.map(|open| open.booking.as_str());
        expected.contains(booking) || open != Some(booking)
    };
    let erased: Vec<&str> = erased.filter(is_after_cursor).collect();
    assert_eq!(erased, expected, "the erased threads");

    match &update.conversation {
        Some(conversation) => assert_messages(&conversation.messages, new),
        None => assert_eq!(new, [], "the open conversation's new messages"),
    }
}
