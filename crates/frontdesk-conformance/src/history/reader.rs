use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::call::{Call, NEVER, Operation};
use super::decode::{apply_answer, apply_error, operation};
use super::line::{self, Arguments, Begin, CallResult, Line, Value};
use super::names::{Name, Names};

/// The calls of several processes of one machine.
#[derive(Debug, Default)]
pub struct History {
    pub(crate) files: Vec<HistorySource>,
    pub(crate) names: Names,
    pub(crate) calls: Vec<Call>,
    recorded: usize,
    /// The answers of `locations`, until their missing entries are known.
    listings: Vec<Listing>,
}

/// An answer of `locations`.
#[derive(Debug)]
struct Listing {
    file: u32,
    call: LocationsCall,
    end: u64,
    epoch: u64,
    entries: Vec<(Name, u64)>,
}

/// A file of a history.
#[derive(Debug)]
pub(crate) struct HistorySource {
    pub(crate) path: PathBuf,
    pub(crate) process: u32,
}

/// The error of reading a history.
///
/// ```
/// use frontdesk_conformance::history::{History, HistoryError};
///
/// let error = History::read(["missing.jsonl"]).unwrap_err();
/// assert!(matches!(error, HistoryError::Io { .. }));
/// assert_eq!(error.to_string(), "missing.jsonl cannot be read");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum HistoryError {
    /// The operating system could not read the file.
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A line is not a line of a history.
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// The reason.
        reason: String,
    },
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, .. } => write!(f, "{} cannot be read", path.display()),
            Self::Line { path, line, reason } => {
                write!(f, "{}:{line} is not a line of a history: {reason}", path.display())
            }
        }
    }
}

impl std::error::Error for HistoryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Line { .. } => None,
        }
    }
}

impl History {
    /// Reads the files of all processes.
    ///
    /// An incomplete last line is ignored, because a process can be killed while it writes.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if a file cannot be read, or if another line is not a line of a history.
    pub fn read<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, HistoryError> {
        let mut history = Self::default();
        for path in paths {
            history.read_file(path.as_ref())?;
        }
        history.add_missing_locations();
        history.calls.retain(|call| call.end != NEVER || call.can_have_effect());
        history.listings = Vec::new();
        Ok(history)
    }

    /// Returns the number of recorded calls, also of those without an answer.
    pub fn recorded_calls(&self) -> usize {
        self.recorded
    }

    /// Splits each answer of `locations` into one answer for each location that it covers. A
    /// location that the answer does not name had no commit.
    fn add_missing_locations(&mut self) {
        if self.listings.is_empty() {
            return;
        }
        let entries = self.listings.iter().flat_map(|listing| &listing.entries);
        let known = self.calls.iter().map(|call| call.location);
        let known: HashSet<Name> = known.chain(entries.map(|(location, _)| *location)).collect();
        let names = &self.names;
        let mut known: Vec<(&str, Name)> =
            known.into_iter().map(|location| (names.text(location), location)).collect();
        known.sort_unstable();
        for Listing { file, call, end, epoch, entries } in &self.listings {
            let is_full = entries.len() as u64 == call.limit;
            let last = entries.last().filter(|_| is_full).map(|(name, _)| names.text(*name));
            let revisions: HashMap<Name, u64> = entries.iter().copied().collect();
            let covered = known.iter().filter(|(text, _)| {
                call.after.as_deref().is_none_or(|after| *text > after)
                    && (!is_full || last.is_some_and(|last| *text <= last))
            });
            let answers = covered.map(|(_, location)| Call {
                file: *file,
                line: call.line,
                task: call.task,
                location: *location,
                begin: call.begin,
                end: *end,
                epoch: Some(*epoch),
                operation: Operation::Newest(revisions.get(location).copied().unwrap_or(0)),
            });
            self.calls.extend(answers);
        }
    }

    fn read_file(&mut self, path: &Path) -> Result<(), HistoryError> {
        let io_error = |source| HistoryError::Io { path: path.to_owned(), source };
        let mut input = BufReader::with_capacity(1 << 20, File::open(path).map_err(io_error)?);
        let mut reader = FileReader {
            history: self,
            file: 0,
            open: HashMap::new(),
            locations: Vec::new(),
            has_header: false,
        };
        let mut text = String::new();
        for line in 1.. {
            text.clear();
            input.read_line(&mut text).map_err(io_error)?;
            // The last line of a killed process can be incomplete.
            let Some(complete) = text.strip_suffix('\n') else { break };
            reader.read_line(path, line, complete).map_err(|reason| HistoryError::Line {
                path: path.to_owned(),
                line,
                reason,
            })?;
        }
        Ok(())
    }
}

/// The state of reading one file.
struct FileReader<'a> {
    history: &'a mut History,
    file: u32,
    /// The calls that have not ended, by their numbers.
    open: HashMap<u64, Open>,
    /// The arguments of the open calls of `locations`.
    locations: Vec<(u64, LocationsCall)>,
    has_header: bool,
}

enum Open {
    Call(usize),
    Locations,
}

#[derive(Debug)]
struct LocationsCall {
    line: u32,
    task: Name,
    begin: u64,
    after: Option<String>,
    limit: u64,
}

impl FileReader<'_> {
    fn read_line(&mut self, path: &Path, line: usize, text: &str) -> Result<(), String> {
        match serde_json::from_str(text).map_err(|error| error.to_string())? {
            Line::History(header) if line == 1 => {
                if header.version != line::VERSION {
                    return Err(format!("version {} is not {}", header.version, line::VERSION));
                }
                self.has_header = true;
                self.file = u32::try_from(self.history.files.len()).unwrap_or(u32::MAX);
                let source = HistorySource { path: path.to_owned(), process: header.process };
                self.history.files.push(source);
                Ok(())
            }
            Line::History(_) => Err("a second header".to_owned()),
            _ if !self.has_header => Err("the header is missing".to_owned()),
            Line::Begin(begin) => self.begin(u32::try_from(line).unwrap_or(u32::MAX), begin),
            Line::End(end) => self.end(end),
        }
    }

    fn begin(&mut self, line: u32, begin: Begin<'_>) -> Result<(), String> {
        let Begin { call: number, at, task, arguments } = begin;
        self.history.recorded += 1;
        let names = &mut self.history.names;
        let task = names.insert(&task);
        let open = if let Arguments::Locations { after, limit } = arguments {
            let after = after.map(Cow::into_owned);
            self.locations.push((number, LocationsCall { line, task, begin: at, after, limit }));
            Open::Locations
        } else {
            let (location, operation) = operation(names, arguments);
            self.history.calls.push(Call {
                file: self.file,
                line,
                task,
                location,
                begin: at,
                end: NEVER,
                epoch: None,
                operation,
            });
            Open::Call(self.history.calls.len() - 1)
        };
        match self.open.insert(number, open) {
            None => Ok(()),
            Some(_) => Err(format!("call {number} begins a second time")),
        }
    }

    fn end(&mut self, end: line::End<'_>) -> Result<(), String> {
        let line::End { call: number, at, outcome } = end;
        match self.open.remove(&number) {
            None => Err(format!("call {number} ends and did not begin")),
            Some(Open::Call(index)) => {
                let History { names, calls, .. } = &mut *self.history;
                let call = &mut calls[index];
                match outcome {
                    CallResult::Answer { epoch, value } => {
                        (call.end, call.epoch) = (at, Some(epoch));
                        apply_answer(&mut call.operation, names, value)
                    }
                    CallResult::Error(kind) => {
                        apply_error(&mut call.operation, kind);
                        Ok(())
                    }
                }
            }
            Some(Open::Locations) => {
                let position = self.locations.iter().position(|(open, _)| *open == number);
                let (_, call) = self.locations.swap_remove(position.unwrap_or_default());
                match outcome {
                    CallResult::Answer { epoch, value: Value::Locations(entries) } => {
                        self.add_locations(call, at, epoch, &entries)
                    }
                    CallResult::Answer { .. } => Err("the answer has another method".to_owned()),
                    CallResult::Error(_) => Ok(()),
                }
            }
        }
    }

    /// Keeps an answer of `locations`.
    fn add_locations(
        &mut self,
        call: LocationsCall,
        end: u64,
        epoch: u64,
        entries: &[line::LocationRevision<'_>],
    ) -> Result<(), String> {
        if entries.len() as u64 > call.limit {
            return Err("the answer has more locations than the limit".to_owned());
        }
        let mut after = call.after.as_deref();
        for entry in entries {
            if after.is_some_and(|after| *entry.location <= *after) {
                return Err("the locations are not in the order of their ids".to_owned());
            }
            after = Some(&entry.location);
        }
        let names = &mut self.history.names;
        let entries = entries.iter().map(|entry| (names.insert(&entry.location), entry.revision));
        let entries = entries.collect();
        self.history.listings.push(Listing { file: self.file, call, end, epoch, entries });
        Ok(())
    }
}

impl Call {
    /// Returns `true` if the call may have changed something without an answer.
    fn can_have_effect(&self) -> bool {
        matches!(self.operation, Operation::Commit(_) | Operation::ForgetKeys(_))
    }
}
