use std::fmt;

/// A contradiction in a history: two or three calls that no order of all calls explains.
///
/// The text names the location and the calls:
///
/// ```text
/// harbour: a read does not see an acknowledged commit
///   a.jsonl:7, process 81: added message 4 to b-1, expecting revision 8: committed at revision 9
///   b.jsonl:31, process 82: read b-1 and found revision 8
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Anomaly {
    /// The kind.
    pub kind: AnomalyKind,
    /// The location.
    pub location: String,
    /// The calls that contradict each other. A call that cannot be right comes last.
    pub calls: Vec<AnomalyCall>,
}

/// A call of an [`Anomaly`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnomalyCall {
    /// The file and the line of the call's beginning.
    pub position: String,
    /// The id of the process.
    pub process: u32,
    /// The name of the task; empty if it has none.
    pub task: String,
    /// The call and its answer, in words.
    pub description: String,
}

/// The kind of an [`Anomaly`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnomalyKind {
    /// Two acknowledged commits have one revision.
    DuplicateRevision,
    /// A commit that began after another was acknowledged has a lower revision.
    RevisionOrder,
    /// A commit has a revision at or below one that a read saw before the commit began.
    RevisionSeenBefore,
    /// A commit replaced a state that it was not computed from.
    LostUpdate,
    /// A commit was acknowledged, and no later read sees it.
    CommitLost,
    /// A commit was acknowledged in one epoch, and the next epoch does not have it.
    CommitLostInEpochChange,
    /// A read does not see a commit that was acknowledged before the read began.
    StaleRead,
    /// A read shows an older state than a read that ended before it began.
    ReadStepsBack,
    /// A read shows messages that were erased before it began.
    ErasedMessagesBack,
    /// An answer combines states of different moments.
    TornRead,
    /// An answer contains a state that no commit wrote.
    UnknownState,
    /// An answer contains a message that differs from the one that was committed.
    MessageChanged,
    /// An answer shows a commit that the store reported as not written.
    RefusedCommitVisible,
    /// The unread or the waiting number is not that of the answer's revision.
    WrongCount,
    /// A list or a feed does not have the threads of its revision.
    WrongList,
    /// A commit was refused although the state was the expected one.
    FalseConflict,
    /// A key is reported as taken, and no message had it.
    FalseKeyTaken,
    /// A key that was used is not found, or it was used a second time.
    KeyLost,
    /// A key is found after it was forgotten.
    KeyReturned,
    /// More keys were forgotten than there were.
    WrongForgottenKeys,
    /// A call was answered in an epoch that had already ended.
    OldEpoch,
    /// A commit that was computed in one epoch was written in another.
    StaleCommit,
}

impl AnomalyKind {
    fn words(self) -> &'static str {
        match self {
            Self::DuplicateRevision => "two commits have one revision",
            Self::RevisionOrder => "a later commit has a lower revision",
            Self::RevisionSeenBefore => "a commit has a revision that a read had already passed",
            Self::LostUpdate => "a commit replaced a state that it was not computed from",
            Self::CommitLost => "an acknowledged commit is lost",
            Self::CommitLostInEpochChange => {
                "an acknowledged commit is lost since the epoch changed"
            }
            Self::StaleRead => "a read does not see an acknowledged commit",
            Self::ReadStepsBack => "a read shows an older state than an earlier read",
            Self::ErasedMessagesBack => "a read shows messages that were erased",
            Self::TornRead => "an answer combines states of different moments",
            Self::UnknownState => "an answer contains a state that no commit wrote",
            Self::MessageChanged => "a message differs from the one that was committed",
            Self::RefusedCommitVisible => "a commit is visible that was not written",
            Self::WrongCount => "a number of threads is wrong at its revision",
            Self::WrongList => "a list does not have the threads of its revision",
            Self::FalseConflict => "a commit was refused although nothing had changed",
            Self::FalseKeyTaken => "a key is reported as taken that no message had",
            Self::KeyLost => "a key that was used does not find its message",
            Self::KeyReturned => "a forgotten key is found again",
            Self::WrongForgottenKeys => "more keys were forgotten than there were",
            Self::OldEpoch => "a call was answered in an epoch that had ended",
            Self::StaleCommit => "a commit was written in an epoch that it was not computed in",
        }
    }
}

impl fmt::Display for AnomalyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl fmt::Display for AnomalyCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, process {}", self.position, self.process)?;
        if !self.task.is_empty() {
            write!(f, ", task {}", self.task)?;
        }
        write!(f, ": {}", self.description)
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.kind)?;
        self.calls.iter().try_for_each(|call| write!(f, "\n  {call}"))
    }
}

/// The result of checking a history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct HistoryReport {
    /// The number of recorded calls.
    pub calls: usize,
    /// The number of locations.
    pub locations: usize,
    /// The number of commits whose outcome was unknown and that later answers showed.
    pub resolved: usize,
    /// The number of commits whose outcome no answer shows.
    pub undecided: usize,
    /// The contradictions, at most [`MAX_ANOMALIES`] of each location.
    pub anomalies: Vec<Anomaly>,
}

/// The highest number of anomalies of one location in a report.
pub const MAX_ANOMALIES: usize = 20;

impl HistoryReport {
    /// Returns `true` if the history of each location is strictly serializable.
    pub fn is_ok(&self) -> bool {
        self.anomalies.is_empty()
    }
}

impl fmt::Display for HistoryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, locations, resolved, undecided, anomalies } = self;
        for anomaly in anomalies {
            writeln!(f, "{anomaly}")?;
        }
        let result = if anomalies.is_empty() {
            "strictly serializable".to_owned()
        } else {
            format!("not strictly serializable, {} contradictions", anomalies.len())
        };
        write!(
            f,
            "{calls} calls in {locations} locations: {result}; {resolved} commits with an \
             unknown outcome were written, {undecided} left no trace"
        )
    }
}
