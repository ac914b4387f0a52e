//! A run: one operation after the other.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use frontdesk::Thread;
use frontdesk::store::ThreadStore;

use crate::clients::Portal;
use crate::operations::{Op, PLACES, Typed, snapshot};
use crate::support::{booking_id, place};
use crate::world::World;

impl World {
    /// Does one thing to the crate and to the model, and compares the answers.
    pub(crate) async fn step(&mut self, op: Op) {
        match op {
            Op::Send { spot, customer, typed, off } => {
                self.keep_if_keyed(&op, typed);
                self.send(spot, customer, typed, off).await;
            }
            Op::Reply { spot, operator, typed } => {
                self.keep_if_keyed(&op, typed);
                drop(self.reply(spot, operator, typed).await);
            }
            Op::Answer { dashboard, text } => self.answer(dashboard, text).await,
            Op::Again => match self.last_keyed.clone() {
                Some(Op::Send { spot, customer, typed, off }) => {
                    self.send(spot, customer, typed, off).await;
                }
                Some(Op::Reply { spot, operator, typed }) => {
                    drop(self.reply(spot, operator, typed).await);
                }
                _ => {}
            },
            Op::Start { spot, operator } => {
                let snapshot = snapshot(spot, operator + 2);
                let now = self.now();
                self.places[spot.0].start(snapshot.clone(), now);
                let thread = self.operator(spot.0, operator).start(snapshot).await.unwrap();
                assert_eq!(Some(thread), self.head(spot).await, "the answer is the head");
            }
            Op::Open { spot, operator } => drop(self.open(spot, operator).await),
            Op::Visit { spot, customer } => drop(self.visit(spot, customer).await),
            Op::Mark { spot, operator, number, unread } => {
                self.mark(spot, operator, number, unread).await;
            }
            Op::Look { spot, by, before, limit } => self.look(spot, by, before, limit).await,
            Op::Refresh { spot, version } => {
                let snapshot = snapshot(spot, version);
                let expected = self.places[spot.0].refresh(&snapshot);
                let location = self.desk().location(place(PLACES[spot.0]));
                assert_eq!(location.refresh(&snapshot).await.unwrap(), expected, "refreshed");
            }
            Op::Erase { spot } => {
                let expected = self.places[spot.0].erase(spot.booking());
                let location = self.desk().location(place(PLACES[spot.0]));
                let erased = location.erase(&booking_id(spot.booking())).await.unwrap();
                assert_eq!(erased, expected, "erased");
            }
            Op::EraseIdle { spot } => {
                let now = self.now();
                let model = &mut self.places[spot.0];
                let idle = model.talk(spot.booking()).is_some_and(|talk| talk.active_at() < now);
                let expected = idle && model.erase(spot.booking());
                let location = self.desk().location(place(PLACES[spot.0]));
                let condition = |thread: &Thread| thread.active_at() < now;
                let erased = location.erase_if(&booking_id(spot.booking()), condition).await;
                assert_eq!(erased.unwrap(), expected, "erased what was idle");
            }
            Op::Page { dashboard, size } => self.page(dashboard, size).await,
            Op::Show { dashboard, booking, open } => self.show(dashboard, booking, open).await,
            Op::Poll { dashboard } => self.poll(dashboard).await,
            Op::Revisit { portal } => {
                let Portal { spot, customer, .. } = self.portals[portal];
                self.portals[portal] = self.portal(spot, customer).await;
            }
            Op::CustomerPoll { portal } => self.customer_poll(portal).await,
            Op::Clock { seconds } => drop(self.clock.fetch_add(seconds * 1_000_000, SeqCst)),
            Op::Epoch => self.epoch += 1,
        }
    }

    fn keep_if_keyed(&mut self, op: &Op, typed: Typed) {
        if typed.key.is_some() {
            self.last_keyed = Some(op.clone());
        }
    }
}

pub(crate) async fn run(store: Arc<dyn ThreadStore>, ops: Vec<Op>) {
    let mut world = World::over(store).await;
    for op in ops {
        let before = world.revisions().await;
        world.step(op).await;
        world.check(before).await;
    }
    // P2: one poll of each client, and all show what there is.
    for dashboard in 0..world.dashboards.len() {
        let before = world.revisions().await;
        world.poll(dashboard).await;
        world.check(before).await;
    }
    for at in 0..PLACES.len() {
        world.assert_unread_pages(at).await;
    }
    for portal in 0..world.portals.len() {
        let before = world.revisions().await;
        world.customer_poll(portal).await;
        world.check(before).await;
    }
}
