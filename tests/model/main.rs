//! Random sequences of everything that can be done through the handles, held
//! against the naive model in `support/rules.rs` after each step: U1 to U4, I2 to
//! I4, W3, L1 to L5, P2, P3, P5, P6 and P7.

mod by_hand;
mod checking;
mod clients;
mod conversing;
mod operations;
mod polling;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod world;

use std::sync::Arc;

use frontdesk::store::MemoryStore;
use futures::executor::block_on;
use proptest::prelude::*;

use crate::operations::op;
use crate::steps::run;
use crate::support::naive::NaiveStore;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every rule of the list above, over the store that comes with the crate.
    #[test]
    fn everything_is_as_the_naive_model_says_over_memory(ops in proptest::collection::vec(op(), 1..100)) {
        block_on(run(Arc::new(MemoryStore::new()), ops));
    }

    /// The same over the second store: the rules are the desk's, not a store's.
    #[test]
    fn everything_is_as_the_naive_model_says_over_another_store(ops in proptest::collection::vec(op(), 1..100)) {
        block_on(run(Arc::new(NaiveStore::new()), ops));
    }
}
