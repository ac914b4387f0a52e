//! The comparison of the reports with what is stored.

use std::collections::HashMap;

use frontdesk::MessageBody;
use frontdesk::store::{KeyQuery, ThreadStore};

use crate::histories::Histories;
use crate::readers::row;
use crate::report::{DashboardState, Failure, Report, Row, SentMessage};
use crate::stored_content::{self, StoredContent};
use crate::support::{key, participant_id, thread_id};
use crate::worker::LOCATIONS;

/// Asserts that the stored numbers are correct, that the store contains what every client was
/// shown, and that the history is strictly serializable.
pub(crate) async fn assert_nothing_is_lost(
    store: impl ThreadStore,
    reports: &[Vec<Report>],
    histories: Histories,
) {
    let (store, file) = histories.record(store);
    let content = stored_content::read(&store).await;
    assert_messages(&store, &content, reports).await;
    assert_dashboards(&content, reports);
    println!("{}", summary(&content, reports));
    // The last lines are written when the recorder is dropped.
    drop(store);
    histories.assert_strictly_serializable(&file);
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

/// Asserts that polls start over after a promotion, and for no other reason (P7): each dashboard
/// once for each promotion, and each customer at most that often, because a customer's polls of
/// one thread may end before the promotion.
pub(crate) fn assert_start_overs(reports: &[Vec<Report>], promotions: usize) {
    let mut start_overs: HashMap<&str, usize> = HashMap::new();
    for report in reports.iter().flatten() {
        if let Report::StartedOver { reader } = report {
            *start_overs.entry(reader).or_default() += 1;
        }
    }
    for state in reports.iter().flatten().filter_map(dashboard) {
        let count = start_overs.remove(state.reader.as_str()).unwrap_or_default();
        assert_eq!(count, promotions, "the polls of {} that started over", state.reader);
    }
    for (customer, count) in start_overs {
        assert!(count <= promotions, "{count} polls of {customer} started over");
    }
}

/// P2, L1, U4: the list of every dashboard has the stored threads in inbox order and the
/// correct number of unread threads.
fn assert_dashboards(content: &StoredContent, reports: &[Vec<Report>]) {
    for state in reports.iter().flatten().filter_map(dashboard) {
        let DashboardState { reader, location, unread, rows, .. } = state;
        let expected: Vec<Row> = content[location].iter().map(|(thread, _)| row(thread)).collect();
        assert_eq!(rows, &expected, "the list of {reader}");
        let unread_threads = expected.iter().filter(|row| row.unread > 0).count();
        assert_eq!(*unread, unread_threads as u64, "the unread number of {reader}");
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
    let polls: u32 = all().filter_map(dashboard).map(|state| state.polls).sum();
    format!(
        "messages: {sent} sent, {acknowledged} acknowledged ({retried} of them after more than \
         one attempt), {} not acknowledged, of which {} are stored\n\
         errors of calls: {} unknown outcomes, {} unavailable, {} busy\n\
         polls of dashboards: {polls}",
        sent - acknowledged,
        stored - acknowledged,
        failed(Failure::OutcomeUnknown),
        failed(Failure::Unavailable),
        failed(Failure::Busy),
    )
}

fn sent(report: &Report) -> Option<&SentMessage> {
    if let Report::SendStarted(message) = report { Some(message) } else { None }
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
