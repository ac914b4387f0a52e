//! The program of a worker process: writers and readers over a store of its own.

use std::env;
use std::sync::Arc;

use frontdesk::store::ThreadStore;
use frontdesk::{FrontDesk, Role};
use frontdesk_conformance::history::{HistoryFile, HistoryRecorder};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::readers::{CustomerClient, Dashboard, FeedReader, HistoryReader};
use crate::report::Report;
use crate::rng::Rng;
use crate::worker::{LOCATIONS, Worker};
use crate::worker_config::{WORKER_CONFIG, WorkerConfig};
use crate::writer::Writer;

/// Runs a worker if this process was started as one. Returns `false` otherwise.
pub(crate) fn run_if_configured() -> bool {
    let Ok(config) = env::var(WORKER_CONFIG) else { return false };
    let config: WorkerConfig = serde_json::from_str(&config).unwrap();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(run(config));
    true
}

async fn run(config: WorkerConfig) {
    let mut commands = commands();
    let (stop, running) = watch::channel(true);
    let file = HistoryFile::create(&config.history).unwrap();
    let store: Arc<dyn ThreadStore> = Arc::new(HistoryRecorder::new(config.store(), &file));
    let desk = FrontDesk::new(Arc::clone(&store));
    let worker = Worker::new(desk, store, running);
    let mut rng = Rng::new(config.seed);
    let mut rng = || Rng::new(rng.below(u64::MAX));

    let mut others = JoinSet::new();
    for number in 0..6 {
        let role = if number % 2 == 0 { Role::Customer } else { Role::Operator };
        let name = format!("{}-w{number}", config.name);
        others.spawn(Writer { worker: worker.clone(), role, name, rng: rng() }.run());
    }
    for number in 0..2 {
        let name = format!("{}-c{number}", config.name);
        others.spawn(CustomerClient { worker: worker.clone(), name, rng: rng() }.run());
    }
    let name = format!("{}-h", config.name);
    others.spawn(HistoryReader { worker: worker.clone(), name, rng: rng() }.run());
    let (mut dashboards, mut feeds) = (JoinSet::new(), JoinSet::new());
    for location in LOCATIONS {
        let name = format!("{}-d-{location}", config.name);
        dashboards.spawn(Dashboard::new(worker.clone(), location, name, rng()).run());
        let name = format!("{}-f-{location}", config.name);
        feeds.spawn(FeedReader::new(worker.clone(), location, name).run());
    }

    // No task ends before the command, and a task that fails ends the process.
    let command = tokio::select! {
        command = commands.recv() => command,
        ended = others.join_next() => panic!("{ended:?}"),
        ended = dashboards.join_next() => panic!("{:?}", ended.map(Result::err)),
        ended = feeds.join_next() => panic!("{:?}", ended.map(Result::err)),
    };
    assert_eq!(command.as_deref(), Some("stop"));
    stop.send(false).unwrap();
    while let Some(ended) = others.join_next().await {
        ended.unwrap();
    }
    let (dashboards, feeds) = (dashboards.join_all().await, feeds.join_all().await);
    Report::Stopped.print();

    assert_eq!(commands.recv().await.as_deref(), Some("finish"));
    for dashboard in dashboards {
        dashboard.finish().await;
    }
    for mut feed in feeds {
        feed.finish().await;
    }
}

/// Receives the commands on the standard input. The input ends when the test ends, and then
/// the process exits.
fn commands() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            // An error means that the worker has finished.
            let _ = sender.send(line.unwrap());
        }
        std::process::exit(1);
    });
    receiver
}
