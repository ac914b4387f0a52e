//! What is in the stores that are measured, and who writes it.
#![allow(dead_code, reason = "no bench needs all of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use frontdesk::store::ThreadStore;
use frontdesk::{
    Booking, BookingId, CustomerDesk, Draft, FrontDesk, IdempotencyKey, LocationId, OperatorDesk,
    ParticipantId, Role, Timestamp,
};

/// The location of everything that is timed.
pub(crate) const HARBOUR: &str = "harbour";
/// The author of all replies.
pub(crate) const TEAM: &str = "team";

/// A text of 4 to 100 bytes, 52 at the middle, as messages to a desk are.
pub(crate) fn text(number: usize) -> String {
    const WORDS: &str = "Could we come an hour later and bring two dogs, or is the boat full by \
                         then? We would love to see the seals!";
    let length = 4 + number * 7_919 % 97;
    WORDS.chars().take(length).collect::<String>().trim_end().to_owned()
}

pub(crate) fn booking(number: usize) -> Booking {
    let id = BookingId::new(booking_id(number)).expect("it is short");
    Booking::new(id, format!("K7Q2-{number:06}"), "Harbour tour", Timestamp::UNIX_EPOCH)
}

pub(crate) fn booking_id(number: usize) -> String {
    format!("b-{number:06}")
}

pub(crate) fn author(booking: usize, role: Role) -> String {
    match role {
        Role::Customer => format!("c-{booking:06}"),
        Role::Operator => TEAM.to_owned(),
    }
}

/// As long as the keys that browsers make.
pub(crate) fn key(number: usize) -> String {
    format!("5b2c7e4e-63f1-4d0a-9c55-{number:012}")
}

pub(crate) fn draft(number: usize) -> Draft {
    let key = IdempotencyKey::new(key(number)).expect("it is short");
    Draft::new(text(number)).with_key(key)
}

/// Customers and the team take turns.
pub(crate) fn role(round: usize) -> Role {
    if round.is_multiple_of(2) { Role::Customer } else { Role::Operator }
}

pub(crate) fn time(number: usize) -> Timestamp {
    let micros = 1_805_112_000_000_000 + 1_000_000 * i64::try_from(number).expect("it is small");
    Timestamp::from_unix_micros(micros).expect("it is in this century")
}

pub(crate) fn participant(booking: usize, role: Role) -> ParticipantId {
    ParticipantId::new(author(booking, role)).expect("it is short")
}

/// A desk and its clock.
#[derive(Clone)]
pub(crate) struct Desk {
    clock: Arc<AtomicI64>,
    desk: FrontDesk,
}

impl Desk {
    pub(crate) fn new(store: impl ThreadStore + 'static) -> Self {
        let clock = Arc::new(AtomicI64::new(0));
        let now = Arc::clone(&clock);
        let now = move || Timestamp::saturating_from_unix_micros(now.load(Ordering::Relaxed));
        Self { clock, desk: FrontDesk::builder(store).clock(now).build() }
    }

    /// The handles of one location.
    pub(crate) fn place(&self, location: &str, threads: usize) -> Place {
        let location = LocationId::new(location).expect("it is short");
        let customers = (0..threads).map(|thread| self.customer(&location, thread)).collect();
        let bookings = (0..threads).map(|thread| booking(thread).id).collect();
        Place { desk: self.clone(), team: self.team(&location), customers, bookings }
    }

    pub(crate) fn team(&self, location: &LocationId) -> OperatorDesk {
        self.desk.operator(location.clone(), participant(0, Role::Operator), None)
    }

    pub(crate) fn customer(&self, location: &LocationId, thread: usize) -> CustomerDesk {
        let who = participant(thread, Role::Customer);
        self.desk.customer(location.clone(), booking(thread), who, None)
    }

    pub(crate) fn set_time(&self, time: Timestamp) {
        self.clock.store(time.unix_micros(), Ordering::Relaxed);
    }
}

/// A desk and the handles of one location.
pub(crate) struct Place {
    desk: Desk,
    pub(crate) team: OperatorDesk,
    pub(crate) bookings: Vec<BookingId>,
    customers: Vec<CustomerDesk>,
}

impl Place {
    /// Posts message `number` into one of the threads and returns its number there.
    pub(crate) async fn post(&self, number: usize) -> u32 {
        let (thread, role) = whose(number, self.customers.len());
        self.send(thread, role, time(number), draft(number)).await
    }

    /// Somebody of a thread sends a draft; returns its number there.
    pub(crate) async fn send(&self, thread: usize, role: Role, at: Timestamp, draft: Draft) -> u32 {
        self.desk.set_time(at);
        let sent = match role {
            Role::Customer => self.customers[thread].send(draft).await.map(|sent| sent.number()),
            Role::Operator => {
                let booking = &self.bookings[thread];
                self.team.reply(booking, draft).await.map(|sent| sent.number())
            }
        };
        sent.expect("it can be sent").get()
    }
}

/// The thread and the side of message `number`: all threads in turn.
pub(crate) fn whose(number: usize, threads: usize) -> (usize, Role) {
    (number % threads, role(number / threads))
}
