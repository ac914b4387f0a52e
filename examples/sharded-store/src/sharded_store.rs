use std::collections::HashMap;
use std::sync::Arc;

use frontdesk::store::{
    Answer, Changes, Commit, CommitOutcome, Epoch, ForgottenKeys, KeyQuery, LocationRevision,
    MessageQuery, Revision, StoreResult, StoredMessage, ThreadPage, ThreadQuery, ThreadStore,
    VersionedThread, async_trait,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};

/// A store that keeps each location in one of several stores, its shards.
///
/// Except for the list of locations, every call of the storage contract concerns only one
/// location. The store forwards each call to the location's shard, so it fulfils the
/// contract if every shard does.
pub(crate) struct ShardedStore {
    shards: Vec<Arc<dyn ThreadStore>>,
    overrides: HashMap<LocationId, usize>,
}

impl ShardedStore {
    /// Makes a store of these shards. `overrides` maps locations to the indices of their shards.
    /// If `overrides` does not contain a location, a hash of the location's id chooses the shard.
    ///
    /// Adding a shard changes the hashed shard of most locations. `overrides` must contain each
    /// location that was not moved to its new hashed shard.
    pub(crate) fn new(
        shards: Vec<Arc<dyn ThreadStore>>,
        overrides: HashMap<LocationId, usize>,
    ) -> Self {
        Self { shards, overrides }
    }

    /// Returns the index of the shard that keeps a location.
    pub(crate) fn shard_index(&self, location: &LocationId) -> usize {
        let hashed = || fnv_1a(location.as_str()) % self.shards.len() as u64;
        let listed = self.overrides.get(location).copied();
        listed.unwrap_or_else(|| usize::try_from(hashed()).expect("an index fits a usize"))
    }

    fn shard(&self, location: &LocationId) -> &dyn ThreadStore {
        &*self.shards[self.shard_index(location)]
    }

    /// Lists the next locations that one shard keeps. A location that was moved may have
    /// left rows behind in its former shard. The list skips these rows.
    async fn locations_of(
        &self,
        shard: usize,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        let mut kept = Vec::new();
        let mut page = self.shards[shard].locations(after, limit).await?;
        let epoch = page.epoch;
        loop {
            let last = page.value.last().map(|found| found.location.clone());
            let is_full = page.value.len() == limit;
            kept.extend(
                page.value.into_iter().filter(|it| self.shard_index(&it.location) == shard),
            );
            match last {
                Some(last) if is_full && kept.len() < limit => {
                    page = self.shards[shard].locations(Some(&last), limit).await?;
                }
                _ => return Ok(Answer::new(kept, epoch)),
            }
        }
    }
}

/// Returns the 64-bit FNV-1a hash of a text. The algorithm is written out here because a
/// location must have the same shard forever, and the standard library's hash may change with
/// each release.
fn fnv_1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[async_trait]
impl ThreadStore for ShardedStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        self.shard(&id.location).thread(id).await
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        self.shard(location).heads(location, bookings).await
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        self.shard(&commit.id().location).commit(commit).await
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        self.shard(&query.thread.location).messages(query).await
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        self.shard(&query.thread.location).message_by_key(query).await
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        self.shard(query.location).threads(query).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        self.shard(location).changes(location, since, limit).await
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        let mut merged = Vec::new();
        let mut epochs = Vec::new();
        for shard in 0..self.shards.len() {
            let page = self.locations_of(shard, after, limit).await?;
            merged.extend(page.value);
            epochs.push(page.epoch);
        }
        merged.sort_unstable_by(|a, b| a.location.as_str().cmp(b.location.as_str()));
        merged.truncate(limit);
        Ok(Answer::new(merged, combined(&epochs)))
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        self.shard(location).forget_keys(location, before, limit).await
    }
}

/// Combines the epochs of all shards into one epoch, which changes when the epoch of any shard
/// changes. (A store changes its epoch after it may have lost commits.) The result is zero only
/// if all epochs are zero, because then no shard can lose a commit.
fn combined(epochs: &[Epoch]) -> Epoch {
    if epochs.iter().all(|epoch| *epoch == Epoch::ZERO) {
        return Epoch::ZERO;
    }
    let hash = epochs.iter().fold(fnv_1a(""), |hash, epoch| {
        (hash ^ epoch.get()).wrapping_mul(0x0100_0000_01b3).rotate_left(29)
    });
    Epoch::new(hash.max(1))
}
