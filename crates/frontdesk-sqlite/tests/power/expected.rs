//! The content that a file must have after a power cut.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use frontdesk::store::{
    Epoch, KeyQuery, LocationCounts, MemoryStore, MessageQuery, Revision, StoreError,
    StoredMessage, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{Draft, FrontDesk, LocationId, Message, MessageNumber, Role, ThreadId};
use frontdesk_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::disk::Files;
use crate::recording::{FILE, Recording, Workload, fast_folder};
use crate::script::{self, LOCATION, Script};
use crate::support::{booking, booking_id, key, location_id, participant_id};
use crate::system_call::SystemCall;

const ALL_NUMBERS: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

/// The threads of [`LOCATION`] by booking, each with its messages.
type Threads = BTreeMap<String, (ThreadState, Vec<Message>)>;

/// The threads of another location, with their messages.
type Location = Vec<(VersionedThread, Vec<StoredMessage>)>;

/// The content of the file after each commit of a workload.
pub(crate) struct Expected {
    workload: Workload,
    /// The threads of each writer after each number of steps.
    threads: Vec<Vec<Threads>>,
    /// The revision of each step of each writer.
    revisions: Vec<Vec<Revision>>,
    /// The epoch of the store that the recorded processes opened.
    epoch: Epoch,
    /// The locations to which no script writes.
    other_locations: BTreeMap<LocationId, Location>,
}

/// The acknowledgements that a workload printed before a power cut.
pub(crate) struct Acknowledged {
    /// The number of acknowledged steps of each writer.
    steps: Vec<usize>,
}

impl Acknowledged {
    pub(crate) fn nothing(workload: &Workload) -> Self {
        Self { steps: vec![0; workload.all_writers()] }
    }

    /// Reads an acknowledgement, if the call prints one.
    pub(crate) fn read(&mut self, call: &SystemCall) {
        if let SystemCall::Print(line) = call
            && let ["acknowledged", writer, step] = *line.split_whitespace().collect::<Vec<_>>()
        {
            let steps: &mut usize = &mut self.steps[writer.parse::<usize>().unwrap()];
            assert_eq!(step.parse(), Ok(*steps), "the steps are acknowledged in order");
            *steps += 1;
        }
    }
}

impl Expected {
    /// Computes the content from the scripts, and reads the revisions from the trace.
    pub(crate) async fn of(workload: &Workload, recording: &Recording) -> Self {
        let mut threads = Vec::new();
        for writer in 0..workload.all_writers() {
            let store = MemoryStore::new();
            let mut script = Script::new(store.clone(), writer, 0);
            let mut after_steps = vec![Threads::new()];
            for step in 0..workload.steps() {
                script.run(step).await;
                after_steps.push(read_threads(&store).await.unwrap().1);
            }
            threads.push(after_steps);
        }
        let mut expected = Self {
            workload: *workload,
            threads,
            revisions: vec![Vec::new(); workload.all_writers()],
            epoch: Epoch::ZERO,
            other_locations: BTreeMap::new(),
        };
        expected.read_revisions(recording);
        let folder = fast_folder();
        if write_files(&recording.first_files, folder.path()) {
            let store = SqliteStore::open(folder.path().join(FILE)).unwrap();
            expected.other_locations = read_other_locations(&store).await.unwrap();
        }
        expected
    }

    fn read_revisions(&mut self, recording: &Recording) {
        let mut all = Vec::new();
        for call in &recording.trace.calls {
            if let SystemCall::Print(line) = call
                && let ["revision", writer, _, revision, epoch] =
                    *line.split_whitespace().collect::<Vec<_>>()
            {
                let revision: i64 = revision.parse().unwrap();
                all.push(revision);
                self.revisions[writer.parse::<usize>().unwrap()].push(revision.try_into().unwrap());
                self.epoch = Epoch::new(epoch.parse().unwrap());
            }
        }
        all.sort_unstable();
        let commits = self.workload.all_writers() * self.workload.steps();
        let commits = i64::try_from(commits).unwrap();
        assert_eq!(all, (1..=commits).collect::<Vec<_>>(), "each step makes one commit");
    }

    /// Checks the files that a power cut left. Opens the store, compares the whole content, commits
    /// a message, and lets SQLite search for damage.
    ///
    /// The content must be the result of the commits up to one revision. These commits must
    /// include each acknowledged commit that was made before the first run at NORMAL. Returns the
    /// number of acknowledged commits that are not in the file.
    pub(crate) async fn check(
        &self,
        files: &Files,
        acknowledged: &Acknowledged,
    ) -> Result<usize, String> {
        let folder = fast_folder();
        write_files(files, folder.path());
        let file = folder.path().join(FILE);
        let store = SqliteStore::open(&file).map_err(|error| format!("opening: {error:?}"))?;
        let lost = self.check_content(&store, acknowledged).await?;
        if read_other_locations(&store).await.map_err(describe)? != self.other_locations {
            return Err("a location to which no script writes has changed".to_owned());
        }
        let desk = FrontDesk::new(store);
        let ann = desk.customer(location_id(LOCATION), booking_id("new"), participant_id("ann"));
        let sent = ann.starting_with(booking("new")).send(Draft::new("After the cut")).await;
        sent.map_err(|error| format!("the file accepts no message: {error:?}"))?;
        drop(desk);
        check_integrity(&file)?;
        Ok(lost)
    }

    async fn check_content(
        &self,
        store: &SqliteStore,
        acknowledged: &Acknowledged,
    ) -> Result<usize, String> {
        let (counts, threads) = read_threads(store).await.map_err(describe)?;
        let mut expected = Threads::new();
        let mut lost = 0;
        for (writer, revisions) in self.revisions.iter().enumerate() {
            let steps = revisions.partition_point(|revision| *revision <= counts.revision);
            let acknowledged = acknowledged.steps[writer];
            if steps < acknowledged.min(self.workload.full_steps()) {
                return Err(format!(
                    "step {steps} of writer {writer} was acknowledged but is lost"
                ));
            }
            lost += acknowledged.saturating_sub(steps);
            expected.extend(self.threads[writer][steps].clone());
        }
        for (booking, thread) in &threads {
            if expected.get(booking) != Some(thread) {
                return Err(format!(
                    "the thread {booking} is wrong at revision {:?}",
                    counts.revision
                ));
            }
        }
        if threads.len() != expected.len() {
            return Err(format!("a thread is missing at revision {:?}", counts.revision));
        }
        let live = || threads.values().filter_map(|(state, _)| state.live());
        let unread = live().filter(|thread| thread.is_unread_by(Role::Operator)).count();
        let waiting = live().filter(|thread| thread.waiting_since().is_some()).count();
        if (counts.unread, counts.waiting) != (unread as u64, waiting as u64) {
            return Err(format!("the counts are wrong: {counts:?}"));
        }
        check_keys(store, &threads).await?;
        self.check_epoch(store, acknowledged).await?;
        Ok(lost)
    }

    /// Checks that the file has the recorded epoch if no process opened the file at NORMAL, and a
    /// new epoch after the first acknowledged commit at NORMAL (P7). The file is a copy of the
    /// recorded file, and the store treats a copy like a restart of the machine. Before the first
    /// acknowledged commit, the file may have no epoch.
    async fn check_epoch(
        &self,
        store: &SqliteStore,
        acknowledged: &Acknowledged,
    ) -> Result<(), String> {
        let full_steps = self.workload.full_steps();
        let is_full = full_steps == self.workload.steps();
        let steps = acknowledged.steps.iter().copied().max().unwrap_or(0);
        let is_same = store.locations(None, 1).await.map_err(describe)?.epoch == self.epoch;
        if is_full && steps > 0 && !is_same {
            return Err("the file has a new epoch at FULL".to_owned());
        }
        if steps > full_steps && is_same {
            return Err("the file has its old epoch at NORMAL".to_owned());
        }
        Ok(())
    }
}

/// Writes the files into a folder. Returns `true` if the store file is one of them.
fn write_files(files: &Files, folder: &Path) -> bool {
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    files.contains_key(FILE)
}

async fn read_threads(store: &dyn ThreadStore) -> Result<(LocationCounts, Threads), StoreError> {
    let location = location_id(LOCATION);
    let changes = store.changes(&location, Revision::ZERO, usize::MAX).await?.value;
    let mut threads = Threads::new();
    for VersionedThread { state, .. } in changes.changed {
        let messages = read_messages(store, state.id()).await?;
        let messages = messages.into_iter().map(|stored| stored.message).collect();
        threads.insert(state.id().booking.as_str().to_owned(), (state, messages));
    }
    Ok((changes.counts, threads))
}

async fn read_messages(
    store: &dyn ThreadStore,
    id: &ThreadId,
) -> Result<Vec<StoredMessage>, StoreError> {
    let query = MessageQuery::oldest_first(id, ALL_NUMBERS, usize::MAX);
    Ok(store.messages(&query).await?.value)
}

async fn read_other_locations(
    store: &SqliteStore,
) -> Result<BTreeMap<LocationId, Location>, StoreError> {
    let mut locations = BTreeMap::new();
    for entry in store.locations(None, usize::MAX).await?.value {
        if entry.location.as_str() == LOCATION {
            continue;
        }
        let changes = store.changes(&entry.location, Revision::ZERO, usize::MAX).await?.value;
        let mut location = Location::new();
        for thread in changes.changed {
            let messages = read_messages(store, thread.state.id()).await?;
            location.push((thread, messages));
        }
        locations.insert(entry.location, location);
    }
    Ok(locations)
}

/// Checks that the key of each message finds the message (I4).
async fn check_keys(store: &SqliteStore, threads: &Threads) -> Result<(), String> {
    for (state, messages) in threads.values() {
        for message in messages {
            let (author, key) = (message.author(), &key(&script::key_text(message.number())));
            let query = KeyQuery::new(state.id(), author, key);
            let found = store.message_by_key(&query).await.map_err(describe)?.value;
            let found = found.map(|stored| stored.message.number());
            if found != Some(message.number()) {
                return Err(format!("a key finds {found:?}, not {:?}", message.number()));
            }
        }
    }
    Ok(())
}

/// Lets SQLite search for damage, and compares the number of keys with the number of messages.
fn check_integrity(file: &Path) -> Result<(), String> {
    let read = || {
        let connection = Connection::open(file)?;
        let result = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0))?;
        let sql = "SELECT count(*), count(key_digest) FROM head JOIN message USING (thread_no) \
                   WHERE location = ?1 AND booking <> 'new'";
        let counts =
            connection.query_row(sql, (LOCATION,), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok::<(String, (i64, i64)), rusqlite::Error>((result, counts))
    };
    let (result, (messages, keys)) = read().map_err(|error| format!("reading: {error:?}"))?;
    match result.as_str() {
        "ok" if messages == keys => Ok(()),
        "ok" => Err(format!("there are {messages} messages and {keys} keys")),
        damage => Err(format!("the file is damaged: {damage}")),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature for `map_err`")]
fn describe(error: StoreError) -> String {
    format!("{error:?}")
}
