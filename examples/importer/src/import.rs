//! Sends the conversations through the desk, with several workers, while dashboards poll.

use std::cell::RefCell;
use std::error::Error;
use std::io::{self, Write};
use std::iter::Enumerate;
use std::mem;
use std::slice::Iter;
use std::sync::Arc;
use std::time::{Duration, Instant};

use frontdesk::desk::{Clock as _, MAX_PAGE, ManualClock, POLL_INTERVAL, PageRequest, SystemClock};
use frontdesk::store::ThreadStore;
use frontdesk::view::{English, ViewContext};
use frontdesk::{Booking, DeskError, Draft, FrontDesk, LocationId, ParticipantId, Role, Timestamp};
use futures::future::try_join_all;
use guide::terminal;
use importer::input::{Conversation, Input};
use indicatif::HumanCount;
use time::UtcOffset;
use time::macros::{datetime, offset};
use tokio::sync::Mutex;

use crate::location::ImportLocation;
use crate::progress::Progress;
use crate::replay::Replay;
use crate::report::Report;
use crate::self_check::{Check, SelfCheck};
use crate::simulated_dashboard::SimulatedDashboard;
use crate::statistics::Statistics;

const ZONE: UtcOffset = offset!(+2);

/// Number of conversations that are in progress at the same time. With so many conversations,
/// the order of the lists changes again and again.
const CONCURRENT_CONVERSATIONS: usize = 120;
/// Number of places by which a worker moves on in its list of conversations after each
/// message. 17 is a prime number, so a worker reaches each of its conversations unless their
/// number is a multiple of 17. Consecutive messages belong to conversations that are not
/// neighbours in the file.
const STRIDE: usize = 17;
/// Interval of retries: one turn in a hundred is sent twice with the same key, as by a
/// phone that got no answer.
const RETRY_EVERY: u64 = 100;

pub(crate) struct Options {
    pub(crate) locations: usize,
    pub(crate) page_size: usize,
    /// Number of turns that are sent at the same time, each from a different conversation.
    pub(crate) workers: usize,
    /// Is `true` if the store keeps the messages after the end of the program. Then they get the
    /// present time, and nothing about their bookings is invented.
    pub(crate) is_lasting: bool,
}

pub(crate) struct Import {
    desk: FrontDesk,
    /// The clock of the simulation, or `None` if the messages get the present time.
    simulated_clock: Option<ManualClock>,
    /// Time between two messages of the simulation.
    interval: Duration,
    options: Options,
    locations: Vec<ImportLocation>,
    /// The dashboard of each location.
    dashboards: Vec<SimulatedDashboard>,
    statistics: Statistics,
}

/// The state that the workers share. No worker borrows this state across an `await`.
struct WorkQueue<'a> {
    pending: Enumerate<Iter<'a, Conversation>>,
    finished: Vec<Replay<'a>>,
    steps: usize,
    statistics: Statistics,
    progress: Progress,
}

/// The answer to a draft.
#[derive(PartialEq)]
struct SendResult {
    number: u32,
    is_replayed: bool,
}

impl Import {
    pub(crate) async fn new(
        store: Arc<dyn ThreadStore>,
        options: Options,
    ) -> Result<Self, Box<dyn Error>> {
        let simulated_clock = if options.is_lasting {
            None
        } else {
            Some(ManualClock::new(datetime!(2027-03-01 8:00 +2).try_into()?))
        };
        let desk = FrontDesk::builder(store);
        let desk = match &simulated_clock {
            Some(clock) => desk.clock(clock.clone()).build(),
            None => desk.clock(SystemClock).build(),
        };
        // After each message one dashboard polls, and the dashboards take turns. With this time
        // between two messages, each dashboard polls at the recommended interval.
        let interval = POLL_INTERVAL / u32::try_from(options.locations)?;
        let (mut locations, mut dashboards) = (Vec::new(), Vec::new());
        for number in 1..=options.locations {
            let id = LocationId::new(format!("location-{number}"))?;
            let team = desk.operator(id.clone(), ParticipantId::new("team")?, None);
            let dashboard = SimulatedDashboard::load(team.clone()).await?;
            let threads = dashboard.list.iter();
            let messages_before = threads.map(|it| (it.id().booking.clone(), it.message_count()));
            let messages_before = messages_before.collect();
            locations.push(ImportLocation { id, team, messages_before });
            dashboards.push(dashboard);
        }
        let statistics = Statistics::default();
        let import =
            Self { desk, simulated_clock, interval, options, locations, dashboards, statistics };
        Ok(import)
    }

    /// Imports, prints the report and returns `true` if the self-check found no violation.
    pub(crate) async fn run(
        mut self,
        input: &Input,
        out: &mut impl Write,
    ) -> Result<bool, Box<dyn Error>> {
        self.print_introduction(out)?;
        let start = Instant::now();
        let replays = self.replay_all(input).await?;
        let elapsed = start.elapsed();

        let Self { options, locations, dashboards, statistics, .. } = &self;
        let workers = options.workers;
        Report { input, statistics, dashboards, workers, elapsed }.print(out)?;
        let (replays, page_size) = (&replays, options.page_size);
        let self_check = SelfCheck { input, locations, dashboards, replays, statistics, page_size };
        let checks = self_check.run().await?;
        terminal::print_heading(out, "Self-check", "")?;
        for Check { invariant, violations } in &checks {
            if *violations == 0 {
                terminal::print_field(out, "ok", invariant)?;
            } else {
                let text = format!("{invariant}: {violations} violations");
                terminal::print_field(out, "FAILED", &text)?;
            }
        }
        self.print_views(out).await?;
        Ok(checks.iter().all(|check| check.violations == 0))
    }

    fn view_context(&self) -> ViewContext<'static> {
        self.desk.view_context(&ZONE, &English)
    }

    fn print_introduction(&self, out: &mut impl Write) -> io::Result<()> {
        let (context, interval) = (self.view_context(), self.interval.as_secs_f64());
        let now = context.local(context.now());
        let (date, time) = (context.full_date(now.date()), context.time(now));
        writeln!(out)?;
        let text = if self.simulated_clock.is_some() {
            format!(
                "The files have no times. The importer sends one message every {interval:.3} \
                 seconds from {date}, {time}, with up to {CONCURRENT_CONVERSATIONS} \
                 conversations in progress. It invents the start times of the bookings and, \
                 where a file has none, their codes.",
            )
        } else {
            format!(
                "The files have no times. So each message gets the present time, from {date}, \
                 {time}. To keep the original times, add the field \"at\" to each turn.",
            )
        };
        terminal::print_paragraph(out, &text)
    }

    /// Sends all conversations and returns the result of each.
    async fn replay_all<'a>(
        &mut self,
        input: &'a Input,
    ) -> Result<Vec<Replay<'a>>, Box<dyn Error>> {
        let queue = RefCell::new(WorkQueue {
            pending: input.conversations.iter().enumerate(),
            finished: Vec::new(),
            steps: 0,
            statistics: Statistics::default(),
            progress: Progress::new(input.turn_count()),
        });
        let dashboards: Vec<_> =
            mem::take(&mut self.dashboards).into_iter().map(Mutex::new).collect();
        let workers = self.options.workers;
        let concurrent = CONCURRENT_CONVERSATIONS.min(input.conversations.len());
        let per_worker = concurrent.div_ceil(workers);
        let worker = |_| self.run_worker(per_worker, &queue, &dashboards);
        try_join_all((0..workers).map(worker)).await?;
        self.dashboards = dashboards.into_iter().map(Mutex::into_inner).collect();
        for dashboard in &mut self.dashboards {
            dashboard.poll().await?;
        }
        let WorkQueue { finished, statistics, progress, .. } = queue.into_inner();
        progress.finish();
        self.statistics = statistics;
        Ok(finished)
    }

    /// Runs one worker until no conversation is left. All turns of a conversation are sent by
    /// the same worker, which keeps them in order.
    async fn run_worker(
        &self,
        max_conversations: usize,
        queue: &RefCell<WorkQueue<'_>>,
        dashboards: &[Mutex<SimulatedDashboard>],
    ) -> Result<(), Box<dyn Error>> {
        let mut replays = Vec::new();
        for step in 0.. {
            while replays.len() < max_conversations
                && let Some((index, conversation)) = queue.borrow_mut().pending.next()
            {
                replays.push(self.begin(index, conversation)?);
            }
            if replays.is_empty() {
                break;
            }
            let index = step * STRIDE % replays.len();
            if let Some(clock) = &self.simulated_clock {
                clock.advance(self.interval);
            }
            self.send_next_turn(&mut replays[index], queue).await?;
            if replays[index].is_finished() {
                queue.borrow_mut().finished.push(replays.swap_remove(index));
            }
            let polling = queue.borrow_mut().count_step() % dashboards.len();
            dashboards[polling].lock().await.poll_and_browse().await?;
        }
        Ok(())
    }

    fn begin<'a>(
        &self,
        index: usize,
        conversation: &'a Conversation,
    ) -> Result<Replay<'a>, Box<dyn Error>> {
        let location = index % self.locations.len();
        let booking = self.booking(index, conversation);
        let customer = ParticipantId::new(format!("customer-{}", index + 1))?;
        let id = self.locations[location].id.clone();
        let customer = self.desk.customer(id, booking.id.clone(), customer);
        Ok(Replay {
            conversation,
            location,
            customer: customer.starting_with(booking.clone()),
            booking,
            next_turn: 0,
            is_started: false,
            accepted: Vec::new(),
        })
    }

    fn booking(&self, index: usize, conversation: &Conversation) -> Booking {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        let Some(clock) = &self.simulated_clock else {
            return conversation.booking("", None);
        };
        let days = u32::try_from(index % 30).unwrap_or_default() + 7;
        let starts_at: Timestamp = clock.now().saturating_add(DAY * days);
        let code = format!("{:05}-{}", index + 1, conversation.place.line);
        conversation.booking(&code, Some(starts_at))
    }

    async fn send_next_turn(
        &self,
        replay: &mut Replay<'_>,
        queue: &RefCell<WorkQueue<'_>>,
    ) -> Result<(), Box<dyn Error>> {
        let turn = replay.turn();
        let key = replay.conversation.key(replay.next_turn + 1)?;
        let draft = Draft::new(turn.text.as_str()).with_key(key);
        if turn.from == Role::Operator && !replay.is_started {
            self.locations[replay.location].team.start(replay.booking.clone()).await?;
            replay.is_started = true;
            queue.borrow_mut().statistics.started_by_team += 1;
        }
        let is_retried = queue.borrow_mut().statistics.count_turn().is_multiple_of(RETRY_EVERY);
        match self.send(replay, draft.clone()).await {
            Ok(result) => {
                replay.accepted.push(replay.next_turn);
                replay.is_started = true;
                let number = u32::try_from(replay.accepted.len())?;
                let before = &self.locations[replay.location].messages_before;
                let before = before.get(&replay.booking.id);
                // Earlier imports sent the same turns in the same order, so the messages that
                // were stored before have the lowest numbers.
                let was_stored = before.is_some_and(|&messages| number <= messages);
                let is_expected = result == SendResult { number, is_replayed: was_stored };
                queue.borrow_mut().statistics.count_accepted(was_stored, is_expected);
                if is_retried {
                    let result = self.send(replay, draft).await?;
                    let is_expected = result == SendResult { number, is_replayed: true };
                    queue.borrow_mut().statistics.count_retry(is_expected);
                }
            }
            Err(DeskError::Body(error)) => {
                let (place, turn) = (&replay.conversation.place, replay.next_turn + 1);
                queue.borrow_mut().statistics.count_rejected(place, turn, &error);
            }
            Err(error) => return Err(error.into()),
        }
        replay.next_turn += 1;
        Ok(())
    }

    /// Sends a draft as the author of the replay's next turn.
    async fn send(&self, replay: &Replay<'_>, draft: Draft) -> Result<SendResult, DeskError> {
        match replay.turn().from {
            Role::Customer => {
                let sent = replay.customer.send(draft).await?;
                Ok(SendResult { number: sent.number().get(), is_replayed: sent.is_replayed() })
            }
            Role::Operator => {
                let team = &self.locations[replay.location].team;
                let sent = team.reply(&replay.booking.id, draft).await?;
                Ok(SendResult { number: sent.number().get(), is_replayed: sent.is_replayed() })
            }
        }
    }

    /// Prints the first page of one inbox and the first conversation of this page.
    async fn print_views(&self, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        let mut locations = self.locations.iter().zip(&self.dashboards);
        let Some((location, _)) = locations.find(|(_, dashboard)| !dashboard.list.is_empty())
        else {
            return Ok(());
        };
        let page = location.team.inbox(&PageRequest::first(self.options.page_size)).await?;
        let context = self.view_context();
        let title = format!("Inbox of {}", location.id);
        let unread = format!("{} unread", HumanCount(page.unread));
        terminal::print_heading(out, &title, &unread)?;
        terminal::print_inbox(out, &page.view(&context).rows)?;
        if let Some(first) = page.threads.first() {
            terminal::print_heading(out, "The first conversation", "")?;
            let history = location.team.history(&first.id().booking, None, MAX_PAGE).await?;
            terminal::print_operator_conversation(out, &history.view(&context))?;
        }
        Ok(writeln!(out)?)
    }
}

impl WorkQueue<'_> {
    /// Counts a step and returns the number of steps before it.
    fn count_step(&mut self) -> usize {
        self.progress.increment();
        self.steps += 1;
        self.steps - 1
    }
}
