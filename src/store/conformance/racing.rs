use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use super::cast::{HERE, MANY, WHOLE, at, customer, key, operator, place, thread_id};
use super::proposal::{committed, erasing, keyed, said, saying, write};
use super::report::{Outcome, holds, same};
use super::stage::{Running, Shared, Stage, locked, yield_now};
use crate::id::{IdempotencyKey, ThreadId};
use crate::message::Message;
use crate::participant::Participant;
use crate::store::{
    Changes, Commit, Direction, Filter, Revision, Stored, ThreadPage, ThreadStore as _,
};
use crate::thread::Thread;

/// Everything that was committed, from which any moment can be told again.
type Log = Arc<Mutex<BTreeMap<Revision, Commit>>>;

/// The heads as of a revision, in the order of theirs.
fn as_of(log: &BTreeMap<Revision, Commit>, revision: Revision) -> Vec<Stored> {
    let mut heads: BTreeMap<&ThreadId, Stored> = BTreeMap::new();
    for (&revision, commit) in log.range(..=revision) {
        heads.insert(commit.id(), Stored { revision, state: commit.next.clone() });
    }
    let mut heads: Vec<Stored> = heads.into_values().collect();
    heads.sort_by_key(|stored| stored.revision);
    heads
}

fn awaiting(heads: &[Stored]) -> u64 {
    let threads = heads.iter().filter_map(|stored| stored.state.live());
    threads.filter(|thread| thread.awaits_operator()).count() as u64
}

/// Four tasks that write into five threads, erase and start anew.
fn busy_writers(store: &Shared, log: &Log) -> Vec<Running<'static, ()>> {
    let writer = |writer: i64| -> Running<'static, ()> {
        let (store, log) = (Arc::clone(store), Arc::clone(log));
        Box::pin(async move {
            for step in 0..30 {
                let id = thread_id(HERE, &format!("b-{}", (writer + step) % 5));
                let author = if step % 3 == 0 { operator("u-1") } else { customer("c-1") };
                let written = write(&store, &id, |found| {
                    let erased = (writer + step) % 11 == 0 && found?.state.live().is_some();
                    Some(if erased {
                        erasing(found)
                    } else {
                        saying(&id, found, &author, &format!("{writer}, {step}"), at(step))
                    })
                });
                if let Some((revision, commit)) = written.await? {
                    let twice = locked(&log).insert(revision, commit);
                    same(&twice, &None, "another commit that was told the same revision")?;
                }
                yield_now().await;
            }
            Ok(())
        })
    };
    (0..4).map(writer).collect()
}

/// What a reader was told while others wrote.
#[derive(Default)]
struct Observed {
    inboxes: Vec<(Filter, ThreadPage)>,
    feeds: Vec<(Revision, Changes)>,
    histories: Vec<Vec<Message>>,
}

async fn observe(store: &Shared, mut observed: Observed) -> Outcome<Observed> {
    let here = place(HERE);
    let mut newest = Revision::ZERO;
    for filter in [Filter::All, Filter::Unread] {
        let page = store.threads(&here, None, MANY, filter).await?;
        newest = page.revision;
        observed.inboxes.push((filter, page));
    }
    for since in [Revision::ZERO, newest, newest.previous().previous()] {
        observed.feeds.push((since, store.changes(&here, since, MANY).await?));
    }
    let id = thread_id(HERE, "b-1");
    let messages = store.messages(&id, WHOLE, MANY, Direction::OldestFirst).await?;
    observed.histories.push(messages);
    Ok(observed)
}

pub(super) async fn an_answer_is_one_snapshot_while_writers_run(stage: &Stage<'_>) -> Outcome {
    let log = Log::default();
    let writers = busy_writers(stage.store(), &log);
    let store = Arc::clone(stage.store());
    let readers = [Observed::default(), Observed::default()];
    let read = move |observed| {
        let store = Arc::clone(&store);
        async move { observe(&store, observed).await }
    };
    let observed = stage.while_writing(writers, readers, read).await?;

    let log = locked(&log).clone();
    let moments = moments_of(&log, &thread_id(HERE, "b-1"));
    for observed in observed {
        for (filter, page) in observed.inboxes {
            let heads = as_of(&log, page.revision);
            let mut threads: Vec<Thread> =
                heads.iter().filter_map(|stored| stored.state.live().cloned()).collect();
            threads.retain(|thread| filter == Filter::All || thread.awaits_operator());
            crate::inbox::sort(&mut threads);
            let (unread, revision) = (awaiting(&heads), page.revision);
            let expected = ThreadPage { threads, unread, revision };
            same(&page, &expected, format_args!("{filter:?} as of {revision:?}"))?;
        }
        for (since, feed) in observed.feeds {
            let heads = as_of(&log, feed.revision);
            let (unread, revision) = (awaiting(&heads), feed.revision);
            let changed = heads.into_iter().filter(|stored| stored.revision > since).collect();
            let expected = Changes { changed, more: false, unread, revision };
            same(&feed, &expected, format_args!("the feed after {since:?} as of {revision:?}"))?;
        }
        for messages in observed.histories {
            let what = "a history while others write";
            holds(moments.contains(&messages), what, "what it was at some moment", &messages)?;
        }
    }
    Ok(())
}

/// Every history that a thread has had.
fn moments_of(log: &BTreeMap<Revision, Commit>, id: &ThreadId) -> Vec<Vec<Message>> {
    let mut moments = vec![Vec::new()];
    for commit in log.values().filter(|commit| commit.id() == id) {
        let mut now: Vec<Message> = moments.last().cloned().unwrap_or_default();
        match &commit.message {
            Some(new) => now.push(new.message.clone()),
            None => now.clear(),
        }
        moments.push(now);
    }
    moments
}

/// What was acknowledged to a writer.
struct Acknowledged {
    author: Participant,
    key: IdempotencyKey,
    revision: Revision,
    commit: Commit,
}

pub(super) async fn a_read_begun_after_an_acknowledged_commit_sees_it(
    stage: &Stage<'_>,
) -> Outcome {
    let told: Arc<Mutex<VecDeque<Acknowledged>>> = Arc::default();
    let mut writers: Vec<Running<'static, ()>> = Vec::new();
    for writer in 0..6 {
        let (store, told) = (Arc::clone(stage.store()), Arc::clone(&told));
        writers.push(Box::pin(async move {
            let author = customer(&format!("c-{writer}"));
            for step in 0..12 {
                let id = thread_id(HERE, &format!("b-{}", step % 3));
                let key = key(&format!("k-{step}"));
                let written = write(&store, &id, |found| {
                    Some(keyed(saying(&id, found, &author, "Hello!", at(step)), &key))
                });
                let Some((revision, commit)) = written.await? else { continue };
                let acknowledged = Acknowledged { author: author.clone(), key, revision, commit };
                // Half of them are looked for by another task.
                if step % 2 == 0 {
                    sees(&store, &acknowledged).await?;
                } else {
                    locked(&told).push_back(acknowledged);
                }
                yield_now().await;
            }
            Ok(())
        }));
    }
    let store = Arc::clone(stage.store());
    let read = move |()| {
        let (store, told) = (Arc::clone(&store), Arc::clone(&told));
        async move {
            while let Some(acknowledged) = { locked(&told).pop_front() } {
                sees(&store, &acknowledged).await?;
            }
            Ok(())
        }
    };
    stage.while_writing(writers, [(), ()], read).await?;
    Ok(())
}

/// Whether every method sees a commit.
async fn sees(store: &Shared, acknowledged: &Acknowledged) -> Outcome {
    let Acknowledged { author, key, revision, commit } = acknowledged;
    let (id, message, revision) = (commit.id(), said(commit), *revision);
    let is_there = |thread: &Thread| thread.id() == id && thread.has_message(message.number());
    let is_in = |stored: &Stored| stored.state.live().is_some_and(is_there);
    let what = |method| format!("`{method}` after the commit at {revision:?} was acknowledged");

    let stored = store.thread(id).await?;
    let fresh = stored.as_ref().is_some_and(|stored| stored.revision >= revision && is_in(stored));
    holds(fresh, what("thread"), "the commit or a later one", &stored)?;
    let messages = store.messages(id, WHOLE, MANY, Direction::OldestFirst).await?;
    holds(messages.contains(&message), what("messages"), "its message", &messages)?;
    let by_key = store.message_by_key(id, author.role, &author.id, key).await?;
    same(&by_key.as_ref(), &Some(&message), what("message_by_key"))?;
    let page = store.threads(&id.location, None, MANY, Filter::All).await?;
    let fresh = page.revision >= revision && page.threads.iter().any(is_there);
    holds(fresh, what("threads"), "the commit or a later one", &page)?;
    let feed = store.changes(&id.location, revision.previous(), MANY).await?;
    let fresh = feed.revision >= revision && feed.changed.iter().any(is_in);
    holds(fresh, what("changes"), "the commit or a later one", &feed)
}

/// A poller, as a dashboard is one.
struct Poller {
    since: Revision,
    limit: usize,
    seen: Vec<Revision>,
    latest: BTreeMap<ThreadId, Stored>,
}

impl Poller {
    fn new(limit: usize) -> Self {
        Self { since: Revision::ZERO, limit, seen: Vec::new(), latest: BTreeMap::new() }
    }

    /// Polls as long as there is more.
    async fn poll(mut self, store: &Shared) -> Outcome<Self> {
        loop {
            let feed = store.changes(&place(HERE), self.since, self.limit).await?;
            let changed = feed.changed.len();
            holds(changed <= self.limit, "how many changes a poll brings", self.limit, changed)?;
            holds(
                feed.revision >= self.since,
                format_args!("the newest revision of a poll since {:?}", self.since),
                "that or a higher one",
                feed.revision,
            )?;
            for stored in feed.changed {
                let newest = self.seen.last().copied().unwrap_or_default().max(self.since);
                let revision = stored.revision;
                let expected = format_args!("one above {newest:?}, to {:?}", feed.revision);
                let in_order = revision > newest && revision <= feed.revision;
                holds(in_order, "the revision of the next change", expected, revision)?;
                self.seen.push(revision);
                self.latest.insert(stored.state.id().clone(), stored);
            }
            if !feed.more {
                self.since = feed.revision;
                return Ok(self);
            }
            holds(changed > 0, "a poll that says there is more", "some change", changed)?;
            self.since = self.seen.last().copied().unwrap_or_default();
        }
    }
}

/// Polls with several limits while `writers` run, to the end.
async fn poll_while(stage: &Stage<'_>, writers: Vec<Running<'static, ()>>) -> Outcome<Vec<Poller>> {
    let store = Arc::clone(stage.store());
    let poll = move |poller: Poller| {
        let store = Arc::clone(&store);
        async move { poller.poll(&store).await }
    };
    stage.while_writing(writers, [1, 3, 1_000].map(Poller::new), poll).await
}

pub(super) async fn a_feed_never_misses_a_late_commit(stage: &Stage<'_>) -> Outcome {
    let acknowledged: Arc<Mutex<BTreeSet<Revision>>> = Arc::default();
    let mut writers: Vec<Running<'static, ()>> = Vec::new();
    for writer in 0..6 {
        let (store, acknowledged) = (Arc::clone(stage.store()), Arc::clone(&acknowledged));
        writers.push(Box::pin(async move {
            for step in 0..30 {
                // A thread of its own, so that no later commit stands in for it.
                let id = thread_id(HERE, &format!("b-{writer}-{step}"));
                let commit = saying(&id, None, &customer("c-1"), "Hello!", at(step));
                let revision = committed(store.commit(commit).await?)?;
                let new = locked(&acknowledged).insert(revision);
                holds(new, "a commit's revision", "one of its own", revision)?;
                yield_now().await;
            }
            Ok(())
        }));
    }
    let pollers = poll_while(stage, writers).await?;
    let acknowledged: Vec<Revision> = locked(&acknowledged).iter().copied().collect();
    for poller in pollers {
        same(&poller.seen, &acknowledged, "the revisions that were polled")?;
    }
    Ok(())
}

pub(super) async fn a_feed_brings_each_thread_to_its_final_state(stage: &Stage<'_>) -> Outcome {
    let log = Log::default();
    let writers = busy_writers(stage.store(), &log);
    let pollers = poll_while(stage, writers).await?;
    let log = locked(&log).clone();
    let last = log.last_key_value().map_or(Revision::ZERO, |(revision, _)| *revision);
    let heads = as_of(&log, last);
    for poller in pollers {
        let mut polled: Vec<Stored> = poller.latest.into_values().collect();
        polled.sort_by_key(|stored| stored.revision);
        same(&polled, &heads, "the union of what was polled")?;
        same(&poller.since, &last, "the revision to poll on from")?;
    }
    Ok(())
}
