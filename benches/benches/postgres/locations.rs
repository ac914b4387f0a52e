//! A round of one notifier over many locations, compared with a single poll.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Instant;

use frontdesk::cursor::{FollowCursor, PollCursor};
use frontdesk::desk::{
    FollowAnswer, LocationPosition, LocationsCursor, MAX_LOCATIONS, PageRequest,
};
use frontdesk::{Booking, BookingId, DeskError, FrontDesk, LocationId, ParticipantId};
use frontdesk_benches::harness::median;
use frontdesk_postgres::PostgresStore;
use futures::future::try_join_all;
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::fixture::{CONNECTIONS, TEXT, pool};
use crate::postgres::{Cluster, Database, connect};

/// The number of locations with a new message in each round.
const CHANGED: usize = 100;
/// The highest permitted time of a round, in polls.
const LIMIT: f64 = 100.0;

/// A desk over many locations, and a follower's cursor for each of them.
struct Notifier {
    desk: FrontDesk,
    cursors: HashMap<LocationId, FollowCursor>,
    /// The position of the last list of locations.
    since: Option<LocationsCursor>,
}

/// Measures rounds over 10^5 locations, of which 100 have a new message, and polls of one location
/// without changes.
pub(crate) fn run(runtime: &Runtime, cluster: &Cluster, is_measuring: bool) -> Outcome {
    let (locations, rounds) = if is_measuring { (100_000, 21) } else { (1_000, 1) };
    let database = runtime.block_on(Database::on(cluster.admin()));
    let store = PostgresStore::new(pool(&database.config(), CONNECTIONS));
    let desk = FrontDesk::new(store.clone());
    let (mut listing, mut whole, mut polls) = (Vec::new(), Vec::new(), Vec::new());
    runtime.block_on(async {
        store.migrate().await?;
        let client = connect(&database.config()).await;
        let sql = format!(
            "INSERT INTO frontdesk.location (location, revision, unread, waiting) \
             SELECT 'l-' || lpad(l::text, 6, '0'), 1, 0, 0 FROM generate_series(1, {locations}) l"
        );
        client.batch_execute(&sql).await?;
        client.batch_execute("VACUUM ANALYZE").await?;
        let mut notifier = Notifier::new(desk.clone()).await?;
        assert_eq!(notifier.cursors.len(), locations);
        for round in 0..=rounds {
            let changed = post_messages(&desk, round, locations).await?;
            let start = Instant::now();
            let listed = notifier.changed().await?.0.len();
            let time_to_list = start.elapsed().as_secs_f64();
            assert_eq!(listed, changed);
            let start = Instant::now();
            let delivered = notifier.round().await?;
            let time = start.elapsed().as_secs_f64();
            assert_eq!(delivered, changed);
            let poll = poll(&desk).await?;
            // The connections prepare their statements in the first round.
            if round > 0 {
                listing.push(time_to_list);
                whole.push(time);
                polls.push(poll);
            }
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    })?;
    let [listing, whole, poll] = [listing, whole, polls].map(median);
    let ratio = whole / poll;
    let missed = if ratio > LIMIT { ", missed" } else { "" };
    println!("| locations | changed | list, ms | round, ms | poll, µs | ratio | limit |");
    println!("|---|---|---|---|---|---|---|");
    println!(
        "| {locations} | {CHANGED} | {:.1} | {:.1} | {:.0} | {ratio:.1}{missed} | {LIMIT} |",
        listing * 1e3,
        whole * 1e3,
        poll * 1e6
    );
    Ok(())
}

impl Notifier {
    /// Makes a notifier that knows everything at each location. All locations have the same
    /// revision, so the cursors differ only in the location's id.
    async fn new(desk: FrontDesk) -> Outcome<Self> {
        let mut notifier = Self { desk, cursors: HashMap::new(), since: None };
        let (changed, since) = notifier.changed().await?;
        notifier.since = since;
        let Some(first) = changed.first() else { return Ok(notifier) };
        let admin = notifier.desk.admin(first.location.clone());
        let FollowAnswer::StartOver { newest, .. } = admin.follow(None, 1).await? else {
            return Err("a follower without a cursor starts over".into());
        };
        let text = newest.to_string();
        let (start, _) = text.rsplit_once('.').ok_or("the cursor has no fields")?;
        for LocationPosition { location, .. } in changed {
            let hex = location.as_str().bytes().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            notifier.cursors.insert(location, format!("{start}.{hex}").parse()?);
        }
        Ok(notifier)
    }

    /// Returns the locations with something new, and the position of the list.
    async fn changed(&self) -> Result<(Vec<LocationPosition>, Option<LocationsCursor>), DeskError> {
        let (mut changed, mut next) = (Vec::new(), None);
        let mut after: Option<LocationId> = None;
        loop {
            let since = self.since.as_ref();
            let page = self.desk.changed_locations(since, after.as_ref(), MAX_LOCATIONS).await?;
            next = next.or(Some(page.cursor));
            let mut locations = page.locations;
            let is_last = locations.len() < MAX_LOCATIONS;
            after = locations.last().map(|last| last.location.clone());
            locations.retain(|newest| {
                let cursor = self.cursors.get(&newest.location);
                cursor.is_none_or(|cursor| newest.has_changed_since(cursor))
            });
            changed.append(&mut locations);
            if is_last {
                return Ok((changed, next));
            }
        }
    }

    /// Follows the locations with something new. Returns the number of events.
    async fn round(&mut self) -> Result<usize, DeskError> {
        let (changed, next) = self.changed().await?;
        let follows = changed.into_iter().map(async |newest| {
            let cursor = self.cursors.get(&newest.location);
            let answer = self.desk.admin(newest.location.clone()).follow(cursor, 50).await?;
            Ok::<_, DeskError>((newest.location, answer))
        });
        let mut delivered = 0;
        for (location, answer) in try_join_all(follows).await? {
            if let FollowAnswer::Events(page) = answer {
                delivered += page.events.len();
                self.cursors.insert(location, page.cursor);
            }
        }
        self.since = next;
        Ok(delivered)
    }
}

/// Posts a message at some locations and returns their number.
async fn post_messages(desk: &FrontDesk, round: usize, locations: usize) -> Outcome<usize> {
    let posts = (0..CHANGED).map(async |index| {
        let number = (index * (locations / CHANGED) + round) % locations + 1;
        let location = LocationId::new(format!("l-{number:06}"))?;
        let booking = BookingId::new(format!("b-{round}"))?;
        let booking = Booking::new(booking, "K7Q2-XH41", "Harbour tour");
        let customer = ParticipantId::new("c-000001")?;
        let customer = desk.customer(location, booking.id.clone(), customer);
        customer.starting_with(booking).send(TEXT).await?;
        Ok::<_, Box<dyn std::error::Error>>(())
    });
    try_join_all(posts).await?;
    Ok(CHANGED)
}

/// Returns the median time of a poll without changes, in seconds.
async fn poll(desk: &FrontDesk) -> Outcome<f64> {
    let operator = desk.operator(LocationId::new("l-000001")?, ParticipantId::new("team")?, None);
    let cursor: PollCursor = operator.inbox(&PageRequest::first(1)).await?.cursor;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        operator.poll(&cursor, None).await?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(median(times))
}
