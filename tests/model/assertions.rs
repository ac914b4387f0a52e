//! Assertions that the answers of the desks and the stored state equal the reference
//! implementation.

use frontdesk::desk::{Event, PageRequest};
use frontdesk::store::{Revision, ThreadList, ThreadState};
use frontdesk::view::CustomerHistoryView;
use frontdesk::{Message, MessageBody, Preview, Role, Thread};

use crate::clients::{OperatorClient, entries_of, view_entries};
use crate::harness::{Harness, Progress};
use crate::operations::{BOOKINGS, Target};
use crate::polling::through_text;
use crate::reference::{EventKind, ModelMessage, ModelThread};

impl Harness {
    /// Asserts that a customer's view has the expected messages, marks and page bounds.
    #[track_caller]
    pub(crate) fn assert_view(
        &self,
        target: Target,
        view: &CustomerHistoryView,
        expected: &[ModelMessage],
    ) {
        assert_eq!(view_entries(view), entries_of(expected), "the customer's messages");
        let model = &self.models[target.location];
        let thread = model.thread(target.booking_id());
        let first_number =
            thread.map_or(model.last(target.booking_id()) + 1, |thread| thread.first);
        assert_eq!(view.page_info.first_number.get(), first_number, "the first number");
        let unread = thread.map_or(0, |thread| thread.unread(Role::Customer));
        assert_eq!(view.unread as usize, unread, "the messages that the customer has not read");
        let (Some(thread), [first, ..]) = (thread, expected) else { return };
        let end = expected.last().unwrap_or(first);
        assert_eq!(view.page_info.shown.get(), end.number, "the number of the last shown message");
        assert_eq!(view.page_info.has_earlier, first.number > thread.first, "has earlier messages");
        assert_eq!(view.page_info.has_later, end.number < thread.last(), "has later messages");
        let furthest = thread.furthest[Role::Operator];
        for entry in view.sections.iter().flat_map(|section| &section.entries) {
            if entry.side == Role::Customer {
                assert_eq!(entry.read, entry.number.get() <= furthest, "read by an operator");
            }
        }
    }

    /// Asserts that a client's list equals the stored list, if the client has loaded all pages, and
    /// that the client's open conversation equals the model's.
    pub(crate) async fn assert_client(&self, client: &OperatorClient) {
        let fixture = self.at(client.location);
        if client.next_page.is_none() {
            let page = fixture.stored_page(ThreadList::All(None)).await;
            let list: Vec<Thread> = client.list.iter().cloned().collect();
            assert_eq!(list, page.threads, "the client's list");
            assert_eq!(client.unread, page.counts.unread, "the client's number of unread threads");
        }
        if let Some(open) = &client.open {
            let expected = self.models[client.location].messages(open.booking.as_str());
            let shown = open.conversation.as_ref().map(|shown| shown.messages.as_slice());
            assert_messages(shown.unwrap_or_default(), &expected);
        }
    }

    /// P5, P6: asserts that the stored state of both locations equals the reference, and
    /// that the last step made the expected commits and events, and no others.
    pub(crate) async fn check(&mut self, before: [Progress; 2]) {
        let mut expected = Vec::new();
        for (location, before) in before.into_iter().enumerate() {
            self.assert_location(location, before).await;
            expected.append(&mut self.models[location].events);
        }
        let events = self.at(0).take_events();
        let kinds: Vec<EventKind> = events.iter().map(kind).collect();
        assert_eq!(kinds, expected, "the emitted events");
        if let Some(thread) = events.last().and_then(thread_of) {
            let fixture = self.at(0).at_location(thread.id().location.as_str());
            let stored = fixture.find_thread(booking_of(thread)).await;
            assert_eq!(stored.as_ref(), Some(thread), "the last event has the stored thread");
        }
    }

    async fn assert_location(&self, location: usize, before: Progress) {
        let (fixture, model) = (self.at(location), &self.models[location]);
        let feed = fixture.changes(Revision::ZERO).await;
        let since = fixture.changes(before.revision).await;
        let commits = model.commits - before.commits;
        assert!(commits <= 1, "a step commits at most once");
        assert_eq!(since.changed.len() as u64, commits, "P6: the number of commits of the step");
        assert_eq!(feed.counts.revision > before.revision, commits > 0, "P6: a new revision");
        assert_eq!(feed.counts.unread, model.unread_threads().len() as u64, "U4: unread threads");
        let waiting = model.waiting_threads();
        assert_eq!(feed.counts.waiting, waiting.len() as u64, "U5: waiting threads");

        let order: Vec<&str> =
            feed.changed.iter().map(|stored| stored.state.id().booking.as_str()).collect();
        let changed = model.changed_since(0);
        assert_eq!(
            order,
            changed.iter().map(|(booking, _)| *booking).collect::<Vec<_>>(),
            "I2: the bookings"
        );
        for (stored, (booking, head)) in feed.changed.iter().zip(changed) {
            match (&stored.state, &head.thread) {
                (ThreadState::Live(thread), Some(expected)) => assert_head(thread, expected),
                (ThreadState::Erased(tombstone), None) => {
                    assert_eq!(tombstone.last.get(), head.last, "L3: the tombstone's number");
                }
                (state, thread) => panic!("the store has {state:?}, but the model has {thread:?}"),
            }
            assert_messages(&fixture.messages(booking).await, &model.messages(booking));
        }

        let inbox: Vec<&str> = model.inbox().into_iter().map(|(booking, _)| booking).collect();
        for (list, expected) in [
            (ThreadList::All(None), inbox),
            (ThreadList::Unread(None), model.unread_threads()),
            (ThreadList::Waiting(None), waiting),
        ] {
            let page = fixture.stored_page(list).await;
            let found: Vec<&str> = page.threads.iter().map(booking_of).collect();
            assert_eq!(found, expected, "L1: the order of {list:?}");
        }
    }

    /// U4, L2: reads the list of unread threads in pages of one thread, and asserts that the list
    /// equals the model's.
    pub(crate) async fn assert_unread_pages(&self, location: usize) {
        let (mut found, mut request) = (Vec::new(), PageRequest::unread(1));
        for _ in 0..=BOOKINGS.len() {
            let page = self.operator(location, 0).inbox(&request).await.unwrap();
            found.extend(page.threads.iter().map(|thread| booking_of(thread).to_owned()));
            let Some(next) = page.next else { break };
            request = PageRequest::after(through_text(&next), 1);
        }
        assert_eq!(found, self.models[location].unread_threads(), "the unread threads");
    }
}

impl Harness {
    /// U5, L2: reads the waiting list in pages of one thread, and asserts that the list equals the
    /// model's.
    pub(crate) async fn assert_waiting_pages(&self, location: usize) {
        let (mut found, mut request) = (Vec::new(), PageRequest::waiting(1));
        for _ in 0..=BOOKINGS.len() {
            let page = self.operator(location, 0).inbox(&request).await.unwrap();
            found.extend(page.threads.iter().map(|thread| booking_of(thread).to_owned()));
            let Some(next) = page.next else { break };
            request = PageRequest::after(through_text(&next), 1);
        }
        assert_eq!(found, self.models[location].waiting_threads(), "the waiting threads");
    }
}

fn kind(event: &Event) -> EventKind {
    match event {
        Event::ThreadStarted { .. } => EventKind::ThreadStarted,
        Event::MessageReceived { .. } => EventKind::MessageReceived,
        Event::ReplySent { .. } => EventKind::ReplySent,
        Event::MarkedRead { reader, .. } => EventKind::MarkedRead(*reader),
        Event::BookingUpdated { .. } => EventKind::BookingUpdated,
        Event::MarkedUnread { reader, .. } => {
            assert_eq!(*reader, Role::Operator, "only operators mark as unread");
            EventKind::MarkedUnread
        }
        Event::MarkedAnswered { .. } => EventKind::MarkedAnswered,
        Event::MessageRedacted { message, .. } => {
            assert_eq!(message.body(), None, "T9: the event has no text");
            EventKind::MessageRedacted
        }
        Event::ThreadErased { .. } => EventKind::ThreadErased,
        other => panic!("the reference implementation has no event for {other:?}"),
    }
}

fn thread_of(event: &Event) -> Option<&Thread> {
    match event {
        Event::ThreadStarted { thread }
        | Event::MessageReceived { thread, .. }
        | Event::ReplySent { thread, .. }
        | Event::MarkedRead { thread, .. }
        | Event::BookingUpdated { thread, .. }
        | Event::MarkedUnread { thread, .. }
        | Event::MarkedAnswered { thread }
        | Event::MessageRedacted { thread, .. } => Some(thread),
        _ => None,
    }
}

pub(crate) fn booking_of(thread: &Thread) -> &str {
    thread.id().booking.as_str()
}

/// I3, W3, T1: asserts that messages have the expected numbers, roles, authors, texts and times.
#[track_caller]
pub(crate) fn assert_messages(found: &[Message], expected: &[ModelMessage]) {
    let found: Vec<ModelMessage> = found
        .iter()
        .map(|message| ModelMessage {
            number: message.number().get(),
            role: message.role(),
            author: message.author().id.as_str().to_owned(),
            text: message.body().map_or("", |body| body.as_str()).to_owned(),
            key: None,
            sent_at: message.sent_at(),
            automatic: message.is_automatic(),
            imported: message.is_imported(),
            redaction: message.redaction(),
        })
        .collect();
    let expected: Vec<ModelMessage> =
        expected.iter().map(|message| ModelMessage { key: None, ..message.clone() }).collect();
    assert_eq!(found, expected, "the messages");
}

/// Asserts that a head (the stored thread without its messages) equals the thread of the reference
/// implementation.
#[track_caller]
fn assert_head(thread: &Thread, expected: &ModelThread) {
    assert_eq!(thread.booking(), &expected.booking, "L5: the booking snapshot");
    assert_eq!(thread.created_at(), expected.created_at, "the time of creation");
    assert_eq!(thread.active_at(), expected.active_at(), "L1, W3: the time of the last activity");
    assert_eq!(thread.first_number().get(), expected.first, "L3: the first number");
    assert_eq!(thread.last_number().get(), expected.last(), "I3: the last number");
    assert_eq!(thread.message_count() as usize, expected.messages.len(), "the message count");
    let last = expected.messages.last().map(|message| {
        let has_text = message.redaction.is_none();
        let preview = has_text.then(|| Preview::of(&MessageBody::new(&message.text).unwrap()));
        (message.role, message.sent_at, preview)
    });
    let found = thread.last_message().map(|last| (last.role, last.sent_at, last.preview.clone()));
    assert_eq!(found, last, "the last message");
    assert_eq!(thread.waiting_since(), expected.waiting_since(), "U5: the wait");
    assert_eq!(thread.redactions(), expected.redactions(), "T9: the number of redacted messages");
    for role in [Role::Customer, Role::Operator] {
        let count = expected.messages_by(role).count();
        assert_eq!(thread.messages_by(role) as usize, count, "the number of the {role}s' messages");
        let unread = expected.unread(role);
        assert_eq!(thread.unread(role) as usize, unread, "U2: unread by the {role}s");
        let mark = thread.mark(role);
        let start = expected.first - 1;
        assert_eq!(mark.number().get().max(start), expected.mark(role), "U1: the {role}s' mark");
        assert_eq!(
            mark.furthest().get().max(start),
            expected.furthest[role],
            "U1: the {role}s' furthest mark"
        );
        assert_eq!(mark.set_at(), expected.set_at[role], "P6: the time of the {role}s' mark");
        let theirs = expected.messages_by(role.opposite());
        let read = theirs.filter(|message| expected.read[role].contains(&message.number));
        assert_eq!(mark.covered() as usize, read.count(), "U2: the messages that a mark covers");
    }
    assert_eq!(
        thread.is_unread_by(Role::Operator),
        expected.unread(Role::Operator) > 0,
        "U4: the thread is unread by the operators"
    );
}
