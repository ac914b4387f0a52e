//! Random calls on a few threads.

use frontdesk::store::{Commit, VersionedThread};

use crate::commits::{Text, erase, mark_read, redact, redact_author};
use crate::request::Request;
use crate::rng::Rng;
use crate::support::at;

pub(crate) const BOOKINGS: [&str; 3] = ["b-1", "b-2", "b-3"];
/// The keys, each with its text. Without the texts, commits could differ only by their keys.
const KEYS: [(&str, &str); 3] = [("k-1", "One"), ("k-2", "Two"), ("k-3", "Three")];
const TEXTS: [&str; 3] = ["Hello!", "Two dogs?", "And a cat"];

/// Returns a random commit that is computed from the state that was found.
pub(crate) fn random_commit(
    rng: &mut Rng,
    booking: &'static str,
    found: Option<&VersionedThread>,
) -> Request {
    let live = found.filter(|found| found.state.live().is_some());
    let last = live.map_or(0, |found| found.state.last_number().get());
    let thread = live.and_then(|found| found.state.live());
    let first = thread.map_or(1, |thread| thread.first_number().get());
    let has_text = thread.is_some_and(|thread| thread.redactions() < thread.message_count());
    match (rng.below::<u8>(11), live) {
        (0, Some(found)) => Request::Commit(erase(found)),
        (1 | 2, Some(found)) if last >= first => Request::Commit(mark_read(found)),
        (3, Some(found)) if has_text => {
            let message = first + rng.below::<u32>(u64::from(last - first + 1));
            Request::Commit(redact(found, message))
        }
        (4, Some(found)) if last >= first => Request::Commit(random_author_redaction(rng, found)),
        (number, _) => {
            let seconds = rng.below(30);
            let (key, keyed) = rng.choose(&KEYS);
            let text = if number > 6 {
                Text::new(booking, keyed, seconds).with_key(key)
            } else {
                Text::new(booking, rng.choose(&TEXTS), seconds)
            };
            Request::Commit(text.post(found))
        }
    }
}

fn random_author_redaction(rng: &mut Rng, found: &VersionedThread) -> Commit {
    let live = found.state.live().unwrap();
    let (first, last) = (live.first_number().get(), live.last_number().get());
    let from = first + rng.below::<u32>(u64::from(last - first + 1));
    let to = from + rng.below::<u32>(u64::from(last - from + 1));
    redact_author(found, from, to)
}

/// Returns a random redaction of a message or of an author's name, or `None` if the thread has
/// no text.
pub(crate) fn random_redaction(rng: &mut Rng, found: &VersionedThread) -> Option<Request> {
    let live = found.state.live().filter(|live| live.redactions() < live.message_count())?;
    let (first, count) = (live.first_number().get(), live.message_count());
    Some(Request::Commit(if rng.below::<u8>(4) == 0 {
        random_author_redaction(rng, found)
    } else {
        redact(found, first + rng.below::<u32>(count.into()))
    }))
}

/// Returns a random read.
pub(crate) fn random_read(rng: &mut Rng) -> Request {
    let booking = rng.choose(&BOOKINGS);
    let limit = 1 + rng.below::<usize>(4);
    match rng.below::<u8>(12) {
        0 => Request::Thread(booking),
        1 => Request::Heads(vec![booking, "b-1", "b-3"]),
        2 => Request::Oldest { booking, limit },
        3 => Request::Newest { booking, limit },
        4 => Request::Redacted { booking, after: rng.below(2) },
        5 => Request::Key { booking, key: rng.choose(&KEYS).0 },
        6 => Request::Threads { limit },
        7 => Request::UnreadThreads { limit },
        8 => Request::WaitingThreads { limit },
        9 => Request::Locations,
        _ => Request::Changes { since: rng.below(6), limit },
    }
}

/// Returns the reads that show the outcome of every commit.
pub(crate) fn final_reads() -> Vec<Request> {
    let messages = |booking| Request::Oldest { booking, limit: 99 };
    let mut reads: Vec<Request> = BOOKINGS.map(messages).into();
    reads.push(Request::Changes { since: 0, limit: 99 });
    reads
}

/// Returns a call that forgets the keys of old messages.
pub(crate) fn forget_keys(rng: &mut Rng) -> Request {
    Request::ForgetKeys { before: at(rng.below(30)), limit: 1 + rng.below::<usize>(3) }
}
