//! Lists and open conversations that polls keep up to date.

use frontdesk::desk::{
    CustomerCursor, CustomerPoll, OpenThread, OperatorPoll, OperatorUpdate, PageRequest, PollCursor,
};
use frontdesk::inbox::InboxList;
use frontdesk::{Role, Thread};

use crate::checking::{assert_messages, booking_of};
use crate::clients::{Dashboard, Portal, Screen, entries, shown_of};
use crate::operations::{BOOKINGS, Spot};
use crate::support::rules::{Said, Slot};
use crate::world::World;

impl World {
    /// L2: walks on, or begins to walk, a dashboard's list.
    pub(crate) async fn page(&mut self, dashboard: usize, size: usize) {
        let Dashboard { place, operator, .. } = self.dashboards[dashboard];
        let (model, desk) = (&self.places[place], self.operator(place, operator));
        let dashboard = &mut self.dashboards[dashboard];
        let mut expected = model.inbox();
        let request = match dashboard.next.take() {
            Some((cursor, last)) => {
                let position = (last.active_at(), last.id().booking.as_str());
                expected.retain(|(booking, talk)| {
                    talk.active_at() < position.0
                        || talk.active_at() == position.0 && *booking > position.1
                });
                PageRequest::after(through_text(&cursor), size)
            }
            None => PageRequest::first(size),
        };
        let is_first = request == PageRequest::first(size);
        let page = desk.inbox(&request).await.unwrap();

        let bookings: Vec<&str> = page.threads.iter().map(booking_of).collect();
        let first: Vec<&str> = expected.iter().take(size).map(|(booking, _)| *booking).collect();
        assert_eq!(bookings, first, "a page of {size}");
        assert_eq!(page.next.is_some(), expected.len() > size, "whether there is a next page");
        assert_eq!(page.unread, model.unread() as u64, "the page's unread number");

        if is_first {
            dashboard.list = InboxList::new();
            dashboard.walk = page.cursor.clone();
            dashboard.cursor = page.cursor.clone();
            dashboard.polled = None;
            dashboard.commits = model.commits;
            dashboard.epoch = self.epoch;
        }
        assert_eq!(page.cursor, dashboard.walk, "L2: a first poll starts from the first page");
        dashboard.next = page.next.map(|next| (next, page.threads[size - 1].clone()));
        dashboard.list.extend(page.threads);
    }

    /// Has a dashboard show another conversation.
    pub(crate) async fn show(&mut self, dashboard: usize, booking: Option<usize>, open: bool) {
        let Dashboard { place, operator, .. } = self.dashboards[dashboard];
        let mut screen = booking.map(|booking| Screen::new(BOOKINGS[booking]));
        if let (Some(screen), Some(booking), true) = (&mut screen, booking, open)
            && let Some(conversation) = self.open(Spot(place, booking), operator).await
        {
            screen.take_in(conversation);
        }
        self.dashboards[dashboard].open = screen;
    }

    pub(crate) async fn poll(&mut self, index: usize) {
        let now = self.now();
        let Dashboard { place, operator, epoch, commits, .. } = self.dashboards[index];
        let (desk, opened) = (self.operator(place, operator), self.dashboards[index].opened());
        let cursor: PollCursor = through_text(&self.dashboards[index].cursor);
        let answer = desk.poll(&cursor, opened.as_ref()).await.unwrap();
        let update = match answer {
            OperatorPoll::StartOver { .. } => {
                assert_ne!(epoch, self.epoch, "told to start over for nothing");
                self.dashboards[index] = self.dashboard(place, operator).await;
                return;
            }
            OperatorPoll::Update(update) => update,
        };
        assert_eq!(epoch, self.epoch, "a cursor of another epoch went on");

        let model = &mut self.places[place];
        let new = opened.as_ref().map_or(Vec::new(), |open| {
            model.show(open.booking.as_str(), Role::Operator, Some(open.shown.get()), now)
        });
        let changed = model.changed_since(commits);
        let just_opened = opened.as_ref().filter(|_| self.dashboards[index].polled != opened);
        assert_update(&update, &changed, just_opened, &new);
        let unread = model.unread() as u64;
        assert_eq!(update.unread, unread, "U4, as of after the poll's own mark");
        if let Some(conversation) = &update.conversation {
            let spot = Spot(place, booking_at(&conversation.thread));
            assert_eq!(Some(&conversation.thread), self.head(spot).await.as_ref());
        }

        let dashboard = &mut self.dashboards[index];
        dashboard.commits = self.places[place].commits;
        dashboard.polled = opened;
        dashboard.apply(update);
        self.assert_dashboard(&self.dashboards[index]).await;
    }

    pub(crate) async fn customer_poll(&mut self, index: usize) {
        let now = self.now();
        let Portal { spot, customer, shown, epoch, .. } = self.portals[index];
        let cursor: CustomerCursor = through_text(&self.portals[index].cursor);
        let answer = match self.customer(spot, customer).poll(&cursor).await.unwrap() {
            CustomerPoll::StartOver => {
                assert_ne!(epoch, self.epoch, "told to start over for nothing");
                self.portals[index] = self.portal(spot, customer).await;
                return;
            }
            CustomerPoll::Update(answer) => answer,
        };
        assert_eq!(epoch, self.epoch, "a cursor of another epoch went on");
        let model = &mut self.places[spot.0];
        let new = model.show(spot.booking(), Role::Customer, Some(shown), now);
        self.assert_view(spot, &self.view(&answer), &new);

        assert_eq!(answer.is_started(), self.places[spot.0].talk(spot.booking()).is_some());

        let view = self.view(&answer);
        let model = &self.places[spot.0];
        let portal = &mut self.portals[index];
        portal.entries.retain(|(number, ..)| *number >= view.part.first_number.get());
        portal.entries.extend(entries(&view));
        portal.shown = model.slots.get(spot.booking()).map_or(0, |slot| slot.last);
        portal.cursor = answer.cursor().clone();
        let all = model.talk(spot.booking()).map_or(Vec::new(), |talk| talk.after(0));
        assert_eq!(portal.entries, shown_of(&all), "what the customer's screen shows");
    }
}

#[track_caller]
fn booking_at(thread: &Thread) -> usize {
    BOOKINGS.iter().position(|booking| *booking == booking_of(thread)).unwrap()
}

/// A cursor as it comes back from a client.
#[track_caller]
pub(crate) fn through_text<C: std::fmt::Display + std::str::FromStr<Err: std::fmt::Debug>>(
    cursor: &C,
) -> C {
    cursor.to_string().parse().unwrap()
}

/// P2: each changed thread once, last changed last, the erased ones, and what is
/// new in the open conversation.
#[track_caller]
fn assert_update(
    update: &OperatorUpdate,
    changed: &[(&str, &Slot)],
    just_opened: Option<&OpenThread>,
    new: &[Said],
) {
    let live = changed.iter().filter(|(_, slot)| slot.talk.is_some());
    let live: Vec<&str> = live.map(|(booking, _)| *booking).collect();
    let threads: Vec<&str> = update.threads.iter().map(booking_of).collect();
    assert_eq!(threads, live, "the changed threads");

    let gone = changed.iter().filter(|(_, slot)| slot.talk.is_none());
    let gone: Vec<&str> = gone.map(|(booking, _)| *booking).collect();
    let erased = update.erased.iter().map(|tombstone| tombstone.booking().as_str());
    // Whoever opens one that was erased before the cursor is told so, once.
    let news = |booking: &&str| {
        let open = just_opened.map(|open| open.booking.as_str());
        gone.contains(booking) || open != Some(booking)
    };
    let erased: Vec<&str> = erased.filter(news).collect();
    assert_eq!(erased, gone, "the erased ones");

    match &update.conversation {
        Some(conversation) => assert_messages(&conversation.messages, new),
        None => assert_eq!(new, [], "the open conversation's new messages"),
    }
}
