//! A process at work: people who write and people who read, over a store of its own.

use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::store::{PostgresStore, ThreadStore};
use frontdesk::{FrontDesk, LocationId, Role};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::dice::Dice;
use crate::reading::{Dashboard, FeedReader, Guest, Historian};
use crate::report::Report;
use crate::routing::Routing;
use crate::support::place;
use crate::writing::Writer;

/// Where everybody is. The first three live in three different stores of three, and the
/// last was [moved](moved).
pub(crate) const PLACES: [&str; 4] = ["harbour", "castle", "lake", "zoo"];
pub(crate) const BOOKINGS: [&str; 3] = ["b-1", "b-2", "b-3"];

/// Has a process's [`Post`].
pub(crate) const POST: &str = "FRONTDESK_OFFICE";

/// What a process is told at its start. Later it is told on its standard input, by a
/// line each, to stop writing and to finish.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) name: String,
    /// One for each server.
    pub(crate) urls: Vec<String>,
    pub(crate) seed: u64,
}

/// What everybody in an office has.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) desk: FrontDesk,
    pub(crate) store: Arc<dyn ThreadStore>,
    heard: Arc<Mutex<HashMap<(String, String), u32>>>,
    open: watch::Receiver<bool>,
}

impl Office {
    /// Whether people go on.
    pub(crate) fn is_open(&self) -> bool {
        *self.open.borrow()
    }

    /// Notes that a message is stored.
    pub(crate) fn hear(&self, place: &str, booked: &str, number: u32) {
        let mut heard = self.heard.lock().unwrap();
        let newest = heard.entry((place.to_owned(), booked.to_owned())).or_default();
        *newest = number.max(*newest);
    }

    /// The highest number of a thread that is known here to be stored.
    pub(crate) fn heard(&self, place: &str, booked: &str) -> u32 {
        let heard = self.heard.lock().unwrap();
        heard.get(&(place.to_owned(), booked.to_owned())).copied().unwrap_or_default()
    }

    /// The same of each thread of a place.
    pub(crate) fn all_heard(&self, place: &str) -> Vec<(String, u32)> {
        BOOKINGS.iter().map(|booked| ((*booked).to_owned(), self.heard(place, booked))).collect()
    }
}

/// The location that is not where its hash says.
pub(crate) fn moved() -> HashMap<LocationId, usize> {
    HashMap::from([(place(PLACES[3]), 1)])
}

/// Where everything is kept: one server, or several.
pub(crate) fn store(urls: &[String]) -> Arc<dyn ThreadStore> {
    let mut stores: Vec<Arc<dyn ThreadStore>> = Vec::new();
    for url in urls {
        stores.push(Arc::new(PostgresStore::connect(url).unwrap()));
    }
    if stores.len() == 1 { stores.remove(0) } else { Arc::new(Routing::new(stores, moved())) }
}

/// Works, if it was started for that; says whether it was.
pub(crate) fn run() -> bool {
    let Ok(post) = env::var(POST) else { return false };
    let post: Post = serde_json::from_str(&post).unwrap();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(work(post));
    true
}

async fn work(post: Post) {
    let mut orders = orders();
    let (close, open) = watch::channel(true);
    let store = store(&post.urls);
    let desk = FrontDesk::new(Arc::clone(&store));
    let office = Office { desk, store, heard: Arc::default(), open };
    let mut dice = Dice::new(post.seed);
    let mut dice = || Dice::new(dice.below(u64::MAX));

    let mut others = JoinSet::new();
    for number in 0..6 {
        let role = if number % 2 == 0 { Role::Customer } else { Role::Operator };
        let name = format!("{}-w{number}", post.name);
        others.spawn(Writer { office: office.clone(), role, name, dice: dice() }.write());
    }
    for number in 0..2 {
        let name = format!("{}-g{number}", post.name);
        others.spawn(Guest { office: office.clone(), name, dice: dice() }.visit());
    }
    let name = format!("{}-h", post.name);
    others.spawn(Historian { office: office.clone(), name, dice: dice() }.look_back());
    let (mut dashboards, mut feeds) = (JoinSet::new(), JoinSet::new());
    for here in PLACES {
        let name = format!("{}-d-{here}", post.name);
        dashboards.spawn(Dashboard::new(office.clone(), here, name, dice()).attend());
        let name = format!("{}-f-{here}", post.name);
        feeds.spawn(FeedReader::new(office.clone(), here, name).follow());
    }

    // Nobody leaves before that, and whoever fails ends the process.
    let order = tokio::select! {
        order = orders.recv() => order,
        left = others.join_next() => panic!("{left:?}"),
        left = dashboards.join_next() => panic!("{:?}", left.map(Result::err)),
        left = feeds.join_next() => panic!("{:?}", left.map(Result::err)),
    };
    assert_eq!(order.as_deref(), Some("stop"));
    close.send(false).unwrap();
    while let Some(done) = others.join_next().await {
        done.unwrap();
    }
    let (dashboards, feeds) = (dashboards.join_all().await, feeds.join_all().await);
    Report::Stopped.say();

    assert_eq!(orders.recv().await.as_deref(), Some("finish"));
    for dashboard in dashboards {
        dashboard.finish().await;
    }
    for mut feed in feeds {
        feed.finish().await;
    }
}

/// What comes in on the standard input. Its end is that of whoever started this.
fn orders() -> mpsc::UnboundedReceiver<String> {
    let (tell, told) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            // Nobody asks any more when the work is done.
            let _ = tell.send(line.unwrap());
        }
        std::process::exit(1);
    });
    told
}

/// A booking of a place, both as they come.
pub(crate) fn somewhere(dice: &mut Dice) -> (&'static str, &'static str) {
    (dice.one_of(&PLACES), dice.one_of(&BOOKINGS))
}

/// A pause of up to so many milliseconds.
pub(crate) async fn pause(dice: &mut Dice, most: u64) {
    sleep(Duration::from_millis(dice.below(most + 1))).await;
}
