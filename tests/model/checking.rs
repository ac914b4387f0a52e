//! What there is, against what the model says there is.

use frontdesk::desk::{Event, PageRequest};
use frontdesk::store::{Direction, Filter, Revision, ThreadState};
use frontdesk::view::CustomerConversation;
use frontdesk::{Message, MessageBody, Preview, Role, Thread};

use crate::clients::{Dashboard, entries, shown_of};
use crate::operations::{BOOKINGS, PLACES, Spot};
use crate::polling::through_text;
use crate::support::place;
use crate::support::rules::{Said, Talk, Told};
use crate::world::{ALL, WHOLE, World};

impl World {
    /// A customer's view has these messages, and the marks as they are.
    #[track_caller]
    pub(crate) fn assert_view(&self, spot: Spot, view: &CustomerConversation, expected: &[Said]) {
        assert_eq!(entries(view), shown_of(expected), "the customer's answer");
        let found = self.places[spot.0].slots.get(spot.booking());
        let (last, talk) = found.map_or((0, None), |slot| (slot.last, slot.talk.as_ref()));
        assert_eq!(view.part.first_number.get(), talk.map_or(last + 1, |talk| talk.first));
        assert_eq!(view.unread as usize, talk.map_or(0, |talk| talk.unread(Role::Customer)));
        let (Some(talk), [first, ..]) = (talk, expected) else { return };
        let end = expected.last().unwrap_or(first);
        assert_eq!(view.part.shown.get(), end.number, "the last one shown");
        assert_eq!(view.part.has_earlier, first.number > talk.first, "whether there are earlier");
        assert_eq!(view.part.has_later, end.number < talk.last(), "whether there are later ones");
        let furthest = talk.furthest[Role::Operator];
        for entry in view.sections.iter().flat_map(|section| &section.entries) {
            if entry.side == Role::Customer {
                assert_eq!(entry.read, entry.number.get() <= furthest, "read by an operator");
            }
        }
    }

    /// What a dashboard has built is what the location has.
    pub(crate) async fn assert_dashboard(&self, dashboard: &Dashboard) {
        let location = place(PLACES[dashboard.place]);
        if dashboard.next.is_none() {
            let page = self.store.threads(&location, None, ALL, Filter::All).await.unwrap();
            let list: Vec<Thread> = dashboard.list.iter().cloned().collect();
            assert_eq!(list, page.threads, "the dashboard's list");
            assert_eq!(dashboard.unread, page.unread, "the dashboard's unread number");
        }
        if let Some(open) = &dashboard.open {
            let talk = self.places[dashboard.place].talk(open.booking.as_str());
            let all = talk.map_or(Vec::new(), |talk| talk.after(0));
            let shown = open.conversation.as_ref().map(|shown| shown.messages.as_slice());
            assert_messages(shown.unwrap_or_default(), &all);
        }
    }

    /// All that both places have, against the model; and that the step wrote and
    /// told what the model says it did, and no more (P5, P6).
    pub(crate) async fn check(&mut self, before: [(Revision, u64); 2]) {
        let mut expected = Vec::new();
        for (at, (revision, commits)) in before.into_iter().enumerate() {
            self.assert_place(at, revision, commits).await;
            expected.append(&mut self.places[at].told);
        }
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        let kinds: Vec<Told> = told.iter().map(kind).collect();
        assert_eq!(kinds, expected, "what the listener was told");
        if let Some(thread) = told.last().and_then(thread_of) {
            let id = thread.id();
            let stored = self.store.thread(id).await.unwrap();
            assert_eq!(stored.as_ref().and_then(|stored| stored.state.live()), Some(thread));
        }
    }

    async fn assert_place(&self, at: usize, before: Revision, commits_before: u64) {
        let (location, model) = (place(PLACES[at]), &self.places[at]);
        let feed = self.store.changes(&location, Revision::ZERO, ALL).await.unwrap();
        let since = self.store.changes(&location, before, ALL).await.unwrap();
        let commits = model.commits - commits_before;
        assert!(commits <= 1, "the model writes once a step");
        assert_eq!(since.changed.len() as u64, commits, "P6: what a step committed");
        assert_eq!(feed.revision > before, commits > 0, "P6: whether a revision was taken");
        assert_eq!(feed.unread, model.unread() as u64, "U4");

        let order: Vec<&str> =
            feed.changed.iter().map(|stored| stored.state.id().booking.as_str()).collect();
        let changed = model.changed_since(0);
        assert_eq!(order, changed.iter().map(|(booking, _)| *booking).collect::<Vec<_>>(), "I2");
        for (stored, (_, slot)) in feed.changed.iter().zip(changed) {
            match (&stored.state, &slot.talk) {
                (ThreadState::Live(thread), Some(talk)) => assert_head(thread, talk),
                (ThreadState::Erased(tombstone), None) => {
                    assert_eq!(tombstone.last.get(), slot.last, "L3: the tombstone's number");
                }
                (state, talk) => panic!("{state:?} is not {talk:?}"),
            }
            let all = slot.talk.as_ref().map_or(Vec::new(), |talk| talk.after(0));
            let messages =
                self.store.messages(stored.state.id(), WHOLE, ALL, Direction::OldestFirst);
            assert_messages(&messages.await.unwrap(), &all);
        }

        for filter in [Filter::All, Filter::Unread] {
            let page = self.store.threads(&location, None, ALL, filter).await.unwrap();
            let mut inbox = model.inbox();
            inbox.retain(|(_, talk)| filter == Filter::All || talk.unread(Role::Operator) > 0);
            let found: Vec<&str> = page.threads.iter().map(booking_of).collect();
            let expected: Vec<&str> = inbox.iter().map(|(booking, _)| *booking).collect();
            assert_eq!(found, expected, "L1: the inbox, {filter:?}");
        }
    }

    /// U4, L2: the pages of the unread threads, walked one by one.
    pub(crate) async fn assert_unread_pages(&self, at: usize) {
        let mut expected = self.places[at].inbox();
        expected.retain(|(_, talk)| talk.unread(Role::Operator) > 0);
        let (mut found, mut request) = (Vec::new(), PageRequest::unread(1));
        for _ in 0..=BOOKINGS.len() {
            let page = self.operator(at, 0).inbox(&request).await.unwrap();
            found.extend(page.threads.iter().map(|thread| booking_of(thread).to_owned()));
            let Some(next) = page.next else { break };
            request = PageRequest::after(through_text(&next), 1);
        }
        let expected: Vec<&str> = expected.iter().map(|(booking, _)| *booking).collect();
        assert_eq!(found, expected, "the unread threads, page by page");
    }
}

fn kind(event: &Event) -> Told {
    match event {
        Event::Opened { .. } => Told::Opened,
        Event::Received { .. } => Told::Received,
        Event::Replied { .. } => Told::Replied,
        Event::Read { reader, .. } => Told::Read(*reader),
        Event::Erased { .. } => Told::Erased,
        other => panic!("nothing of the model's: {other:?}"),
    }
}

fn thread_of(event: &Event) -> Option<&Thread> {
    match event {
        Event::Opened { thread }
        | Event::Received { thread, .. }
        | Event::Replied { thread, .. }
        | Event::Read { thread, .. } => Some(thread),
        _ => None,
    }
}

pub(crate) fn booking_of(thread: &Thread) -> &str {
    thread.id().booking.as_str()
}

/// I3, W3, T1: numbers, ordinals, authors, texts and times.
#[track_caller]
pub(crate) fn assert_messages(found: &[Message], expected: &[Said]) {
    let found: Vec<Said> = found
        .iter()
        .map(|message| Said {
            number: message.number().get(),
            role: message.role(),
            author: message.author().id.as_str().to_owned(),
            text: message.body().as_str().to_owned(),
            key: None,
            at: message.sent_at(),
        })
        .collect();
    let expected: Vec<Said> =
        expected.iter().map(|said| Said { key: None, ..said.clone() }).collect();
    assert_eq!(found, expected, "the messages");
}

/// A head says what the messages and the sets say.
#[track_caller]
fn assert_head(thread: &Thread, talk: &Talk) {
    assert_eq!(thread.booking(), &talk.booking, "L5: the snapshot");
    assert_eq!(thread.created_at(), talk.created_at, "the creation");
    assert_eq!(thread.active_at(), talk.active_at(), "L1, W3: the last activity");
    assert_eq!(thread.first_number().get(), talk.first, "L3: the first number");
    assert_eq!(thread.last_number().get(), talk.last(), "I3: the last number");
    assert_eq!(thread.message_count() as usize, talk.messages.len(), "the messages");
    let last = talk.messages.last().map(|said| {
        let preview = Preview::of(&MessageBody::new(&said.text).unwrap());
        (said.role, said.at, preview)
    });
    let found = thread.last_message().map(|last| (last.role, last.sent_at, last.preview.clone()));
    assert_eq!(found, last, "the last message");
    for role in [Role::Customer, Role::Operator] {
        assert_eq!(thread.messages_by(role) as usize, talk.by(role).count(), "the {role}s' total");
        assert_eq!(thread.unread(role) as usize, talk.unread(role), "U2: unread by the {role}s");
        let mark = thread.mark(role);
        let nothing = talk.first - 1;
        assert_eq!(mark.number().get().max(nothing), talk.mark(role), "U1: the {role}s' mark");
        assert_eq!(mark.furthest().get().max(nothing), talk.furthest[role], "U1: the furthest");
        assert_eq!(mark.set_at(), talk.set_at[role], "P6: the time of the {role}s' mark");
        let read = talk.by(role.other()).filter(|said| talk.read[role].contains(&said.number));
        assert_eq!(mark.covered() as usize, read.count(), "U2: what the mark covers");
    }
    assert_eq!(thread.awaits_operator(), talk.unread(Role::Operator) > 0, "U4");
}
