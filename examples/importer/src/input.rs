//! Conversations from files, with one JSON object in each line.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use frontdesk::import::{ImportMark, ThreadImport};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, IdError, IdempotencyKey, Role, Timestamp,
};
use serde::Deserialize;

use crate::json_error::describe;

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
    marks: Marks,
}

/// The parts of a conversation that were read, and whether it waits for an answer (I5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// The part that the team has read.
    pub operators: ImportMark,
    /// The part that the customers have read.
    pub customers: ImportMark,
    /// Is `true` if customer messages wait for an answer.
    pub waiting: bool,
}

impl Marks {
    /// Adds the marks to an import.
    #[must_use]
    pub fn apply(self, import: ThreadImport) -> ThreadImport {
        let import = import.read_by_operators(self.operators).read_by_customers(self.customers);
        if self.waiting { import.waiting() } else { import }
    }
}

/// One message of a conversation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// The role of the author.
    pub from: Role,
    /// The text as typed.
    pub text: String,
    /// The time at which the message was sent. Either all turns of a conversation have a time or
    /// none has.
    pub at: Option<Timestamp>,
}

/// The conversations of an input that have times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// All conversations have times.
    All,
    /// No conversation has times.
    None,
    /// Some conversations have times, others have none.
    Some,
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    id: String,
    about: Vec<String>,
    code: Option<String>,
    customer: Option<String>,
    status: Option<String>,
    turns: Vec<Turn>,
    read_by_operators: Option<ReadMark>,
    read_by_customers: Option<ReadMark>,
    #[serde(default)]
    waiting: bool,
}

/// A read mark: the number of turns that were read, in the order of their times, or a time.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReadMark {
    First(usize),
    Until(Timestamp),
}

impl From<ReadMark> for ImportMark {
    fn from(mark: ReadMark) -> Self {
        match mark {
            ReadMark::First(count) => Self::First(count),
            ReadMark::Until(time) => Self::Until(time),
        }
    }
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

    /// Returns which conversations have times.
    pub fn times(&self) -> Times {
        let timed = self.conversations.iter().filter(|it| it.has_times()).count();
        match timed {
            0 => Times::None,
            all if all == self.conversations.len() => Times::All,
            _ => Times::Some,
        }
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
        let line: Line = serde_json::from_slice(json).map_err(|error| describe(&error))?;
        let mark = |mark: Option<ReadMark>| mark.map_or(ImportMark::Everything, ImportMark::from);
        let marks = Marks {
            operators: mark(line.read_by_operators),
            customers: mark(line.read_by_customers),
            waiting: line.waiting,
        };
        let Line { id, about, code, customer, status, turns, .. } = line;
        if turns.is_empty() {
            return Err("has no turns, at least one is needed".to_owned());
        }
        let first_has_time = turns[0].at.is_some();
        if turns.iter().any(|turn| turn.at.is_some() != first_has_time) {
            return Err("has turns with a time and turns without".to_owned());
        }
        if !first_has_time && marks != Marks::default() {
            return Err("has marks, but its turns have no times".to_owned());
        }
        let mut unique = id.clone();
        while self.ids.contains(&unique) {
            unique = format!("{unique}-{}", place.line);
        }
        let is_duplicate = unique != id;
        let id = BookingId::new(&unique).map_err(|error| error.to_string())?;
        let conversation =
            Conversation { place, id, is_duplicate, turns, about, code, customer, status, marks };
        // The last key is the longest one. If it is valid, all are.
        conversation.key(conversation.turns.len()).map_err(|error| error.to_string())?;
        self.ids.insert(unique);
        Ok(conversation)
    }
}

impl Conversation {
    /// Returns `true` if the messages have times.
    pub fn has_times(&self) -> bool {
        self.turns.iter().all(|turn| turn.at.is_some())
    }

    /// Returns the read marks of the line. Without marks, everything was read and nothing waits.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Returns the booking that the line describes. If the line has no code, the booking gets
    /// `code`. If the line has no status, the booking is confirmed. A line has no start of the
    /// booking.
    pub fn booking(&self, code: &str, starts_at: Option<Timestamp>) -> Booking {
        let word = self.status.as_ref();
        let status = word.map_or(BookingStatus::Confirmed, BookingStatus::from_word);
        let code = self.code.as_deref().unwrap_or(code);
        let booking = Booking::new(self.id.clone(), code, self.about.join(", "))
            .with_status(status)
            .with_customer_name(self.customer.as_ref().and_then(DisplayName::new));
        match starts_at {
            Some(at) => booking.with_start(at),
            None => booking,
        }
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
        f.debug_struct("Turn")
            .field("from", &self.from)
            .field("text", &text)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}
