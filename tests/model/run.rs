//! Runs each operation of a sequence on a desk and on the reference implementation.

use std::sync::Arc;

use frontdesk::Thread;
use frontdesk::store::ThreadStore;

use crate::clients::CustomerClient;
use crate::harness::Harness;
use crate::operations::{LOCATIONS, Operation, TestDraft, snapshot};
use crate::support::booking_id;

impl Harness {
    /// Runs one operation on a desk and on the reference implementation, and compares the answers.
    async fn step(&mut self, operation: Operation) {
        match operation {
            Operation::Send { target, customer, draft, messaging_off } => {
                self.remember_if_keyed(&operation, draft);
                self.send(target, customer, draft, messaging_off).await;
            }
            Operation::Reply { target, operator, draft } => {
                self.remember_if_keyed(&operation, draft);
                drop(self.reply(target, operator, draft).await);
            }
            Operation::ReplyOnScreen { client, text } => self.reply_on_screen(client, text).await,
            Operation::Retry => match self.last_keyed.clone() {
                Some(Operation::Send { target, customer, draft, messaging_off }) => {
                    self.send(target, customer, draft, messaging_off).await;
                }
                Some(Operation::Reply { target, operator, draft }) => {
                    drop(self.reply(target, operator, draft).await);
                }
                _ => {}
            },
            Operation::Start { target, operator } => {
                let snapshot = snapshot(target, operator + 2);
                let now = self.now();
                self.models[target.location].start(snapshot.clone(), now);
                let desk = self.operator(target.location, operator);
                let thread = desk.start(snapshot).await.unwrap();
                assert_eq!(Some(thread), self.head(target).await, "the started thread");
            }
            Operation::Open { target, operator } => drop(self.open(target, operator).await),
            Operation::CustomerOpen { target, customer } => {
                drop(self.customer_open(target, customer).await);
            }
            Operation::Mark { target, operator, number, unread } => {
                self.mark(target, operator, number, unread).await;
            }
            Operation::CustomerMarkRead { target, customer, number } => {
                self.customer_mark_read(target, customer, number).await;
            }
            Operation::MarkAnswered { target, operator, number } => {
                self.mark_answered(target, operator, number).await;
            }
            Operation::Redact { target, operator, number } => {
                self.redact(target, operator, number).await;
            }
            Operation::History { target, role, before, limit } => {
                self.history(target, role, before, limit).await;
            }
            Operation::Refresh { target, version } => {
                let snapshot = snapshot(target, version);
                let expected = self.models[target.location].refresh(&snapshot);
                let admin = self.at(target.location).admin();
                assert_eq!(
                    admin.refresh(&snapshot.into()).await.unwrap(),
                    expected,
                    "the result of refreshing"
                );
            }
            Operation::Erase { target } => {
                let expected = self.models[target.location].erase(target.booking_id());
                let admin = self.at(target.location).admin();
                let erased = admin.erase(&booking_id(target.booking_id())).await.unwrap();
                assert_eq!(erased, expected, "the result of erasing");
            }
            Operation::EraseIfIdle { target } => {
                let (now, booking) = (self.now(), target.booking_id());
                let model = &mut self.models[target.location];
                let is_idle = model.thread(booking).is_some_and(|thread| thread.active_at() < now);
                let expected = is_idle && model.erase(booking);
                let admin = self.at(target.location).admin();
                let condition = |thread: &Thread| thread.active_at() < now;
                let erased = admin.erase_if(&booking_id(booking), condition).await.unwrap();
                assert_eq!(erased, expected, "the result of erasing an idle thread");
            }
            Operation::Import { target, import } => self.import(target, &import).await,
            Operation::LoadPage { client, size } => self.load_page(client, size).await,
            Operation::Select { client, booking, open } => self.select(client, booking, open).await,
            Operation::Poll { client } => self.poll(client).await,
            Operation::Reopen { client } => {
                let CustomerClient { target, customer, .. } = self.customers[client];
                self.customers[client] = self.customer_client(target, customer).await;
            }
            Operation::CustomerPoll { client } => self.customer_poll(client).await,
            Operation::AdvanceClock { seconds } => self.advance(seconds),
            Operation::ChangeEpoch => self.change_epoch(),
        }
    }

    fn remember_if_keyed(&mut self, operation: &Operation, draft: TestDraft) {
        if draft.key.is_some() {
            self.last_keyed = Some(operation.clone());
        }
    }
}

pub(crate) async fn run(store: Arc<dyn ThreadStore>, operations: Vec<Operation>) {
    let mut harness = Harness::new(store).await;
    for operation in operations {
        let before = harness.progress().await;
        harness.step(operation).await;
        harness.check(before).await;
    }
    // P2: after one poll, each client shows what is stored.
    for client in 0..harness.operators.len() {
        let before = harness.progress().await;
        harness.poll(client).await;
        harness.check(before).await;
    }
    for location in 0..LOCATIONS.len() {
        harness.assert_unread_pages(location).await;
        harness.assert_waiting_pages(location).await;
    }
    for client in 0..harness.customers.len() {
        let before = harness.progress().await;
        harness.customer_poll(client).await;
        harness.check(before).await;
    }
}
