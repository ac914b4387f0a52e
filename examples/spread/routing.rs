use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, Revision, StoreError, Stored, ThreadPage,
    ThreadStore, async_trait,
};
use frontdesk::{
    IdempotencyKey, LocationId, Message, MessageNumber, ParticipantId, Role, ThreadId,
};

/// Several stores as one, each location in one of them.
///
/// A store is never asked about more than one location, so this is all that it takes:
/// what holds for each store holds for all of them.
pub(crate) struct Routing {
    stores: Vec<Arc<dyn ThreadStore>>,
    moved: HashMap<LocationId, usize>,
}

impl Routing {
    /// Locations that live elsewhere than their hash says are in `moved`. With one more
    /// store most hashes say something else: then name here all that stay.
    pub(crate) fn new(
        stores: Vec<Arc<dyn ThreadStore>>,
        moved: HashMap<LocationId, usize>,
    ) -> Self {
        Self { stores, moved }
    }

    /// Which store a location lives in.
    pub(crate) fn home(&self, location: &LocationId) -> usize {
        let by_hash = || fnv_1a(location.as_str()) % self.stores.len() as u64;
        let listed = self.moved.get(location).copied();
        listed.unwrap_or_else(|| usize::try_from(by_hash()).expect("it is below a length"))
    }

    fn at(&self, location: &LocationId) -> &dyn ThreadStore {
        &*self.stores[self.home(location)]
    }
}

/// FNV-1a of 64 bits. Written out, since a location has to be found tomorrow where it
/// was put today: the standard library's hash may be another with every version.
fn fnv_1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[async_trait]
impl ThreadStore for Routing {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.at(&id.location).thread(id).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.at(&commit.id().location).commit(commit).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        self.at(&id.location).messages(id, range, limit, direction).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        self.at(&id.location).message_by_key(id, role, author, key).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        self.at(location).threads(location, after, limit, filter).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.at(location).changes(location, since, limit).await
    }
}
