//! For any sequence of operations, a desk over `MemoryStore` gives the same answers as a desk
//! over the naive store of the tests.
#![no_main]

use arbitrary::Arbitrary;
use frontdesk::cursor::{CustomerCursor, OpenThread, PollCursor};
use frontdesk::desk::{Clock as _, ManualClock, OperatorPoll, PageRequest};
use frontdesk::store::{MemoryStore, ThreadStore};
use frontdesk::view::English;
use frontdesk::{
    Booking, BookingId, CustomerDesk, DeskError, Draft, FrontDesk, LocationId, MessageNumber,
    OperatorDesk, ParticipantId, SingleLine, Timestamp,
};
use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde_json::{Value, json};
use time::UtcOffset;

#[path = "../../tests/support/naive.rs"]
mod naive;

use naive::NaiveStore;

#[derive(Debug, Arbitrary)]
struct Operation<'a> {
    /// The minutes by which the clock moves before the operation.
    minutes: i8,
    second_location: bool,
    booking: u8,
    call: Call<'a>,
}

#[derive(Debug, Arbitrary)]
enum Call<'a> {
    Send { draft: FuzzDraft<'a>, second: bool },
    Reply { draft: FuzzDraft<'a>, second: bool },
    Start,
    Open,
    History { before: Option<u8>, limit: u8 },
    MarkRead(u8),
    MarkUnread(u8),
    CustomerOpen,
    Inbox { unread: bool, limit: u8 },
    Poll { with_open: bool },
    CustomerPoll,
    Refresh { activity: &'a str },
    Erase,
}

#[derive(Debug, Arbitrary)]
struct FuzzDraft<'a> {
    text: &'a str,
    key: Option<u8>,
    seen: Option<u8>,
}

impl FuzzDraft<'_> {
    fn draft(&self) -> Draft {
        let mut draft = Draft::new(self.text);
        if let Some(key) = self.key {
            draft = draft.with_key(format!("k-{}", key % 4).try_into().unwrap());
        }
        match self.seen {
            Some(seen) => draft.with_seen(number(seen)),
            None => draft,
        }
    }
}

fn number(number: u8) -> MessageNumber {
    MessageNumber::new(u32::from(number % 16)).unwrap_or(MessageNumber::START)
}

/// A desk over one of the stores, and the state of its clients.
struct Clients {
    desk: FrontDesk,
    operators: [PollCursor; 2],
    open: [Option<OpenThread>; 2],
    customer: Option<CustomerCursor>,
}

impl Clients {
    fn over(store: impl ThreadStore + 'static, clock: &ManualClock) -> Self {
        let desk = FrontDesk::builder(store).clock(clock.clone()).build();
        let cursor = |second_location| {
            let operator = operator(&desk, second_location, false);
            block_on(operator.inbox(&PageRequest::first(1))).unwrap().cursor
        };
        let operators = [cursor(false), cursor(true)];
        Self { desk, operators, open: [None, None], customer: None }
    }

    /// Applies an operation and returns the answer as JSON. The JSON has no cursors, because
    /// cursors contain revisions, which differ between the stores.
    async fn apply(&mut self, operation: &Operation<'_>) -> Value {
        let Operation { second_location, booking, call, .. } = operation;
        let (at, booking) = (usize::from(*second_location), snapshot(*booking));
        let operator = |second| operator(&self.desk, *second_location, second);
        let customer = |second| customer(&self.desk, *second_location, &booking, second);
        let context = self.desk.view_context(&UtcOffset::UTC, &English);
        let kim = operator(false);
        let answer = match call {
            Call::Send { draft, second } => {
                let sent = customer(*second).send(draft.draft()).await;
                to_json(sent.map(|sent| sent.view(&context)))
            }
            Call::Reply { draft, second } => {
                let sent = operator(*second).reply(&booking.id, draft.draft()).await;
                to_json(sent.map(|sent| sent.view(&context)))
            }
            Call::Start => to_json(kim.start(booking).await),
            Call::Open => to_json(kim.open(&booking.id).await.map(|opened| {
                self.open[at] = Some(opened.open_thread());
                opened.view(&context)
            })),
            Call::History { before, limit } => {
                let found = kim.history(&booking.id, before.map(number), usize::from(*limit)).await;
                to_json(found.map(|history| history.view(&context)))
            }
            Call::MarkRead(upto) => to_json(kim.mark_read(&booking.id, number(*upto)).await),
            Call::MarkUnread(from) => to_json(kim.mark_unread(&booking.id, number(*from)).await),
            Call::CustomerOpen => to_json(customer(false).open().await.map(|answer| {
                self.customer = Some(answer.cursor().clone());
                answer.view(&context)
            })),
            Call::Inbox { unread, limit } => {
                let limit = usize::from(*limit);
                let request =
                    if *unread { PageRequest::unread(limit) } else { PageRequest::first(limit) };
                to_json(kim.inbox(&request).await.map(|page| {
                    if !unread {
                        self.operators[at] = page.cursor.clone();
                    }
                    page.view(&context)
                }))
            }
            Call::Poll { with_open } => {
                let open = self.open[at].clone().filter(|_| *with_open);
                to_json(kim.poll(&self.operators[at], open.as_ref()).await.map(|answer| {
                    self.operators[at] = match &answer {
                        OperatorPoll::Update(update) => update.cursor.clone(),
                        OperatorPoll::StartOver { cursor } => cursor.clone(),
                    };
                    answer.view(&context)
                }))
            }
            Call::CustomerPoll => match &self.customer {
                Some(cursor) => {
                    let answer = customer(false).poll(cursor).await;
                    to_json(answer.map(|answer| answer.view(&context)))
                }
                None => Value::Null,
            },
            Call::Refresh { activity } => {
                let mut booking = booking;
                booking.activity = SingleLine::new(activity);
                to_json(self.desk.admin(location(*second_location)).refresh(&booking.into()).await)
            }
            Call::Erase => {
                to_json(self.desk.admin(location(*second_location)).erase(&booking.id).await)
            }
        };
        without_cursors(answer)
    }
}

fn to_json<T: Serialize>(answer: Result<T, DeskError>) -> Value {
    match answer {
        Ok(answer) => serde_json::to_value(answer).unwrap(),
        Err(error) => json!({ "error": format!("{error:?}") }),
    }
}

fn without_cursors(mut answer: Value) -> Value {
    match &mut answer {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "cursor" && name != "next");
            fields.values_mut().for_each(|field| *field = without_cursors(field.take()));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| *item = without_cursors(item.take()));
        }
        _ => {}
    }
    answer
}

fn location(second: bool) -> LocationId {
    LocationId::new(if second { "b" } else { "a" }).unwrap()
}

fn snapshot(booking: u8) -> Booking {
    let id = BookingId::new(format!("b-{}", booking % 3)).unwrap();
    Booking::new(id, "K7Q2-XH41", "Harbour tour").with_start(Timestamp::UNIX_EPOCH)
}

fn operator(desk: &FrontDesk, second_location: bool, second: bool) -> OperatorDesk {
    let id = ParticipantId::new(if second { "u-2" } else { "u-1" }).unwrap();
    desk.operator(location(second_location), id, None)
}

fn customer(
    desk: &FrontDesk,
    second_location: bool,
    booking: &Booking,
    second: bool,
) -> CustomerDesk {
    let id = ParticipantId::new(if second { "c-2" } else { "c-1" }).unwrap();
    let customer = desk.customer(location(second_location), booking.id.clone(), id);
    customer.starting_with(booking.clone())
}

fuzz_target!(|operations: Vec<Operation<'_>>| {
    let clock = ManualClock::new(Timestamp::from_unix_micros(1_800_000_000_000_000).unwrap());
    let mut memory = Clients::over(MemoryStore::new(), &clock);
    let mut naive = Clients::over(NaiveStore::new(), &clock);
    for operation in &operations {
        let micros = clock.now().unix_micros() + i64::from(operation.minutes) * 60_000_000;
        clock.set(Timestamp::saturating_from_unix_micros(micros));
        let answers = [block_on(memory.apply(operation)), block_on(naive.apply(operation))];
        assert_eq!(answers[0], answers[1], "after {operation:?}");
    }
});
