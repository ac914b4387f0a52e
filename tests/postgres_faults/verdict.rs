//! What was said against what is stored.

use std::collections::HashMap;

use frontdesk::store::ThreadStore;
use frontdesk::{Message, Thread};

use crate::feeds;
use crate::histories;
use crate::office::PLACES;
use crate::reading::row;
use crate::report::{Report, Row, Screen, Trouble, Written};
use crate::support::recount::recounted;
use crate::support::{key, place, thread_id, who};

/// All that is stored: the threads of each place in inbox order.
pub(crate) type Everything = HashMap<String, Vec<(Thread, Vec<Message>)>>;

/// What is stored adds up, and is what everybody was told and saw.
pub(crate) async fn assert_nothing_is_lost(store: &dyn ThreadStore, said: &[Vec<Report>]) {
    let mut everything = Everything::new();
    for here in PLACES {
        everything.insert(here.to_owned(), recounted(store, &place(here)).await.unwrap());
    }
    assert_written(store, &everything, said).await;
    histories::assert_one_past(&everything, said);
    feeds::assert_one_order(&everything, said);
    assert_shown(&everything, said);
    println!("{}", counts(&everything, said));
}

/// Every acknowledged message is there under its number, every other one once at most,
/// nothing else is, and keys say the same.
async fn assert_written(store: &dyn ThreadStore, everything: &Everything, said: &[Vec<Report>]) {
    let mut stored = HashMap::new();
    for (here, threads) in everything {
        for (thread, messages) in threads {
            for message in messages {
                let at = (here.as_str(), thread.id().booking.as_str(), message.number().get());
                let before = stored.insert(message.body().as_str(), (at, message.author()));
                assert_eq!(before, None, "a message is stored twice");
            }
        }
    }
    let acknowledged: HashMap<&str, u32> = said.iter().flatten().filter_map(acknowledged).collect();
    let mut found = 0;
    for written in said.iter().flatten().filter_map(tried) {
        let Written { place: here, booked, role, author, text, .. } = written;
        let there = stored.get(text.as_str());
        found += usize::from(there.is_some());
        if let Some(((at_place, at_booking, _), by)) = there {
            assert_eq!((*at_place, *at_booking), (here.as_str(), booked.as_str()));
            assert_eq!((by.role, by.id.as_str()), (*role, author.as_str()));
        }
        let number = there.map(|((.., number), _)| *number);
        if let Some(told) = acknowledged.get(text.as_str()) {
            assert_eq!(number, Some(*told), "{author} was told {told} at {here}/{booked}");
        }
        if let Some(sent_with) = &written.key {
            let (id, author) = (thread_id(here, booked), who(author));
            let by_key = store.message_by_key(&id, *role, &author, &key(sent_with)).await.unwrap();
            let by_key = by_key.map(|message| message.number().get());
            assert_eq!(by_key, number, "the key {sent_with} at {id}");
        }
    }
    assert_eq!(found, stored.len(), "messages that nobody sent");
}

/// Every poller's list is what is stored, in its order, with its unread numbers; none was
/// told that its cursor is of another time (P2, L1, U4).
fn assert_shown(everything: &Everything, said: &[Vec<Report>]) {
    for screen in said.iter().flatten().filter_map(screen) {
        let Screen { reader, place, unread, rows, started_over, .. } = screen;
        let expected: Vec<Row> = everything[place].iter().map(|(thread, _)| row(thread)).collect();
        assert_eq!(rows, &expected, "the list of {reader}");
        let awaiting = expected.iter().filter(|row| row.unread > 0).count();
        assert_eq!(*unread, awaiting as u64, "the unread number of {reader}");
        assert_eq!(*started_over, 0, "{reader} started over");
    }
    let screens = said.iter().flatten().filter_map(screen).count();
    assert_eq!(screens, said.len() * PLACES.len(), "a screen is missing");
}

fn counts(everything: &Everything, said: &[Vec<Report>]) -> String {
    let all = || said.iter().flatten();
    let stored: usize = everything.values().flatten().map(|(_, messages)| messages.len()).sum();
    let told = all().filter(|said| acknowledged(said).is_some()).count();
    let tries = all().filter(|said| tried(said).is_some()).count();
    let again = all()
        .filter(|said| matches!(said, Report::Acknowledged { attempts, .. } if *attempts > 1))
        .count();
    let failed = |kind| {
        all().filter(|said| matches!(said, Report::Failed(trouble) if *trouble == kind)).count()
    };
    let slices = all().filter(|said| matches!(said, Report::Slice(_))).count();
    let feeds = all().filter(|said| matches!(said, Report::Feed(_))).count();
    let polls: u32 = all().filter_map(screen).map(|screen| screen.polls).sum();
    format!(
        "messages: {tries} written, {told} acknowledged ({again} of them after more than one \
         attempt), {} not, of which {} are stored\n\
         failures that callers saw: {} unknown outcomes, {} unavailable, {} busy\n\
         reads checked: {slices} of histories, {feeds} of the feed; dashboards' polls: {polls}",
        tries - told,
        stored - told,
        failed(Trouble::OutcomeUnknown),
        failed(Trouble::Unavailable),
        failed(Trouble::Busy),
    )
}

fn tried(said: &Report) -> Option<&Written> {
    if let Report::Tries(written) = said { Some(written) } else { None }
}

fn acknowledged(said: &Report) -> Option<(&str, u32)> {
    if let Report::Acknowledged { text, number, .. } = said { Some((text, *number)) } else { None }
}

fn screen(said: &Report) -> Option<&Screen> {
    if let Report::Screen(screen) = said { Some(screen) } else { None }
}
