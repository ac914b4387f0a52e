use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_trait::async_trait;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, ForgottenKeys, KeyQuery, LocationRevision, MessageQuery,
    Revision, StoreResult, StoredMessage, ThreadPage, ThreadQuery, ThreadStore, VersionedThread,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};

/// Two instances of a store on the same data, which are called in turn.
pub(crate) struct AlternatingStore {
    instances: [Arc<dyn ThreadStore>; 2],
    calls: AtomicUsize,
}

impl AlternatingStore {
    pub(crate) fn new(instances: [Arc<dyn ThreadStore>; 2]) -> Self {
        Self { instances, calls: AtomicUsize::new(0) }
    }

    /// Returns the instance for the next call.
    ///
    /// The instances follow the Thue-Morse sequence: 0 1 1 0 1 0 0 1 and so on. Both get the
    /// same number of calls. With strict alternation, a case that repeats an even number of
    /// calls would make each kind of call on one instance only.
    fn next(&self) -> &dyn ThreadStore {
        let call = self.calls.fetch_add(1, Relaxed);
        &*self.instances[call.count_ones() as usize % 2]
    }
}

/// Implements the trait by calling the same method of the next instance.
macro_rules! forward_in_turn {
    ($($method:ident($($argument:ident: $type:ty),+) -> $value:ty;)+) => {
        #[async_trait]
        impl ThreadStore for AlternatingStore {$(
            async fn $method(&self, $($argument: $type),+) -> StoreResult<$value> {
                self.next().$method($($argument),+).await
            }
        )+}
    };
}

forward_in_turn! {
    thread(id: &ThreadId) -> Option<VersionedThread>;
    heads(location: &LocationId, bookings: &[BookingId]) -> Vec<VersionedThread>;
    commit(commit: Commit) -> CommitOutcome;
    messages(query: &MessageQuery<'_>) -> Vec<StoredMessage>;
    message_by_key(query: &KeyQuery<'_>) -> Option<StoredMessage>;
    threads(query: &ThreadQuery<'_>) -> ThreadPage;
    changes(location: &LocationId, since: Revision, limit: usize) -> Changes;
    locations(after: Option<&LocationId>, limit: usize) -> Vec<LocationRevision>;
    forget_keys(location: &LocationId, before: Timestamp, limit: usize) -> ForgottenKeys;
}

#[cfg(test)]
mod tests {
    use frontdesk::store::MemoryStore;

    use super::*;
    use crate::commit_builders::{Base, TestMessage, post_commit};
    use crate::fixtures::{LOCATION, at, customer, thread_id};

    #[test]
    fn calls_reach_both_instances_equally_often() {
        let stores = [MemoryStore::new(), MemoryStore::new()];
        let instances = stores.clone().map(|store| Arc::new(store) as Arc<dyn ThreadStore>);
        let alternating = AlternatingStore::new(instances);
        futures::executor::block_on(async {
            for booking in 0..64 {
                let id = thread_id(LOCATION, &format!("b-{booking}"));
                let message = TestMessage::new(&customer("c-1"), "Hello!", at(0));
                let commit = post_commit(Base::new(&id, None), &message);
                let answer = alternating.commit(commit).await.expect("a store in memory");
                assert!(matches!(answer.value, CommitOutcome::Committed(_)));
            }
            for store in &stores {
                let revisions = store.locations(None, 1).await.expect("a store in memory").value;
                assert_eq!(revisions[0].revision.get(), 32);
            }
        });
    }
}
