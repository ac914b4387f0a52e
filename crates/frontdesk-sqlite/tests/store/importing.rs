//! Imports of history (I5).

use frontdesk::Timestamp;
use frontdesk::store::ThreadStore;

use crate::fixtures::StoreFile;
use crate::support::fixture::Fixture;
use crate::support::importing::{history, import};

/// I5, I4: an import of several commits continues after the file was closed. It stores what an import
/// into a `MemoryStore` stores. Its keys stay when old keys are forgotten.
#[tokio::test]
async fn i5_an_interrupted_import_continues_in_the_file() {
    let file = StoreFile::new();
    let whole = import("b-1").messages(history(2_100)).waiting();
    let mut part = whole.clone();
    part.messages.truncate(1_200);
    let imported = Fixture::over(file.open()).admin().import(&part).await.unwrap();
    assert_eq!(imported.stored, 1_200);

    let fixture = Fixture::over(file.open());
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
