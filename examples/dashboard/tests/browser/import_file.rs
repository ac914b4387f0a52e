//! Files of conversations for the option `--import`.

use std::io::Write as _;

use frontdesk::Role;
use serde_json::json;
use tempfile::NamedTempFile;

/// A file of conversations. The file is deleted when this value is dropped.
pub(crate) struct ImportFile(NamedTempFile);

impl ImportFile {
    pub(crate) fn new() -> Self {
        Self(NamedTempFile::new().unwrap())
    }

    /// Adds a conversation whose messages are numbered from 1 and have two lines each.
    pub(crate) fn with(mut self, id: &str, authors: impl IntoIterator<Item = Role>) -> Self {
        let turn = |(index, author): (usize, Role)| {
            let from = if author == Role::Customer { "customer" } else { "operator" };
            json!({ "from": from, "text": format!("{}\n{}", index + 1, "words ".repeat(9)) })
        };
        let turns: Vec<_> = authors.into_iter().enumerate().map(turn).collect();
        writeln!(self.0, "{}", json!({ "id": id, "about": ["Tides"], "turns": turns })).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}
