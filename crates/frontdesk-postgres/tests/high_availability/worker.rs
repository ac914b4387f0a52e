//! One of the processes that write and poll.

use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};
use std::{env, io};

use frontdesk::cursor::PollCursor;
use frontdesk::desk::{MAX_PAGE, OperatorPoll, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::{DeskError, Draft, FrontDesk, OperatorDesk, Thread};
use frontdesk_postgres::PostgresStore;
use tokio::time::{sleep, timeout};

use crate::support::{booking, booking_id, key, location_id, participant_id};

/// The variable with the number of a worker, and the one with the URL of its store.
pub(crate) const WORKER: &str = "FRONTDESK_PATRONI_WORKER";
pub(crate) const URL: &str = "FRONTDESK_PATRONI_URL";

/// The location of all workers. Each worker has a booking of its own.
pub(crate) const LOCATION: &str = "harbour";

/// The time limit of a call. The server does not end a commit's wait for a synchronous
/// standby, so only this limit does.
const CALL: Duration = Duration::from_secs(5);

/// Runs a worker if this process is one.
pub(crate) fn run_if_configured() -> bool {
    let Ok(worker) = env::var(WORKER) else { return false };
    tokio::runtime::Runtime::new().unwrap().block_on(run(&worker));
    true
}

/// Sends numbered messages until its standard output is closed. Writes the time of each
/// acknowledgement in microseconds since 1970. After an error it sends the same message again.
async fn run(booked: &str) {
    let store = PostgresStore::connect(&env::var(URL).unwrap()).unwrap();
    let desk = FrontDesk::new(store);
    let customer = desk
        .customer(location_id(LOCATION), booking_id(booked), participant_id("c-1"))
        .starting_with(booking(booked));
    let team = desk.operator(location_id(LOCATION), participant_id("u-1"), None);
    let mut inbox = Inbox { team, cursor: None, list: InboxList::new() };
    for number in 1.. {
        let draft = Draft::new(number.to_string()).with_key(key(&number.to_string()));
        loop {
            match timeout(CALL, customer.send(draft.clone())).await {
                Ok(Ok(sent)) => {
                    assert_eq!(sent.number().get(), number, "booking {booked}");
                    break;
                }
                Ok(Err(_)) | Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
        let now = UNIX_EPOCH.elapsed().unwrap().as_micros();
        if writeln!(io::stdout(), "{now}").is_err() {
            return;
        }
        while timeout(CALL, inbox.poll()).await.is_err() {}
        let last = inbox.last_number(booked);
        assert_eq!(last, Some(number), "a poll of booking {booked} missed a message");
    }
}

/// The inbox of a screen that polls.
struct Inbox {
    team: OperatorDesk,
    cursor: Option<PollCursor>,
    list: InboxList<Thread>,
}

impl Inbox {
    /// Polls until a poll succeeds.
    async fn poll(&mut self) {
        while self.try_poll().await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn try_poll(&mut self) -> Result<(), DeskError> {
        if let Some(cursor) = &self.cursor
            && let OperatorPoll::Update(update) = self.team.poll(cursor, None).await?
        {
            update.apply_to(&mut self.list);
            self.cursor = Some(update.cursor);
            return Ok(());
        }
        let page = self.team.inbox(&PageRequest::first(MAX_PAGE)).await?;
        self.cursor = Some(page.cursor);
        self.list = page.threads.into_iter().collect();
        Ok(())
    }

    fn last_number(&self, booked: &str) -> Option<u32> {
        let thread = self.list.iter().find(|thread| thread.id().booking.as_str() == booked)?;
        Some(thread.last_number().get())
    }
}
