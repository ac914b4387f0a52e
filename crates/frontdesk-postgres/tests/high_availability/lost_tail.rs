//! Asynchronous mode: the new leader lacks the last acknowledged commits.

use std::time::Duration;

use frontdesk::cursor::{CustomerCursor, OpenThread, PollCursor};
use frontdesk::desk::{CustomerPoll, MAX_PAGE, OperatorPoll, PageRequest};
use frontdesk::store::{Revision, ThreadStore};
use frontdesk::{CustomerDesk, FrontDesk, OperatorDesk};
use frontdesk_conformance::history::{Anomaly, AnomalyKind, HistoryRecorder};
use frontdesk_postgres::PostgresStore;
use tokio::time::sleep;

use crate::LOAD;
use crate::outcome::{RecordedStore, assert_reports, texts};
use crate::patroni::Patroni;
use crate::support::{booking, booking_id, location_id, participant_id};
use crate::worker::LOCATION;
use crate::workers::Workers;

/// The location of the test's own messages. The workers use another one.
const MARINA: &str = "marina";

/// The booking of the messages that are lost.
const BOOKED: &str = "b-lost";

/// The number of messages at the marina that are lost.
const LOST: usize = 8;

/// P7: the new leader gives out the revisions of the lost commits again and passes them. Each
/// poll with a cursor from before the failover starts over. The check of the recorded calls
/// names the first lost commit of each location.
pub(crate) async fn test(mut patroni: Patroni) {
    patroni.wait_until_replicating().await;
    let url = patroni.url();
    let store = PostgresStore::connect(&url).unwrap();
    store.migrate().await.unwrap();
    let mut workers = Workers::start(&url);
    let file = workers.create_history();
    let store = HistoryRecorder::new(store, &file);
    let mut screens = Screens::new(&store);
    screens.send("first").await;
    sleep(LOAD).await;

    patroni.stop_receivers().await;
    for number in 1..=LOST {
        screens.send(&format!("lost {number}")).await;
    }
    let old = newest_revision(&store).await;
    workers.wait_for_messages(Duration::ZERO).await;
    let behind = patroni.bytes_behind().await;
    patroni.kill_leader().await;
    patroni.kill_receivers();
    workers.wait_for_messages(Duration::from_secs(1)).await;

    // The store of another process, which has no answer of the first leader.
    let other = HistoryRecorder::new(PostgresStore::connect(&url).unwrap(), &file);
    let others = Screens::new(&other);
    for number in 1..=2 * LOST {
        others.ann.send(format!("new {number}")).await.unwrap();
    }
    let new = newest_revision(&store).await;
    assert!(new > old, "{new:?} is not after {old:?}");
    let polls = screens.assert_start_overs().await;
    let mut expected = vec!["first".to_owned()];
    expected.extend((1..=2 * LOST).map(|number| format!("new {number}")));
    assert_eq!(texts(&store, MARINA, BOOKED).await, expected);
    sleep(LOAD).await;
    let pause = workers.longest_pause();

    let (reports, histories) = workers.finish().await;
    let messages = assert_reports(&reports, &store, 1).await;
    assert!(messages.lost > 0 && behind > 0, "{messages:?}, {behind} bytes");
    println!("{behind} bytes of the log reached no standby");
    println!("workers: {messages:?}");
    println!("{polls} of {polls} polls with an old cursor started over");
    println!("longest time without an acknowledged message: {:.1} s", pause.as_secs_f64());
    file.flush().unwrap();
    let report = histories.check();
    println!("history: {report}");
    // One contradiction for each location: its first lost commit.
    let [of_workers, own] = report.anomalies.as_slice() else { panic!("{report}") };
    assert_lost(of_workers, LOCATION, "worker-");
    assert_lost(own, MARINA, "test.jsonl:");
    let [lost, seen] = own.calls.as_slice() else { panic!("{own}") };
    assert_eq!(
        lost.description,
        "added message 2 to b-lost, expecting revision 1: committed at revision 2"
    );
    assert_eq!(seen.description, "read b-lost and found revision 1");
}

/// Asserts that an anomaly is an acknowledged commit that a process has recorded, and a call to
/// the new leader.
fn assert_lost(anomaly: &Anomaly, location: &str, file: &str) {
    assert_eq!(anomaly.location, location);
    assert_eq!(anomaly.kind, AnomalyKind::CommitLostInEpochChange);
    let [lost, seen] = anomaly.calls.as_slice() else { panic!("{anomaly}") };
    assert!(lost.position.starts_with(file) && seen.position.starts_with(file), "{anomaly}");
    assert!(lost.description.contains(": committed at revision "), "{anomaly}");
}

async fn newest_revision(store: &RecordedStore) -> Revision {
    store.changes(&location_id(MARINA), Revision::ZERO, 1).await.unwrap().value.counts.revision
}

/// The screens of a customer and of a team, and the cursors that they have had.
struct Screens {
    ann: CustomerDesk,
    team: OperatorDesk,
    customers: Vec<CustomerCursor>,
    operators: Vec<(PollCursor, OpenThread)>,
}

impl Screens {
    fn new(store: &RecordedStore) -> Self {
        let desk = FrontDesk::new(store.clone());
        let ann = desk.customer(location_id(MARINA), booking_id(BOOKED), participant_id("c-1"));
        let team = desk.operator(location_id(MARINA), participant_id("u-1"), None);
        Self {
            ann: ann.starting_with(booking(BOOKED)),
            team,
            customers: Vec::new(),
            operators: Vec::new(),
        }
    }

    /// Sends a customer's message, and loads both screens. Neither screen moves a read mark.
    async fn send(&mut self, text: &str) {
        let sent = self.ann.send(text).await.unwrap();
        self.customers.push(self.ann.open().await.unwrap().cursor().clone());
        let page = self.team.inbox(&PageRequest::first(MAX_PAGE)).await.unwrap();
        let open = OpenThread::new(booking_id(BOOKED), sent.number());
        self.operators.push((page.cursor, open));
    }

    /// Polls with each cursor. Returns the number of polls.
    async fn assert_start_overs(&self) -> usize {
        for cursor in &self.customers {
            let poll = self.ann.poll(cursor).await.unwrap();
            assert!(matches!(poll, CustomerPoll::StartOver), "{poll:?}");
        }
        for (cursor, open) in &self.operators {
            for open in [None, Some(open)] {
                let poll = self.team.poll(cursor, open).await.unwrap();
                assert!(matches!(poll, OperatorPoll::StartOver { .. }), "{poll:?}");
            }
        }
        self.customers.len() + 2 * self.operators.len()
    }
}
