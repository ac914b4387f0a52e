//! Imports of history (I5).

use crate::fixtures::StoreFile;
use crate::support::interrupted_import::check_interrupted_import;

/// I5: an import of several commits continues after the file was closed.
#[tokio::test]
async fn i5_an_interrupted_import_continues_in_the_file() {
    let file = StoreFile::new();
    check_interrupted_import(async || file.open()).await;
}
