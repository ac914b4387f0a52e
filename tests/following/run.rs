//! A random run: operations, and followers between and during them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_trait::async_trait;
use frontdesk::store::{StoreError, ThreadStore};

use crate::follower::Follower;
use crate::support::hooked_store::{Hook, HookedStore};
use crate::workload::Workload;

/// Executes random operations between the reads of a follower while it is switched on.
#[derive(Clone)]
struct Interleaving {
    workload: Arc<Workload>,
    on: Arc<AtomicBool>,
}

#[async_trait]
impl Hook for Interleaving {
    async fn before_call(&self) -> Result<(), StoreError> {
        if self.on.load(SeqCst) && self.workload.below(3) == 0 {
            self.workload.operate().await;
        }
        Ok(())
    }

    async fn after_call(&self) {}
}

/// P5: executes random operations with three followers, and checks that each follower's copy is
/// equal to the stored location when it has got everything. Returns the number of delivered
/// messages, duplicates included.
pub(crate) async fn follow_random_operations(
    store: Arc<dyn ThreadStore>,
    seed: u64,
    operations: u32,
) -> usize {
    let workload = Arc::new(Workload::new(Arc::clone(&store), seed));
    let on = Arc::new(AtomicBool::new(true));
    let interleaving = Interleaving { workload: Arc::clone(&workload), on: Arc::clone(&on) };
    let store = HookedStore::new(store, interleaving);
    let fixture = crate::support::fixture::Fixture::over(store);
    let mut followers: Vec<Follower> = (0..3_u32)
        .map(|index| {
            let limit = [1, 2, 3, 5, 10, 50][workload.below(6) as usize];
            Follower::new(fixture.admin(), limit, seed ^ u64::from(index))
        })
        .collect();
    for _ in 0..operations {
        workload.operate().await;
        let steps = workload.below(4);
        let follower = workload.below(3) as usize;
        for _ in 0..steps {
            followers[follower].step().await;
        }
        if workload.below(20) == 0 {
            on.store(false, SeqCst);
            followers[follower].drain().await;
            followers[follower].assert_is_copy(&workload).await;
            on.store(true, SeqCst);
        }
    }
    on.store(false, SeqCst);
    let mut delivered = 0;
    for mut follower in followers {
        follower.drain().await;
        follower.assert_is_copy(&workload).await;
        delivered += follower.delivered;
    }
    delivered
}
