//! Tests of `MemoryStore` under a checker that chooses the next task each time a task takes a
//! lock.
//!
//! This module compiles the store a second time, with the checker's locks instead of the
//! standard library's, and checks that the store's calls are atomic. The test `schedules`
//! explores the use cases over a store whose calls are atomic.

use super::*;

mod lock {
    pub(super) use shuttle::sync::RwLock;
}

#[path = "memory.rs"]
#[expect(clippy::duplicate_mod, unreachable_pub, reason = "compiled once with each kind of lock")]
mod memory;

mod tests {
    use std::sync::Arc;

    use shuttle::future::{JoinHandle, block_on, spawn};
    use shuttle::scheduler::{PctScheduler, RandomScheduler};
    use shuttle::{Config, Runner};

    use super::memory::MemoryStore;
    use super::{
        Changes, Commit, CommitOutcome, NewMessage, NewMessages, Revision, ThreadList, ThreadPage,
        ThreadQuery, ThreadState, ThreadStore, VersionedThread,
    };
    use crate::booking::Booking;
    use crate::id::{BookingId, LocationId, ParticipantId, ThreadId};
    use crate::participant::Participant;
    use crate::text::MessageBody;
    use crate::thread::{Post, ReadUpTo, Thread};
    use crate::timestamp::Timestamp;

    const SEED: u64 = 7_500;
    const SCHEDULES: usize = 1_000;

    /// Runs `scenario` under random schedules and under schedules that change the priorities
    /// of tasks three times. Prints a schedule that fails, so that `shuttle::replay` can run it
    /// again.
    fn explore<F: Future<Output = ()> + 'static>(scenario: fn(MemoryStore) -> F) {
        let scenario = move || block_on(scenario(MemoryStore::new()));
        let random = RandomScheduler::new_from_seed(SEED, SCHEDULES);
        Runner::new(random, config()).run(scenario);
        let changing = PctScheduler::new_from_seed(SEED, 3, SCHEDULES);
        Runner::new(changing, config()).run(scenario);
    }

    fn config() -> Config {
        let mut config = Config::new();
        // Unoptimized nested futures need a large stack.
        config.stack_size = 1 << 18;
        config
    }

    fn location(id: &str) -> LocationId {
        LocationId::new(id).unwrap()
    }

    fn thread_id(location: &str, booking: &str) -> ThreadId {
        ThreadId::new(self::location(location), BookingId::new(booking).unwrap())
    }

    fn start(location: &str, booking: &str) -> Commit {
        let now = Timestamp::UNIX_EPOCH;
        let booking = Booking::new(BookingId::new(booking).unwrap(), "K7Q2-XH41", "Tour");
        let thread = Thread::start(self::location(location), booking, now);
        Commit::new(ThreadState::Live(thread), None)
    }

    /// Posts one message of a customer and retries after each write conflict.
    async fn post(store: &MemoryStore, id: &ThreadId) {
        let author = Arc::new(Participant::customer(ParticipantId::new("c-1").unwrap(), None));
        let body = MessageBody::new("Hello!").unwrap();
        let mut found = store.thread(id).await.unwrap().value;
        loop {
            let thread = found.as_ref().and_then(|found| found.state.live()).unwrap();
            let post = Post::new(Arc::clone(&author), body.clone(), Timestamp::UNIX_EPOCH);
            let posted = thread.post(post.with_read(ReadUpTo::Nothing)).unwrap();
            let messages = NewMessages::one(NewMessage::new(posted.message, None));
            let commit = Commit::new(ThreadState::Live(posted.thread), found.as_ref());
            match store.commit(commit.with_messages(messages).unwrap()).await.unwrap().value {
                CommitOutcome::Conflict(current) => found = current,
                _ => return,
            }
        }
    }

    async fn join_all<T>(tasks: Vec<JoinHandle<T>>) -> Vec<T> {
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("a task of the scenario failed"));
        }
        answers
    }

    async fn feed(store: &MemoryStore, location: &str, since: Revision) -> Changes {
        store.changes(&self::location(location), since, usize::MAX).await.unwrap().value
    }

    async fn inbox(store: &MemoryStore) -> ThreadPage {
        let here = location("here");
        let query = ThreadQuery::new(&here, ThreadList::All(None), 9);
        store.threads(&query).await.unwrap().value
    }

    /// I2, P1: when the first commits of a location run concurrently, exactly one commit per
    /// booking succeeds, and all commits go to the same shard, which later reads use.
    #[test]
    fn i2_the_first_commits_of_a_location_end_up_in_one_shard() {
        explore(|store| async move {
            let commits = ["b-1", "b-2", "b-1"].map(|booking| {
                let store = store.clone();
                spawn(async move { store.commit(start("here", booking)).await.unwrap().value })
            });
            let outcomes = join_all(commits.into()).await;
            let winners = [&outcomes[0], &outcomes[2]].into_iter();
            let winners = winners.filter(|outcome| matches!(outcome, CommitOutcome::Committed(_)));
            assert_eq!(winners.count(), 1, "{outcomes:?}");
            assert!(matches!(outcomes[1], CommitOutcome::Committed(_)));
            let all = feed(&store, "here", Revision::ZERO).await;
            let revisions: Vec<u64> = all.changed.iter().map(|one| one.revision.get()).collect();
            assert_eq!(revisions, [1, 2]);
            assert_eq!(inbox(&store).await.threads.len(), 2);
        });
    }

    /// P1, U4: while writers post into two threads, the feed misses no commit and shows no
    /// revision late, a page and its number of unread threads are one snapshot, and a read sees
    /// every commit that was acknowledged before the read began.
    #[test]
    fn p1_the_feed_and_the_pages_are_snapshots() {
        explore(|store| async move {
            for booking in ["b-1", "b-2"] {
                drop(store.commit(start("here", booking)).await.unwrap());
            }
            let writers = ["b-1", "b-2", "b-1"].map(|booking| {
                let store = store.clone();
                spawn(async move {
                    let id = thread_id("here", booking);
                    post(&store, &id).await;
                    let stored = store.thread(&id).await.unwrap().value.unwrap();
                    let count = stored.state.live().unwrap().message_count();
                    assert!(count > 0, "the read does not see the acknowledged message");
                })
            });
            let reader = spawn({
                let store = store.clone();
                async move {
                    let mut seen = Vec::<Changes>::new();
                    for _ in 0..3 {
                        let since = seen.last().map_or(Revision::ZERO, |last| last.counts.revision);
                        seen.push(feed(&store, "here", since).await);
                        let page = inbox(&store).await;
                        let unread = page
                            .threads
                            .iter()
                            .filter(|one| one.is_unread_by(crate::Role::Operator));
                        let unread = unread.count() as u64;
                        assert_eq!(unread, page.counts.unread, "the page is not one snapshot");
                        assert!(page.counts.revision >= since, "the revision of a page decreased");
                    }
                    seen
                }
            });
            join_all(writers.into()).await;
            let mut seen = join_all(vec![reader]).await.remove(0);
            let since = seen.last().unwrap().counts.revision;
            seen.push(feed(&store, "here", since).await);
            let mut since = Revision::ZERO;
            let mut latest = Vec::new();
            for changes in seen {
                for stored in changes.changed {
                    assert!(since < stored.revision && stored.revision <= changes.counts.revision);
                    latest.retain(|known: &VersionedThread| known.state.id() != stored.state.id());
                    latest.push(stored);
                }
                since = changes.counts.revision;
            }
            let all = feed(&store, "here", Revision::ZERO).await;
            assert_eq!((latest, since.get()), (all.changed, 5), "a commit was missed");
            let count = all_messages(&store, &["b-1", "b-2"]).await;
            assert_eq!(count, [2, 1]);
        });
    }

    async fn all_messages(store: &MemoryStore, bookings: &[&str]) -> Vec<u32> {
        let mut counts = Vec::new();
        for booking in bookings {
            let stored = store.thread(&thread_id("here", booking)).await.unwrap().value.unwrap();
            counts.push(stored.state.live().unwrap().message_count());
        }
        counts
    }

    /// P1: locations are independent. Concurrent writes and reads of several known and
    /// unknown locations finish, and each location has its own revisions.
    #[test]
    fn p1_concurrent_locations_do_not_wait_for_each_other() {
        explore(|store| async move {
            let tasks = ["here", "there", "here", "there"].iter().enumerate();
            let tasks = tasks.map(|(at, location)| {
                let store = store.clone();
                spawn(async move {
                    let booking = format!("b-{at}");
                    let other = if *location == "here" { "there" } else { "here" };
                    drop(store.commit(start(location, &booking)).await.unwrap());
                    drop(feed(&store, other, Revision::ZERO).await);
                    drop(format!("{store:?}"));
                    post(&store, &thread_id(location, &booking)).await;
                })
            });
            join_all(tasks.collect()).await;
            for location in ["here", "there"] {
                let changes = feed(&store, location, Revision::ZERO).await;
                assert_eq!((changes.counts.revision.get(), changes.changed.len()), (4, 2));
                assert_eq!(changes.counts.unread, 2);
            }
        });
    }
}
