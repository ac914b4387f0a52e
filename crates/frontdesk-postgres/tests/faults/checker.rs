//! The comparison of the reports with what is stored.

use std::collections::HashMap;

use frontdesk::MessageBody;
use frontdesk::store::{KeyQuery, ThreadStore};

use crate::check_feeds;
use crate::check_histories;
use crate::readers::row;
use crate::report::{DashboardState, Failure, Report, Row, SentMessage};
use crate::stored_content::{self, StoredContent};
use crate::support::{key, participant_id, thread_id};
use crate::worker::LOCATIONS;

/// Asserts that the stored numbers are correct and that the store contains what every client
/// was shown.
pub(crate) async fn assert_nothing_is_lost(store: &dyn ThreadStore, reports: &[Vec<Report>]) {
    let content = stored_content::read(store).await;
    assert_messages(store, &content, reports).await;
    check_histories::assert_slices_are_stored(&content, reports);
    check_feeds::assert_same_order(&content, reports);
    assert_dashboards(&content, reports);
    println!("{}", summary(&content, reports));
}

/// Every acknowledged message is stored under its number. Every other message is stored at
/// most once. Nothing else is stored, and the keys lead to the same messages.
async fn assert_messages(
    store: &dyn ThreadStore,
    content: &StoredContent,
    reports: &[Vec<Report>],
) {
    let mut stored = HashMap::new();
    for (location, threads) in content {
        for (thread, messages) in threads {
            let booking = thread.id().booking.as_str();
            for message in messages {
                let text = message.body().map_or("", MessageBody::as_str);
                let at = (location.as_str(), booking, message.number().get());
                let before = stored.insert(text, (at, message.author()));
                assert_eq!(before, None, "a message is stored twice");
            }
        }
    }
    let acknowledged: HashMap<&str, u32> =
        reports.iter().flatten().filter_map(acknowledged).collect();
    let mut found_messages = 0;
    for sent in reports.iter().flatten().filter_map(sent) {
        let SentMessage { location, booking, role, author, text, .. } = sent;
        let found = stored.get(text.as_str());
        found_messages += usize::from(found.is_some());
        if let Some(((at_location, at_booking, _), by)) = found {
            assert_eq!((*at_location, *at_booking), (location.as_str(), booking.as_str()));
            assert_eq!((by.role, by.id.as_str()), (*role, author.as_str()));
        }
        let number = found.map(|((.., number), _)| *number);
        if let Some(expected) = acknowledged.get(text.as_str()) {
            let thread = format!("{author} at {location}/{booking}");
            assert_eq!(number, Some(*expected), "acknowledged to {thread}");
        }
        if let Some(used) = &sent.key {
            let id = thread_id(location, booking);
            let (author, key) = (participant_id(author), key(used));
            let query = KeyQuery { thread: &id, role: *role, author: &author, key: &key };
            let by_key = store.message_by_key(&query).await.unwrap().value;
            let by_key = by_key.map(|found| found.message.number().get());
            assert_eq!(by_key, number, "the key {used} at {id}");
        }
    }
    assert_eq!(found_messages, stored.len(), "the store has messages that no client sent");
}

/// P2, L1, U4: the list of every dashboard has the stored threads in inbox order and the
/// correct number of unread threads. No poll started over.
fn assert_dashboards(content: &StoredContent, reports: &[Vec<Report>]) {
    for state in reports.iter().flatten().filter_map(dashboard) {
        let DashboardState { reader, location, unread, rows, start_overs, .. } = state;
        let expected: Vec<Row> = content[location].iter().map(|(thread, _)| row(thread)).collect();
        assert_eq!(rows, &expected, "the list of {reader}");
        let unread_threads = expected.iter().filter(|row| row.unread > 0).count();
        assert_eq!(*unread, unread_threads as u64, "the unread number of {reader}");
        assert_eq!(*start_overs, 0, "{reader} started over");
    }
    let dashboards = reports.iter().flatten().filter_map(dashboard).count();
    assert_eq!(dashboards, reports.len() * LOCATIONS.len(), "a dashboard is missing");
}

/// Describes how much the test did.
fn summary(content: &StoredContent, reports: &[Vec<Report>]) -> String {
    let all = || reports.iter().flatten();
    let stored: usize = content.values().flatten().map(|(_, messages)| messages.len()).sum();
    let acknowledged = all().filter(|report| acknowledged(report).is_some()).count();
    let sent = all().filter(|report| sent(report).is_some()).count();
    let retried = all()
        .filter(|report| matches!(report, Report::Acknowledged { attempts, .. } if *attempts > 1))
        .count();
    let failed = |kind| {
        all().filter(|report| matches!(report, Report::Failed(failure) if *failure == kind)).count()
    };
    let histories = all().filter(|report| matches!(report, Report::History(_))).count();
    let feeds = all().filter(|report| matches!(report, Report::Feed(_))).count();
    let polls: u32 = all().filter_map(dashboard).map(|state| state.polls).sum();
    format!(
        "messages: {sent} sent, {acknowledged} acknowledged ({retried} of them after more than \
         one attempt), {} not acknowledged, of which {} are stored\n\
         errors of calls: {} unknown outcomes, {} unavailable, {} busy\n\
         checked reads: {histories} of histories, {feeds} of feeds; polls of dashboards: {polls}",
        sent - acknowledged,
        stored - acknowledged,
        failed(Failure::OutcomeUnknown),
        failed(Failure::Unavailable),
        failed(Failure::Busy),
    )
}

fn sent(report: &Report) -> Option<&SentMessage> {
    if let Report::Sending(message) = report { Some(message) } else { None }
}

fn acknowledged(report: &Report) -> Option<(&str, u32)> {
    if let Report::Acknowledged { text, number, .. } = report {
        Some((text, *number))
    } else {
        None
    }
}

fn dashboard(report: &Report) -> Option<&DashboardState> {
    if let Report::Dashboard(state) = report { Some(state) } else { None }
}
