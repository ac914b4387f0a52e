//! `MemoryStore` under a checker that decides who goes on wherever a lock is taken.
//!
//! It is compiled here once more, with the checker's locks in the place of the
//! standard library's. That each use case holds on a store whose calls are atomic
//! is explored in tests/schedules; that these calls are, here.

use super::*;

mod lock {
    pub(super) use shuttle::sync::RwLock;
}

#[path = "memory.rs"]
#[expect(clippy::duplicate_mod, unreachable_pub, reason = "once with each kind of locks")]
mod memory;

mod tests {
    use std::sync::Arc;

    use shuttle::future::{JoinHandle, block_on, spawn};
    use shuttle::scheduler::{PctScheduler, RandomScheduler};
    use shuttle::{Config, Runner};

    use super::memory::MemoryStore;
    use super::{Changes, Commit, CommitOutcome, Filter, Revision, ThreadState, ThreadStore};
    use crate::booking::Booking;
    use crate::id::{BookingId, LocationId, ParticipantId, ThreadId};
    use crate::message::MessageNumber;
    use crate::participant::Participant;
    use crate::text::MessageBody;
    use crate::thread::{Seen, Thread};
    use crate::timestamp::Timestamp;

    const SEED: u64 = 7_500;
    const SCHEDULES: usize = 1_000;

    /// Runs `story` under schedules drawn at random and under schedules that change
    /// in three places who goes first. One that fails is printed, for
    /// `shuttle::replay`.
    fn explore<F: Future<Output = ()> + 'static>(story: fn(MemoryStore) -> F) {
        let story = move || block_on(story(MemoryStore::new()));
        let random = RandomScheduler::new_from_seed(SEED, SCHEDULES);
        Runner::new(random, config()).run(story);
        let changing = PctScheduler::new_from_seed(SEED, 3, SCHEDULES);
        Runner::new(changing, config()).run(story);
    }

    fn config() -> Config {
        let mut config = Config::new();
        // Unoptimized futures inside of one another.
        config.stack_size = 1 << 18;
        config
    }

    fn place(id: &str) -> LocationId {
        LocationId::new(id).unwrap()
    }

    fn thread_id(location: &str, booking: &str) -> ThreadId {
        ThreadId::new(place(location), BookingId::new(booking).unwrap())
    }

    fn start(location: &str, booking: &str) -> Commit {
        let now = Timestamp::UNIX_EPOCH;
        let booking = Booking::new(BookingId::new(booking).unwrap(), "K7Q2-XH41", "Tour", now);
        let thread = Thread::start(place(location), booking, now, MessageNumber::START).unwrap();
        Commit::new(ThreadState::Live(thread), None)
    }

    /// Posts one message of a customer, however often others are faster.
    async fn post(store: &MemoryStore, id: &ThreadId) {
        let author = Arc::new(Participant::customer(ParticipantId::new("c-1").unwrap(), None));
        let body = MessageBody::new("Hello!").unwrap();
        let mut found = store.thread(id).await.unwrap();
        loop {
            let thread = found.as_ref().and_then(|stored| stored.state.live()).unwrap();
            let now = Timestamp::UNIX_EPOCH;
            let posted =
                thread.post(Arc::clone(&author), body.clone(), now, Seen::Nothing).unwrap();
            let commit = Commit::new(ThreadState::Live(posted.thread), found.as_ref())
                .with_message(posted.message, None);
            match store.commit(commit).await.unwrap() {
                CommitOutcome::Conflict(current) => found = current,
                _ => return,
            }
        }
    }

    async fn ended<T>(tasks: Vec<JoinHandle<T>>) -> Vec<T> {
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("a task of the story failed"));
        }
        answers
    }

    async fn feed(store: &MemoryStore, location: &str, since: Revision) -> Changes {
        store.changes(&place(location), since, usize::MAX).await.unwrap()
    }

    /// I2, P1: of the first commits of a location, made at once, those about one
    /// booking have one winner, and none is in a shard that nobody finds again.
    #[test]
    fn i2_the_first_commits_of_a_location_end_up_in_one_shard() {
        explore(|store| async move {
            let commits = ["b-1", "b-2", "b-1"].map(|booking| {
                let store = store.clone();
                spawn(async move { store.commit(start("here", booking)).await.unwrap() })
            });
            let outcomes = ended(commits.into()).await;
            let winners = [&outcomes[0], &outcomes[2]].into_iter();
            let winners = winners.filter(|outcome| matches!(outcome, CommitOutcome::Committed(_)));
            assert_eq!(winners.count(), 1, "{outcomes:?}");
            assert!(matches!(outcomes[1], CommitOutcome::Committed(_)));
            let all = feed(&store, "here", Revision::ZERO).await;
            let revisions: Vec<u64> = all.changed.iter().map(|one| one.revision.get()).collect();
            assert_eq!(revisions, [1, 2]);
            let page = store.threads(&place("here"), None, 9, Filter::All).await.unwrap();
            assert_eq!(page.threads.len(), 2);
        });
    }

    /// P1, U4: while two threads are written into, the feed shows each commit once
    /// and never a late one, a page and its unread number are one picture, and a read
    /// sees what was acknowledged before it.
    #[test]
    fn p1_the_feed_and_the_pages_are_of_one_moment() {
        explore(|store| async move {
            for booking in ["b-1", "b-2"] {
                drop(store.commit(start("here", booking)).await.unwrap());
            }
            let writers = ["b-1", "b-2", "b-1"].map(|booking| {
                let store = store.clone();
                spawn(async move {
                    let id = thread_id("here", booking);
                    post(&store, &id).await;
                    let stored = store.thread(&id).await.unwrap().unwrap();
                    assert!(stored.state.live().unwrap().message_count() > 0, "acknowledged");
                })
            });
            let reader = spawn({
                let store = store.clone();
                async move {
                    let here = place("here");
                    let mut seen = Vec::<Changes>::new();
                    for _ in 0..3 {
                        let since = seen.last().map_or(Revision::ZERO, |last| last.revision);
                        seen.push(feed(&store, "here", since).await);
                        let page = store.threads(&here, None, 9, Filter::All).await.unwrap();
                        let unread = page.threads.iter().filter(|one| one.awaits_operator());
                        assert_eq!(unread.count() as u64, page.unread, "one picture");
                        assert!(page.revision >= since, "a page went back");
                    }
                    seen
                }
            });
            ended(writers.into()).await;
            let mut seen = ended(vec![reader]).await.remove(0);
            let since = seen.last().unwrap().revision;
            seen.push(feed(&store, "here", since).await);
            let mut since = Revision::ZERO;
            let mut latest = Vec::new();
            for changes in seen {
                for stored in changes.changed {
                    assert!(since < stored.revision && stored.revision <= changes.revision);
                    latest.retain(|known: &super::Stored| known.state.id() != stored.state.id());
                    latest.push(stored);
                }
                since = changes.revision;
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
            let stored = store.thread(&thread_id("here", booking)).await.unwrap().unwrap();
            counts.push(stored.state.live().unwrap().message_count());
        }
        counts
    }

    /// Locations are independent: writing and reading several of them at once,
    /// known and unknown, comes to an end, each with revisions of its own.
    #[test]
    fn p1_locations_written_and_read_at_once_do_not_wait_for_one_another() {
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
            ended(tasks.collect()).await;
            for location in ["here", "there"] {
                let changes = feed(&store, location, Revision::ZERO).await;
                assert_eq!((changes.revision.get(), changes.changed.len()), (4, 2));
                assert_eq!(changes.unread, 2);
            }
        });
    }
}
