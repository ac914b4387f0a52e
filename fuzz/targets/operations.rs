//! Whatever is done at a desk, it answers over a `MemoryStore` as it does over the
//! store of flat lists that the tests call naive.
#![no_main]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use arbitrary::Arbitrary;
use frontdesk::desk::{CustomerCursor, OpenThread, OperatorPoll, PageRequest, PollCursor};
use frontdesk::store::{MemoryStore, ThreadStore};
use frontdesk::view::English;
use frontdesk::{
    Booking, BookingId, CustomerDesk, Draft, FrontDesk, LocationId, MessageNumber, OperatorDesk,
    ParticipantId, Timestamp,
};
use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use time::UtcOffset;

#[path = "../../tests/support/naive.rs"]
mod naive;

use naive::NaiveStore;

#[derive(Debug, Arbitrary)]
struct Operation<'a> {
    /// Half an hour back to two hours on.
    passes: i8,
    at_b: bool,
    booked: u8,
    does: Does<'a>,
}

#[derive(Debug, Arbitrary)]
enum Does<'a> {
    Send { draft: Typed<'a>, second: bool },
    Reply { draft: Typed<'a>, second: bool },
    Start,
    Open,
    Look { before: Option<u8>, limit: u8 },
    MarkRead(u8),
    MarkUnread(u8),
    Visit,
    Inbox { unread: bool, limit: u8 },
    Poll { with_open: bool },
    CustomerPoll,
    Refresh { activity: &'a str },
    Erase,
}

#[derive(Debug, Arbitrary)]
struct Typed<'a> {
    text: &'a str,
    key: Option<u8>,
    shown: Option<u8>,
}

impl Typed<'_> {
    fn draft(&self) -> Draft {
        let mut draft = Draft::new(self.text);
        if let Some(key) = self.key {
            draft = draft.with_key(format!("k-{}", key % 4).try_into().unwrap());
        }
        match self.shown {
            Some(shown) => draft.having_seen(number(shown)),
            None => draft,
        }
    }
}

fn number(number: u8) -> MessageNumber {
    MessageNumber::new(u32::from(number % 16)).unwrap_or(MessageNumber::START)
}

/// A desk over one of the stores, and what its clients remember.
struct World {
    desk: FrontDesk,
    operators: [PollCursor; 2],
    open: [Option<OpenThread>; 2],
    customer: Option<CustomerCursor>,
}

impl World {
    fn over(store: impl ThreadStore + 'static, clock: &Arc<AtomicI64>) -> Self {
        let clock = Arc::clone(clock);
        let now = move || Timestamp::from_unix_micros(clock.load(Relaxed)).unwrap();
        let desk = FrontDesk::builder(store).clock(now).build();
        let cursor = |at_b| {
            let operator = operator(&desk, at_b, false);
            block_on(operator.inbox(&PageRequest::first(1))).unwrap().cursor
        };
        let operators = [cursor(false), cursor(true)];
        Self { desk, operators, open: [None, None], customer: None }
    }

    /// What a client is told, without the cursors, in which the stores may differ.
    async fn apply(&mut self, operation: &Operation<'_>) -> Value {
        let Operation { at_b, booked, does, .. } = operation;
        let booking = booking(*booked);
        let operator = |second| operator(&self.desk, *at_b, second);
        let customer = |second| customer(&self.desk, *at_b, &booking, second);
        let screen = self.desk.screen(&UtcOffset::UTC, &English);
        let kim = operator(false);
        let told = match does {
            Does::Send { draft, second } => {
                told(customer(*second).send(draft.draft()).await.map(|sent| sent.view(&screen)))
            }
            Does::Reply { draft, second } => told(
                operator(*second)
                    .reply(&booking.id, draft.draft())
                    .await
                    .map(|sent| sent.view(&screen)),
            ),
            Does::Start => told(kim.start(booking).await),
            Does::Open => told(kim.open(&booking.id).await.map(|opened| {
                self.open[usize::from(*at_b)] = Some(opened.to_open());
                opened.view(&screen)
            })),
            Does::Look { before, limit } => {
                let found = kim.history(&booking.id, before.map(number), usize::from(*limit)).await;
                told(found.map(|history| history.view(&screen)))
            }
            Does::MarkRead(upto) => told(kim.mark_read(&booking.id, number(*upto)).await),
            Does::MarkUnread(from) => told(kim.mark_unread(&booking.id, number(*from)).await),
            Does::Visit => told(customer(false).visit().await.map(|answer| {
                self.customer = Some(answer.cursor().clone());
                answer.view(&screen)
            })),
            Does::Inbox { unread, limit } => {
                let limit = usize::from(*limit);
                let request =
                    if *unread { PageRequest::unread(limit) } else { PageRequest::first(limit) };
                told(kim.inbox(&request).await.map(|page| {
                    if !unread {
                        self.operators[usize::from(*at_b)] = page.cursor.clone();
                    }
                    page.view(&screen)
                }))
            }
            Does::Poll { with_open } => {
                let at = usize::from(*at_b);
                let open = self.open[at].clone().filter(|_| *with_open);
                told(kim.poll(&self.operators[at], open.as_ref()).await.map(|answer| {
                    self.operators[at] = match &answer {
                        OperatorPoll::Update(update) => update.cursor.clone(),
                        OperatorPoll::StartOver { cursor } => cursor.clone(),
                    };
                    answer.view(&screen)
                }))
            }
            Does::CustomerPoll => match &self.customer {
                Some(cursor) => told(customer(false).poll(cursor).await.map(|it| it.view(&screen))),
                None => Value::Null,
            },
            Does::Refresh { activity } => {
                let mut booking = booking;
                booking.activity = frontdesk::OneLine::new(activity);
                let here = self.desk.location(place(*at_b));
                told(here.refresh(&booking).await)
            }
            Does::Erase => told(self.desk.location(place(*at_b)).erase(&booking.id).await),
        };
        without_cursors(told)
    }
}

fn told<T: serde::Serialize>(answer: Result<T, frontdesk::DeskError>) -> Value {
    match answer {
        Ok(answer) => serde_json::to_value(answer).unwrap(),
        Err(error) => json!({ "error": format!("{error:?}") }),
    }
}

fn without_cursors(mut told: Value) -> Value {
    match &mut told {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "cursor" && name != "next");
            fields.values_mut().for_each(|field| *field = without_cursors(field.take()));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| *item = without_cursors(item.take()));
        }
        _ => {}
    }
    told
}

fn place(at_b: bool) -> LocationId {
    LocationId::new(if at_b { "b" } else { "a" }).unwrap()
}

fn booking(booked: u8) -> Booking {
    let id = BookingId::new(format!("b-{}", booked % 3)).unwrap();
    Booking::new(id, "K7Q2-XH41", "Harbour tour", Timestamp::UNIX_EPOCH)
}

fn operator(desk: &FrontDesk, at_b: bool, second: bool) -> OperatorDesk {
    let id = ParticipantId::new(if second { "u-2" } else { "u-1" }).unwrap();
    desk.operator(place(at_b), id, None)
}

fn customer(desk: &FrontDesk, at_b: bool, booking: &Booking, second: bool) -> CustomerDesk {
    let id = ParticipantId::new(if second { "c-2" } else { "c-1" }).unwrap();
    desk.customer(place(at_b), booking.clone(), id, None)
}

fuzz_target!(|operations: Vec<Operation<'_>>| {
    let clock = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    let mut fast = World::over(MemoryStore::new(), &clock);
    let mut plain = World::over(NaiveStore::new(), &clock);
    for operation in &operations {
        clock.fetch_add(i64::from(operation.passes) * 60_000_000, Relaxed);
        let answers = [block_on(fast.apply(operation)), block_on(plain.apply(operation))];
        assert_eq!(answers[0], answers[1], "after {operation:?}");
    }
});
