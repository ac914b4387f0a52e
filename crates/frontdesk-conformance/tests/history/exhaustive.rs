//! The checker compared with the definition: on short histories, a search through all orders.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use frontdesk::store::{Change, CommitOutcome, MemoryStore, Revision, VersionedThread};
use frontdesk_conformance::history::{History, HistoryFile, HistoryRecorder, HistoryReport, check};
use futures::executor::block_on;
use serde_json::Value;

use crate::random::{BOOKINGS, final_reads, random_commit, random_read, random_redaction};
use crate::request::{Request, Response};
use crate::rng::Rng;
use crate::scripted_store::ScriptedStore;

const HISTORIES: u64 = 500;

/// A call with its answer and its times.
#[derive(Debug, Clone)]
struct Call {
    request: Request,
    /// `None` for a commit whose outcome is unknown.
    response: Option<Response>,
    begin: u64,
    end: u64,
    /// The index of the first attempt, if the call is a second attempt at a commit.
    first_attempt: Option<usize>,
}

/// Returns a store on which the requests were made in turn.
fn replay<'a>(requests: impl IntoIterator<Item = &'a Request>) -> MemoryStore {
    let store = MemoryStore::new();
    for request in requests {
        run(&store, request);
    }
    store
}

fn run(store: &MemoryStore, request: &Request) -> Response {
    block_on(request.run(store)).unwrap()
}

/// A history that is being made.
struct Builder {
    subject: Subject,
    /// The requests that took effect.
    requests: Vec<Request>,
    calls: Vec<Call>,
    /// The revisions of written commits that no answer shows.
    hidden: HashSet<Revision>,
}

/// The calls that a history consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Calls of every kind. The outcome of each fifth commit is unknown.
    AllCalls,
    /// Redactions of one thread. The outcome of each second one is unknown.
    Redactions,
}

impl Builder {
    fn new(subject: Subject) -> Self {
        Self { subject, requests: Vec::new(), calls: Vec::new(), hidden: HashSet::new() }
    }

    /// Returns `true` if the history does not tell the outcome of a call.
    fn is_unknown(&self, rng: &mut Rng, request: &Request) -> bool {
        match (self.subject, request) {
            (Subject::AllCalls, Request::Commit(_)) => rng.below::<u8>(5) == 0,
            (Subject::Redactions, Request::Commit(commit)) => {
                !matches!(commit.change(), Change::Messages(_)) && rng.below::<u8>(2) == 0
            }
            _ => false,
        }
    }

    /// Adds a call that takes effect now, unless its outcome is unknown.
    fn add(&mut self, rng: &mut Rng, request: Request) {
        let response = run(&replay(&self.requests), &request);
        let is_unknown = self.is_unknown(rng, &request);
        let is_written = !is_unknown || rng.below::<u8>(2) == 0;
        let moment = 100 * (self.calls.len() as u64 + 1);
        let begin = moment - 1 - rng.below::<u64>(99) * rng.below::<u64>(3).min(1);
        let end = moment + 1 + rng.below::<u64>(150);
        if let (true, Response::Commit(CommitOutcome::Committed(revision))) =
            (is_unknown && is_written, &response)
        {
            self.hidden.insert(*revision);
        }
        let response = Some(response).filter(|_| !is_unknown);
        self.calls.push(Call {
            request: request.clone(),
            response,
            begin,
            end,
            first_attempt: None,
        });
        if is_written {
            self.requests.push(request);
        }
    }

    /// Returns a random commit, computed from a recent state that an answer showed.
    fn commit(&self, rng: &mut Rng) -> Option<Request> {
        let booking = match self.subject {
            Subject::AllCalls => rng.choose(&BOOKINGS[..2]),
            Subject::Redactions => BOOKINGS[0],
        };
        let base = self.requests.len() - rng.below::<usize>(3).min(self.requests.len());
        let base = replay(&self.requests[..base]);
        let Response::Thread(found) = run(&base, &Request::Thread(booking)) else { unreachable!() };
        let is_hidden = found.as_ref().is_some_and(|found| self.hidden.contains(&found.revision));
        if is_hidden {
            return None;
        }
        let messages = |found: &VersionedThread| found.state.last_number().get();
        match found.as_ref().filter(|found| messages(found) > 1) {
            Some(found) if self.subject == Subject::Redactions => random_redaction(rng, found),
            _ => Some(random_commit(rng, booking, found.as_ref())),
        }
    }

    /// Returns a random read.
    fn read(&self, rng: &mut Rng) -> Request {
        let booking = BOOKINGS[0];
        match (self.subject, rng.below::<u8>(3)) {
            (Subject::AllCalls, _) => random_read(rng),
            (Subject::Redactions, 0) => Request::Thread(booking),
            (Subject::Redactions, 1) => Request::Oldest { booking, limit: 9 },
            (Subject::Redactions, _) => Request::Redacted { booking, after: rng.below(2) },
        }
    }

    /// Reads the threads and so shows the commits with an unknown outcome.
    fn show(&mut self, rng: &mut Rng) {
        self.add(rng, Request::Heads(BOOKINGS.to_vec()));
        self.hidden.clear();
    }
}

/// Makes a history of a right store, and then changes a time or an answer of most.
fn random_history(rng: &mut Rng, subject: Subject, reads_at_end: bool) -> Vec<Call> {
    let mut builder = Builder::new(subject);
    let shortest = if subject == Subject::Redactions { 5 } else { 3 };
    let length = shortest + rng.below::<usize>(5);
    while builder.calls.len() < length {
        if !builder.hidden.is_empty() && rng.below::<u8>(3) == 0 {
            builder.show(rng);
            continue;
        }
        let commit = if rng.below::<u8>(5) < 3 { builder.commit(rng) } else { None };
        let request = commit.unwrap_or_else(|| builder.read(rng));
        builder.add(rng, request);
    }
    let Builder { requests, mut calls, .. } = builder;
    if reads_at_end {
        for (request, at) in final_reads().into_iter().zip(2_000..) {
            let response = Some(run(&replay(&requests), &request));
            calls.push(Call {
                request,
                response,
                begin: 10 * at,
                end: 10 * at + 1,
                first_attempt: None,
            });
        }
    }
    let changed = rng.below::<usize>(length as u64);
    match rng.below::<u8>(4) {
        0 => {
            let by = 50 + rng.below::<u64>(300);
            calls[changed].begin += by;
            calls[changed].end += by;
        }
        1 => {
            let by = (50 + rng.below::<u64>(300)).min(calls[changed].begin);
            calls[changed].begin -= by;
            calls[changed].end -= by;
        }
        2 => {
            let moment = rng.below::<usize>(requests.len() as u64 + 1);
            let store = replay(&requests[..moment]);
            if calls[changed].response.is_some() {
                calls[changed].response = Some(run(&store, &calls[changed].request));
            }
        }
        _ => {}
    }
    calls
}

/// Returns `true` if the history is right. A commit from the index `from` on may have been sent
/// twice.
fn is_right(calls: &[Call], from: usize) -> bool {
    let Some((index, resent)) = (from..calls.len()).find_map(|at| Some((at, resent(calls, at)?)))
    else {
        let all: Vec<usize> = (0..calls.len()).collect();
        return has_order(calls, &mut Vec::new(), &all);
    };
    is_right(calls, index + 1) || is_right(&resent, index + 1)
}

/// Returns the calls of a store that lost the connection during a commit, and that then made a
/// second attempt. The answer is that to the second attempt.
fn resent(calls: &[Call], index: usize) -> Option<Vec<Call>> {
    let call = &calls[index];
    let (Request::Commit(commit), Some(Response::Commit(response))) =
        (&call.request, &call.response)
    else {
        return None;
    };
    let has_messages = matches!(commit.change(), Change::Messages(_));
    let may_be_resent = match response {
        CommitOutcome::KeyTaken { .. } => has_messages,
        CommitOutcome::Conflict(_) | CommitOutcome::Committed(_) => false,
    };
    if !may_be_resent || call.first_attempt.is_some() {
        return None;
    }
    let mut calls = calls.to_vec();
    calls.push(Call { first_attempt: Some(index), ..call.clone() });
    calls[index].response = None;
    Some(calls)
}

/// Returns `true` if the calls have an order that a store on one thread could have had.
fn has_order(calls: &[Call], order: &mut Vec<usize>, rest: &[usize]) -> bool {
    // A commit whose outcome is unknown need not have been written.
    if rest.iter().all(|&index| calls[index].response.is_none()) {
        return true;
    }
    rest.iter().enumerate().any(|(at, &next)| {
        let call = &calls[next];
        let must_wait = rest
            .iter()
            .any(|&other| calls[other].response.is_some() && calls[other].end < call.begin);
        let must_wait = must_wait || call.first_attempt.is_some_and(|other| rest.contains(&other));
        if must_wait {
            return false;
        }
        // A call changes the store, so each attempt needs a store of its own.
        let store = replay(order.iter().map(|&index| &calls[index].request));
        let actual = run(&store, &call.request);
        let is_right = match &call.response {
            Some(response) => actual == *response || is_equal(&call.request, response, &actual),
            None => matches!(actual, Response::Commit(CommitOutcome::Committed(_))),
        };
        if !is_right {
            return false;
        }
        let mut rest = rest.to_vec();
        rest.remove(at);
        order.push(next);
        let found = has_order(calls, order, &rest);
        order.pop();
        found
    })
}

/// Returns `true` if a store that lost a connection can answer `response` where another store
/// answers `actual`, because it cannot tell which of two equal commits it wrote.
fn is_equal(request: &Request, response: &Response, actual: &Response) -> bool {
    let (Request::Commit(commit), Response::Commit(response), Response::Commit(actual)) =
        (request, response, actual)
    else {
        return false;
    };
    match (response, actual, commit.change()) {
        (
            CommitOutcome::Committed(revision),
            CommitOutcome::Conflict(Some(found)),
            Change::None,
        ) => found.revision == *revision && found.state == *commit.next(),
        _ => false,
    }
}

/// Records the calls and replaces their times.
fn check_calls(calls: &[Call], path: &Path) -> HistoryReport {
    let script = ScriptedStore::default();
    let recorder = HistoryRecorder::new(script.clone(), &HistoryFile::create(path).unwrap());
    for call in calls {
        if let Some(response) = &call.response {
            script.set(response.clone(), 0);
        }
        // A call without an answer has an unknown outcome.
        let _ = block_on(call.request.run(&recorder));
    }
    drop(recorder);
    let mut lines = String::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        for (name, is_end) in [("begin", false), ("end", true)] {
            let Some(entry) = line.get_mut(name) else { continue };
            let call = &calls[usize::try_from(entry["call"].as_u64().unwrap()).unwrap()];
            entry["at"] = if is_end { call.end } else { call.begin }.into();
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    fs::write(path, lines).unwrap();
    check(&History::read([path]).unwrap())
}

/// Compares the checker with the search, and returns the numbers of right and wrong histories.
fn compare(subject: Subject) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let (mut right, mut wrong, mut accepted) = (0, 0, 0);
    let histories = std::env::var("FRONTDESK_HISTORIES").map_or(HISTORIES, |n| n.parse().unwrap());
    for seed in 0..histories {
        let mut rng = Rng::new(seed);
        let reads_at_end = rng.below::<u8>(4) > 0;
        let calls = random_history(&mut rng, subject, reads_at_end);
        let expected = is_right(&calls, 0);
        let report = check_calls(&calls, &folder.path().join(format!("{seed}.jsonl")));
        let lines = fs::read_to_string(folder.path().join(format!("{seed}.jsonl"))).unwrap();
        let shown = format!("seed {seed}: {report}\n{lines}");
        if expected {
            assert!(report.is_ok(), "a right history is convicted: {shown}");
            right += 1;
        } else if reads_at_end {
            assert!(!report.is_ok(), "a wrong history passes: {shown}");
            wrong += 1;
        } else {
            accepted += usize::from(report.is_ok());
        }
    }
    println!("{right} right and {wrong} wrong histories; {accepted} passed without final reads");
    (right, wrong)
}

#[test]
fn the_checker_agrees_with_a_search_through_all_orders() {
    let (right, wrong) = compare(Subject::AllCalls);
    assert!(right > 200 && wrong > 20, "{right} right, {wrong} wrong");
}

#[test]
fn t9_the_checker_agrees_with_a_search_about_redactions() {
    let (right, wrong) = compare(Subject::Redactions);
    assert!(right > 200 && wrong > 20, "{right} right, {wrong} wrong");
}
