//! Histories of wrong stores: each has one seeded fault, and the checker names its calls.

use frontdesk::store::{
    Changes, CommitOutcome, ForgottenKeys, LocationCounts, StoredMessage, ThreadPage,
    VersionedThread,
};
use frontdesk_conformance::history::AnomalyKind::{
    self, CommitLost, CommitLostInEpochChange, DuplicateRevision, ErasedMessagesBack,
    FalseConflict, FalseKeyTaken, KeyLost, KeyReturned, LostUpdate, MessageChanged, OldEpoch,
    ReadStepsBack, RefusedCommitVisible, RevisionOrder, RevisionSeenBefore, StaleCommit, StaleRead,
    TornRead, UnknownState, WrongCount, WrongForgottenKeys, WrongList,
};

use crate::commits::{Text, erase, mark_read, redact};
use crate::request::{Request, Response, revision};
use crate::scene::Scene;
use crate::support::at;

const THREAD: Request = Request::Thread("b-1");
const POLL: Request = Request::Changes { since: 0, limit: 9 };
const PAGE: Request = Request::Threads { limit: 9 };
const MESSAGES: Request = Request::Oldest { booking: "b-1", limit: 9 };
const BY_KEY: Request = Request::Key { booking: "b-1", key: "k" };

fn hello() -> Text {
    Text::new("b-1", "Hello!", 1)
}

fn dogs() -> Text {
    Text::new("b-1", "Two dogs?", 2)
}

fn other() -> Text {
    Text::new("b-2", "Hi!", 3)
}

fn committed(number: u32) -> Response {
    Response::Commit(CommitOutcome::Committed(revision(number)))
}

/// Asserts that the first contradiction has a kind and these calls.
#[track_caller]
fn assert_convicted(scene: &Scene, kind: AnomalyKind, calls: &[&str]) {
    let report = scene.check();
    let Some(first) = report.anomalies.first() else { panic!("no contradiction: {report}") };
    let named: Vec<&str> = first.calls.iter().map(|call| call.description.as_str()).collect();
    assert_eq!((first.kind, named.as_slice()), (kind, calls), "{report}");
}

const HELLO: &str = "added message 1 to b-1, expecting nothing stored: committed at revision 1";
const DOGS: &str = "added message 2 to b-1, expecting revision 1: committed at revision 2";
const HI: &str = "added message 1 to b-2, expecting nothing stored: committed at revision 2";

#[test]
fn p1_a_stale_read_on_a_second_instance_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let old = scene.peek_at(&THREAD);
    scene.post(dogs());
    scene.answer(&THREAD, old);
    assert_convicted(&scene, StaleRead, &[DOGS, "read b-1 and found revision 1"]);
}

#[test]
fn a_lost_acknowledged_commit_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let lost = Request::Commit(dogs().post(scene.peek("b-1").as_ref()));
    scene.answer(&lost, committed(2));
    scene.answer(&THREAD, scene.peek_at(&THREAD));
    assert_convicted(&scene, CommitLost, &[DOGS, "read b-1 and found revision 1"]);
}

#[test]
fn p1_a_revision_given_twice_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    scene.post(dogs());
    scene.answer(&Request::Commit(other().post(None)), committed(2));
    assert_convicted(&scene, DuplicateRevision, &[DOGS, HI]);
}

#[test]
fn p1_a_commit_that_was_visible_and_is_gone_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let old = scene.peek_at(&THREAD);
    scene.lose_answer(&Request::Commit(dogs().post(scene.peek("b-1").as_ref())), true);
    scene.call(&THREAD);
    scene.answer(&THREAD, old);
    let calls = ["read b-1 and found revision 2", "read b-1 and found revision 1"];
    assert_convicted(&scene, ReadStepsBack, &calls);
}

#[test]
fn p1_revisions_against_the_order_in_time_are_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    scene.answer(&Request::Commit(other().post(None)), committed(7));
    scene.post(dogs());
    let other = "added message 1 to b-2, expecting nothing stored: committed at revision 7";
    assert_convicted(&scene, RevisionOrder, &[other, DOGS]);
}

#[test]
fn p1_a_revision_that_a_read_had_passed_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let commit = other().post(None);
    scene.lose_answer(&Request::Commit(commit.clone()), false);
    let seen = VersionedThread::new(revision(7), commit.into_parts().next);
    scene.answer(&Request::Thread("b-2"), Response::Thread(Some(seen)));
    scene.post(dogs());
    assert_convicted(&scene, RevisionSeenBefore, &["read b-2 and found revision 7", DOGS]);
}

#[test]
fn l2_a_torn_page_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let Response::Threads(before) = scene.peek_at(&PAGE) else { unreachable!() };
    scene.post(other());
    scene.post(dogs());
    let Response::Threads(mut page) = scene.peek_at(&PAGE) else { unreachable!() };
    page.threads[1] = before.threads[0].clone();
    page.threads.swap(0, 1);
    scene.answer(&PAGE, Response::Threads(page));
    let dogs = "added message 2 to b-1, expecting revision 1: committed at revision 3";
    let read = "read the threads at revision 3 (2 unread, 2 waiting) and found b-1, b-2";
    assert_convicted(&scene, TornRead, &[dogs, read]);
}

#[test]
fn p2_a_poll_that_steps_back_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let old = scene.peek_at(&POLL);
    scene.post(dogs());
    scene.answer(&POLL, scene.peek_at(&POLL));
    scene.answer(&POLL, old);
    let polls = [2, 1].map(|revision| {
        format!(
            "polled since revision 0 at revision {revision} (1 unread, 1 waiting) and found b-1 \
             at revision {revision}"
        )
    });
    assert_convicted(&scene, ReadStepsBack, &polls.each_ref().map(String::as_str));
}

#[test]
fn p2_a_poll_without_a_change_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    scene.post(other());
    let Response::Changes(mut changes) = scene.peek_at(&POLL) else { unreachable!() };
    changes.changed.remove(0);
    scene.answer(&POLL, Response::Changes(changes));
    let poll = "polled since revision 0 at revision 2 (2 unread, 2 waiting) and found b-2 at \
                revision 2";
    assert_convicted(&scene, WrongList, &[HELLO, poll]);
}

#[test]
fn i4_a_key_without_its_message_is_convicted() {
    let scene = Scene::new();
    scene.post(hello().with_key("k"));
    scene.answer(&BY_KEY, Response::Message(None));
    let read = "looked for a key in b-1 and found no message";
    assert_convicted(&scene, StaleRead, &[HELLO, read]);
}

#[test]
fn i4_a_key_that_is_used_twice_is_convicted() {
    let scene = Scene::new();
    scene.post(hello().with_key("k"));
    let second = Request::Commit(dogs().with_key("k").post(scene.peek("b-1").as_ref()));
    scene.answer(&second, committed(2));
    assert_convicted(&scene, KeyLost, &[HELLO, DOGS]);
}

#[test]
fn i4_a_taken_key_that_was_never_used_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let Response::Messages(messages) = scene.peek_at(&MESSAGES) else { unreachable!() };
    let commit = Request::Commit(dogs().with_key("k").post(scene.peek("b-1").as_ref()));
    let taken = CommitOutcome::KeyTaken { index: 0, message: messages[0].clone() };
    scene.answer(&commit, Response::Commit(taken));
    let refused = "added message 2 to b-1, expecting revision 1: key 0 is taken by message 1";
    assert_convicted(&scene, FalseKeyTaken, &[HELLO, refused]);
}

#[test]
fn i4_a_key_that_was_forgotten_and_returns_is_convicted() {
    let scene = Scene::new();
    scene.post(hello().with_key("k"));
    let found = scene.peek_at(&BY_KEY);
    scene.call(&Request::ForgetKeys { before: at(9), limit: 9 });
    scene.call(&BY_KEY);
    scene.answer(&BY_KEY, found);
    let calls = ["forgot 1 keys", "looked for a key in b-1 and found message 1"];
    assert_convicted(&scene, KeyReturned, &calls);
}

#[test]
fn i4_more_forgotten_keys_than_there_were_are_convicted() {
    let scene = Scene::new();
    scene.post(hello().with_key("k"));
    let forget = Request::ForgetKeys { before: at(9), limit: 9 };
    scene.answer(&forget, Response::ForgottenKeys(ForgottenKeys::new(2, false)));
    assert_convicted(&scene, WrongForgottenKeys, &["forgot 2 keys"]);
}

#[test]
fn u4_a_wrong_unread_number_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    scene.post(dogs());
    let Response::Changes(changes) = scene.peek_at(&POLL) else { unreachable!() };
    let counts = LocationCounts::new(changes.counts.revision, 2, 1);
    scene.answer(&POLL, Response::Changes(Changes::new(changes.changed, false, counts)));
    let poll = "polled since revision 0 at revision 2 (2 unread, 1 waiting) and found b-1 at \
                revision 2";
    assert_convicted(&scene, WrongCount, &[DOGS, poll]);
}

#[test]
fn u5_a_wrong_waiting_number_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let Response::Threads(page) = scene.peek_at(&PAGE) else { unreachable!() };
    let counts = LocationCounts::new(page.counts.revision, 1, 0);
    scene.answer(&PAGE, Response::Threads(ThreadPage::new(page.threads, counts)));
    let read = "read the threads at revision 1 (1 unread, 0 waiting) and found b-1";
    assert_convicted(&scene, WrongCount, &[HELLO, read]);
}

#[test]
fn i3_a_message_that_changed_after_its_commit_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let Response::Messages(messages) = scene.peek_at(&MESSAGES) else { unreachable!() };
    let changed = StoredMessage::new(messages[0].message.clone().redacted(1), revision(1));
    scene.answer(&MESSAGES, Response::Messages(vec![changed]));
    assert_convicted(&scene, MessageChanged, &[HELLO, "read messages of b-1 and found 1"]);
}

#[test]
fn a_head_that_differs_from_its_commit_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let found = scene.peek("b-1").unwrap();
    let altered = mark_read(&found).into_parts().next;
    let altered = VersionedThread::new(revision(1), altered);
    scene.answer(&THREAD, Response::Thread(Some(altered)));
    assert_convicted(&scene, UnknownState, &[HELLO, "read b-1 and found revision 1"]);
}

#[test]
fn a_conflict_with_a_state_that_never_was_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let found = scene.peek("b-1").unwrap();
    let never = VersionedThread::new(revision(1), mark_read(&found).into_parts().next);
    let commit = Request::Commit(hello().post(None));
    scene.answer(&commit, Response::Commit(CommitOutcome::Conflict(Some(never))));
    let refused = "added message 1 to b-1, expecting nothing stored: conflict with revision 1";
    assert_convicted(&scene, UnknownState, &[HELLO, refused]);
}

#[test]
fn a_conflict_with_the_expected_state_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let found = scene.peek("b-1");
    let commit = Request::Commit(dogs().post(found.as_ref()));
    scene.answer(&commit, Response::Commit(CommitOutcome::Conflict(found)));
    let refused = "added message 2 to b-1, expecting revision 1: conflict with revision 1";
    assert_convicted(&scene, FalseConflict, &[HELLO, refused]);
}

#[test]
fn a_commit_that_replaced_another_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let second = Request::Commit(dogs().post(scene.peek("b-1").as_ref()));
    let concurrent = Text::new("b-1", "A cat?", 2).post(scene.peek("b-1").as_ref());
    scene.call(&second);
    scene.answer(&Request::Commit(concurrent), committed(3));
    let lost = "added message 2 to b-1, expecting revision 1: committed at revision 3";
    assert_convicted(&scene, LostUpdate, &[DOGS, lost]);
}

#[test]
fn l3_words_of_an_erased_thread_are_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let old = scene.peek_at(&MESSAGES);
    scene.call(&Request::Commit(erase(&scene.peek("b-1").unwrap())));
    scene.answer(&MESSAGES, old);
    let erasure = "erased or linked b-1, expecting revision 1: committed at revision 2";
    let read = "read messages of b-1 and found 1";
    assert_convicted(&scene, ErasedMessagesBack, &[erasure, read]);
}

#[test]
fn t9_a_text_after_its_redaction_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let old = scene.peek_at(&MESSAGES);
    scene.call(&Request::Commit(redact(&scene.peek("b-1").unwrap(), 1)));
    let redacted = Request::Redacted { booking: "b-1", after: 0 };
    scene.call(&redacted);
    scene.answer(&MESSAGES, old);
    let redaction = "redacted message 1 of b-1, expecting revision 1: committed at revision 2";
    assert_convicted(&scene, StaleRead, &[redaction, "read messages of b-1 and found 1"]);
}

#[test]
fn a_gap_between_messages_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    scene.post(dogs());
    scene.post(Text::new("b-1", "And a cat", 3));
    let Response::Messages(mut messages) = scene.peek_at(&MESSAGES) else { unreachable!() };
    messages.remove(1);
    scene.answer(&MESSAGES, Response::Messages(messages));
    assert_convicted(&scene, WrongList, &["read messages of b-1 and found 1, 3"]);
}

#[test]
fn heads_of_two_moments_are_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let old = scene.peek("b-1").unwrap();
    scene.post(dogs());
    scene.post(other());
    let heads = vec![old, scene.peek("b-2").unwrap()];
    scene.answer(&Request::Heads(vec!["b-1", "b-2"]), Response::Heads(heads));
    let read = "read 2 heads and found b-1 at revision 1, b-2 at revision 3";
    let other = "added message 1 to b-2, expecting nothing stored: committed at revision 3";
    assert_convicted(&scene, TornRead, &[other, DOGS, read]);
}

#[test]
fn a_commit_that_failed_and_is_visible_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let found = scene.peek("b-1");
    let commit = Request::Commit(dogs().post(found.as_ref()));
    scene.answer(&commit, Response::Commit(CommitOutcome::Conflict(None)));
    scene.peek_at(&commit);
    scene.call(&THREAD);
    let report = scene.check();
    let kinds: Vec<AnomalyKind> = report.anomalies.iter().map(|anomaly| anomaly.kind).collect();
    assert!(kinds.contains(&RefusedCommitVisible), "{report}");
}

#[test]
fn a_list_of_locations_without_one_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    scene.answer(&Request::Locations, Response::Locations(Vec::new()));
    let read = "read the list of locations and found the revision 0";
    assert_convicted(&scene, StaleRead, &[HELLO, read]);
}

#[test]
fn p7_a_commit_lost_in_an_epoch_change_is_convicted() {
    let mut scene = Scene::new();
    scene.post(hello());
    let replica = scene.peek_at(&POLL);
    scene.post(dogs());
    scene.change_epoch();
    scene.answer(&POLL, replica);
    let report = scene.check_now();
    let first = &report.anomalies[0];
    assert_eq!(first.kind, CommitLostInEpochChange, "{report}");
    assert_eq!(first.calls[0].description, DOGS);
    assert_eq!((report.anomalies.len(), first.calls.len()), (1, 2), "{report}");
}

#[test]
fn p7_a_revision_used_again_in_a_new_epoch_convicts_the_lost_commit() {
    let mut scene = Scene::new();
    scene.post(hello());
    scene.post(dogs());
    scene.change_epoch();
    scene.answer(&Request::Commit(other().post(None)), committed(2));
    let report = scene.check_now();
    assert_eq!(report.anomalies.len(), 1, "{report}");
    assert_eq!(report.anomalies[0].kind, CommitLostInEpochChange);
    assert_eq!(report.anomalies[0].calls[0].description, DOGS);
}

#[test]
fn p7_an_answer_in_an_old_epoch_is_convicted() {
    let mut scene = Scene::new();
    scene.post(hello());
    scene.change_epoch();
    scene.answer(&THREAD, scene.peek_at(&THREAD));
    scene.call(&THREAD);
    let report = scene.check_now();
    assert_eq!(report.anomalies[0].kind, OldEpoch, "{report}");
}

#[test]
fn p7_an_epoch_change_without_a_loss_is_right() {
    let mut scene = Scene::new();
    scene.post(hello());
    scene.post(dogs());
    scene.change_epoch();
    scene.answer(&POLL, scene.peek_at(&POLL));
    scene.answer(&THREAD, scene.peek_at(&THREAD));
    let third = Request::Commit(other().post(None));
    scene.answer(&third, committed(3));
    let report = scene.check_now();
    assert!(report.is_ok(), "{report}");
}

/// A store that lost a connection sends the commit again and finds the key of its own message.
#[test]
fn i4_a_commit_that_finds_its_own_key_is_right() {
    let scene = Scene::new();
    let commit = Request::Commit(hello().with_key("k").post(None));
    scene.peek_at(&commit);
    let Response::Messages(messages) = scene.peek_at(&MESSAGES) else { unreachable!() };
    let taken = CommitOutcome::KeyTaken { index: 0, message: messages[0].clone() };
    scene.answer(&commit, Response::Commit(taken));
    let report = scene.check();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn p7_a_commit_that_finds_its_own_key_in_a_new_epoch_is_right() {
    let mut scene = Scene::new();
    scene.post(hello());
    let commit = Request::Commit(dogs().with_key("k").post(scene.peek("b-1").as_ref()));
    scene.peek_at(&commit);
    let Response::Messages(messages) = scene.peek_at(&MESSAGES) else { unreachable!() };
    scene.change_epoch();
    let taken = CommitOutcome::KeyTaken { index: 0, message: messages[1].clone() };
    scene.answer(&commit, Response::Commit(taken));
    scene.answer(&MESSAGES, Response::Messages(messages));
    scene.answer(&POLL, scene.peek_at(&POLL));
    let report = scene.check_now();
    assert!(report.is_ok(), "{report}");
    assert_eq!(report.resolved, 1, "{report}");
}

/// A store that lost a connection and sends the commit again finds the state that followed. A
/// conflict would hide that the first attempt was written.
#[test]
fn u3_a_written_read_mark_that_conflicts_with_a_later_state_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let mark = Request::Commit(mark_read(&scene.peek("b-1").unwrap()));
    scene.answer_after(&mark, || {
        scene.peek_at(&mark);
        scene.call(&THREAD);
        scene.post(dogs());
        Response::Commit(CommitOutcome::Conflict(scene.peek("b-1")))
    });
    let report = scene.check();
    let mut kinds = report.anomalies.iter().map(|anomaly| anomaly.kind);
    assert!(kinds.any(|kind| kind == RefusedCommitVisible), "{report}");
}

#[test]
fn u3_a_read_mark_that_conflicts_with_an_older_state_and_is_visible_is_convicted() {
    let scene = Scene::new();
    scene.post(hello());
    let old = scene.peek("b-1");
    scene.post(dogs());
    let mark = Request::Commit(mark_read(&scene.peek("b-1").unwrap()));
    scene.answer_after(&mark, || {
        scene.peek_at(&mark);
        Response::Commit(CommitOutcome::Conflict(old))
    });
    scene.call(&THREAD);
    let report = scene.check();
    let mut kinds = report.anomalies.iter().map(|anomaly| anomaly.kind);
    assert!(kinds.any(|kind| kind == RefusedCommitVisible), "{report}");
}

/// The store cannot tell if the expected revision of an earlier epoch belongs to the same state.
#[test]
fn p7_a_conflict_with_the_expected_state_is_right_if_the_commit_names_another_epoch() {
    let mut scene = Scene::new();
    scene.post(hello());
    let found = scene.peek("b-1");
    let commit = |epoch| Request::Commit(dogs().post(found.as_ref()).with_epoch(epoch));
    let conflict = Response::Commit(CommitOutcome::Conflict(found.clone()));
    let before = scene.epoch();
    scene.change_epoch();
    scene.answer(&commit(before), conflict.clone());
    let report = scene.check_now();
    assert!(report.is_ok(), "{report}");
    scene.answer(&commit(scene.epoch()), conflict);
    let report = scene.check_now();
    assert_eq!(report.anomalies.len(), 1, "{report}");
    assert_eq!(report.anomalies[0].kind, FalseConflict, "{report}");
}

/// The commit may have replaced another state that had the expected revision.
#[test]
fn p7_a_commit_written_in_another_epoch_than_its_own_is_convicted() {
    let mut scene = Scene::new();
    scene.post(hello());
    let found = scene.peek("b-1");
    let commit = dogs().post(found.as_ref()).with_epoch(scene.epoch());
    scene.change_epoch();
    let written = Response::Commit(CommitOutcome::Committed(revision(2)));
    scene.answer(&Request::Commit(commit), written);
    let report = scene.check_now();
    assert_eq!(report.anomalies.len(), 1, "{report}");
    assert_eq!(report.anomalies[0].kind, StaleCommit, "{report}");
    assert_eq!(report.anomalies[0].calls.len(), 1, "{report}");
}

#[test]
fn equal_commits_without_messages_may_have_one_revision() {
    let scene = Scene::new();
    scene.post(hello());
    let commit = Request::Commit(mark_read(&scene.peek("b-1").unwrap()));
    scene.call(&commit);
    scene.answer(&commit, committed(2));
    let report = scene.check();
    assert!(report.is_ok(), "{report}");
}
