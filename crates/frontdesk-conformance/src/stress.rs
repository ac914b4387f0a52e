use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use frontdesk::store::{
    Change, Changes, Commit, CommitOutcome, KeyQuery, MessageQuery, Revision, StoreError,
    StoreErrorKind, StoreResult, ThreadList, ThreadQuery, ThreadState, ThreadStore,
    VersionedThread,
};
use frontdesk::{IdempotencyKey, LocationId, MessageNumber, Participant, Role, ThreadId};

use crate::commit_builders::{
    Base, TestMessage, batch_commit, erase_commit, redact_commit, waiting_commit,
};
use crate::failure::{CaseResult, Failure, check};
use crate::fixtures::{ALL_NUMBERS, at, customer, key, number, operator, thread_id};
use crate::harness::yield_now;
use crate::rng::Rng;

/// The locations and bookings that all processes of a stress test share.
const LOCATIONS: [&str; 2] = ["harbour", "lake"];
const BOOKINGS: [&str; 5] = ["b-1", "b-2", "b-3", "b-4", "b-5"];
/// The length of pages.
const PAGE: usize = 20;

/// The part of one process in a stress test.
///
/// ```
/// use std::time::Duration;
///
/// use frontdesk_conformance::StressOptions;
///
/// // The third process of five runs for two minutes.
/// let options = StressOptions::new(42, 3).operations(u64::MAX).duration(Duration::from_secs(120));
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct StressOptions {
    seed: u64,
    process: u64,
    operations: u64,
    duration: Option<Duration>,
}

impl StressOptions {
    /// Makes the options of a process that runs 1,000 operations. All processes of a test have the
    /// same seed and different numbers.
    pub fn new(seed: u64, process: u64) -> Self {
        Self { seed, process, operations: 1_000, duration: None }
    }

    /// Sets the number of operations after which the process ends.
    pub fn operations(mut self, operations: u64) -> Self {
        self.operations = operations;
        self
    }

    /// Sets a time after which the process ends even if operations are left.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }
}

/// The calls that a process made in a stress test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StressSummary {
    /// Reads with an answer.
    pub reads: u64,
    /// Commits that the store acknowledged.
    pub commits: u64,
    /// Commits that conflicted with another writer.
    pub conflicts: u64,
    /// Retries whose message was found by its key.
    pub replays: u64,
    /// Calls that failed because the store was unavailable.
    pub unavailable: u64,
    /// Commits whose outcome the store did not know.
    pub unknown: u64,
}

impl Display for StressSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reads, commits, conflicts, replays, unavailable, unknown } = self;
        write!(
            f,
            "{reads} reads, {commits} commits, {conflicts} conflicts, {replays} replays, \
             {unavailable} unavailable, {unknown} unknown outcomes"
        )
    }
}

/// Runs random reads and commits on threads that other processes change at the same time.
///
/// Call it in several processes, or in several tasks with different process numbers, on stores
/// with the same data. The seed and the number of a process determine its operations; the
/// answers depend on the other processes. Record the calls with
/// `frontdesk_conformance::history`, so that the checker compares the histories of all processes.
/// `stress` itself checks only what one process can see: its own commits have ascending
/// revisions, and no read is older than a commit that was acknowledged or a poll that was
/// answered before.
///
/// A store that is unavailable and an unknown outcome are no failures, so that the host can kill
/// servers and cut connections meanwhile. A message whose outcome is unknown is sent once more.
///
/// # Errors
///
/// [`Failure`] if an answer contradicts an earlier one of this process, or if the store returns
/// an error of another kind.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{Failure, StressOptions, StressSummary, stress};
///
/// # futures::executor::block_on(async {
/// let store = MemoryStore::new();
/// let options = StressOptions::new(42, 1).operations(500);
/// let summary: StressSummary = stress(&store, &options).await?;
/// println!("{summary}");
/// assert!(summary.commits > 0 && summary.reads > 0);
/// # Ok::<(), Failure>(())
/// # }).unwrap();
/// ```
pub async fn stress(
    store: &dyn ThreadStore,
    options: &StressOptions,
) -> Result<StressSummary, Failure> {
    let started = Instant::now();
    let mut process = Process::new(store, options);
    for step in 0..options.operations {
        if options.duration.is_some_and(|duration| started.elapsed() >= duration) {
            break;
        }
        let operation = format!("operation {step} of process {}", options.process);
        process.run(step).await.map_err(|failure| failure.during(operation))?;
        yield_now().await;
    }
    Ok(process.summary)
}

/// The knowledge of one process about what it wrote and read.
struct Process<'a> {
    store: &'a dyn ThreadStore,
    number: u64,
    rng: Rng,
    summary: StressSummary,
    /// The highest revision of each location that an answer has named.
    newest: BTreeMap<LocationId, Revision>,
    /// The highest revision of each thread that an answer has named.
    heads: BTreeMap<ThreadId, Revision>,
    /// The key that this process sent last to each thread.
    keys: BTreeMap<ThreadId, IdempotencyKey>,
    /// The position of this process in the feed of each location.
    cursors: BTreeMap<LocationId, Revision>,
}

impl<'a> Process<'a> {
    fn new(store: &'a dyn ThreadStore, options: &StressOptions) -> Self {
        let seed = options.seed.wrapping_mul(1_000_003).wrapping_add(options.process);
        Self {
            store,
            number: options.process,
            rng: Rng::new(seed),
            summary: StressSummary::default(),
            newest: BTreeMap::new(),
            heads: BTreeMap::new(),
            keys: BTreeMap::new(),
            cursors: BTreeMap::new(),
        }
    }

    async fn run(&mut self, step: u64) -> CaseResult {
        // Each operation draws the same count of numbers, so that the sequence does not depend on
        // answers.
        let location = LOCATIONS[usize::from(self.rng.below(2))];
        let id = thread_id(location, BOOKINGS[usize::from(self.rng.below(5))]);
        let (kind, choice) = (self.rng.below(20), self.rng.below(100));
        match kind {
            0..=8 => self.write(&id, step, choice).await,
            9..=12 => self.poll(&id.location).await,
            13..=14 => self.read_head(&id).await.map(|_| ()),
            15 => self.read_page(&id.location, choice).await,
            16 => self.read_heads(&id.location).await,
            17..=18 => self.read_messages(&id).await,
            _ => self.read_key(&id).await,
        }
    }

    /// Returns the value of an answer, or `None` if the store was unavailable.
    fn answer<T>(&mut self, method: &str, result: StoreResult<T>) -> CaseResult<Option<T>> {
        match result {
            Ok(answer) => {
                self.summary.reads += 1;
                Ok(Some(answer.value))
            }
            Err(error) => self.count_error(method, &error).map(|()| None),
        }
    }

    fn count_error(&mut self, method: &str, error: &StoreError) -> CaseResult {
        match error.kind() {
            StoreErrorKind::Unavailable => self.summary.unavailable += 1,
            StoreErrorKind::OutcomeUnknown => self.summary.unknown += 1,
            _ => return Err(Failure::from_store_error(method, error)),
        }
        Ok(())
    }

    /// Checks that the newest revision of a location did not step back.
    fn see_newest(&mut self, location: &LocationId, revision: Revision) -> CaseResult {
        let newest = self.newest.entry(location.clone()).or_default();
        check(revision >= *newest, || {
            let operation = format!("the newest revision of {location}");
            Failure::new(operation, format!("at least {newest:?}"), format!("{revision:?}"))
        })?;
        *newest = revision;
        Ok(())
    }

    /// Checks that the head of a thread is not older than one that an earlier answer had.
    fn see_head(&mut self, id: &ThreadId, stored: Option<&VersionedThread>) -> CaseResult {
        let known = self.heads.get(id).copied().unwrap_or_default();
        let revision = stored.map_or(Revision::ZERO, |stored| stored.revision);
        check(revision >= known, || {
            let operation = format!("the revision of the head of {id}");
            Failure::new(operation, format!("at least {known:?}"), format!("{revision:?}"))
        })?;
        self.heads.insert(id.clone(), revision);
        let newest = self.newest.entry(id.location.clone()).or_default();
        *newest = revision.max(*newest);
        Ok(())
    }

    async fn read_head(&mut self, id: &ThreadId) -> CaseResult<Option<VersionedThread>> {
        let result = self.store.thread(id).await;
        let Some(stored) = self.answer("thread", result)? else { return Ok(None) };
        self.see_head(id, stored.as_ref())?;
        Ok(stored)
    }

    async fn read_heads(&mut self, location: &LocationId) -> CaseResult {
        let ids = BOOKINGS.map(|booking| thread_id(location.as_str(), booking));
        let result = self.store.heads(location, &ids.clone().map(|id| id.booking)).await;
        let Some(heads) = self.answer("heads", result)? else { return Ok(()) };
        for id in ids {
            self.see_head(&id, heads.iter().find(|head| *head.state.id() == id))?;
        }
        Ok(())
    }

    async fn read_page(&mut self, location: &LocationId, choice: u8) -> CaseResult {
        let list = match choice % 3 {
            0 => ThreadList::All(None),
            1 => ThreadList::Unread(None),
            _ => ThreadList::Waiting(None),
        };
        let result = self.store.threads(&ThreadQuery::new(location, list, PAGE)).await;
        let Some(page) = self.answer("threads", result)? else { return Ok(()) };
        self.see_newest(location, page.counts.revision)
    }

    async fn poll(&mut self, location: &LocationId) -> CaseResult {
        let since = self.cursors.get(location).copied().unwrap_or_default();
        let result = self.store.changes(location, since, 3).await;
        let Some(changes) = self.answer("changes", result)? else { return Ok(()) };
        let Changes { changed, more, counts, .. } = changes;
        self.see_newest(location, counts.revision)?;
        let mut last = since;
        for stored in &changed {
            let revision = stored.revision;
            check(revision > last && revision <= counts.revision, || {
                let expected = format!("above {last:?}, at most {:?}", counts.revision);
                let operation = format!("the next change of {location} since {since:?}");
                Failure::new(operation, expected, format!("{revision:?}"))
            })?;
            last = revision;
            self.see_head(stored.state.id(), Some(stored))?;
        }
        self.cursors.insert(location.clone(), if more { last } else { counts.revision });
        Ok(())
    }

    async fn read_messages(&mut self, id: &ThreadId) -> CaseResult {
        let result = self.store.messages(&MessageQuery::newest_first(id, ALL_NUMBERS, PAGE)).await;
        let Some(messages) = self.answer("messages", result)? else { return Ok(()) };
        let numbers: Vec<MessageNumber> =
            messages.iter().map(|stored| stored.message.number()).collect();
        let is_gapless = numbers.windows(2).all(|pair| pair[1].next() == Some(pair[0]));
        check(is_gapless, || {
            let operation = format!("the newest messages of {id}");
            Failure::new(operation, "descending numbers without gaps", format!("{numbers:?}"))
        })
    }

    /// Reads the message of the key that this process sent last, or of an unknown key.
    async fn read_key(&mut self, id: &ThreadId) -> CaseResult {
        let used = self.keys.get(id).cloned().unwrap_or_else(|| key("unknown"));
        let author = customer("c-1");
        let result = self.store.message_by_key(&KeyQuery::new(id, &author, &used)).await;
        self.answer("message_by_key", result).map(|_| ())
    }

    /// Commits a change of a thread, and retries after conflicts and unknown outcomes.
    async fn write(&mut self, id: &ThreadId, step: u64, choice: u8) -> CaseResult {
        const ATTEMPTS: u32 = 20;
        let mut stored = self.read_head(id).await?;
        for _ in 0..ATTEMPTS {
            let Some(commit) = self.commit_of(id, stored.as_ref(), step, choice) else {
                return Ok(());
            };
            let newest = self.newest.get(&id.location).copied().unwrap_or_default();
            if let Change::Messages(new) = commit.change() {
                self.keys.extend(new.last().key.clone().map(|key| (id.clone(), key)));
            }
            // Other processes and tasks can commit here.
            yield_now().await;
            match self.store.commit(commit).await.map(|answer| answer.value) {
                Ok(CommitOutcome::Committed(revision)) => {
                    self.summary.commits += 1;
                    check(revision > newest, || {
                        let expected = format!("above {newest:?}");
                        let operation = format!("the revision of a commit to {id}");
                        Failure::new(operation, expected, format!("{revision:?}"))
                    })?;
                    self.heads.insert(id.clone(), revision);
                    return self.see_newest(&id.location, revision);
                }
                Ok(CommitOutcome::Conflict(current)) => {
                    self.summary.conflicts += 1;
                    self.see_head(id, current.as_ref())?;
                    stored = current;
                }
                Ok(CommitOutcome::KeyTaken { .. }) => {
                    self.summary.replays += 1;
                    return Ok(());
                }
                Err(error) => {
                    self.count_error("commit", &error)?;
                    stored = self.read_head(id).await?;
                }
            }
        }
        Ok(())
    }

    /// Returns a commit from the stored state, or `None` if the change does not apply to it.
    fn commit_of(
        &self,
        id: &ThreadId,
        stored: Option<&VersionedThread>,
        step: u64,
        choice: u8,
    ) -> Option<Commit> {
        let now = at(i64::try_from(step).unwrap_or(0));
        let text = format!("Message {step} of process {}", self.number);
        let new_key = key(&format!("p{}-{step}", self.number));
        let message = |author: &Participant| TestMessage::new(author, &text, now);
        let ann = customer("c-1");
        let base = Base::new(id, stored);
        let thread = stored.and_then(|stored| stored.state.live());
        match (choice, thread) {
            (0..50, _) => Some(batch_commit(base, &[message(&ann).with_key(&new_key)])),
            (50..60, _) => Some(batch_commit(base, &[message(&operator("u-1"))])),
            (60..70, _) => {
                let messages = [message(&ann), message(&ann), message(&ann).with_key(&new_key)];
                Some(batch_commit(base, &messages))
            }
            (70..80, _) => {
                let sent = self.keys.get(id).unwrap_or(&new_key);
                Some(batch_commit(base, &[message(&ann).with_key(sent)]))
            }
            (80..90, Some(thread)) if thread.messages_by(Role::Customer) > 0 => {
                Some(waiting_commit(stored, thread.waiting_since().is_none().then_some(now)))
            }
            (90..95, Some(thread)) if thread.messages_by(Role::Customer) > 0 => {
                let first = number(thread.first_number().get());
                (thread.redactions() == 0).then(|| redact_commit(stored, first))
            }
            (95..98, Some(_)) => Some(erase_commit(stored)),
            (_, Some(thread)) => Some(Commit::new(ThreadState::Live(thread.clone()), stored)),
            (_, None) => Some(batch_commit(base, &[message(&operator("u-1"))])),
        }
    }
}

#[cfg(test)]
mod tests {
    use frontdesk::store::MemoryStore;
    use futures::executor::block_on;

    use super::*;
    use crate::fixtures::location_id;

    #[test]
    fn a_process_alone_repeats_its_calls() {
        let options = StressOptions::new(7, 1).operations(400);
        let run = || {
            let store = MemoryStore::new();
            let summary = block_on(stress(&store, &options)).expect("a correct store");
            let harbour = location_id(LOCATIONS[0]);
            let changes = block_on(store.changes(&harbour, Revision::ZERO, PAGE));
            (summary, changes.expect("a store in memory").value)
        };
        let first = run();
        assert_eq!(first, run());
        assert!(first.0.commits > 100 && first.0.replays > 0 && first.0.conflicts == 0);
    }

    #[test]
    fn a_duration_of_zero_ends_at_once() {
        let options = StressOptions::new(7, 1).duration(Duration::ZERO);
        let summary = block_on(stress(&MemoryStore::new(), &options));
        assert_eq!(summary, Ok(StressSummary::default()));
    }
}
