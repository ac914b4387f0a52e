//! What a process says of its work, a line for each thing.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, Write};

use frontdesk::store::{StoreError, StoreErrorKind};
use frontdesk::{DeskError, Message, MessageNumber, Role};
use serde::{Deserialize, Serialize};

/// One thing that happened, in the order in which it did for whom it happened to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Report {
    /// Somebody is about to send this.
    Tries(Written),
    /// The desk says that it is stored. `attempts` is how often it was sent.
    Acknowledged {
        text: String,
        number: u32,
        attempts: u32,
    },
    /// A call failed in a way that a caller has to live with.
    Failed(Trouble),
    Slice(Slice),
    Feed(Feed),
    Screen(Screen),
    /// Nobody here writes any more.
    Stopped,
}

/// A message that somebody wants to send. Its text is unlike all others, and its key,
/// if it has one, is its author and turn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) place: String,
    pub(crate) booked: String,
    pub(crate) role: Role,
    pub(crate) author: String,
    pub(crate) key: Option<String>,
    pub(crate) text: String,
}

/// A failure that passes, or leaves a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Trouble {
    Busy,
    Unavailable,
    OutcomeUnknown,
}

/// Messages of a thread that somebody was shown, one after the other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Slice {
    pub(crate) reader: String,
    pub(crate) place: String,
    pub(crate) booked: String,
    /// The highest number that was known to be stored before it was asked for, and has to
    /// be in it or before it.
    pub(crate) at_least: u32,
    pub(crate) first: u32,
    pub(crate) count: u32,
    pub(crate) fingerprint: u64,
}

/// What changed in a location, as a store told it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Feed {
    pub(crate) reader: String,
    pub(crate) place: String,
    pub(crate) since: u64,
    pub(crate) revision: u64,
    pub(crate) unread: u64,
    pub(crate) heads: Vec<Head>,
    /// What was known to be stored before it was asked for: the bookings and numbers.
    pub(crate) at_least: Vec<(String, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) revision: u64,
    pub(crate) booked: String,
    pub(crate) last: u32,
    pub(crate) unread: u32,
}

/// What a poller has on its screen in the end, and what it went through.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Screen {
    pub(crate) reader: String,
    pub(crate) place: String,
    pub(crate) unread: u64,
    pub(crate) rows: Vec<Row>,
    pub(crate) polls: u32,
    pub(crate) started_over: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) booked: String,
    pub(crate) last: u32,
    pub(crate) unread: u32,
}

impl Report {
    /// Tells it to whoever started this process.
    pub(crate) fn say(&self) {
        let line = serde_json::to_string(self).unwrap() + "\n";
        let mut out = std::io::stdout().lock();
        // Nobody listens any more when the other side has failed.
        out.write_all(line.as_bytes()).and_then(|()| out.flush()).unwrap();
    }

    /// What a process says, until it ends.
    pub(crate) fn heard(said: impl BufRead) -> impl Iterator<Item = Self> {
        said.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
    }
}

impl Trouble {
    /// Notes what a desk's call failed with.
    #[track_caller]
    pub(crate) fn note(error: &DeskError) -> Self {
        match error {
            DeskError::Busy => Self::Busy.noted(),
            DeskError::Store(error) => Self::of_store(error),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn of_store(error: &StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::Unavailable => Self::Unavailable.noted(),
            StoreErrorKind::OutcomeUnknown => Self::OutcomeUnknown.noted(),
            _ => panic!("{error:?}"),
        }
    }

    fn noted(self) -> Self {
        Report::Failed(self).say();
        self
    }
}

impl Slice {
    /// Of messages as operators have them.
    pub(crate) fn of(messages: &[Message]) -> Self {
        Self::new(messages.iter().map(entry))
    }

    /// Of numbers, sides and texts. Who was shown what is to be added.
    pub(crate) fn new<'a>(entries: impl Iterator<Item = Entry<'a>> + Clone) -> Self {
        let numbers: Vec<u32> = entries.clone().map(|(number, ..)| number.get()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a gap in {numbers:?}");
        Self {
            reader: String::new(),
            place: String::new(),
            booked: String::new(),
            at_least: 0,
            first: numbers.first().copied().unwrap_or(1),
            count: numbers.len().try_into().unwrap(),
            fingerprint: fingerprint(entries),
        }
    }

    pub(crate) fn last(&self) -> u32 {
        self.first + self.count - 1
    }
}

/// What a message is forever.
type Entry<'a> = (MessageNumber, Role, &'a str);

pub(crate) fn entry(message: &Message) -> Entry<'_> {
    (message.number(), message.role(), message.body().as_str())
}

pub(crate) fn fingerprint<'a>(entries: impl Iterator<Item = Entry<'a>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    entries.for_each(|entry| entry.hash(&mut hasher));
    hasher.finish()
}
