//! System calls on the files of one folder, read from the output of `strace`.
//!
//! `strace` must print every string in hexadecimal digits (`-xx`) and the path of every file
//! descriptor (`-y`).

use std::collections::HashMap;
use std::path::Path;

/// A system call that succeeded. Files of the folder are named without the folder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SystemCall {
    Create(String),
    Write {
        name: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        name: String,
        length: usize,
    },
    Sync(String),
    /// A sync of the folder, which makes the names of its files durable.
    SyncFolder,
    Unlink(String),
    /// A write to the standard output.
    Print(String),
}

/// The beginning or the end of a system call. The number is the position in [`Trace::calls`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Begin(usize),
    End(usize),
}

/// The system calls of some processes, in the order in which they began.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) calls: Vec<SystemCall>,
    /// The beginnings and the ends of all calls, in the order in which they happened.
    pub(crate) events: Vec<Event>,
}

/// A system call as `strace` prints it. The text contains the name and the arguments.
struct Printed<'a> {
    text: &'a str,
    result: &'a str,
    begin: usize,
    end: usize,
}

impl Trace {
    /// Reads the output of `strace`. Ignores calls on files outside the folder.
    ///
    /// # Panics
    ///
    /// Panics if a call changes a file of the folder in a way that [`SystemCall`] cannot express.
    #[track_caller]
    pub(crate) fn parse(output: &str, folder: &Path) -> Self {
        let folder = folder.to_str().expect("the folder has a Unicode name");
        let mut trace = Self::default();
        let mut events = Vec::new();
        for printed in printed_calls(output) {
            if let Some(call) = parse_call(&printed, folder) {
                let index = trace.calls.len();
                trace.calls.push(call);
                events.push(((printed.begin, 0), Event::Begin(index)));
                events.push(((printed.end, 1), Event::End(index)));
            }
        }
        events.sort_by_key(|(position, _)| *position);
        trace.events = events.into_iter().map(|(_, event)| event).collect();
        trace
    }
}

/// Returns the calls in the order in which they began. `strace` prints two lines for a call if
/// another OS thread makes a call in the meantime.
#[track_caller]
fn printed_calls(output: &str) -> Vec<Printed<'_>> {
    let mut calls: Vec<Printed<'_>> = Vec::new();
    let mut unfinished = HashMap::new();
    for (position, line) in output.lines().enumerate() {
        let (thread, text) = line.trim_start().split_once(' ').expect("a line begins with an id");
        let text = text.trim_start();
        if text.starts_with("+++") || text.starts_with("---") {
            continue;
        }
        if text.starts_with("<... ") {
            let index: usize = unfinished.remove(thread).expect("the call began on another line");
            calls[index].result = text.rsplit_once(" = ").expect("a call has a result").1;
            calls[index].end = position;
        } else if let Some(text) = text.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, calls.len());
            calls.push(Printed { text, result: "", begin: position, end: usize::MAX });
        } else {
            let (text, result) = text.rsplit_once(" = ").expect("a call has a result");
            calls.push(Printed { text, result, begin: position, end: position });
        }
    }
    calls
}

/// Parses one call. Returns `None` if the call failed or changes no file of the folder.
fn parse_call(printed: &Printed<'_>, folder: &str) -> Option<SystemCall> {
    if printed.result.starts_with('-') {
        return None;
    }
    let text = printed.text.trim_end();
    let (name, arguments) = text.split_once('(').expect("a call has arguments");
    // Without optimization, a search for one character is much faster than a search for a text.
    let arguments = arguments.trim_end_matches(')').split(',');
    let arguments: Vec<&str> = arguments.map(str::trim_start).collect();
    let in_folder = |path: &str| path.strip_prefix(folder)?.strip_prefix('/').map(str::to_owned);
    // The first argument of most calls is a file descriptor.
    let descriptor = Descriptor::parse(arguments[0]);
    let file = descriptor.as_ref().and_then(|descriptor| in_folder(&descriptor.path));
    let path = |argument: usize| in_folder(&quoted_text(arguments.get(argument)?)?);
    let number = |text: &str| text.parse::<usize>().expect("the argument is a number");
    match (name, file) {
        ("openat", _) => {
            assert!(!text.contains("O_TRUNC") || path(1).is_none(), "not modelled: {text}");
            path(1).filter(|_| text.contains("O_CREAT")).map(SystemCall::Create)
        }
        ("unlink", _) => path(0).map(SystemCall::Unlink),
        ("fsync" | "fdatasync", None) if descriptor.as_ref()?.path == folder => {
            Some(SystemCall::SyncFolder)
        }
        ("write", None) if arguments[0].starts_with("1<") => {
            let text = String::from_utf8(quoted_bytes(arguments[1])?);
            Some(SystemCall::Print(text.expect("the output is UTF-8")))
        }
        (_, None) => {
            let mut paths = (0..arguments.len()).filter_map(path);
            assert_eq!(paths.next(), None, "not modelled: {name}");
            None
        }
        // The bytes of a file without a name cannot be read again.
        _ if descriptor?.is_deleted => None,
        ("fsync" | "fdatasync", Some(file)) => Some(SystemCall::Sync(file)),
        ("ftruncate", Some(name)) => {
            Some(SystemCall::Truncate { name, length: number(arguments[1]) })
        }
        ("pwrite64", Some(name)) => {
            let mut bytes = quoted_bytes(arguments[1]).expect("the bytes are printed");
            assert_eq!(bytes.len(), number(arguments[2]), "the bytes are shortened");
            bytes.truncate(number(printed.result));
            Some(SystemCall::Write { name, offset: number(arguments[3]), bytes })
        }
        (name, Some(file)) => panic!("not modelled: {name} on {file}"),
    }
}

/// A file descriptor, printed as `5<\x2f\x61>` or, after the file was unlinked, as
/// `5<\x2f\x61>(deleted)`.
struct Descriptor {
    path: String,
    is_deleted: bool,
}

impl Descriptor {
    fn parse(argument: &str) -> Option<Self> {
        let (path, rest) = argument.split_once('<')?.1.split_once('>')?;
        let path = String::from_utf8(hexadecimal_bytes(path)?).ok()?;
        let (path, is_deleted) = match path.strip_suffix(" (deleted)") {
            Some(path) => (path.to_owned(), true),
            None => (path, rest.contains("deleted")),
        };
        Some(Self { path, is_deleted })
    }
}

fn quoted_text(argument: &str) -> Option<String> {
    String::from_utf8(quoted_bytes(argument)?).ok()
}

fn quoted_bytes(argument: &str) -> Option<Vec<u8>> {
    hexadecimal_bytes(argument.strip_prefix('"')?.strip_suffix('"')?)
}

/// Parses bytes that are printed as `\x2f\x61`.
fn hexadecimal_bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4);
    for printed in text.as_bytes().chunks(4) {
        let [b'\\', b'x', high, low] = *printed else { return None };
        bytes.push(16 * digit(high)? + digit(low)?);
    }
    Some(bytes)
}
