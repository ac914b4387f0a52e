//! The threads and messages that the store benchmarks write.

use frontdesk::desk::ManualClock;
use frontdesk::store::ThreadStore;
use frontdesk::{
    Booking, BookingId, CustomerDesk, Draft, FrontDesk, IdempotencyKey, LocationId, OperatorDesk,
    ParticipantId, Role, Timestamp,
};

/// The location of benchmarks that use a single location.
pub const LOCATION: &str = "harbour";
/// The author of all replies.
pub const OPERATOR: &str = "team";

/// Returns a text of 4 to 100 bytes, 52 at the median, like typical customer messages.
pub fn text(number: usize) -> String {
    const SAMPLE: &str = "Could we come an hour later and bring two dogs, or is the boat full by \
                          then? We would love to see the seals!";
    let length = 4 + number * 7_919 % 97;
    SAMPLE.chars().take(length).collect::<String>().trim_end().to_owned()
}

/// Returns the booking of a thread.
pub fn booking(thread: usize) -> Booking {
    let id = BookingId::new(booking_id(thread)).expect("the id is valid");
    Booking::new(id, format!("K7Q2-{thread:06}"), "Harbour tour").with_start(Timestamp::UNIX_EPOCH)
}

/// Returns the id of a thread's booking.
pub fn booking_id(thread: usize) -> String {
    format!("b-{thread:06}")
}

/// Returns the id of the participant who writes in a thread with this role.
pub fn author(thread: usize, role: Role) -> String {
    match role {
        Role::Customer => format!("c-{thread:06}"),
        Role::Operator => OPERATOR.to_owned(),
    }
}

/// Returns the result of [`author`] as a [`ParticipantId`].
pub fn participant(thread: usize, role: Role) -> ParticipantId {
    ParticipantId::new(author(thread, role)).expect("the id is valid")
}

/// Returns the idempotency key of a message. The key is as long as a UUID of a browser.
pub fn key(number: usize) -> String {
    format!("5b2c7e4e-63f1-4d0a-9c55-{number:012}")
}

/// Returns the draft of a message, with its key.
pub fn draft(number: usize) -> Draft {
    let key = IdempotencyKey::new(key(number)).expect("the key is valid");
    Draft::new(text(number)).with_key(key)
}

/// Returns the time of a message: one second after the time of the previous message.
pub fn time(number: usize) -> Timestamp {
    let seconds = i64::try_from(number).expect("the number fits an i64");
    let micros = 1_805_112_000_000_000 + 1_000_000 * seconds;
    Timestamp::from_unix_micros(micros).expect("the time is in range")
}

/// Returns the thread and the author's role of a message.
///
/// Consecutive messages go to consecutive threads. In the first pass over the threads all
/// authors are customers, in the second pass operators, in the third pass customers again.
pub fn thread_and_role(number: usize, threads: usize) -> (usize, Role) {
    let pass = number / threads;
    let role = if pass.is_multiple_of(2) { Role::Customer } else { Role::Operator };
    (number % threads, role)
}

/// A desk with a clock that the benchmark sets.
#[derive(Clone, Debug)]
pub struct ClockedDesk {
    clock: ManualClock,
    desk: FrontDesk,
}

impl ClockedDesk {
    /// Creates a desk over `store`.
    pub fn new(store: impl ThreadStore + 'static) -> Self {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        Self { desk: FrontDesk::builder(store).clock(clock.clone()).build(), clock }
    }

    /// Creates the operator desk and the customer desks of a location with `threads` threads.
    pub fn handles(&self, location: &str, threads: usize) -> LocationHandles {
        let location = LocationId::new(location).expect("the id is valid");
        let customers = (0..threads).map(|thread| self.customer(&location, thread)).collect();
        let bookings = (0..threads).map(|thread| booking(thread).id).collect();
        let operator = self.operator(&location);
        LocationHandles { desk: self.clone(), operator, customers, bookings }
    }

    /// Creates the operator desk of a location.
    pub fn operator(&self, location: &LocationId) -> OperatorDesk {
        self.desk.operator(location.clone(), participant(0, Role::Operator), None)
    }

    /// Creates the customer desk of a thread.
    pub fn customer(&self, location: &LocationId, thread: usize) -> CustomerDesk {
        let customer = participant(thread, Role::Customer);
        let booking = booking(thread);
        self.desk.customer(location.clone(), booking.id.clone(), customer).starting_with(booking)
    }

    /// Sets the clock.
    pub fn set_time(&self, time: Timestamp) {
        self.clock.set(time);
    }
}

/// The operator desk and the customer desks of one location.
#[derive(Debug)]
pub struct LocationHandles {
    desk: ClockedDesk,
    /// The operator desk.
    pub operator: OperatorDesk,
    /// The booking of each thread.
    pub bookings: Vec<BookingId>,
    customers: Vec<CustomerDesk>,
}

impl LocationHandles {
    /// Posts a message to the thread that [`thread_and_role`] chooses. Returns the number that
    /// the message gets in the thread.
    pub async fn post(&self, number: usize) -> u32 {
        let (thread, role) = thread_and_role(number, self.customers.len());
        self.send(thread, role, time(number), draft(number)).await
    }

    /// Sends a draft in a thread. Returns the number that the message gets in the thread.
    pub async fn send(&self, thread: usize, role: Role, at: Timestamp, draft: Draft) -> u32 {
        self.desk.set_time(at);
        let sent = match role {
            Role::Customer => self.customers[thread].send(draft).await.map(|sent| sent.number()),
            Role::Operator => {
                let booking = &self.bookings[thread];
                self.operator.reply(booking, draft).await.map(|sent| sent.number())
            }
        };
        sent.expect("the message is sent").get()
    }
}
