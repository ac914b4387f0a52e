use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::time::{ClockId, clock_gettime};

use super::line::{Arguments, Begin, CallResult, End, Header, Line, VERSION};

/// The highest number of bytes that wait for the next line.
const MAX_PENDING: usize = 64 << 10;

/// A file to which the recorders of one process write a history.
///
/// Clones share the file. The operating system has the line about a call's beginning before the
/// call starts, and the line about a commit's end before the caller has the answer. The line
/// about the end of a read waits in memory for the next line, for [`flush`](Self::flush), or
/// for the drop of the last clone. A killed process loses the lines that wait, and these reads
/// then count as unfinished.
#[derive(Debug, Clone)]
pub struct HistoryFile(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: File,
    next_call: AtomicU64,
    /// The lines that wait for the next one.
    pending: Mutex<Vec<u8>>,
}

impl HistoryFile {
    /// Creates a file.
    ///
    /// # Errors
    ///
    /// The error of the operating system, also if a file with this name exists.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        let (next_call, pending) = (AtomicU64::new(0), Mutex::default());
        let file = Self(Arc::new(Shared { file, next_call, pending }));
        let header = Header { version: VERSION, process: std::process::id() };
        file.0.append(&Line::History(header), true)?;
        Ok(file)
    }

    /// Writes the lines that wait in memory.
    ///
    /// # Errors
    ///
    /// The error of the operating system. The lines are lost then.
    pub fn flush(&self) -> io::Result<()> {
        self.0.write(&mut self.0.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes the beginning of a call and returns its number.
    pub(crate) fn begin(&self, task: &str, arguments: Arguments<'_>) -> io::Result<u64> {
        let at = monotonic_nanos();
        let call = self.0.next_call.fetch_add(1, Ordering::Relaxed);
        self.0.append(&Line::Begin(Begin { call, at, task: task.into(), arguments }), true)?;
        Ok(call)
    }

    /// Writes the end of a commit, and lets the end of a read wait.
    pub(crate) fn end(
        &self,
        call: u64,
        outcome: CallResult<'_>,
        is_commit: bool,
    ) -> io::Result<()> {
        let at = monotonic_nanos();
        self.0.append(&Line::End(End { call, at, outcome }), is_commit)
    }
}

impl Shared {
    /// Adds one line. Hands it to the operating system if it must not wait.
    fn append(&self, line: &Line<'_>, is_urgent: bool) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(512);
        serde_json::to_writer(&mut bytes, line)?;
        bytes.push(b'\n');
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.extend_from_slice(&bytes);
        if is_urgent || pending.len() > MAX_PENDING { self.write(&mut pending) } else { Ok(()) }
    }

    fn write(&self, pending: &mut Vec<u8>) -> io::Result<()> {
        let written = (&self.file).write_all(pending);
        pending.clear();
        written
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        let pending = pending.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Reads without an end are unfinished calls.
        let _ = self.write(pending);
    }
}

/// Returns the nanoseconds of the monotonic clock, which is the same for all processes of a
/// machine.
fn monotonic_nanos() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    // The clock is never negative.
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
