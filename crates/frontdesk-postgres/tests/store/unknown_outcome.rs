//! Commits whose connection is lost. The store finds out if they were written, or returns an
//! error of the kind `OutcomeUnknown`.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use deadpool_postgres::{Hook, Manager, Pool};
use frontdesk::Role;
use frontdesk::store::{
    AuthorRedaction, Commit, CommitOutcome, Redaction, Revision, ThreadState, ThreadStore,
    VersionedThread,
};
use frontdesk_postgres::PostgresStore;
use tokio_postgres::NoTls;

use crate::fixtures::{
    LOCATION, QUESTION, activity_commit, build_store, commit, erase_commit, head, message,
    migrated_store, outcome_name, post_all_commit, post_alone, post_commit, texts,
};
use crate::postgres::{Cluster, Database};
use crate::proxy::{Cut, Proxy};
use crate::support::{location_id, number, participant_id};

/// A commit of the [`QUESTION`] whose connection is cut, in a thread of its own.
#[derive(Clone, Copy)]
pub(crate) struct CutPost {
    pub(crate) booking: &'static str,
    pub(crate) key: Option<&'static str>,
    pub(crate) cut: Cut,
}

pub(crate) fn cut_posts() -> [CutPost; 4] {
    let (before, after) = (Cut::Before(QUESTION.as_bytes()), Cut::After(QUESTION.as_bytes()));
    [
        CutPost { booking: "before-with-key", key: Some("k-1"), cut: before },
        CutPost { booking: "before-without-key", key: None, cut: before },
        CutPost { booking: "after-with-key", key: Some("k-1"), cut: after },
        CutPost { booking: "after-without-key", key: None, cut: after },
    ]
}

/// The connection is cut before or after the server receives the commit. The caller learns
/// what happened, or that the outcome is unknown.
pub(crate) async fn a_lost_commit_is_written_at_most_once(cluster: &Cluster) {
    for unnamed in [false, true] {
        let database = Database::on(cluster.admin()).await;
        let proxy = Proxy::to(cluster.port());
        let builder = PostgresStore::builder().unnamed_statements(unnamed);
        let store = build_store(builder, &database.config_on_port(proxy.port())).await;
        let mut outcomes = Vec::new();
        for (cuts, CutPost { booking, key, cut }) in (1..).zip(cut_posts()) {
            post_alone(&store, booking, "first").await;
            let question = message(booking, QUESTION).with_key(key);
            let lost = post_commit(head(&store, booking).await.as_ref(), question);
            proxy.cut_next(cut);
            let outcome = commit(&store, lost.clone()).await;
            assert_eq!(proxy.cuts(), cuts, "{booking} was not cut");
            assert_eq!(texts(&store, booking).await, ["first", QUESTION], "{booking}");
            outcomes.push(outcome_name(&outcome));
            if key.is_some() {
                let again = commit(&store, lost).await;
                assert_eq!(outcome_name(&again), "key taken", "{booking}, again");
            }
        }
        assert_eq!(outcomes, ["committed", "committed", "key taken", "unknown"]);
        commits_without_messages(&store, &proxy).await;
    }
}

/// A commit without a message counts as written if the stored state equals its next state.
async fn commits_without_messages(store: &PostgresStore, proxy: &Proxy) {
    let booking = "before-without-key";
    for cut in [Cut::Before(b"Whale trip"), Cut::After(b"Whales again")] {
        let (Cut::Before(bytes) | Cut::After(bytes)) = cut else { unreachable!() };
        let activity = std::str::from_utf8(bytes).unwrap();
        let found = head(store, booking).await.unwrap();
        proxy.cut_next(cut);
        let outcome = commit(store, activity_commit(&found, activity)).await;
        let now = head(store, booking).await.unwrap();
        assert_eq!(outcome.unwrap(), CommitOutcome::Committed(now.revision));
        assert_eq!(now.state.live().unwrap().booking().activity.as_str(), activity);
        assert_is_newest(store, now.revision).await;
    }
    let found = head(store, booking).await.unwrap();
    proxy.cut_next(Cut::After(booking.as_bytes()));
    let outcome = commit(store, erase_commit(&found)).await;
    let now = head(store, booking).await.unwrap();
    assert_eq!(outcome.unwrap(), CommitOutcome::Committed(now.revision));
    assert_eq!(now.state, ThreadState::Erased(found.state.live().unwrap().erase()));
    assert_is_newest(store, now.revision).await;
    assert_eq!(proxy.cuts(), 7);
}

/// Asserts that no later commit exists: the commit was written once.
async fn assert_is_newest(store: &PostgresStore, revision: Revision) {
    let location = location_id(LOCATION);
    let changes = store.changes(&location, Revision::ZERO, usize::MAX).await.unwrap().value;
    assert_eq!(changes.counts.revision, revision);
}

/// The keys of a commit show if its messages were added, even if only the last message has a key.
pub(crate) async fn a_lost_commit_of_several_messages_is_written_at_most_once(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let proxy = Proxy::to(cluster.port());
    let store = migrated_store(&database.config_on_port(proxy.port())).await;
    let mut results = Vec::new();
    let with_key = [None, Some("k-1")];
    let without_key = [None, None];
    for (booking, keys, cut) in [
        ("before", with_key, Cut::Before(b"second of two")),
        ("after", with_key, Cut::After(b"second of two")),
        ("before-without-key", without_key, Cut::Before(b"second of two")),
        ("after-without-key", without_key, Cut::After(b"second of two")),
    ] {
        let [first, second] = ["first of two", "second of two"].map(|text| message(booking, text));
        let messages = [first.with_key(keys[0]), second.with_key(keys[1])];
        proxy.cut_next(cut);
        let result = match commit(&store, post_all_commit(None, &messages)).await {
            Ok(CommitOutcome::Committed(_)) => "committed",
            Ok(CommitOutcome::KeyTaken { index, message }) => {
                assert_eq!((index, message.message.number().get()), (1, 2));
                "key taken"
            }
            other => outcome_name(&other),
        };
        results.push((booking, result, texts(&store, booking).await.len()));
    }
    let expected = [
        ("before", "committed", 2),
        ("after", "key taken", 2),
        ("before-without-key", "committed", 2),
        ("after-without-key", "unknown", 2),
    ];
    assert_eq!(results, expected);
}

/// A commit of another writer.
#[derive(Clone, Copy)]
enum OtherWrite {
    Post,
    Erase,
    /// Redacts the first message.
    Redact,
    /// Redacts the name of an author who wrote nothing.
    RedactAuthor,
}

impl OtherWrite {
    async fn run(self, store: &PostgresStore, booking: &'static str) {
        let found = head(store, booking).await;
        let live = || found.as_ref().expect("the thread exists");
        let write = match self {
            Self::Post => post_commit(found.as_ref(), message(booking, "other")),
            Self::Erase => erase_commit(live()),
            Self::Redact => redact_commit(live(), 1),
            Self::RedactAuthor => redact_author_commit(live(), "c-2"),
        };
        assert_eq!(outcome_name(&commit(store, write).await), "committed");
    }
}

/// A server, a proxy in front of it, and a store that does not use the proxy.
struct LossyServer {
    database: Database,
    proxy: Proxy,
    direct: PostgresStore,
}

impl LossyServer {
    async fn start(cluster: &Cluster) -> Self {
        let database = Database::on(cluster.admin()).await;
        let direct = migrated_store(&database.config()).await;
        Self { database, proxy: Proxy::to(cluster.port()), direct }
    }

    /// Makes a store on the proxy. After its first connection is lost and before it has the
    /// next one, another writer commits to the thread.
    fn store(&self, booking: &'static str, writes: &'static [OtherWrite]) -> PostgresStore {
        let (has_connected, direct) = (AtomicBool::new(false), self.direct.clone());
        let hook = Hook::async_fn(move |_, _| {
            let writes = if has_connected.swap(true, SeqCst) { writes } else { &[] };
            let direct = direct.clone();
            Box::pin(async move {
                for write in writes {
                    write.run(&direct, booking).await;
                }
                Ok(())
            })
        });
        let manager = Manager::new(self.database.config_on_port(self.proxy.port()), NoTls);
        PostgresStore::new(Pool::builder(manager).post_create(hook).build().unwrap())
    }
}

/// After an erasure, which removes the message and its key, the store cannot find out if the
/// message was written. Without an erasure, the key shows that the message was written.
pub(crate) async fn a_post_to_a_thread_that_was_erased_since_has_an_unknown_outcome(
    cluster: &Cluster,
) {
    use OtherWrite::{Erase, Post};

    let server = LossyServer::start(cluster).await;
    let (before, after) = (Cut::Before(QUESTION.as_bytes()), Cut::After(QUESTION.as_bytes()));
    let cases: [(_, &[OtherWrite], _, _); 5] = [
        ("written-and-erased", &[Erase], after, "unknown"),
        ("erased", &[Erase], before, "unknown"),
        ("written-and-restarted", &[Erase, Post], after, "unknown"),
        ("not-written", &[Post], before, "conflict"),
        ("written", &[Post], after, "key taken"),
    ];
    for (booking, writes, cut, expected) in cases {
        post_alone(&server.direct, booking, "first").await;
        let store = server.store(booking, writes);
        let found = head(&store, booking).await;
        server.proxy.cut_next(cut);
        let question = message(booking, QUESTION).with_key("k-1");
        let outcome = commit(&store, post_commit(found.as_ref(), question)).await;
        assert_eq!(outcome_name(&outcome), expected, "{booking}");
    }
}

/// L3: after an erasure and another start, the thread does not show who erased it. An erasure
/// that was not written is a conflict.
pub(crate) async fn a_lost_erasure_is_unknown_if_the_thread_was_started_since(cluster: &Cluster) {
    use OtherWrite::{Erase, Post};

    let server = LossyServer::start(cluster).await;
    let cases: [(_, &[OtherWrite], _, _, &[&str]); 4] = [
        ("left", &[], Cut::After(b"left"), "committed", &[]),
        ("restarted", &[Post], Cut::After(b"restarted"), "unknown", &["other"]),
        ("erased-again", &[Post, Erase], Cut::After(b"erased-again"), "unknown", &[]),
        ("not-erased", &[Post], Cut::Before(b"not-erased"), "conflict", &["first", "other"]),
    ];
    for (booking, writes, cut, expected, expected_texts) in cases {
        post_alone(&server.direct, booking, "first").await;
        let store = server.store(booking, writes);
        let found = head(&store, booking).await.unwrap();
        server.proxy.cut_next(cut);
        let outcome = commit(&store, erase_commit(&found)).await;
        assert_eq!(outcome_name(&outcome), expected, "{booking}");
        assert_eq!(texts(&server.direct, booking).await, expected_texts, "{booking}");
    }
}

/// A refresh, like a read mark, leaves no trace once another commit follows. The store must not
/// report a conflict, because a conflict means that nothing was written.
pub(crate) async fn a_lost_refresh_is_unknown_if_another_commit_followed(cluster: &Cluster) {
    use OtherWrite::Post;

    let server = LossyServer::start(cluster).await;
    let cases: [(_, &[OtherWrite], _, _); 3] = [
        ("written", &[Post], Cut::After(b"Whales again"), "unknown"),
        ("not-written", &[Post], Cut::Before(b"Whales again"), "unknown"),
        ("alone", &[], Cut::After(b"Whales again"), "committed"),
    ];
    for (booking, writes, cut, expected) in cases {
        post_alone(&server.direct, booking, "first").await;
        let store = server.store(booking, writes);
        let found = head(&store, booking).await.unwrap();
        server.proxy.cut_next(cut);
        let outcome = commit(&store, activity_commit(&found, "Whales again")).await;
        assert_eq!(outcome_name(&outcome), expected, "{booking}");
    }
}

/// Redactions of different messages or authors can leave equal heads, so a head does not show
/// if a lost redaction was written. The messages show it, until another commit erases them.
pub(crate) async fn a_lost_redaction_is_not_mistaken_for_another(cluster: &Cluster) {
    use OtherWrite::{Erase, Post, Redact, RedactAuthor};

    let server = LossyServer::start(cluster).await;
    let cases: [(_, &[OtherWrite], _, _, &[&str]); 6] = [
        ("message", &[Redact], Cut::Before(b"message"), "conflict", &["second", "third"]),
        (
            "author",
            &[RedactAuthor],
            Cut::Before(b"author"),
            "conflict",
            &["first", "second", "third"],
        ),
        (
            "message-and-other",
            &[Post],
            Cut::After(b"message-and-other"),
            "unknown",
            &["first", "third", "other"],
        ),
        ("message-erased", &[Erase], Cut::Before(b"message-erased"), "unknown", &[]),
        ("message-alone", &[], Cut::Before(b"message-alone"), "committed", &["first", "third"]),
        (
            "author-alone",
            &[],
            Cut::Before(b"author-alone"),
            "committed",
            &["first", "second", "third"],
        ),
    ];
    for (booking, writes, cut, expected, expected_texts) in cases {
        for text in ["first", "second", "third"] {
            post_alone(&server.direct, booking, text).await;
        }
        let store = server.store(booking, writes);
        let found = head(&store, booking).await.unwrap();
        let redaction = if booking.starts_with("message") {
            redact_commit(&found, 2)
        } else {
            redact_author_commit(&found, "c-1")
        };
        server.proxy.cut_next(cut);
        let outcome = commit(&store, redaction).await;
        assert_eq!(outcome_name(&outcome), expected, "{booking}");
        assert_eq!(texts(&server.direct, booking).await, expected_texts, "{booking}");
    }
}

/// Makes the commit that redacts one message and keeps the head. A redaction through the desk
/// would also increase the number of redactions in the head.
fn redact_commit(found: &VersionedThread, redacted: u32) -> Commit {
    let redaction = Redaction { number: number(redacted), ordinal: 1 };
    Commit::new(found.state.clone(), Some(found)).with_redaction(redaction).unwrap()
}

/// Makes the commit that redacts an author's name and keeps the head.
fn redact_author_commit(found: &VersionedThread, author: &str) -> Commit {
    let messages = number(1)..=found.state.last_number();
    let author = participant_id(author);
    let redaction = AuthorRedaction { role: Role::Customer, author, messages };
    Commit::new(found.state.clone(), Some(found)).with_author_redaction(redaction).unwrap()
}
