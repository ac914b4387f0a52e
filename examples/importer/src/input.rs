//! Conversations from files, with one JSON object in each line.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, IdError, IdempotencyKey, Role, Timestamp,
};
use serde::Deserialize;
use serde_json::error::Category;

/// The conversations of all files.
#[derive(Debug, Default)]
pub struct Input {
    /// The valid conversations, in the order of the files.
    pub conversations: Vec<Conversation>,
    /// The lines that are not valid conversations.
    pub invalid_lines: Vec<InvalidLine>,
    ids: HashSet<String>,
}

/// One line of a file: a booking and its messages.
pub struct Conversation {
    /// The line in the file.
    pub place: Place,
    /// The booking id, unique among all files.
    pub id: BookingId,
    /// Is `true` if an earlier line had the same id. In this case, `id` ends with the line
    /// number.
    pub is_duplicate: bool,
    /// The messages. There is at least one.
    pub turns: Vec<Turn>,
    about: Vec<String>,
    code: Option<String>,
    customer: Option<String>,
    status: Option<String>,
}

/// One message of a conversation.
#[derive(Deserialize)]
pub struct Turn {
    /// The role of the author.
    pub from: Role,
    /// The text as typed.
    pub text: String,
}

/// The position of a line.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line number, from 1.
    pub line: usize,
}

/// A line that is not a valid conversation.
#[derive(Debug)]
pub struct InvalidLine {
    /// The line in the file.
    pub place: Place,
    /// The reason, without any text of the line.
    pub reason: String,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    about: Vec<String>,
    code: Option<String>,
    customer: Option<String>,
    status: Option<String>,
    turns: Vec<Turn>,
}

impl Input {
    /// Reads all files. Lines that are not valid conversations are collected and do not
    /// stop the reading.
    ///
    /// # Errors
    ///
    /// A file cannot be read.
    pub fn read(paths: &[PathBuf]) -> Result<Self, String> {
        let mut input = Self::default();
        for path in paths {
            File::open(path)
                .and_then(|file| input.read_lines(path, BufReader::new(file)))
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        }
        Ok(input)
    }

    /// Returns the number of messages of all conversations.
    pub fn turn_count(&self) -> u64 {
        self.conversations.iter().map(|conversation| conversation.turns.len() as u64).sum()
    }

    fn read_lines(&mut self, path: &Path, mut file: impl BufRead) -> io::Result<()> {
        let (mut text, mut line) = (Vec::new(), 0);
        // `lines()` would stop at the first line that is not UTF-8.
        while file.read_until(b'\n', &mut text)? > 0 {
            line += 1;
            let json = text.trim_ascii_end();
            if !json.is_empty() {
                let place = Place { path: path.to_owned(), line };
                match self.parse_line(json, place.clone()) {
                    Ok(conversation) => self.conversations.push(conversation),
                    Err(reason) => self.invalid_lines.push(InvalidLine { place, reason }),
                }
            }
            text.clear();
        }
        Ok(())
    }

    fn parse_line(&mut self, json: &[u8], place: Place) -> Result<Conversation, String> {
        let Line { id, about, code, customer, status, turns } =
            serde_json::from_slice(json).map_err(|error| describe(&error))?;
        if turns.is_empty() {
            return Err("has no turns, at least one is needed".to_owned());
        }
        let mut unique = id.clone();
        while self.ids.contains(&unique) {
            unique = format!("{unique}-{}", place.line);
        }
        let is_duplicate = unique != id;
        let id = BookingId::new(&unique).map_err(|error| error.to_string())?;
        let conversation =
            Conversation { place, id, is_duplicate, turns, about, code, customer, status };
        // The last key is the longest one. If it is valid, all are.
        conversation.key(conversation.turns.len()).map_err(|error| error.to_string())?;
        self.ids.insert(unique);
        Ok(conversation)
    }
}

impl Conversation {
    /// Returns the booking that the line describes. If the line has no code, the booking gets
    /// `code`. If the line has no status, the booking is confirmed.
    pub fn booking(&self, code: &str, starts_at: Timestamp) -> Booking {
        let word = self.status.as_ref();
        let status = word.map_or(BookingStatus::Confirmed, BookingStatus::from_word);
        let code = self.code.as_deref().unwrap_or(code);
        Booking::new(self.id.clone(), code, self.about.join(", "))
            .with_start(starts_at)
            .with_status(status)
            .with_customer_name(self.customer.as_ref().and_then(DisplayName::new))
    }

    /// Returns the idempotency key of a turn. `turn` is counted from 1. Every import of the
    /// same file gives a turn the same key.
    ///
    /// # Errors
    ///
    /// The booking id and the number of the turn are together too long for a key.
    pub fn key(&self, turn: usize) -> Result<IdempotencyKey, IdError> {
        IdempotencyKey::new(format!("{}/{turn}", self.id.as_str()))
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Conversation");
        shown.field("place", &self.place).field("turns", &self.turns).finish_non_exhaustive()
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format_args!("{} bytes", self.text.len());
        f.debug_struct("Turn").field("from", &self.from).field("text", &text).finish()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// Describes a JSON error. The text of `serde_json` is not used because it quotes the input.
fn describe(error: &serde_json::Error) -> String {
    let problem = match error.classify() {
        Category::Data => "has a missing field or a field of a wrong type",
        Category::Io | Category::Syntax | Category::Eof => "is not valid JSON",
    };
    format!("{problem}, column {}", error.column())
}
