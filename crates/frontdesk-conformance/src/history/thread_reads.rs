//! The moments at which an answer about threads of one location is right.

use super::anomaly::AnomalyKind;
use super::call::{
    Call, CallIndex, CommitCall, CommitOutcome, HeadsCall, MessagesCall, Operation, SeenHead,
    SeenMessage,
};
use super::digest::Digest;
use super::finding::Finding;
use super::forgotten::Forgotten;
use super::line::{Change, Selection};
use super::message_range::{NumberRange, narrow_to_redacted};
use super::names::Name;
use super::slots::Slots;
use super::span::{START, Span};
use super::timeline::{MessageLifespan, NOT_GONE, Placed, ThreadTimeline, Timeline};

/// The calls of a location and what its commits made.
pub(crate) struct ThreadReads<'a> {
    pub(crate) calls: &'a [Call],
    pub(crate) timeline: &'a Timeline,
    pub(crate) forgotten: Forgotten,
    /// The calls of the location, also those without an answer.
    pub(crate) location: &'a [CallIndex],
    /// The commits whose outcome is not known.
    pub(crate) undecided: &'a [CallIndex],
}

impl<'a> ThreadReads<'a> {
    /// Returns the moments at which the answer of a read is right.
    pub(crate) fn slots(&mut self, index: CallIndex) -> Result<Slots, Finding> {
        let calls = self.calls;
        let call = &calls[index as usize];
        match &call.operation {
            Operation::Thread { booking, found } => {
                let mut span = Span::ALL;
                match found {
                    Some(found) => self.narrow_to_head(&mut span, index, found, *booking)?,
                    None => self.narrow_to_absence(&mut span, *booking),
                }
                span.slots(index)
            }
            Operation::Heads(heads) => self.heads(index, heads),
            Operation::Messages(messages) => self.messages(index, messages),
            Operation::MessageByKey(query) => {
                let key = (query.author, query.key);
                match &query.found {
                    Some(found) => self.key_present(index, query.booking, key, found),
                    None => Ok(self.key_absent(index, query.booking, key)),
                }
            }
            Operation::Commit(commit) => self.refused_commit(index, commit),
            Operation::Newest(revision) => {
                let next = self.timeline.commit_after(*revision).unwrap_or(NOT_GONE);
                let first = match self.timeline.commit_at(*revision) {
                    Some(commit) => commit,
                    None if *revision == 0 => START,
                    // One of these commits can have the revision.
                    None if self
                        .undecided
                        .iter()
                        .any(|&commit| calls[commit as usize].begin <= call.end) =>
                    {
                        Placed { revision: *revision, call: CallIndex::MAX }
                    }
                    None => return Err(Finding::new(AnomalyKind::UnknownState, [index])),
                };
                Span { first, end: next }.slots(index)
            }
            Operation::Threads(_) | Operation::Changes(_) | Operation::ForgetKeys(_) => {
                Ok(Slots::all())
            }
        }
    }

    fn narrow_to_absence(&self, span: &mut Span, booking: Name) {
        let thread = self.timeline.threads.get(&booking);
        let first = thread.and_then(|thread| thread.versions.first());
        span.narrow(START, first.map_or(NOT_GONE, |version| version.at));
    }

    fn narrow_to_head(
        &self,
        span: &mut Span,
        index: CallIndex,
        found: &SeenHead,
        booking: Name,
    ) -> Result<(), Finding> {
        let thread = self.timeline.threads.get(&booking);
        let version = thread.and_then(|thread| thread.version_at(found.revision));
        match (thread, version) {
            (Some(thread), Some(version))
                if version.at.revision == found.revision
                    && version.digest == found.digest
                    && found.booking == booking =>
            {
                let next = thread.version_after(found.revision);
                span.narrow(version.at, next.map_or(NOT_GONE, |next| next.at));
                Ok(())
            }
            _ => Err(self.unknown_state(index, found)),
        }
    }

    /// Returns the finding for a state that no commit wrote at its revision.
    pub(crate) fn unknown_state(&self, index: CallIndex, found: &SeenHead) -> Finding {
        let wrote = |commit: &CommitCall| {
            commit.booking == found.booking && commit.next.digest == found.digest
        };
        if let Some(refused) = self.refused(wrote) {
            return Finding::new(AnomalyKind::RefusedCommitVisible, [refused, index]);
        }
        let at = self.timeline.commit_at(found.revision);
        let same_state = self.timeline.threads.get(&found.booking).and_then(|thread| {
            thread.versions.iter().find(|version| version.digest == found.digest)
        });
        let other = at.or(same_state.map(|version| version.at));
        let other = other.map(|placed| placed.call);
        Finding::new(AnomalyKind::UnknownState, other.into_iter().chain([index]))
    }

    /// Returns a commit that the store reported as not written.
    fn refused(&self, wrote: impl Fn(&CommitCall) -> bool) -> Option<CallIndex> {
        self.location.iter().copied().find(|&index| {
            self.calls[index as usize].commit().is_some_and(|commit| {
                let outcome = commit.outcome;
                !matches!(outcome, CommitOutcome::Committed(_) | CommitOutcome::Unknown)
                    && wrote(commit)
            })
        })
    }

    fn heads(&self, index: CallIndex, heads: &HeadsCall) -> Result<Slots, Finding> {
        let mut span = Span::ALL;
        let mut found = heads.found.iter().peekable();
        for &booking in &heads.bookings {
            match found.next_if(|head| head.booking == booking) {
                Some(head) => self.narrow_to_head(&mut span, index, head, booking)?,
                None => self.narrow_to_absence(&mut span, booking),
            }
        }
        if found.peek().is_some() {
            return Err(Finding::new(AnomalyKind::WrongList, [index]));
        }
        span.slots(index)
    }

    /// Returns `true` if a commit was computed in another epoch than that of its answer. The
    /// expected revision can then belong to another state, so the commit must conflict (P7).
    fn is_of_other_epoch(&self, index: CallIndex, commit: &CommitCall) -> bool {
        commit.expected_epoch.is_some() && commit.expected_epoch != self.calls[index as usize].epoch
    }

    /// Returns the moments at which a commit is answered with a conflict or a taken key.
    fn refused_commit(&mut self, index: CallIndex, commit: &CommitCall) -> Result<Slots, Finding> {
        let keys: Vec<Option<(Digest, Digest)>> = match &commit.change {
            Change::Messages(new) => new.iter().map(|new| Some((new.author, new.key?))).collect(),
            _ => Vec::new(),
        };
        let booking = commit.booking;
        let (mut slots, free_keys) = match &commit.outcome {
            CommitOutcome::Conflict(found) => {
                let is_expected = found.map(|found| found.revision) == commit.expected;
                if is_expected && !self.is_of_other_epoch(index, commit) {
                    let at = commit.expected.and_then(|revision| self.timeline.commit_at(revision));
                    let calls = at.map(|at| at.call).into_iter().chain([index]);
                    return Err(Finding::new(AnomalyKind::FalseConflict, calls));
                }
                let mut span = Span::ALL;
                match found {
                    Some(found) => self.narrow_to_head(&mut span, index, found, booking)?,
                    None => self.narrow_to_absence(&mut span, booking),
                }
                (span.slots(index)?, keys.len())
            }
            CommitOutcome::KeyTaken { index: taken, message } => {
                let Some(Some(key)) = keys.get(*taken as usize) else {
                    return Err(Finding::new(AnomalyKind::FalseKeyTaken, [index]));
                };
                (self.key_present(index, booking, *key, message)?, *taken as usize)
            }
            CommitOutcome::Committed(_) if self.is_of_other_epoch(index, commit) => {
                return Err(Finding::new(AnomalyKind::StaleCommit, [index]));
            }
            // The key of a written commit was free before it.
            CommitOutcome::Committed(revision) => {
                let before = revision.saturating_sub(1);
                (Slots::range(before, before), keys.len())
            }
            CommitOutcome::Unknown | CommitOutcome::Failed => return Ok(Slots::all()),
        };
        for key in keys[..free_keys].iter().flatten() {
            let free = slots.intersect(&self.key_absent(index, booking, *key));
            if free.is_empty() {
                let thread = self.timeline.threads.get(&booking);
                let user = thread.and_then(|thread| {
                    let &message = thread.keys.get(key)?.first()?;
                    Some(thread.messages[message].born.call)
                });
                let calls = user.into_iter().chain([index]);
                return Err(Finding::new(AnomalyKind::KeyLost, calls));
            }
            slots = free;
        }
        Ok(slots)
    }

    /// Returns the moments at which no message has a key.
    fn key_absent(&mut self, index: CallIndex, booking: Name, key: (Digest, Digest)) -> Slots {
        let Some(thread) = self.thread(booking) else { return Slots::all() };
        let call = &self.calls[index as usize];
        let mut slots = Slots::all();
        for &message in thread.keys.get(&key).into_iter().flatten() {
            let lifespan = &thread.messages[message];
            if self.may_be_erased(index) {
                return Slots::all();
            }
            if !self.forgotten.can_be_gone(lifespan, call) {
                slots = slots.without(lifespan.born.revision, lifespan.gone.revision);
            } else if self.calls[lifespan.born.call as usize].end < call.begin
                && lifespan.gone == NOT_GONE
            {
                self.forgotten.add_absence(booking, message, index);
            }
        }
        slots
    }

    /// Returns the moments at which a message has a key.
    fn key_present(
        &mut self,
        index: CallIndex,
        booking: Name,
        key: (Digest, Digest),
        found: &SeenMessage,
    ) -> Result<Slots, Finding> {
        if self.timeline.threads.get(&booking).is_some_and(|thread| thread.is_broken) {
            return Ok(Slots::all());
        }
        let Some(thread) = self.thread(booking) else {
            return Err(Finding::new(AnomalyKind::FalseKeyTaken, [index]));
        };
        let lives = thread.keys.get(&key).map_or(&[][..], Vec::as_slice);
        let number = |message: usize| thread.messages[message].number;
        let Some(at) = lives.iter().position(|&message| number(message) == found.number) else {
            let message = thread.messages.iter().find(|message| message.number == found.number);
            let commit = message.map(|message| message.born.call);
            let calls = commit.into_iter().chain([index]);
            return Err(Finding::new(AnomalyKind::FalseKeyTaken, calls));
        };
        let message = lives[at];
        let lifespan = &thread.messages[message];
        if let Some(forget) =
            self.forgotten.remover(self.calls, lifespan, &self.calls[index as usize])
        {
            return Err(Finding::new(AnomalyKind::KeyReturned, [forget, index]));
        }
        let mut span = Span::ALL;
        self.narrow_to_message(&mut span, index, lifespan, found)?;
        if let Some(&next) = lives.get(at + 1) {
            span.narrow(START, thread.messages[next].born);
        }
        self.forgotten.add_presence(booking, message, index);
        span.slots(index)
    }

    /// Returns a thread whose commits do not contradict each other.
    fn thread(&self, booking: Name) -> Option<&'a ThreadTimeline> {
        self.timeline.threads.get(&booking).filter(|thread| !thread.is_broken)
    }

    fn messages(&self, index: CallIndex, call: &MessagesCall) -> Result<Slots, Finding> {
        let unknown = |found: &SeenMessage| self.unknown_message(index, call.booking, found);
        let Some(thread) = self.timeline.threads.get(&call.booking) else {
            return call.found.first().map_or(Ok(Slots::all()), |found| Err(unknown(found)));
        };
        if thread.is_broken {
            return Ok(Slots::all());
        }
        let wrong = || Finding::new(AnomalyKind::WrongList, [index]);
        if call.found.len() as u64 > call.limit {
            return Err(wrong());
        }
        let mut found = Vec::with_capacity(call.found.len());
        for seen in &call.found {
            found.push((thread.message(seen.number).ok_or_else(|| unknown(seen))?, *seen));
        }
        let mut span = Span::ALL;
        for &(message, seen) in &found {
            let narrowed =
                self.narrow_to_message(&mut span, index, &thread.messages[message], &seen);
            narrowed
                .map_err(|finding| self.refused_message(index, call.booking, &seen, finding))?;
        }
        let is_full = found.len() as u64 == call.limit;
        match call.selection {
            Selection::RedactedAfter(ordinal) => {
                narrow_to_redacted(thread, ordinal, is_full, &found, &mut span)
                    .ok_or_else(wrong)?;
            }
            Selection::OldestFirst { first, last } | Selection::NewestFirst { first, last } => {
                if found.is_empty() {
                    let is_any = call.limit == 0 || first > last;
                    return Ok(if is_any || self.may_be_erased(index) {
                        Slots::all()
                    } else {
                        thread.without_messages(first, last)
                    });
                }
                let is_descending = matches!(call.selection, Selection::NewestFirst { .. });
                if is_descending {
                    found.reverse();
                }
                let range = NumberRange { first, last, is_full, is_descending };
                range.narrow(thread, &found, &mut span).ok_or_else(wrong)?;
            }
        }
        if found.is_empty() {
            return Ok(if self.may_be_erased(index) {
                Slots::all()
            } else {
                thread.without_redactions(call.selection, call.limit)
            });
        }
        span.slots(index)
    }

    /// Narrows the moments to those at which a message has the content that was found.
    fn narrow_to_message(
        &self,
        span: &mut Span,
        index: CallIndex,
        lifespan: &MessageLifespan,
        found: &SeenMessage,
    ) -> Result<(), Finding> {
        let is_same = found.fixed == lifespan.fixed
            && found.revision == lifespan.born.revision
            && found.number == lifespan.number;
        match lifespan.span_of(found.content).filter(|_| is_same) {
            Some((from, end)) => span.narrow(from, end),
            None if is_same && self.may_be_redacted(index, lifespan) => {
                span.narrow(lifespan.born, lifespan.gone);
            }
            None => {
                let kind = AnomalyKind::MessageChanged;
                return Err(Finding::new(kind, [lifespan.born.call, index]));
            }
        }
        Ok(())
    }

    /// Returns `true` if a commit whose outcome is not known redacts a message or its author.
    fn may_be_redacted(&self, index: CallIndex, lifespan: &MessageLifespan) -> bool {
        self.possible_commits(index).any(|commit| match &commit.change {
            Change::Redact { number, .. } => *number == lifespan.number,
            Change::RedactAuthor { author, first, last } => {
                *author == lifespan.author && (*first..=*last).contains(&lifespan.number)
            }
            Change::None | Change::Messages(_) => false,
        })
    }

    /// Returns `true` if a commit whose outcome is not known erases the thread of a read.
    fn may_be_erased(&self, index: CallIndex) -> bool {
        self.possible_commits(index).any(|commit| commit.next.live.is_none())
    }

    /// Returns the commits whose outcome is not known, which can precede the end of a read of
    /// their thread.
    fn possible_commits(&self, index: CallIndex) -> impl Iterator<Item = &'a CommitCall> {
        let (calls, read) = (self.calls, &self.calls[index as usize]);
        let began = self.undecided.iter().map(|&commit| &calls[commit as usize]);
        let began = began.filter(|call| call.begin <= read.end);
        began.filter_map(Call::commit).filter(|commit| Some(commit.booking) == read.booking())
    }

    fn unknown_message(&self, index: CallIndex, booking: Name, found: &SeenMessage) -> Finding {
        let at = self.timeline.commit_at(found.revision).map(|placed| placed.call);
        let calls = at.into_iter().chain([index]);
        let finding = Finding::new(AnomalyKind::UnknownState, calls);
        self.refused_message(index, booking, found, finding)
    }

    /// Replaces a finding if a commit that was not written contains the message.
    fn refused_message(
        &self,
        index: CallIndex,
        booking: Name,
        found: &SeenMessage,
        finding: Finding,
    ) -> Finding {
        let wrote = |commit: &CommitCall| {
            commit.booking == booking && commit.adds((found.number, found.fixed))
        };
        match self.refused(wrote) {
            Some(refused) => Finding::new(AnomalyKind::RefusedCommitVisible, [refused, index]),
            None => finding,
        }
    }
}
