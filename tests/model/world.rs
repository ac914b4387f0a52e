//! The crate and the model side by side, and who uses them.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use frontdesk::desk::{CustomerAnswer, Event, PageRequest};
use frontdesk::store::{Direction, Revision, ThreadStore};
use frontdesk::view::{CustomerConversation, English};
use frontdesk::{
    CustomerDesk, FrontDesk, Message, MessageNumber, OperatorDesk, Thread, ThreadId, Timestamp,
};
use time::UtcOffset;

use crate::clients::{Dashboard, Portal, shown_of};
use crate::operations::{CUSTOMERS, OPERATORS, Op, PLACES, Spot, snapshot};
use crate::support::rules::Place;
use crate::support::{at, booking_id, place, who};

pub(crate) const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;
pub(crate) const ALL: usize = usize::MAX;

pub(crate) struct World {
    pub(crate) store: Arc<dyn ThreadStore>,
    pub(crate) clock: Arc<AtomicI64>,
    pub(crate) told: Arc<Mutex<Vec<Event>>>,
    pub(crate) epoch: u64,
    pub(crate) places: [Place; 2],
    pub(crate) dashboards: Vec<Dashboard>,
    pub(crate) portals: Vec<Portal>,
    pub(crate) last_keyed: Option<Op>,
}

impl World {
    pub(crate) async fn over(store: Arc<dyn ThreadStore>) -> Self {
        let mut world = Self {
            store,
            clock: Arc::new(AtomicI64::new(at(0).unix_micros())),
            told: Arc::default(),
            epoch: 0,
            places: [Place::default(), Place::default()],
            dashboards: Vec::new(),
            portals: Vec::new(),
            last_keyed: None,
        };
        for (place, operator) in [(0, 0), (0, 1), (1, 0)] {
            let dashboard = world.dashboard(place, operator).await;
            world.dashboards.push(dashboard);
        }
        for (spot, customer) in [(Spot(0, 0), 0), (Spot(0, 0), 1), (Spot(1, 1), 0)] {
            let portal = world.portal(spot, customer).await;
            world.portals.push(portal);
        }
        world
    }
    pub(crate) fn desk(&self) -> FrontDesk {
        let (clock, told) = (Arc::clone(&self.clock), Arc::clone(&self.told));
        FrontDesk::builder(Arc::clone(&self.store))
            .clock(move || Timestamp::saturating_from_unix_micros(clock.load(SeqCst)))
            .listener(move |event: &Event| told.lock().unwrap().push(event.clone()))
            .epoch(self.epoch)
            .build()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.desk().now()
    }

    pub(crate) fn operator(&self, place_at: usize, operator: usize) -> OperatorDesk {
        self.desk().operator(place(PLACES[place_at]), who(OPERATORS[operator]), None)
    }

    pub(crate) fn customer(&self, spot: Spot, customer: usize) -> CustomerDesk {
        let snapshot = snapshot(spot, customer);
        self.desk().customer(place(PLACES[spot.0]), snapshot, who(CUSTOMERS[customer]), None)
    }

    pub(crate) async fn dashboard(&self, place: usize, operator: usize) -> Dashboard {
        let page = self.operator(place, operator).inbox(&PageRequest::first(200)).await.unwrap();
        assert_eq!(page.next, None);
        Dashboard {
            place,
            operator,
            list: page.threads.into_iter().collect(),
            unread: page.unread,
            walk: page.cursor.clone(),
            cursor: page.cursor,
            polled: None,
            next: None,
            commits: self.places[place].commits,
            epoch: self.epoch,
            open: None,
        }
    }

    pub(crate) async fn portal(&mut self, spot: Spot, customer: usize) -> Portal {
        let (answer, new) = self.visit(spot, customer).await;
        let cursor = answer.cursor().clone();
        let shown = self.places[spot.0].slots.get(spot.booking()).map_or(0, |slot| slot.last);
        let (epoch, entries) = (self.epoch, shown_of(&new));
        Portal { spot, customer, cursor, shown, epoch, entries }
    }

    pub(crate) async fn head(&self, spot: Spot) -> Option<Thread> {
        let id = ThreadId::new(place(PLACES[spot.0]), booking_id(spot.booking()));
        self.store.thread(&id).await.unwrap()?.state.live().cloned()
    }

    pub(crate) async fn stored(
        &self,
        spot: Spot,
        range: RangeInclusive<MessageNumber>,
    ) -> Vec<Message> {
        let id = ThreadId::new(place(PLACES[spot.0]), booking_id(spot.booking()));
        self.store.messages(&id, range, ALL, Direction::OldestFirst).await.unwrap()
    }

    pub(crate) fn view(&self, answer: &CustomerAnswer) -> CustomerConversation {
        answer.view(&self.desk().screen(&UtcOffset::UTC, &English)).conversation
    }

    pub(crate) async fn revisions(&self) -> [(Revision, u64); 2] {
        let mut before = [(Revision::ZERO, 0); 2];
        for (at, before) in before.iter_mut().enumerate() {
            let feed = self.store.changes(&place(PLACES[at]), Revision::MAX, 0).await.unwrap();
            *before = (feed.revision, self.places[at].commits);
        }
        before
    }
}
