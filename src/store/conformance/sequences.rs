//! Random operations on a store and on the model, whose answers must be the same.

mod op;

use op::{Op, Rng};

use std::sync::Arc;

use super::cast::{MANY, WHOLE, at, booking, customer, key, number, operator, thread_id};
use super::factory::Host;
use super::model::Model;
use super::proposal::{erasing, keyed, saying, starting};
use super::report::{Failure, Outcome, same};
use super::stage::{Shared, Stage};
use crate::booking::BookingStatus;
use crate::id::ThreadId;
use crate::inbox::InboxPosition;
use crate::participant::Participant;
use crate::store::{
    Commit, CommitOutcome, Direction, Filter, Stored, ThreadState, ThreadStore as _,
};

const SEQUENCES: u64 = 6;
const OPERATIONS: usize = 60;
/// How many fresh stores shrinking may take.
const ATTEMPTS: usize = 150;

pub(super) async fn random_sequences_come_to_what_the_model_says(stage: &Stage<'_>) -> Outcome {
    for seed in 1..=SEQUENCES {
        let mut rng = Rng::new(seed);
        let ops: Vec<Op> = (0..OPERATIONS).map(|_| Op::any(&mut rng)).collect();
        if let Err((at, failure)) = play(stage.store(), seed, &ops).await {
            return Err(shrunk(stage.host(), seed, ops[..=at].to_vec(), failure).await);
        }
    }
    Ok(())
}

/// Takes out operations as long as the rest still fails on a fresh store.
async fn shrunk(host: &dyn Host, seed: u64, mut ops: Vec<Op>, mut failure: Failure) -> Failure {
    let mut attempts = 0;
    let mut part = ops.len().div_ceil(2);
    while part > 0 {
        let mut from = 0;
        while from < ops.len() && attempts < ATTEMPTS {
            let mut fewer = ops.clone();
            fewer.drain(from..ops.len().min(from + part));
            let fresh = Stage::open(host).await;
            attempts += 1;
            match play(fresh.store(), seed, &fewer).await {
                Err((at, again)) => {
                    fewer.truncate(at + 1);
                    (ops, failure) = (fewer, again);
                }
                Ok(()) => from += part,
            }
        }
        part /= 2;
    }
    let sequence: Vec<String> = ops.iter().map(|op| format!("\n      {op:?}")).collect();
    failure.while_doing(format_args!(
        "sequence {seed}, shrunk to{}\n    at its end",
        sequence.concat()
    ))
}

/// Plays operations; a failure comes with the place of the operation.
async fn play(store: &Shared, seed: u64, ops: &[Op]) -> Result<(), (usize, Failure)> {
    let mut world = World::over(store, seed);
    for (at, &op) in ops.iter().enumerate() {
        world.play(op).await.map_err(|failure| (at, failure))?;
    }
    world.check().await.map_err(|failure| (ops.len().saturating_sub(1), failure))
}

struct World {
    store: Shared,
    seed: u64,
    model: Model,
    /// What was stored of each thread before, for commits that come too late.
    past: Vec<(ThreadId, Option<Stored>)>,
    seconds: i64,
}

impl World {
    fn over(store: &Shared, seed: u64) -> Self {
        let (store, model) = (Arc::clone(store), Model::default());
        Self { store, seed, model, past: Vec::new(), seconds: 0 }
    }

    fn id(&self, spot: u8) -> ThreadId {
        let place = ["harbour", "lake"][usize::from(spot >= 3)];
        thread_id(&format!("{place}-{}", self.seed), ["b-2", "b-1", "B-3"][usize::from(spot % 3)])
    }

    fn author(who: u8) -> Participant {
        match who {
            0 => customer("p-1"),
            1 => customer("p-2"),
            _ => operator("p-1"),
        }
    }

    fn live(&self, id: &ThreadId) -> Option<&Stored> {
        self.model.head(id).filter(|stored| stored.state.live().is_some())
    }

    async fn play(&mut self, op: Op) -> Outcome {
        match op {
            Op::Start { spot } => {
                let id = self.id(spot);
                self.commit(starting(&id, self.model.head(&id), at(self.seconds))).await
            }
            Op::Say { spot, who, key: used } => {
                let id = self.id(spot);
                let commit = self.message(&id, self.model.head(&id), who, used);
                self.commit(commit).await
            }
            Op::SayLate { spot, who, key: used, back } => {
                let id = self.id(spot);
                let past: Vec<_> = self.past.iter().filter(|(of, _)| *of == id).collect();
                let found = past.iter().rev().nth(usize::from(back));
                let found = found.and_then(|(_, found)| found.clone());
                let commit = self.message(&id, found.as_ref(), who, used);
                self.commit(commit).await
            }
            Op::Mark { spot, side, number, unread } => {
                let id = self.id(spot);
                let Some(found) = self.live(&id) else { return Ok(()) };
                let history = self.model.history(&id);
                let Some(message) = history.get(usize::from(number)) else { return Ok(()) };
                let marked = found.state.live().and_then(|thread| {
                    if unread {
                        thread.mark_unread(side, message, at(self.seconds))
                    } else {
                        thread.mark_read(side, message, at(self.seconds))
                    }
                });
                let Some(next) = marked else { return Ok(()) };
                self.commit(Commit::new(ThreadState::Live(next), Some(found))).await
            }
            Op::Rebook { spot, status } => {
                let id = self.id(spot);
                let Some(found) = self.live(&id) else { return Ok(()) };
                let word = ["on hold", "cancelled", "complete"][usize::from(status)];
                let booking =
                    booking(id.booking.as_str()).with_status(BookingStatus::from_word(word));
                let next = found.state.live().and_then(|thread| thread.rebook(&booking));
                let Some(next) = next else { return Ok(()) };
                self.commit(Commit::new(ThreadState::Live(next), Some(found))).await
            }
            Op::Erase { spot } => {
                let id = self.id(spot);
                let Some(found) = self.live(&id) else { return Ok(()) };
                self.commit(erasing(Some(found))).await
            }
            Op::Clock { seconds } => {
                self.seconds += i64::from(seconds);
                Ok(())
            }
            read => self.read(read).await,
        }
    }

    async fn read(&self, op: Op) -> Outcome {
        match op {
            Op::Look { spot } => {
                let id = self.id(spot);
                let found = self.store.thread(&id).await?;
                same(&found.as_ref(), &self.model.head(&id), "what is stored of a thread")
            }
            Op::History { spot, from, to, limit, newest } => {
                let id = self.id(spot);
                let range = number(from.into())..=number(to.into());
                let direction =
                    if newest { Direction::NewestFirst } else { Direction::OldestFirst };
                let limit = usize::from(limit);
                let found = self.store.messages(&id, range.clone(), limit, direction).await?;
                same(&found, &self.model.slice(&id, &range, limit, direction), "a history")
            }
            Op::ByKey { spot, who, key: used } => {
                let (id, author) = (self.id(spot), Self::author(who));
                let key = key(&format!("k-{used}"));
                let found = self.store.message_by_key(&id, author.role, &author.id, &key).await?;
                let expected = self.model.sent_with(&id, author.role, &author.id, &key);
                same(&found, &expected, "the message of a key")
            }
            Op::Inbox { spot, after, limit, unread } => {
                let location = self.id(spot).location;
                let filter = if unread { Filter::Unread } else { Filter::All };
                let all = self.model.page(&location, None, MANY, Filter::All).threads;
                let after = all.get(usize::from(after)).map(InboxPosition::of);
                let limit = usize::from(limit);
                let found = self.store.threads(&location, after.as_ref(), limit, filter).await?;
                let expected = self.model.page(&location, after.as_ref(), limit, filter);
                same(&found, &expected, "a page of the inbox")
            }
            Op::Feed { spot, back, limit } => {
                let location = self.id(spot).location;
                let newest = self.model.newest(&location);
                let since = (0..back).fold(newest, |since, _| since.previous());
                let found = self.store.changes(&location, since, limit.into()).await?;
                same(&found, &self.model.changes(&location, since, limit.into()), "the feed")
            }
            _ => Ok(()),
        }
    }

    fn message(&self, id: &ThreadId, found: Option<&Stored>, who: u8, used: Option<u8>) -> Commit {
        let text = format!("{who} at {}", self.seconds);
        let commit = saying(id, found, &Self::author(who), &text, at(self.seconds));
        match used {
            Some(used) => keyed(commit, &key(&format!("k-{used}"))),
            None => commit,
        }
    }

    async fn commit(&mut self, commit: Commit) -> Outcome {
        let id = commit.id().clone();
        let came = self.store.commit(commit.clone()).await?;
        match (self.model.refusal(&commit), came) {
            (Some(expected), came) => same(&came, &expected, "a commit"),
            (None, CommitOutcome::Committed(revision)) => {
                self.past.push((id.clone(), self.model.head(&id).cloned()));
                self.model.write(commit, revision)
            }
            (None, came) => Err(Failure::new("a commit", "Committed", format!("{came:?}"))),
        }
    }

    /// Everything once more, at the end of a sequence.
    async fn check(&self) -> Outcome {
        for spot in 0..6 {
            let id = self.id(spot);
            self.model.check(&self.store, &id.location).await?;
            let found = self.store.messages(&id, WHOLE, MANY, Direction::NewestFirst).await?;
            let expected = self.model.slice(&id, &WHOLE, MANY, Direction::NewestFirst);
            same(&found, &expected, "the history, newest first")?;
        }
        Ok(())
    }
}
