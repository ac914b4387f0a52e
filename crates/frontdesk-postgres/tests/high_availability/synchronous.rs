//! Synchronous mode: a commit is acknowledged when a standby has it.

use std::time::Duration;

use frontdesk_conformance::history::HistoryRecorder;
use frontdesk_postgres::PostgresStore;
use tokio::time::sleep;

use crate::LOAD;
use crate::outcome::assert_reports;
use crate::patroni::Patroni;
use crate::workers::Workers;

/// P1, P7, I4: each acknowledged message is stored once, in its order. The polls of each process
/// bring its own messages, and start over once for each promotion. The recorded calls of all
/// processes are strictly serializable.
pub(crate) async fn test(mut patroni: Patroni) {
    patroni.wait_until_replicating().await;
    let store = PostgresStore::connect(&patroni.url()).unwrap();
    store.migrate().await.unwrap();
    let mut workers = Workers::start(&patroni.url());
    let file = workers.create_history();
    let store = HistoryRecorder::new(store, &file);
    sleep(LOAD).await;

    patroni.switch_over().await;
    sleep(LOAD).await;
    patroni.wait_until_replicating().await;
    let switchover = workers.longest_pause();

    sleep(LOAD).await;
    patroni.kill_leader().await;
    workers.wait_for_messages(Duration::from_secs(1)).await;
    sleep(LOAD).await;
    let kill = workers.longest_pause();

    let (reports, histories) = workers.finish().await;
    let messages = assert_reports(&reports, &store, 2).await;
    println!("{messages:?}");
    println!("longest time without an acknowledged message:");
    println!("  switchover          {:.1} s", switchover.as_secs_f64());
    println!("  SIGKILL of a leader {:.1} s", kill.as_secs_f64());
    file.flush().unwrap();
    let report = histories.check();
    println!("history: {report}");
    assert_eq!(messages.lost, 0);
    assert!(report.is_ok(), "{report}");
}
