//! Random sequences of operations. After each operation, the answer, the stored state and the
//! events are compared with the reference implementation in `reference.rs`. The comparisons cover
//! the rules I2 to I5, L1 to L5, P2, P3, P5 to P7, U1 to U4 and W3 of `docs/rules.md`.

mod assertions;
mod clients;
mod conversations;
mod harness;
mod import_reference;
mod imports;
mod operations;
mod polling;
mod reference;
mod run;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use frontdesk::store::MemoryStore;
use futures::executor::block_on;
use proptest::prelude::*;

use crate::operations::operation;
use crate::run::run;
use crate::support::naive::NaiveStore;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// The rules hold over the crate's own store.
    #[test]
    fn random_operations_match_the_reference_over_memory_store(operations in proptest::collection::vec(operation(), 1..100)) {
        block_on(run(Arc::new(MemoryStore::new()), operations));
    }

    /// The rules also hold over a second store, so they do not depend on the implementation of
    /// `MemoryStore`.
    #[test]
    fn random_operations_match_the_reference_over_the_naive_store(operations in proptest::collection::vec(operation(), 1..100)) {
        block_on(run(Arc::new(NaiveStore::new()), operations));
    }
}
