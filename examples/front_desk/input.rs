//! Conversations from files, one JSON object a line.

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

/// What the files hold.
#[derive(Default)]
pub(crate) struct Input {
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) bad_lines: Vec<BadLine>,
    ids: HashSet<String>,
}

pub(crate) struct Conversation {
    pub(crate) place: Place,
    pub(crate) id: BookingId,
    /// Whether another conversation had its id before, so that it got its line's
    /// number to it.
    pub(crate) renamed: bool,
    about: Vec<String>,
    code: Option<String>,
    customer: Option<String>,
    status: Option<String>,
    pub(crate) turns: Vec<Turn>,
}

#[derive(Deserialize)]
pub(crate) struct Turn {
    pub(crate) from: Role,
    pub(crate) text: String,
}

/// A line of a file.
#[derive(Clone)]
pub(crate) struct Place {
    path: PathBuf,
    pub(crate) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// A line that is no conversation. Its reason has none of the line's words.
pub(crate) struct BadLine {
    pub(crate) place: Place,
    pub(crate) reason: String,
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
    /// Reads all files; only one that cannot be read at all stops it.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, String> {
        let mut input = Self::default();
        for path in paths {
            File::open(path)
                .and_then(|file| input.take(path, BufReader::new(file)))
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        }
        Ok(input)
    }

    /// How many turns all conversations have.
    pub(crate) fn turns(&self) -> u64 {
        self.conversations.iter().map(|conversation| conversation.turns.len() as u64).sum()
    }

    fn take(&mut self, path: &Path, mut file: impl BufRead) -> io::Result<()> {
        let (mut text, mut line) = (Vec::new(), 0);
        // Not `lines()`: bytes that are no text spoil their own line only.
        while file.read_until(b'\n', &mut text)? > 0 {
            line += 1;
            let json = text.trim_ascii_end();
            if !json.is_empty() {
                let place = Place { path: path.to_owned(), line };
                match self.conversation(json, place.clone()) {
                    Ok(conversation) => self.conversations.push(conversation),
                    Err(reason) => self.bad_lines.push(BadLine { place, reason }),
                }
            }
            text.clear();
        }
        Ok(())
    }

    fn conversation(&mut self, json: &[u8], place: Place) -> Result<Conversation, String> {
        let Line { id, about, code, customer, status, turns } =
            serde_json::from_slice(json).map_err(|error| reason(&error))?;
        if turns.is_empty() {
            return Err("has no turns".to_owned());
        }
        let mut unique = id.clone();
        while self.ids.contains(&unique) {
            unique = format!("{unique}-{}", place.line);
        }
        let renamed = unique != id;
        let id = BookingId::new(&unique).map_err(|error| error.to_string())?;
        let conversation =
            Conversation { place, id, renamed, about, code, customer, status, turns };
        // The longest of its keys; the shorter ones fit as well.
        conversation.key(conversation.turns.len()).map_err(|error| error.to_string())?;
        self.ids.insert(unique);
        Ok(conversation)
    }
}

impl Conversation {
    /// What it is about, as far as its line says: with this code, confirmed and of a
    /// customer without a name if it says nothing else.
    pub(crate) fn booking(&self, code: &str, starts_at: Timestamp) -> Booking {
        let word = self.status.as_ref();
        let status = word.map_or(BookingStatus::Confirmed, BookingStatus::from_word);
        let code = self.code.as_deref().unwrap_or(code);
        Booking::new(self.id.clone(), code, self.about.join(", "), starts_at)
            .with_status(status)
            .with_customer_name(self.customer.as_ref().and_then(DisplayName::new))
    }

    /// The same for a turn whenever it is sent, and for no other.
    pub(crate) fn key(&self, turn: usize) -> Result<IdempotencyKey, IdError> {
        IdempotencyKey::new(format!("{}/{turn}", self.id.as_str()))
    }
}

/// Not serde's own message, which quotes what it found.
fn reason(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "misses a field or has one of another kind",
        Category::Io | Category::Syntax | Category::Eof => "is not valid JSON",
    };
    format!("{what}, column {}", error.column())
}
