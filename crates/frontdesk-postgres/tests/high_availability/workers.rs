//! The processes that write and poll, as their parent sees them.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use frontdesk::desk::MAX_PAGE;
use frontdesk::store::{MessageQuery, ThreadStore};
use frontdesk::{Message, MessageNumber};
use frontdesk_postgres::PostgresStore;
use tokio::time::sleep;

use crate::support::thread_id;
use crate::worker::{LOCATION, URL, WORKER};

const PROCESSES: usize = 4;

/// The times at which the messages of a worker were acknowledged, in microseconds since 1970.
type Times = Arc<Mutex<Vec<u64>>>;

/// Running workers.
pub(crate) struct Workers {
    processes: Vec<(Child, Times)>,
    /// The time of the last acknowledgement that [`longest_pause`](Self::longest_pause) has
    /// counted.
    counted: u64,
}

fn booking_of(worker: usize) -> String {
    format!("b-{worker}")
}

impl Workers {
    pub(crate) fn start(url: &str) -> Self {
        let processes = (0..PROCESSES).map(|worker| {
            let mut program = Command::new(env::current_exe().unwrap());
            program.env(WORKER, booking_of(worker)).env(URL, url).stdout(Stdio::piped());
            let mut process = program.spawn().unwrap();
            let output = BufReader::new(process.stdout.take().unwrap());
            let times = Times::default();
            let received = Arc::clone(&times);
            thread::spawn(move || {
                for line in output.lines().map_while(Result::ok) {
                    received.lock().unwrap().push(line.parse().unwrap());
                }
            });
            (process, times)
        });
        Self { processes: processes.collect(), counted: 0 }
    }

    /// Returns the number of messages that each worker has sent.
    fn counts(&self) -> Vec<usize> {
        self.processes.iter().map(|(_, times)| times.lock().unwrap().len()).collect()
    }

    /// Waits until each worker gets an acknowledgement that is at least a second later than
    /// this call. Earlier ones can belong to messages from before a fault.
    pub(crate) async fn wait_for_messages(&mut self) {
        let since = UNIX_EPOCH.elapsed().unwrap() + Duration::from_secs(1);
        let is_later =
            |time: Option<&u64>| time.is_some_and(|time| u128::from(*time) > since.as_micros());
        while !self.processes.iter().all(|(_, times)| is_later(times.lock().unwrap().last())) {
            for (process, _) in &mut self.processes {
                assert_eq!(process.try_wait().unwrap(), None, "a worker has ended");
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Returns the longest time in which no worker got an acknowledgement, since the last call.
    pub(crate) fn longest_pause(&mut self) -> Duration {
        let times = self.processes.iter().map(|(_, times)| times.lock().unwrap().clone());
        let mut times: Vec<u64> = times.flatten().filter(|time| *time > self.counted).collect();
        times.sort_unstable();
        self.counted = times.last().copied().unwrap_or(self.counted);
        let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
        Duration::from_micros(pauses.max().unwrap_or_default())
    }

    /// Ends the workers. Checks that each acknowledged message is stored once, in its order.
    /// Returns the number of acknowledged messages.
    pub(crate) async fn finish(mut self, store: &PostgresStore) -> usize {
        for (process, _) in &mut self.processes {
            assert_eq!(process.try_wait().unwrap(), None, "a worker has ended");
            process.kill().unwrap();
            process.wait().unwrap();
        }
        for (worker, acknowledged) in self.counts().into_iter().enumerate() {
            let stored = texts(store, &booking_of(worker)).await;
            // The last message may be stored without an acknowledgement.
            assert!(acknowledged > 0 && [0, 1].contains(&(stored.len() - acknowledged)));
            let expected: Vec<_> = (1..=stored.len()).map(|number| number.to_string()).collect();
            assert_eq!(stored, expected, "{}", booking_of(worker));
        }
        self.counts().iter().sum()
    }
}

async fn texts(store: &PostgresStore, booking: &str) -> Vec<String> {
    let id = thread_id(LOCATION, booking);
    let mut texts = Vec::new();
    loop {
        let after = MessageNumber::new(u32::try_from(texts.len()).unwrap() + 1).unwrap();
        let query = MessageQuery::oldest_first(&id, after..=MessageNumber::MAX, MAX_PAGE);
        let page = store.messages(&query).await.unwrap().value;
        if page.is_empty() {
            return texts;
        }
        let text = |message: &Message| message.body().unwrap().as_str().to_owned();
        texts.extend(page.iter().map(|stored| text(&stored.message)));
    }
}
