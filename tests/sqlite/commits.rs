//! Commits that wait together share a transaction, and each stays whole or not at
//! all.

use std::time::{Duration, Instant};
use std::{fs, thread};

use frontdesk::store::{
    Commit, CommitOutcome, Filter, Revision, SqliteStore, StoreErrorKind, Stored, ThreadStore,
};
use frontdesk::{MessageNumber, Role};
use futures::executor::block_on;
use futures::future::{join, join_all};
use futures::poll;

use crate::disk::{Disk, HERE, everything, head, messages, post, proposal, texts};
use crate::support::{key, place, thread_id, who};

/// How many transactions the file's log holds: the frames that end one, in the
/// format of <https://sqlite.org/fileformat2.html#walformat>.
fn transactions(disk: &Disk) -> usize {
    let log = fs::read(disk.path().with_extension("sqlite-wal")).unwrap();
    let word = |from: usize| u32::from_be_bytes(log[from..from + 4].try_into().unwrap());
    let frame = 24 + word(8) as usize;
    let frames = (32..).step_by(frame).take_while(|from| from + frame <= log.len());
    // Whose salt is another's is left from before.
    frames.filter(|&from| word(from + 8) == word(16) && word(from + 4) != 0).count()
}

/// What came of commits that were all in the queue before the first was written.
fn committed_together(disk: &Disk, store: &SqliteStore, commits: Vec<Commit>) -> Vec<Outcome> {
    let lock = disk.lock();
    let all = join_all(commits.into_iter().map(|commit| store.commit(commit)));
    let (outcomes, ()) = block_on(join(all, async { drop(lock) }));
    outcomes
}

type Outcome = Result<CommitOutcome, frontdesk::store::StoreError>;

/// The threads of `many_threads`.
const MANY: usize = 60;

fn booked(number: usize) -> String {
    format!("b-{number}")
}

/// Threads of one message each, sent with the key `k-1`.
fn many_threads(store: &SqliteStore) -> Vec<Option<Stored>> {
    block_on(async {
        let mut heads = Vec::new();
        for number in 0..MANY {
            post(store, &booked(number), "first", Some("k-1")).await;
            heads.push(head(store, &booked(number)).await);
        }
        heads
    })
}

/// A commit that conflicts and one whose key is taken leave those beside them
/// alone, and all of them share a few transactions.
#[test]
fn a_commit_that_conflicts_leaves_its_neighbours_alone() {
    let disk = Disk::new();
    let store = disk.store();
    let heads = many_threads(&store);
    let commits = heads.iter().enumerate().flat_map(|(number, found)| {
        let booked = booked(number);
        [
            proposal(None, &booked, "stale", None),
            proposal(found.as_ref(), &booked, "second", Some("k-2")),
            proposal(found.as_ref(), &booked, "late", Some("k-3")),
            proposal(found.as_ref(), &booked, "again", Some("k-2")),
        ]
    });
    let before = transactions(&disk);
    let outcomes = committed_together(&disk, &store, commits.collect());
    let shared = transactions(&disk) - before;

    let (mut revisions, last) = (Vec::new(), |stored: &Stored| {
        stored.state.live().map(|thread| thread.last_number().get())
    });
    for (outcomes, found) in outcomes.chunks(4).zip(&heads) {
        let [stale, second, late, again] = outcomes else { panic!("four of each thread") };
        assert!(
            matches!(stale, Ok(CommitOutcome::Conflict(current)) if current == found),
            "{stale:?}"
        );
        match second {
            Ok(CommitOutcome::Committed(revision)) => revisions.push(*revision),
            other => panic!("its neighbour conflicted, and it is {other:?}"),
        }
        assert!(
            matches!(late, Ok(CommitOutcome::Conflict(Some(current))) if last(current) == Some(2)),
            "{late:?}"
        );
        assert!(
            matches!(again, Ok(CommitOutcome::KeyTaken(sent)) if sent.body().as_str() == "second"),
            "{again:?}"
        );
    }
    assert!(revisions.is_sorted_by(|one, next| one < next), "{revisions:?}");
    block_on(async {
        for number in 0..MANY {
            assert_eq!(texts(&store, &booked(number)).await, ["first", "second"]);
        }
        let all = everything(&store).await;
        assert_eq!((all.feed.changed.len(), all.feed.unread), (MANY, MANY as u64));
        assert_eq!(Some(&all.feed.revision), revisions.last());
    });
    println!("{} commits shared {shared} transactions", 4 * MANY);
    assert!((1..=3).contains(&shared), "{shared} transactions");
}

/// A commit that fails in the middle leaves no trace, whatever it had written
/// before, and those beside it are kept.
#[test]
fn a_commit_that_fails_in_the_middle_leaves_no_trace_and_its_neighbours_alone() {
    let disk = Disk::new();
    let store = disk.store();
    let heads = many_threads(&store);
    // Where the second message would be is one already; a message's key is refused; and
    // one is taken by a message that is not there.
    disk.change(
        "INSERT INTO message SELECT location, booking, 2, 2, role, author, name, body, sent_at
         FROM message WHERE booking = 'b-20';
         CREATE TRIGGER refused AFTER INSERT ON idempotency_key
         WHEN NEW.booking = 'b-40' BEGIN SELECT RAISE(ABORT, 'refused'); END;
         INSERT INTO idempotency_key SELECT location, booking, role, author, 'k-2', 7
         FROM idempotency_key WHERE booking = 'b-30';
         UPDATE thread SET operator_number = 99 WHERE booking = 'b-50'",
    );
    let commits = heads.iter().enumerate().map(|(number, found)| {
        let found = if number == 50 { None } else { found.as_ref() };
        proposal(found, &booked(number), "second", Some("k-2"))
    });
    let outcomes = committed_together(&disk, &store, commits.collect());

    for (number, outcome) in outcomes.iter().enumerate() {
        match (number, outcome) {
            (20 | 40, Err(error)) => assert_eq!(error.kind(), StoreErrorKind::Other),
            (30 | 50, Err(error)) => {
                assert_eq!(error.kind(), StoreErrorKind::Corrupt);
                assert_eq!(error.thread(), Some(&thread_id(HERE, &booked(number))));
            }
            (20 | 30 | 40 | 50, Ok(outcome)) => panic!("b-{number} cannot be {outcome:?}"),
            (_, outcome) => {
                assert!(matches!(outcome, Ok(CommitOutcome::Committed(_))), "{outcome:?}");
            }
        }
    }
    block_on(async {
        for number in (0..MANY).filter(|number| ![20, 30, 40, 50].contains(number)) {
            assert_eq!(texts(&store, &booked(number)).await, ["first", "second"]);
        }
        for number in [20, 30, 40] {
            assert_eq!(head(&store, &booked(number)).await, heads[number], "b-{number}");
        }
        assert_eq!(messages(&store, "b-40").await.len(), 1);
        // Each commit took the next revision, those that failed none.
        let newest = Revision::try_from(i64::try_from(MANY + MANY - 4).unwrap()).unwrap();
        disk.change("UPDATE thread SET operator_number = 0 WHERE booking = 'b-50'");
        let all = everything(&store).await;
        assert_eq!((all.feed.revision, all.feed.unread), (newest, MANY as u64));
    });
}

/// When SQLite takes the whole shared transaction back in the middle, as a full disk
/// makes it do, everybody in it is told so, nobody's commit is half there, and the
/// store goes on.
#[test]
fn a_transaction_that_is_taken_back_acknowledges_nobody() {
    let disk = Disk::new();
    let store = disk.store();
    let heads = many_threads(&store);
    disk.change(
        "CREATE TRIGGER taken_back AFTER INSERT ON idempotency_key
         WHEN NEW.booking = 'b-20' BEGIN SELECT RAISE(ROLLBACK, 'taken back'); END",
    );
    let commits = heads.iter().enumerate();
    let commits =
        commits.map(|(n, found)| proposal(found.as_ref(), &booked(n), "second", Some("k-2")));
    let outcomes = committed_together(&disk, &store, commits.collect());
    disk.change("DROP TRIGGER taken_back");

    assert!(outcomes[20].is_err());
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!(failed > 1, "its neighbours were in the same transaction");
    block_on(async {
        for (number, outcome) in outcomes.iter().enumerate() {
            let booking = booked(number);
            if let Ok(outcome) = outcome {
                assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
                assert_eq!(texts(&store, &booking).await, ["first", "second"]);
            } else {
                assert_eq!(head(&store, &booking).await, heads[number], "{booking}");
                assert_eq!(texts(&store, &booking).await, ["first"]);
                let again = proposal(heads[number].as_ref(), &booking, "second", Some("k-2"));
                let outcome = store.commit(again).await;
                assert!(matches!(outcome, Ok(CommitOutcome::Committed(_))), "{outcome:?}");
            }
        }
    });
}

/// A commit whose future is dropped, never begun, just begun or as it is being
/// written, is there wholly or not at all.
#[test]
fn a_commit_whose_future_is_dropped_has_happened_wholly_or_not_at_all() {
    const TRIES: usize = 150;
    let disk = Disk::new();
    let store = disk.store();
    block_on(async {
        for number in 0..TRIES {
            let mut commit = store.commit(proposal(None, &booked(number), "first", Some("k-1")));
            if number % 3 != 0 {
                let _ = poll!(&mut commit);
                thread::sleep(Duration::from_micros(10 * (number as u64 % 50)));
            }
            drop(commit);
        }
        // The writer takes them in their order.
        post(&store, "last", "last", None).await;

        let all = everything(&store).await;
        let mut happened = 0;
        for number in 0..TRIES {
            let id = thread_id(HERE, &booked(number));
            let head = head(&store, &booked(number)).await.is_some();
            let by_key = store.message_by_key(&id, Role::Customer, &who("c-1"), &key("k-1")).await;
            let signs = [
                messages(&store, &booked(number)).await.len() == 1,
                by_key.unwrap().is_some(),
                all.feed.changed.iter().any(|changed| *changed.state.id() == id),
                all.inbox.threads.iter().any(|thread| *thread.id() == id),
                all.unread.threads.iter().any(|thread| *thread.id() == id),
            ];
            assert_eq!(signs, [head; 5], "b-{number}");
            assert!(!head || number % 3 != 0, "b-{number} was never begun");
            happened += usize::from(head);
        }
        assert_eq!(all.feed.unread, happened as u64 + 1);
        assert!(happened > 0, "none happened");
    });
}

/// A handle that is dropped while its commits wait has them written.
#[test]
fn what_was_begun_is_written_when_the_store_is_dropped() {
    let disk = Disk::new();
    let store = disk.store();
    let lock = disk.lock();
    block_on(async {
        let mut commits: Vec<_> = (0..20)
            .map(|number| store.commit(proposal(None, &booked(number), "x", None)))
            .collect();
        for commit in &mut commits {
            assert!(poll!(commit).is_pending());
        }
    });
    drop(lock);
    drop(store);
    assert_eq!(block_on(everything(&disk.store())).feed.changed.len(), 20);
}

/// When somebody else writes for longer than the timeout, nothing was written and
/// it is worth trying again.
#[test]
fn a_file_that_stays_busy_is_unavailable_to_commits() {
    let disk = Disk::new();
    let store =
        SqliteStore::builder().busy_timeout(Duration::from_millis(50)).open(disk.path()).unwrap();
    let lock = disk.lock();
    let start = Instant::now();
    let error = block_on(store.commit(proposal(None, "b-1", "first", None))).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(3), "it waited longer than it was told");
    drop(lock);
    assert_eq!(block_on(head(&store, "b-1")), None);
    block_on(post(&store, "b-1", "first", None));
    assert_eq!(block_on(texts(&store, "b-1")), ["first"]);
}

/// I3, U4: writers on several handles of one file, each reading and trying again
/// on a conflict, lose nothing and leave no gap.
#[test]
fn i3_handles_that_race_lose_nothing() {
    const HANDLES: usize = 4;
    const EACH: usize = 50;
    let disk = Disk::new();
    thread::scope(|scope| {
        for handle in 0..HANDLES {
            let store = disk.store();
            scope.spawn(move || {
                for number in 0..EACH {
                    let text = format!("{handle}-{number}");
                    block_on(async {
                        let mut found = head(&store, "b-1").await;
                        loop {
                            let commit = proposal(found.as_ref(), "b-1", &text, Some(&text));
                            match store.commit(commit).await.unwrap() {
                                CommitOutcome::Committed(_) => break,
                                CommitOutcome::Conflict(current) => found = current,
                                taken @ CommitOutcome::KeyTaken(_) => panic!("{taken:?}"),
                            }
                        }
                    });
                }
            });
        }
    });
    let store = disk.store();
    let said = block_on(messages(&store, "b-1"));
    let numbers: Vec<MessageNumber> = said.iter().map(frontdesk::Message::number).collect();
    let without_gaps = (1..=200).map(|number| MessageNumber::new(number).unwrap());
    assert_eq!(numbers, without_gaps.collect::<Vec<_>>());
    let mut texts: Vec<&str> = said.iter().map(|message| message.body().as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), HANDLES * EACH);
    let page = block_on(store.threads(&place(HERE), None, 9, Filter::Unread)).unwrap();
    assert_eq!((page.threads.len(), page.unread), (1, 1));
}
