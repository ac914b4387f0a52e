//! An import of several commits that is interrupted and continued.

use frontdesk::Timestamp;
use frontdesk::store::ThreadStore;

use super::fixture::Fixture;
use super::importing::{history, import};

/// Imports a part of a history and then the whole history (I5). The store has to contain what a
/// `MemoryStore` contains after one import. The keys stay when old keys are forgotten (I4). `open`
/// opens the same database each time.
pub(crate) async fn check_interrupted_import<S: ThreadStore + Clone + 'static>(
    open: impl AsyncFn() -> S,
) {
    let whole = import("b-1").messages(history(2_100)).waiting();
    let mut part = whole.clone();
    part.messages.truncate(1_200);
    let imported = Fixture::over(open().await).admin().import(&part).await.unwrap();
    assert_eq!(imported.stored, 1_200);

    let fixture = Fixture::over(open().await);
    let imported = fixture.admin().import(&whole).await.unwrap();
    assert_eq!((imported.stored, imported.already_stored), (900, 1_200));
    let expected = Fixture::new();
    expected.admin().import(&whole).await.unwrap();
    assert_eq!(fixture.thread("b-1").await, expected.thread("b-1").await);
    assert_eq!(fixture.messages("b-1").await, expected.messages("b-1").await);

    let (location, all) = (&fixture.location, usize::MAX);
    let forgotten = fixture.store.forget_keys(location, Timestamp::MAX, all).await.unwrap().value;
    assert_eq!(forgotten.removed, 0);
    assert_eq!(fixture.admin().import(&whole).await.unwrap().already_stored, 2_100);
}
