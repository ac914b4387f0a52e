//! A follower that keeps a copy of a location's threads, crashes at random moments, and checks the
//! events that it gets.

use std::collections::{BTreeMap, BTreeSet};

use frontdesk::cursor::FollowCursor;
use frontdesk::desk::{Event, FeedEvent, FollowAnswer};
use frontdesk::store::{MessageQuery, StoredMessage, ThreadStore};
use frontdesk::{AdminDesk, Message, MessageNumber, Thread, ThreadId};

use crate::rng::Rng;
use crate::support::fixture::ALL;
use crate::workload::{BOOKINGS, Fixture, Workload};

/// The highest probability of a crash, in per cent.
const CRASHES: u64 = 30;

/// A follower and its copy of the location.
pub(crate) struct Follower {
    admin: AdminDesk,
    limit: usize,
    rng: Rng,
    /// The stored cursor, as text.
    stored: Option<String>,
    threads: BTreeMap<ThreadId, Thread>,
    messages: BTreeMap<(ThreadId, MessageNumber), StoredMessage>,
    /// The messages that were delivered under each id.
    by_id: BTreeMap<String, Message>,
    /// The highest number that was delivered of each thread.
    highest: BTreeMap<ThreadId, MessageNumber>,
    erasures: BTreeSet<(ThreadId, MessageNumber)>,
    /// The number of delivered message events, duplicates included.
    pub(crate) delivered: usize,
}

impl Follower {
    pub(crate) fn new(admin: AdminDesk, limit: usize, seed: u64) -> Self {
        Self {
            admin,
            limit,
            rng: Rng::new(seed),
            stored: None,
            threads: BTreeMap::new(),
            messages: BTreeMap::new(),
            by_id: BTreeMap::new(),
            highest: BTreeMap::new(),
            erasures: BTreeSet::new(),
            delivered: 0,
        }
    }

    /// Gets and processes the next events. Sometimes crashes between two events, or before it stores
    /// the cursor. Returns `true` if there is more to get.
    pub(crate) async fn step(&mut self) -> bool {
        let crashes = self.rng.below::<u64>(100) < CRASHES;
        let cursor: Option<FollowCursor> = self.stored.as_ref().map(|text| text.parse().unwrap());
        match self.admin.follow(cursor.as_ref(), self.limit).await.unwrap() {
            FollowAnswer::StartOver { oldest, .. } => {
                assert_eq!(self.stored, None, "the follower starts over");
                self.stored = Some(oldest.to_string());
                true
            }
            FollowAnswer::Events(page) => {
                assert!(page.events.len() <= self.limit, "more events than the limit");
                let count = page.events.len();
                let processed = if crashes { self.rng.below(count as u64 + 1) } else { count };
                for event in page.events.into_iter().take(processed) {
                    self.process(event);
                }
                if !crashes {
                    self.stored = Some(page.cursor.to_string());
                }
                page.more || crashes
            }
        }
    }

    /// Follows the location until nothing is new.
    pub(crate) async fn drain(&mut self) {
        let mut steps = 0;
        while self.step().await {
            steps += 1;
            assert!(steps < 10_000, "the follower does not reach the end");
        }
    }

    fn process(&mut self, event: FeedEvent) {
        let FeedEvent { id, revision, event, .. } = event;
        match event {
            Event::MessageReceived { thread, message } | Event::ReplySent { thread, message } => {
                self.delivered += 1;
                let (of, number) = (thread.id().clone(), message.number());
                let known = self.by_id.entry(id.to_string()).or_insert_with(|| message.clone());
                assert_eq!(
                    (known.number(), known.author(), known.sent_at()),
                    (number, message.author(), message.sent_at()),
                    "one id names two messages"
                );
                let highest = self.highest.entry(of.clone()).or_default();
                let is_known = self.messages.contains_key(&(of.clone(), number));
                assert!(is_known || number > *highest, "a message comes before a lower number");
                *highest = number.max(*highest);
                self.messages.insert((of.clone(), number), StoredMessage::new(message, revision));
                self.threads.insert(of, thread);
            }
            Event::ThreadChanged { thread } => {
                self.threads.insert(thread.id().clone(), thread);
            }
            Event::ThreadErased { tombstone } => {
                let (of, last) = (tombstone.id, tombstone.last);
                self.threads.remove(&of);
                self.messages.retain(|(id, number), _| *id != of || *number > last);
                self.erasures.insert((of, last));
            }
            other => panic!("a follower got {other:?}"),
        }
    }

    /// Asserts that the copy equals the stored threads and messages, and that every erasure came.
    pub(crate) async fn assert_is_copy(&self, workload: &Workload) {
        let fixture = &workload.fixture;
        for booking in BOOKINGS {
            let id = fixture.thread_id(booking);
            let thread = fixture.find_thread(booking).await;
            assert_eq!(self.threads.get(&id), thread.as_ref(), "the head of {booking}");
            let copied = self.messages.iter().filter(|((of, _), _)| *of == id);
            let copied: Vec<&StoredMessage> = copied.map(|(_, stored)| stored).collect();
            let stored = stored_messages(fixture, &id).await;
            assert_eq!(copied.len(), stored.len(), "the number of messages of {booking}");
            for (copied, stored) in copied.iter().zip(&stored) {
                assert_same(copied, stored);
            }
        }
        for (booking, last) in workload.erased() {
            if last == MessageNumber::START {
                // If the thread was started again, nothing shows that it was erased before.
                continue;
            }
            let id = fixture.thread_id(booking);
            let came = self.erasures.iter().any(|(of, to)| *of == id && *to >= last);
            assert!(came, "the erasure of {booking} up to {last} did not come");
        }
    }
}

async fn stored_messages(fixture: &Fixture, id: &ThreadId) -> Vec<StoredMessage> {
    let query = MessageQuery::oldest_first(id, ALL, usize::MAX);
    fixture.store.messages(&query).await.unwrap().value
}

/// Asserts that a delivered message is the stored one. It can have been redacted since.
#[track_caller]
fn assert_same(delivered: &StoredMessage, stored: &StoredMessage) {
    let flags = |message: &Message| (message.is_imported(), message.is_automatic());
    let (message, other) = (&delivered.message, &stored.message);
    assert_eq!((message.number(), delivered.revision), (other.number(), stored.revision));
    assert_eq!(flags(message), flags(other));
    assert!(other.body().is_none() || message.body() == other.body(), "the text");
}
