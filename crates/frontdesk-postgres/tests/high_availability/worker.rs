//! One of the processes that write and poll.

use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, UNIX_EPOCH};
use std::{env, io, thread};

use frontdesk::cursor::PollCursor;
use frontdesk::desk::{MAX_PAGE, OperatorPoll, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::{DeskError, Draft, FrontDesk, OperatorDesk, Thread};
use frontdesk_conformance::history::{HistoryFile, HistoryRecorder};
use frontdesk_postgres::PostgresStore;
use tokio::time::{sleep, timeout};

use crate::report::{InboxRow, Report};
use crate::support::{booking, booking_id, key, location_id, participant_id};

/// The variables with the booking of a worker, the URL of its store, and the file of its
/// recorded calls.
pub(crate) const WORKER: &str = "FRONTDESK_PATRONI_WORKER";
pub(crate) const URL: &str = "FRONTDESK_PATRONI_URL";
pub(crate) const HISTORY: &str = "FRONTDESK_PATRONI_HISTORY";

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

/// Sends numbered messages and polls after each of them until the first line on the standard
/// input. After an error it sends the same message again. After the second line it reports its
/// inbox.
async fn run(booked: &str) {
    let commands = commands();
    let file = HistoryFile::create(env::var_os(HISTORY).unwrap()).unwrap();
    let store = PostgresStore::connect(&env::var(URL).unwrap()).unwrap();
    let desk = FrontDesk::new(HistoryRecorder::new(store, &file));
    let customer = desk
        .customer(location_id(LOCATION), booking_id(booked), participant_id("c-1"))
        .starting_with(booking(booked));
    let team = desk.operator(location_id(LOCATION), participant_id("u-1"), None);
    let mut inbox = Inbox { team, cursor: None, list: InboxList::new() };
    for text in 1.. {
        if commands.try_recv() != Err(TryRecvError::Empty) {
            break;
        }
        let draft = Draft::new(text.to_string()).with_key(key(&text.to_string()));
        let number = loop {
            match timeout(CALL, customer.send(draft.clone())).await {
                Ok(Ok(sent)) => break sent.number().get(),
                Ok(Err(_)) | Err(_) => sleep(Duration::from_millis(50)).await,
            }
        };
        let time = UNIX_EPOCH.elapsed().unwrap().as_micros().try_into().unwrap();
        Report::Acknowledged { text, number, time }.print();
        let started_over = inbox.poll().await;
        Report::Polled { last: inbox.last_number(booked), started_over }.print();
    }
    Report::Stopped.print();
    // An error means that the test has ended.
    commands.recv().unwrap();
    inbox.poll().await;
    Report::Inbox(inbox.rows()).print();
}

/// Receives the lines on the standard input, which ends when the test ends.
fn commands() -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in io::stdin().lines() {
            // An error means that the worker has finished.
            let _ = sender.send(line.unwrap());
        }
    });
    receiver
}

/// The inbox of a screen that polls.
struct Inbox {
    team: OperatorDesk,
    cursor: Option<PollCursor>,
    list: InboxList<Thread>,
}

impl Inbox {
    /// Polls until the list is up to date. Returns `true` if a poll started over (P7).
    async fn poll(&mut self) -> bool {
        let had_cursor = self.cursor.is_some();
        let mut started_over = false;
        while !matches!(timeout(CALL, self.try_poll()).await, Ok(Ok(true))) {
            started_over |= had_cursor && self.cursor.is_none();
            sleep(Duration::from_millis(50)).await;
        }
        started_over
    }

    /// Polls, or loads the list without a cursor. Returns `false` if the poll started over.
    async fn try_poll(&mut self) -> Result<bool, DeskError> {
        let Some(cursor) = &self.cursor else {
            let page = self.team.inbox(&PageRequest::first(MAX_PAGE)).await?;
            self.cursor = Some(page.cursor);
            self.list = page.threads.into_iter().collect();
            return Ok(true);
        };
        match self.team.poll(cursor, None).await? {
            OperatorPoll::Update(update) => {
                update.apply_to(&mut self.list);
                self.cursor = Some(update.cursor);
                Ok(true)
            }
            OperatorPoll::StartOver { .. } => {
                self.cursor = None;
                Ok(false)
            }
        }
    }

    fn last_number(&self, booked: &str) -> Option<u32> {
        self.rows().into_iter().find(|(booking, _)| booking == booked).map(|(_, last)| last)
    }

    /// Returns the bookings and the last numbers of all threads.
    fn rows(&self) -> Vec<InboxRow> {
        self.list.iter().map(row).collect()
    }
}

/// Returns the booking and the last number of a thread.
pub(crate) fn row(thread: &Thread) -> InboxRow {
    (thread.id().booking.as_str().to_owned(), thread.last_number().get())
}
