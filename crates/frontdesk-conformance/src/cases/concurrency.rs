use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use frontdesk::store::{
    Change, Changes, Commit, KeyQuery, LocationCounts, Revision, StoredMessage, ThreadList,
    ThreadPage, ThreadQuery, VersionedThread,
};
use frontdesk::{IdempotencyKey, Participant, Role, Thread, ThreadId, inbox};

use crate::commit_builders::{
    Base, TestMessage, WrittenCommit, batch_commit, commit_with_retry, erase_commit,
    expect_committed, messages_of, post_commit, waiting_commit,
};
use crate::failure::{CaseResult, Failure, check, check_eq};
use crate::fixtures::{
    LISTS, LOCATION, NO_LIMIT, all_messages, at, customer, key, location_id, operator, thread_id,
};
use crate::harness::{Harness, Step, lock, yield_now};
use crate::recording_store::{RecordingStore, StoreHandle};

/// All commits by revision, from which the content at any revision can be computed.
type CommitLog = Arc<Mutex<BTreeMap<Revision, Commit>>>;

/// Returns the heads at a revision, in the order of their revisions.
fn heads_at(log: &BTreeMap<Revision, Commit>, revision: Revision) -> Vec<VersionedThread> {
    let mut heads: BTreeMap<&ThreadId, VersionedThread> = BTreeMap::new();
    for (&revision, commit) in log.range(..=revision) {
        heads.insert(commit.id(), VersionedThread::new(revision, commit.next().clone()));
    }
    let mut heads: Vec<VersionedThread> = heads.into_values().collect();
    heads.sort_by_key(|stored| stored.revision);
    heads
}

fn counts_of(heads: &[VersionedThread], revision: Revision) -> LocationCounts {
    let count = |matches: fn(&Thread) -> bool| {
        let threads = heads.iter().filter_map(|stored| stored.state.live());
        threads.filter(|thread| matches(thread)).count() as u64
    };
    let unread = count(|thread| thread.is_unread_by(Role::Operator));
    LocationCounts::new(revision, unread, count(|thread| thread.waiting_since().is_some()))
}

/// Returns four tasks that post, set waits, erase and restart five threads.
fn mixed_writers(store: &StoreHandle, log: &CommitLog) -> Vec<Step<'static, ()>> {
    let writer = |writer: i64| -> Step<'static, ()> {
        let (store, log) = (Arc::clone(store), Arc::clone(log));
        Box::pin(async move {
            for step in 0..30 {
                let id = thread_id(LOCATION, &format!("b-{}", (writer + step) % 5));
                let author = if step % 3 == 0 { operator("u-1") } else { customer("c-1") };
                let message = TestMessage::new(&author, &format!("{writer}, {step}"), at(step));
                let count = if step % 4 == 0 { 3 } else { 1 };
                let messages = vec![message; count];
                let next = |stored: Option<&VersionedThread>| {
                    let live = stored.and_then(|stored| stored.state.live());
                    let from_customer =
                        live.filter(|thread| thread.messages_by(Role::Customer) > 0);
                    Some(match ((writer + step) % 11, live, from_customer) {
                        (0, Some(_), _) => erase_commit(stored),
                        (1, _, Some(thread)) => {
                            let since = thread.waiting_since().is_none().then_some(at(step));
                            waiting_commit(stored, since)
                        }
                        _ => batch_commit(Base::new(&id, stored), &messages),
                    })
                };
                if let Some(written) = commit_with_retry(&store, &id, next).await? {
                    let previous = lock(&log).insert(written.revision, written.commit);
                    check_eq(&previous, &None, "another commit with the same revision")?;
                }
                yield_now().await;
            }
            Ok(())
        })
    };
    (0..4).map(writer).collect()
}

/// The answers that a reader got while others wrote.
#[derive(Default)]
struct Observed {
    pages: Vec<(ThreadList<'static>, ThreadPage)>,
    feeds: Vec<(Revision, Changes)>,
    heads: Vec<Vec<VersionedThread>>,
    histories: Vec<Vec<StoredMessage>>,
}

async fn observe(store: &RecordingStore, mut observed: Observed) -> CaseResult<Observed> {
    let location = location_id(LOCATION);
    let mut newest = Revision::ZERO;
    for list in LISTS {
        let page = store.threads(&ThreadQuery::new(&location, list, NO_LIMIT)).await?;
        newest = page.counts.revision;
        observed.pages.push((list, page));
    }
    for since in [Revision::ZERO, newest, newest.previous().previous()] {
        observed.feeds.push((since, store.changes(&location, since, NO_LIMIT).await?));
    }
    let bookings =
        [0, 1, 2, 3, 4].map(|booking| thread_id(LOCATION, &format!("b-{booking}")).booking);
    observed.heads.push(store.heads(&location, &bookings).await?);
    let id = thread_id(LOCATION, "b-1");
    observed.histories.push(store.messages(&all_messages(&id)).await?);
    Ok(observed)
}

/// Returns the page of a whole list at a revision.
fn page_at(heads: &[VersionedThread], list: ThreadList<'_>, revision: Revision) -> ThreadPage {
    let mut threads: Vec<Thread> =
        heads.iter().filter_map(|stored| stored.state.live().cloned()).collect();
    match list {
        ThreadList::All(_) => inbox::sort(&mut threads),
        ThreadList::Unread(_) => {
            threads.retain(|thread| thread.is_unread_by(Role::Operator));
            inbox::sort(&mut threads);
        }
        ThreadList::Waiting(_) => {
            threads.retain(|thread| thread.waiting_since().is_some());
            threads.sort_by_key(|thread| (thread.waiting_since(), thread.id().booking.clone()));
        }
    }
    ThreadPage::new(threads, counts_of(heads, revision))
}

pub(super) async fn each_answer_is_one_snapshot_under_concurrent_writes(
    harness: &Harness<'_>,
) -> CaseResult {
    let log = CommitLog::default();
    let writers = mixed_writers(harness.store(), &log);
    let store = Arc::clone(harness.store());
    let read = move |observed| {
        let store = Arc::clone(&store);
        async move { observe(&store, observed).await }
    };
    let readers = [Observed::default(), Observed::default()];
    let observed = harness.read_while_writing(writers, readers, read).await?;

    let log = lock(&log).clone();
    let histories = histories_of(&log, &thread_id(LOCATION, "b-1"));
    for observed in observed {
        for (list, page) in observed.pages {
            let revision = page.counts.revision;
            let expected = page_at(&heads_at(&log, revision), list, revision);
            check_eq(&page, &expected, format_args!("{list:?} at {revision:?}"))?;
        }
        for (since, feed) in observed.feeds {
            let revision = feed.counts.revision;
            let heads = heads_at(&log, revision);
            let counts = counts_of(&heads, revision);
            let changed = heads.into_iter().filter(|stored| stored.revision > since).collect();
            let expected = Changes::new(changed, false, counts);
            check_eq(&feed, &expected, format_args!("the feed after {since:?} at {revision:?}"))?;
        }
        for mut heads in observed.heads {
            heads.sort_by_key(|stored| stored.revision);
            let at_some_revision = |revision: &Revision| heads_at(&log, *revision) == heads;
            check(heads.is_empty() || log.keys().any(at_some_revision), || {
                let actual = format!("{heads:?}");
                Failure::new("`heads` during writes", "the heads at one revision", actual)
            })?;
        }
        for messages in observed.histories {
            check(histories.contains(&messages), || {
                let actual = format!("{messages:?}");
                Failure::new("`messages` during writes", "the messages at one revision", actual)
            })?;
        }
    }
    Ok(())
}

/// Returns the messages of a thread at every revision.
fn histories_of(log: &BTreeMap<Revision, Commit>, id: &ThreadId) -> Vec<Vec<StoredMessage>> {
    let mut histories = vec![Vec::new()];
    for (&revision, commit) in log.iter().filter(|(_, commit)| commit.id() == id) {
        let mut messages: Vec<StoredMessage> = histories.last().cloned().unwrap_or_default();
        if commit.next().live().is_none() {
            messages.clear();
        }
        if let Change::Messages(new) = commit.change() {
            let new = new.iter().map(|new| StoredMessage::new(new.message.clone(), revision));
            messages.extend(new);
        }
        histories.push(messages);
    }
    histories
}

/// A commit that the store has acknowledged.
struct Acknowledged {
    author: Participant,
    key: IdempotencyKey,
    written: WrittenCommit,
}

pub(super) async fn a_read_after_an_acknowledged_commit_sees_it(
    harness: &Harness<'_>,
) -> CaseResult {
    let queue: Arc<Mutex<VecDeque<Acknowledged>>> = Arc::default();
    let mut writers: Vec<Step<'static, ()>> = Vec::new();
    for writer in 0..6 {
        let (store, queue) = (Arc::clone(harness.store()), Arc::clone(&queue));
        writers.push(Box::pin(async move {
            let author = customer(&format!("c-{writer}"));
            for step in 0..12 {
                let id = thread_id(LOCATION, &format!("b-{}", step % 3));
                let key = key(&format!("k-{step}"));
                let message = TestMessage::new(&author, "Hello!", at(step)).with_key(&key);
                let next = |stored: Option<&VersionedThread>| {
                    Some(post_commit(Base::new(&id, stored), &message))
                };
                let Some(written) = commit_with_retry(&store, &id, next).await? else { continue };
                let acknowledged = Acknowledged { author: author.clone(), key, written };
                // The writer reads half of its commits back. Other tasks read the rest.
                if step % 2 == 0 {
                    check_visible(&store, &acknowledged).await?;
                } else {
                    lock(&queue).push_back(acknowledged);
                }
                yield_now().await;
            }
            Ok(())
        }));
    }
    let store = Arc::clone(harness.store());
    let read = move |()| {
        let (store, queue) = (Arc::clone(&store), Arc::clone(&queue));
        async move {
            while let Some(acknowledged) = { lock(&queue).pop_front() } {
                check_visible(&store, &acknowledged).await?;
            }
            Ok(())
        }
    };
    harness.read_while_writing(writers, [(), ()], read).await?;
    Ok(())
}

/// Checks that every read sees a commit.
async fn check_visible(store: &RecordingStore, acknowledged: &Acknowledged) -> CaseResult {
    let Acknowledged { author, key, written: WrittenCommit { revision, commit } } = acknowledged;
    let (id, message, revision) = (commit.id(), messages_of(commit).remove(0), *revision);
    let has_it = |thread: &Thread| thread.id() == id && thread.has_message(message.number());
    let is_in = |stored: &VersionedThread| {
        stored.revision >= revision && stored.state.live().is_some_and(has_it)
    };
    let stale = |method: &str, answer: String| {
        let operation = format!("`{method}` after the commit to {id} at {revision:?} with {key:?}");
        Failure::new(operation, "that commit or a later one", answer)
    };

    let stored = store.thread(id).await?;
    check(stored.as_ref().is_some_and(is_in), || stale("thread", format!("{stored:?}")))?;
    let heads = store.heads(&id.location, std::slice::from_ref(&id.booking)).await?;
    check(heads.iter().any(is_in), || stale("heads", format!("{heads:?}")))?;
    let messages = store.messages(&all_messages(id)).await?;
    let expected = StoredMessage::new(message.clone(), revision);
    check(messages.contains(&expected), || stale("messages", format!("{messages:?}")))?;
    let by_key = store.message_by_key(&KeyQuery::new(id, author, key)).await?;
    check(by_key == Some(expected), || stale("message_by_key", format!("{by_key:?}")))?;
    let list = ThreadList::All(None);
    let page = store.threads(&ThreadQuery::new(&id.location, list, NO_LIMIT)).await?;
    let fresh = page.counts.revision >= revision && page.threads.iter().any(has_it);
    check(fresh, || stale("threads", format!("{page:?}")))?;
    let feed = store.changes(&id.location, revision.previous(), NO_LIMIT).await?;
    let fresh = feed.counts.revision >= revision && feed.changed.iter().any(is_in);
    check(fresh, || stale("changes", format!("{feed:?}")))?;
    let locations = store.locations(None, NO_LIMIT).await?;
    let fresh =
        locations.iter().any(|entry| entry.location == id.location && entry.revision >= revision);
    check(fresh, || stale("locations", format!("{locations:?}")))
}

/// A client that follows the feed as a dashboard does.
struct Poller {
    since: Revision,
    limit: usize,
    revisions: Vec<Revision>,
    latest: BTreeMap<ThreadId, VersionedThread>,
}

impl Poller {
    fn new(limit: usize) -> Self {
        Self { since: Revision::ZERO, limit, revisions: Vec::new(), latest: BTreeMap::new() }
    }

    /// Polls until the feed reports no more changes.
    async fn poll(mut self, store: &RecordingStore) -> CaseResult<Self> {
        loop {
            let since = self.since;
            let feed = store.changes(&location_id(LOCATION), since, self.limit).await?;
            let failure = |expected: String, actual: String| {
                let operation = format!("at most {} changes since {since:?}", self.limit);
                Failure::new(operation, expected, actual)
            };
            let (count, newest) = (feed.changed.len(), feed.counts.revision);
            check(count <= self.limit, || {
                failure(format!("at most {} changes", self.limit), format!("{count} changes"))
            })?;
            check(newest >= since, || {
                failure(format!("a newest revision from {since:?}"), format!("{newest:?}"))
            })?;
            for stored in feed.changed {
                let previous = self.revisions.last().copied().unwrap_or_default().max(since);
                let revision = stored.revision;
                check(revision > previous && revision <= newest, || {
                    let expected = format!("a change above {previous:?}, at most {newest:?}");
                    Failure::new("the next change of a poll", expected, format!("{revision:?}"))
                })?;
                self.revisions.push(revision);
                self.latest.insert(stored.state.id().clone(), stored);
            }
            if !feed.more {
                self.since = newest;
                return Ok(self);
            }
            check(count > 0, || {
                Failure::new("a poll with more changes", "some change", "no change")
            })?;
            self.since = self.revisions.last().copied().unwrap_or_default();
        }
    }
}

/// Polls with several limits while `writers` run, and once after they have finished.
async fn poll_while_writing(
    harness: &Harness<'_>,
    writers: Vec<Step<'static, ()>>,
) -> CaseResult<Vec<Poller>> {
    let store = Arc::clone(harness.store());
    let poll = move |poller: Poller| {
        let store = Arc::clone(&store);
        async move { poller.poll(&store).await }
    };
    harness.read_while_writing(writers, [1, 3, 1_000].map(Poller::new), poll).await
}

pub(super) async fn the_feed_never_misses_a_late_commit(harness: &Harness<'_>) -> CaseResult {
    let acknowledged: Arc<Mutex<BTreeSet<Revision>>> = Arc::default();
    let mut writers: Vec<Step<'static, ()>> = Vec::new();
    for writer in 0..6 {
        let (store, acknowledged) = (Arc::clone(harness.store()), Arc::clone(&acknowledged));
        writers.push(Box::pin(async move {
            for step in 0..30 {
                // Each commit creates a thread, so that no later commit replaces it in
                // the feed.
                let id = thread_id(LOCATION, &format!("b-{writer}-{step}"));
                let message = TestMessage::new(&customer("c-1"), "Hello!", at(step));
                let commit = post_commit(Base::new(&id, None), &message);
                let revision = expect_committed(store.commit(commit).await?)?;
                check(lock(&acknowledged).insert(revision), || {
                    let actual = format!("{revision:?} twice");
                    Failure::new("the revision of a commit", "an unused revision", actual)
                })?;
                yield_now().await;
            }
            Ok(())
        }));
    }
    let pollers = poll_while_writing(harness, writers).await?;
    let acknowledged: Vec<Revision> = lock(&acknowledged).iter().copied().collect();
    for poller in pollers {
        check_eq(&poller.revisions, &acknowledged, "the revisions that a poller received")?;
    }
    Ok(())
}

pub(super) async fn the_feed_brings_each_thread_to_its_final_state(
    harness: &Harness<'_>,
) -> CaseResult {
    let log = CommitLog::default();
    let writers = mixed_writers(harness.store(), &log);
    let pollers = poll_while_writing(harness, writers).await?;
    let log = lock(&log).clone();
    let last = log.last_key_value().map_or(Revision::ZERO, |(revision, _)| *revision);
    let heads = heads_at(&log, last);
    for poller in pollers {
        let mut polled: Vec<VersionedThread> = poller.latest.into_values().collect();
        polled.sort_by_key(|stored| stored.revision);
        check_eq(&polled, &heads, "the latest state of each thread that a poller received")?;
        check_eq(&poller.since, &last, "the revision from which a poller continues")?;
    }
    Ok(())
}
