//! What is in the files that are measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use frontdesk::store::SqliteStore;
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

/// A desk, its clock and the handles of one location.
pub(crate) struct Place {
    clock: Arc<AtomicI64>,
    pub(crate) team: OperatorDesk,
    customers: Vec<CustomerDesk>,
}

impl Place {
    pub(crate) fn new(store: SqliteStore, location: &str, threads: usize) -> Self {
        let clock = Arc::new(AtomicI64::new(0));
        let now = Arc::clone(&clock);
        let now = move || Timestamp::saturating_from_unix_micros(now.load(Ordering::Relaxed));
        let desk = FrontDesk::builder(store).clock(now).build();
        let location = LocationId::new(location).expect("it is short");
        let who = |id: String| ParticipantId::new(id).expect("it is short");
        let customer = |thread| {
            let id = who(author(thread, Role::Customer));
            desk.customer(location.clone(), booking(thread), id, None)
        };
        let customers = (0..threads).map(customer).collect();
        Self { clock, team: desk.operator(location.clone(), who(TEAM.to_owned()), None), customers }
    }

    /// Posts message `number` into one of the threads and returns its number there.
    pub(crate) async fn post(&self, number: usize) -> u32 {
        let (thread, role) = whose(number, self.customers.len());
        self.clock.store(time(number).unix_micros(), Ordering::Relaxed);
        let customer = &self.customers[thread];
        let sent = match role {
            Role::Customer => customer.send(draft(number)).await.map(|sent| sent.number()),
            Role::Operator => {
                let id = BookingId::new(booking_id(thread)).expect("it is short");
                self.team.reply(&id, draft(number)).await.map(|sent| sent.number())
            }
        };
        sent.expect("it can be sent").get()
    }
}

/// The thread and the side of message `number`: all threads in turn.
pub(crate) fn whose(number: usize, threads: usize) -> (usize, Role) {
    (number % threads, role(number / threads))
}
