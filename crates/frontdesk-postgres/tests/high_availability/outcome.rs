//! The comparison of the workers' reports with what is stored.

use frontdesk::desk::{MAX_PAGE, PageRequest};
use frontdesk::store::{MessageQuery, ThreadStore};
use frontdesk::{FrontDesk, Message, MessageNumber};
use frontdesk_conformance::history::HistoryRecorder;
use frontdesk_postgres::PostgresStore;

use crate::report::Report;
use crate::support::{location_id, participant_id, thread_id};
use crate::worker::{LOCATION, row};
use crate::workers::booking_of;

/// A store that records the calls of the test.
pub(crate) type RecordedStore = HistoryRecorder<PostgresStore>;

/// The acknowledged messages of all workers.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) acknowledged: usize,
    /// The acknowledged messages that a new leader did not have.
    pub(crate) lost: usize,
}

/// Asserts that
///
/// - each acknowledged message is stored once under its number, except those that a new leader
///   did not have, and nothing else is stored;
/// - each poll after an acknowledgement showed the message or started over;
/// - the polls of each worker started over once for each promotion;
/// - the inbox of each worker has the stored threads at the end.
pub(crate) async fn assert_reports(
    reports: &[Vec<Report>],
    store: &RecordedStore,
    promotions: usize,
) -> Messages {
    let mut messages = Messages::default();
    let desk = FrontDesk::new(store.clone());
    let team = desk.operator(location_id(LOCATION), participant_id("u-2"), None);
    let page = team.inbox(&PageRequest::first(MAX_PAGE)).await.unwrap();
    let inbox: Vec<_> = page.threads.iter().map(row).collect();
    for (worker, reports) in reports.iter().enumerate() {
        let booking = booking_of(worker);
        let mut kept: Vec<u32> = Vec::new();
        let mut start_overs = 0;
        for report in reports {
            match report {
                Report::Acknowledged { text, number, .. } => {
                    messages.acknowledged += 1;
                    let before = kept.len();
                    kept.truncate(usize::try_from(*number).unwrap() - 1);
                    messages.lost += before - kept.len();
                    kept.push(*text);
                    assert_eq!(kept.len(), usize::try_from(*number).unwrap(), "{booking}");
                }
                Report::Polled { last, started_over } => {
                    start_overs += usize::from(*started_over);
                    let number = u32::try_from(kept.len()).unwrap();
                    let is_shown = *last == Some(number);
                    assert!(is_shown || *started_over, "a poll of {booking} missed {number}");
                }
                Report::Stopped => {}
                Report::Inbox(rows) => assert_eq!(*rows, inbox, "the inbox of {booking}"),
            }
        }
        assert_eq!(start_overs, promotions, "the polls of {booking} that started over");
        let kept: Vec<_> = kept.iter().map(u32::to_string).collect();
        assert_eq!(texts(store, LOCATION, &booking).await, kept, "{booking}");
    }
    messages
}

/// Returns the texts of a thread.
pub(crate) async fn texts(store: &RecordedStore, location: &str, booking: &str) -> Vec<String> {
    let id = thread_id(location, booking);
    let mut texts = Vec::new();
    loop {
        let after = MessageNumber::new(u32::try_from(texts.len()).unwrap() + 1).unwrap();
        let query = MessageQuery::oldest_first(&id, after..=MessageNumber::MAX, MAX_PAGE);
        let page = store.messages(&query).await.unwrap().value;
        if page.is_empty() {
            return texts;
        }
        let text = |message: &Message| message.body().unwrap().as_str().to_owned();
        texts.extend(page.iter().map(|stored| text(&stored.message)));
    }
}
