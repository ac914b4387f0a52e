//! Plays conversations from files through the desk, while dashboards poll.

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::iter::Enumerate;
use std::mem;
use std::slice::Iter;
use std::sync::Arc;
use std::time::{Duration, Instant};

use frontdesk::desk::{Clock as _, MAX_PAGE, POLL_INTERVAL, PageRequest};
use frontdesk::store::ThreadStore;
use frontdesk::view::{English, Screen};
use frontdesk::{
    Booking, BookingId, CustomerDesk, DeskError, Draft, FrontDesk, LocationId, OperatorDesk,
    ParticipantId, Role, Timestamp,
};
use futures::future::try_join_all;
use indicatif::HumanCount;
use time::UtcOffset;
use time::macros::{datetime, offset};
use tokio::sync::Mutex;

use crate::check::{self, Check};
use crate::clock::StoryClock;
use crate::dashboard::Dashboard;
use crate::input::{Conversation, Input};
use crate::progress::Progress;
use crate::tally::Tally;
use crate::terminal;

const ZONE: UtcOffset = offset!(+2);

/// How many conversations go on at once, so that the lists reorder all the time.
const AT_ONCE: usize = 120;
/// How far the next turn is from the last among those of a worker: prime to
/// [`AT_ONCE`] and to a worker's part of it, so that each has its turn and neighbours
/// in the file are not neighbours in time.
const STRIDE: usize = 17;
/// One turn in so many is sent a second time with the same key, as by a phone
/// that has lost the answer.
const SENT_AGAIN: u64 = 100;

pub(crate) struct Options {
    pub(crate) locations: usize,
    pub(crate) page: usize,
    /// How many turns are under way at once, each of another conversation.
    pub(crate) workers: usize,
}

/// A location with its team.
pub(crate) struct Site {
    id: LocationId,
    pub(crate) team: OperatorDesk,
    /// The threads that were there before, and how many messages they had.
    pub(crate) before: HashMap<BookingId, u32>,
}

/// A conversation as far as it has been played.
pub(crate) struct Played<'a> {
    pub(crate) conversation: &'a Conversation,
    pub(crate) site: usize,
    customer: CustomerDesk,
    booking: Booking,
    pub(crate) turn: usize,
    pub(crate) started: bool,
    /// The turns that were accepted, in the order of their message numbers.
    pub(crate) accepted: Vec<usize>,
}

/// Imports, reports, and says whether the self-check found everything right.
pub(crate) async fn run(
    input: &Input,
    store: Arc<dyn ThreadStore>,
    options: &Options,
    out: &mut impl Write,
) -> Result<bool, Box<dyn Error>> {
    let gap = POLL_INTERVAL / u32::try_from(options.locations)?;
    let mut import = Import::new(store, options, gap).await?;
    import.announce(out)?;

    let begun = Instant::now();
    let played = import.play_all(input).await?;
    let took = begun.elapsed();

    import.tally.report(out, input, &import.dashboards, options.workers, took)?;
    let Import { sites, dashboards, tally, .. } = &import;
    let checks = check::all(input, sites, dashboards, &played, tally, options.page).await?;
    terminal::heading(out, "Self-check", "")?;
    for Check { law, wrong } in &checks {
        match wrong {
            0 => terminal::fact(out, "ok", law)?,
            _ => terminal::fact(out, "FAILED", &format!("{law}: {wrong} times not"))?,
        }
    }
    import.show(out, options.page).await?;
    Ok(checks.iter().all(|check| check.wrong == 0))
}

struct Import {
    desk: FrontDesk,
    clock: StoryClock,
    gap: Duration,
    sites: Vec<Site>,
    /// One for each site.
    dashboards: Vec<Dashboard>,
    workers: usize,
    tally: Tally,
}

/// What the workers share, none of them for longer than it takes until it waits.
struct Work<'a> {
    /// The conversations that nobody has begun.
    waiting: Enumerate<Iter<'a, Conversation>>,
    done: Vec<Played<'a>>,
    steps: usize,
    tally: Tally,
    progress: Progress,
}

impl Import {
    async fn new(
        store: Arc<dyn ThreadStore>,
        options: &Options,
        gap: Duration,
    ) -> Result<Self, Box<dyn Error>> {
        let clock = StoryClock::new(datetime!(2027-03-01 8:00 +2).try_into()?);
        let desk = FrontDesk::builder(store).clock(clock.clone()).build();
        let (mut sites, mut dashboards) = (Vec::new(), Vec::new());
        for number in 1..=options.locations {
            let id = LocationId::new(format!("location-{number}"))?;
            let team = desk.operator(id.clone(), ParticipantId::new("team")?, None);
            let dashboard = Dashboard::load(team.clone()).await?;
            let threads = dashboard.list.iter();
            let before =
                threads.map(|thread| (thread.id().booking.clone(), thread.message_count()));
            sites.push(Site { id, team, before: before.collect() });
            dashboards.push(dashboard);
        }
        let (workers, tally) = (options.workers, Tally::default());
        Ok(Self { desk, clock, gap, sites, dashboards, workers, tally })
    }

    fn screen(&self) -> Screen<'static> {
        self.desk.screen(&ZONE, &English)
    }

    fn announce(&self, out: &mut impl Write) -> std::io::Result<()> {
        let (screen, gap) = (self.screen(), self.gap.as_secs_f64());
        let now = screen.local(screen.now());
        let (date, time) = (screen.full_date(now.date()), screen.time(now));
        writeln!(out)?;
        terminal::note(
            out,
            &format!(
                "The data has no times, names or codes. The importer spaces the messages itself, \
                 {gap:.3} seconds apart from {date}, {time} on, with some {AT_ONCE} conversations \
                 going on at once, and makes up the bookings' codes and dates.",
            ),
        )
    }

    /// Plays all conversations, some at a time.
    async fn play_all<'a>(&mut self, input: &'a Input) -> Result<Vec<Played<'a>>, Box<dyn Error>> {
        let work = RefCell::new(Work {
            waiting: input.conversations.iter().enumerate(),
            done: Vec::new(),
            steps: 0,
            tally: Tally::default(),
            progress: Progress::of(input.turns()),
        });
        let dashboards: Vec<_> =
            mem::take(&mut self.dashboards).into_iter().map(Mutex::new).collect();
        let at_once = AT_ONCE.min(input.conversations.len()).div_ceil(self.workers);
        let worker = |_| self.play_some(at_once, &work, &dashboards);
        try_join_all((0..self.workers).map(worker)).await?;
        self.dashboards = dashboards.into_iter().map(Mutex::into_inner).collect();
        for dashboard in &mut self.dashboards {
            dashboard.poll().await?;
        }
        let Work { done, tally, progress, .. } = work.into_inner();
        progress.finish();
        self.tally = tally;
        Ok(done)
    }

    /// One worker's share. A conversation is played by the worker that began it, so
    /// that its turns stay in order. After each turn one of the dashboards polls, so
    /// that each does at the recommended interval.
    async fn play_some(
        &self,
        at_once: usize,
        work: &RefCell<Work<'_>>,
        dashboards: &[Mutex<Dashboard>],
    ) -> Result<(), Box<dyn Error>> {
        let mut going_on = Vec::new();
        for step in 0.. {
            while going_on.len() < at_once
                && let Some((index, conversation)) = work.borrow_mut().waiting.next()
            {
                going_on.push(self.begin(index, conversation)?);
            }
            if going_on.is_empty() {
                break;
            }
            let at = step * STRIDE % going_on.len();
            self.clock.pass(self.gap);
            self.play_turn(&mut going_on[at], work).await?;
            if going_on[at].turn == going_on[at].conversation.turns.len() {
                work.borrow_mut().done.push(going_on.swap_remove(at));
            }
            let polling = work.borrow_mut().one_more_step() % dashboards.len();
            dashboards[polling].lock().await.attend().await?;
        }
        Ok(())
    }

    fn begin<'a>(
        &self,
        index: usize,
        conversation: &'a Conversation,
    ) -> Result<Played<'a>, Box<dyn Error>> {
        let site = index % self.sites.len();
        let booking = self.booking(index, conversation);
        let customer = self.desk.customer(
            self.sites[site].id.clone(),
            booking.clone(),
            ParticipantId::new(format!("customer-{}", index + 1))?,
            None,
        );
        let (turn, started, accepted) = (0, false, Vec::new());
        Ok(Played { conversation, site, customer, booking, turn, started, accepted })
    }

    fn booking(&self, index: usize, conversation: &Conversation) -> Booking {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        let days = u32::try_from(index % 30).unwrap_or_default() + 7;
        let starts_at: Timestamp = self.clock.now().saturating_add(DAY * days);
        let code = format!("{:05}-{}", index + 1, conversation.place.line);
        conversation.booking(&code, starts_at)
    }

    async fn play_turn(
        &self,
        played: &mut Played<'_>,
        work: &RefCell<Work<'_>>,
    ) -> Result<(), Box<dyn Error>> {
        let turn = &played.conversation.turns[played.turn];
        let key = played.conversation.key(played.turn + 1)?;
        let draft = Draft::new(turn.text.as_str()).with_key(key);
        if turn.from == Role::Operator && !played.started {
            self.sites[played.site].team.start(played.booking.clone()).await?;
            played.started = true;
            work.borrow_mut().tally.started_by_team += 1;
        }
        let is_sent_again = work.borrow_mut().tally.one_more_turn().is_multiple_of(SENT_AGAIN);
        match self.send(played, turn.from, draft.clone()).await {
            Ok(answer) => {
                played.accepted.push(played.turn);
                played.started = true;
                let number = u32::try_from(played.accepted.len())?;
                // An import before this one got as far as the thread had messages.
                let before = self.sites[played.site].before.get(&played.booking.id);
                let was_stored = before.is_some_and(|&messages| number <= messages);
                work.borrow_mut().tally.accept(was_stored, answer == (number, was_stored));
                if is_sent_again {
                    let again = self.send(played, turn.from, draft).await?;
                    work.borrow_mut().tally.send_again(again == (number, true));
                }
            }
            Err(DeskError::Body(error)) => work.borrow_mut().tally.refuse(played, &error),
            Err(error) => return Err(error.into()),
        }
        played.turn += 1;
        Ok(())
    }

    /// The number that a draft was stored under, and whether it was before.
    async fn send(
        &self,
        played: &Played<'_>,
        from: Role,
        draft: Draft,
    ) -> Result<(u32, bool), DeskError> {
        match from {
            Role::Customer => {
                let sent = played.customer.send(draft).await?;
                Ok((sent.number().get(), sent.is_replayed()))
            }
            Role::Operator => {
                let team = &self.sites[played.site].team;
                let sent = team.reply(&played.booking.id, draft).await?;
                Ok((sent.number().get(), sent.is_replayed()))
            }
        }
    }

    /// The first inbox page and one conversation, as the team sees them.
    async fn show(&self, out: &mut impl Write, page: usize) -> Result<(), Box<dyn Error>> {
        let mut sites = self.sites.iter().zip(&self.dashboards);
        let Some((site, _)) = sites.find(|(_, dashboard)| !dashboard.list.is_empty()) else {
            return Ok(());
        };
        let first = site.team.inbox(&PageRequest::first(page)).await?;
        let screen = self.screen();
        let unread = HumanCount(first.unread);
        terminal::heading(out, &format!("Inbox of {}", site.id), &format!("{unread} unread"))?;
        terminal::inbox(out, &first.view(&screen).rows)?;
        if let Some(top) = first.threads.first() {
            terminal::heading(out, "The conversation at the top", "")?;
            let shown = site.team.history(&top.id().booking, None, MAX_PAGE).await?;
            terminal::for_operator(out, &shown.view(&screen))?;
        }
        Ok(writeln!(out)?)
    }
}

impl Work<'_> {
    /// How many steps there were before.
    fn one_more_step(&mut self) -> usize {
        self.progress.one_more();
        self.steps += 1;
        self.steps - 1
    }
}
