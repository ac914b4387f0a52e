//! Commits whose connection is lost: what became of them is found out, or said to be
//! unknown.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use deadpool_postgres::{Hook, Manager, Pool};
use frontdesk::store::{
    Commit, CommitOutcome, PostgresStore, Revision, Stored, ThreadState, ThreadStore,
};
use tokio_postgres::NoTls;

use crate::failing::kind;
use crate::postgres::{Cluster, Database};
use crate::proxy::{Cut, Proxy};
use crate::stage::{HERE, head, made, posted, renaming, saying, store, texts};
use crate::support::place;

/// Each in an own thread, with an own line to cut.
pub(crate) fn lines() -> [(&'static str, Option<&'static str>, Cut); 4] {
    [
        ("before, with a key", Some("k-1"), Cut::Before(b"Is there room?")),
        ("before, without", None, Cut::Before(b"Is there room?")),
        ("after, with a key", Some("k-1"), Cut::After(b"Is there room?")),
        ("after, without", None, Cut::After(b"Is there room?")),
    ]
}

/// Whether the line is cut before the server has the commit or after, the caller is
/// told what happened, or that it is not known, and it happened once at most.
pub(crate) async fn a_lost_commit_is_never_written_twice(cluster: &Cluster) {
    for unnamed in [false, true] {
        let database = Database::on(cluster.admin()).await;
        let line = Proxy::to(cluster.port());
        let builder = PostgresStore::builder().unnamed_statements(unnamed);
        let store = made(builder, &database.config_on_port(line.port())).await;
        let mut came = Vec::new();
        for (cuts, (booked, key, cut)) in (1..).zip(lines()) {
            let booked = &booked.replace(", ", "-").replace(' ', "-");
            posted(&store, booked, "first").await;
            let commit = saying(head(&store, booked).await.as_ref(), booked, "Is there room?", key);
            line.cut_next(cut);
            let outcome = store.commit(commit.clone()).await;
            assert_eq!(line.cuts(), cuts, "{booked} was not cut");
            assert_eq!(texts(&store, booked).await, ["first", "Is there room?"], "{booked}");
            came.push(kind(&outcome));
            if key.is_some() {
                assert_eq!(kind(&store.commit(commit).await), "key taken", "{booked}, again");
            }
        }
        assert_eq!(came, ["committed", "committed", "key taken", "unknown"]);

        // Without a message, what stands as it was asked for was committed.
        for cut in [Cut::Before(b"Whale trip"), Cut::After(b"Whales again")] {
            let (Cut::Before(words) | Cut::After(words)) = cut else { unreachable!() };
            let activity = std::str::from_utf8(words).unwrap();
            let found = head(&store, "before-without").await.unwrap();
            line.cut_next(cut);
            let outcome = store.commit(renaming(&found, activity)).await;
            let now = head(&store, "before-without").await.unwrap();
            assert_eq!(outcome.unwrap(), CommitOutcome::Committed(now.revision));
            assert_eq!(now.state.live().unwrap().booking().activity.as_str(), activity);
            assert_eq!(now.revision.previous(), newest_before(&store, now.revision).await);
        }
        let found = head(&store, "before-without").await.unwrap();
        line.cut_next(Cut::After(b"before-without"));
        let outcome = store.commit(erasing(&found)).await;
        let now = head(&store, "before-without").await.unwrap();
        assert_eq!(outcome.unwrap(), CommitOutcome::Committed(now.revision));
        assert_eq!(now.state, ThreadState::Erased(found.state.live().unwrap().erase()));
        assert_eq!(now.revision.previous(), newest_before(&store, now.revision).await);
        assert_eq!(line.cuts(), 7);
    }
}

/// The newest revision below one, as the feed has it: no commit is missing or double.
async fn newest_before(store: &PostgresStore, revision: Revision) -> Revision {
    let feed = store.changes(&place(HERE), Revision::ZERO, usize::MAX).await.unwrap();
    assert_eq!(feed.revision, revision);
    revision.previous()
}

/// An erasure takes a message and its key along; then nothing says any more whether the
/// message was written. Where there was none, the key does.
pub(crate) async fn what_may_have_been_erased_since_is_not_known(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let line = Proxy::to(cluster.port());
    let direct = store(&database.config()).await;
    let mut came = Vec::new();
    for (booked, meanwhile, cut) in [
        ("erased", ["", "erase"], Cut::After(b"Is there room?")),
        ("erased-unwritten", ["", "erase"], Cut::Before(b"Is there room?")),
        ("begun-anew", ["erase", "post"], Cut::After(b"Is there room?")),
        ("gone-on", ["", "post"], Cut::Before(b"Is there room?")),
        ("written", ["", "post"], Cut::After(b"Is there room?")),
    ] {
        posted(&direct, booked, "first").await;
        let losing = losing(&database, &line, &direct, booked, meanwhile);
        let found = head(&losing, booked).await;
        line.cut_next(cut);
        let commit = saying(found.as_ref(), booked, "Is there room?", Some("k-1"));
        came.push((booked, kind(&losing.commit(commit).await)));
    }
    let expected = [
        ("erased", "unknown"),
        ("erased-unwritten", "unknown"),
        ("begun-anew", "unknown"),
        ("gone-on", "conflict"),
        ("written", "key taken"),
    ];
    assert_eq!(came, expected);
}

/// The commit that erases what was found.
fn erasing(found: &Stored) -> Commit {
    let left = found.state.live().unwrap().erase();
    Commit::new(ThreadState::Erased(left), Some(found))
}

async fn erase(store: &PostgresStore, booked: &str) {
    let found = head(store, booked).await.unwrap();
    assert_eq!(kind(&store.commit(erasing(&found)).await), "committed");
}

/// A store whose line is to be cut; between that and the next one others do two things.
fn losing(
    database: &Database,
    line: &Proxy,
    others: &PostgresStore,
    booked: &'static str,
    meanwhile: [&'static str; 2],
) -> PostgresStore {
    let (opened, others) = (AtomicBool::new(false), others.clone());
    let hook = Hook::async_fn(move |_, _| {
        let meanwhile = if opened.swap(true, SeqCst) { meanwhile } else { [""; 2] };
        let others = others.clone();
        Box::pin(async move {
            for does in meanwhile {
                match does {
                    "erase" => erase(&others, booked).await,
                    "post" => drop(posted(&others, booked, "theirs").await),
                    _ => {}
                }
            }
            Ok(())
        })
    });
    let manager = Manager::new(database.config_on_port(line.port()), NoTls);
    PostgresStore::new(Pool::builder(manager).post_create(hook).build().unwrap())
}

/// L3: an erasure whose line was lost is not reported as one that found something else,
/// whatever others have begun in its place; and one that was not made is.
pub(crate) async fn an_erasure_that_was_lost_is_reported_as_it_was(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let line = Proxy::to(cluster.port());
    let direct = store(&database.config()).await;
    let mut came = Vec::new();
    for (booked, meanwhile, cut) in [
        ("left", ["", ""], Cut::After(b"left")),
        ("begun-anew", ["", "post"], Cut::After(b"begun-anew")),
        ("erased-again", ["post", "erase"], Cut::After(b"erased-again")),
        ("gone-on", ["", "post"], Cut::Before(b"gone-on")),
    ] {
        posted(&direct, booked, "first").await;
        let losing = losing(&database, &line, &direct, booked, meanwhile);
        let found = head(&losing, booked).await.unwrap();
        line.cut_next(cut);
        let outcome = losing.commit(erasing(&found)).await;
        came.push((booked, kind(&outcome), texts(&direct, booked).await));
    }
    let expected = [
        ("left", "committed", vec![]),
        ("begun-anew", "committed", vec!["theirs".to_owned()]),
        ("erased-again", "committed", vec![]),
        ("gone-on", "conflict", vec!["first".to_owned(), "theirs".to_owned()]),
    ];
    assert_eq!(came, expected);
}
