use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::json_error;

/// A file of an export, with its content.
#[derive(Debug)]
pub struct ExportFile {
    path: PathBuf,
    content: Vec<u8>,
}

/// Error for a file that a reader refuses. It names the place, but contains no text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportError(String);

impl ExportFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn read(path: &Path) -> Result<Self, ExportError> {
        let content = fs::read(path)
            .map_err(|error| ExportError(format!("cannot read {}: {error}", path.display())))?;
        Ok(Self::new(path, content))
    }

    /// Makes a file from its content. The path is used for error messages and, where the content
    /// has no id, as the conversation's id.
    pub fn new(path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into() }
    }

    /// Returns the content without a byte order mark.
    pub(crate) fn content(&self) -> &[u8] {
        self.content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.content)
    }

    /// Returns the file's name without its extension.
    pub(crate) fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Returns the folder of the file.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.path.parent()
    }

    /// Makes the error for a file whose name is already the id of another file's conversation.
    pub(crate) fn same_stem(&self, other: &Self) -> ExportError {
        self.error(format!(
            "has the same name, {}, as {}, and the name is the conversation's id: rename one file",
            self.stem(),
            other.path.display()
        ))
    }

    /// Parses the JSON documents of the file: the elements of an array, or documents that follow
    /// each other, such as one in each line.
    pub(crate) fn documents<T: DeserializeOwned>(&self) -> Result<Vec<T>, ExportError> {
        self.parse_documents(self.content())
    }

    /// Parses JSON documents like [`documents`](Self::documents), from a repaired content.
    pub(crate) fn parse_documents<T: DeserializeOwned>(
        &self,
        json: &[u8],
    ) -> Result<Vec<T>, ExportError> {
        let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
        let documents: Result<Vec<T>, _> = if first == Some(&b'[') {
            serde_json::from_slice(json)
        } else {
            serde_json::Deserializer::from_slice(json).into_iter().collect()
        };
        let documents =
            documents.map_err(|error| self.error(json_error::describe_with_line(&error)))?;
        if documents.is_empty() { Err(self.error("is empty")) } else { Ok(documents) }
    }

    /// Makes an error about this file.
    pub(crate) fn error(&self, problem: impl AsRef<str>) -> ExportError {
        ExportError(format!("{}: {}", self.path.display(), problem.as_ref()))
    }

    /// Makes an error about a line of this file, counted from 1.
    pub(crate) fn error_in_line(&self, line: usize, problem: &str) -> ExportError {
        ExportError(format!("{}:{line}: {problem}", self.path.display()))
    }
}

impl std::fmt::Display for ExportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExportError {}
