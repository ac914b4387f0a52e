//! The three loops of the worker: follow the events, send webhooks, send mails.

use std::thread;
use std::time::{Duration, SystemTime};

use frontdesk::desk::{FollowAnswer, LocationPosition, LocationsCursor, MAX_LOCATIONS, MAX_PAGE};
use frontdesk::view::{English, ViewContext};
use frontdesk::{DeskError, FrontDesk, LocationId, Message, ParticipantId, Role, Thread, ThreadId};
use futures::executor::block_on;
use time::UtcOffset;

use crate::delivery_error::DeliveryError;
use crate::mail::{self, Unread};
use crate::outbox::{MailRow, Mailed, NewMail, Outbox};
use crate::settings::{MailSettings, Settings};
use crate::{Outcome, webhook};

/// The time for which the outbox keeps the ids of delivered webhooks: 30 days, in microseconds.
const MEMORY: i64 = 30 * 24 * 3_600 * 1_000_000;

/// The tolerance for clocks after a database has lost commits: one day, in microseconds.
const TOLERANCE: i64 = 24 * 3_600 * 1_000_000;

/// The worker.
#[derive(Debug)]
pub struct Worker {
    desk: FrontDesk,
    settings: Settings,
}

impl Worker {
    /// Makes a worker that follows the locations of a desk.
    pub fn new(desk: FrontDesk, settings: Settings) -> Self {
        Self { desk, settings }
    }

    /// Runs the three loops in their own threads, so that a slow receiver delays nothing else.
    ///
    /// # Errors
    ///
    /// Fails at the beginning if the outbox or the mail settings cannot be used. Later errors are
    /// printed, and the loop continues.
    pub fn run(&self) -> Outcome {
        let mut following = Outbox::open(&self.settings.outbox)?;
        let webhooks = Outbox::open(&self.settings.outbox)?;
        let mut mails = Outbox::open(&self.settings.outbox)?;
        let client = webhook::Client::new();
        let mail = match &self.settings.mail {
            Some(settings) => Some((settings, mail::Client::new(settings)?)),
            None => None,
        };
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut since = None;
                self.repeat("follow", || self.follow(&mut following, &mut since));
            });
            scope.spawn(move || self.repeat("webhooks", || self.send_webhooks(&webhooks, &client)));
            if let Some((settings, client)) = &mail {
                scope.spawn(move || {
                    self.repeat("mails", || {
                        self.compose_mails(&mut mails, settings)?;
                        self.send_mails(&mails, client)
                    });
                });
            }
        });
        Ok(())
    }

    fn repeat(&self, name: &str, mut round: impl FnMut() -> Outcome) {
        loop {
            if let Err(error) = round() {
                eprintln!("{name}: {error}");
            }
            thread::sleep(Duration::from_millis(self.settings.interval_ms));
        }
    }

    fn now(&self) -> i64 {
        self.desk.now().unix_micros()
    }

    // ------------------------------------------------------------ following

    /// Follows all locations that have something new.
    fn follow(&self, outbox: &mut Outbox, since: &mut Option<LocationsCursor>) -> Outcome {
        let (mut after, mut next): (Option<LocationId>, Option<LocationsCursor>) = (None, None);
        loop {
            let list = self.desk.changed_locations(since.as_ref(), after.as_ref(), MAX_LOCATIONS);
            let page = block_on(list)?;
            next = next.or(Some(page.cursor));
            for newest in &page.locations {
                self.follow_location(outbox, newest)?;
            }
            if page.locations.len() < MAX_LOCATIONS {
                break;
            }
            after = page.locations.last().map(|last| last.location.clone());
        }
        *since = next;
        outbox.set_started()?;
        outbox.forget_delivered(self.now() - MEMORY)
    }

    fn follow_location(&self, outbox: &mut Outbox, newest: &LocationPosition) -> Outcome {
        let admin = self.desk.admin(newest.location.clone());
        let (mut cursor, stored_at) = outbox.cursor(&newest.location)?.unzip();
        if cursor.as_ref().is_some_and(|cursor| !newest.has_changed_since(cursor)) {
            return Ok(());
        }
        loop {
            match block_on(admin.follow(cursor.as_ref(), MAX_PAGE))? {
                FollowAnswer::Events(page) => {
                    outbox.store(&page, &self.settings, self.now())?;
                    if !page.more {
                        return Ok(());
                    }
                    cursor = Some(page.cursor);
                }
                FollowAnswer::StartOver { oldest, newest } => {
                    // The first round delivers nothing that was sent before, and a location that
                    // appears later is new. A database that lost commits can have used a number for
                    // two messages, so everything since the last cursor comes again.
                    let (start, horizon) = match stored_at {
                        Some(stored_at) => (oldest, stored_at - TOLERANCE),
                        None if outbox.is_started()? => (oldest, i64::MIN),
                        None => (newest, i64::MIN),
                    };
                    outbox.start_at(&start, horizon, self.now())?;
                    cursor = Some(start);
                }
            }
        }
    }

    // ------------------------------------------------------------ webhooks

    fn send_webhooks(&self, outbox: &Outbox, client: &webhook::Client) -> Outcome {
        for row in outbox.due_webhooks(self.now())? {
            let endpoint =
                self.settings.webhooks.iter().find(|endpoint| endpoint.url == row.endpoint);
            let sent = match endpoint {
                Some(endpoint) => client.send(endpoint, &row.event, unix_seconds(), &row.body),
                None => {
                    Err(DeliveryError::Permanent("the receiver is not in the settings".to_owned()))
                }
            };
            let Err(error) = sent else {
                outbox.webhook_delivered(&row, self.now())?;
                continue;
            };
            eprintln!("webhook {}: {error}", row.event);
            match error {
                DeliveryError::Temporary(_) => {
                    outbox.retry_webhook(&row, self.now(), self.settings.retry_ms)?;
                }
                DeliveryError::Permanent(reason) => outbox.fail_webhook(&row, &reason)?,
                DeliveryError::Gone => {
                    outbox.disable(&row.endpoint)?;
                    // The other rows of this receiver wait, too.
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    // ------------------------------------------------------------ mails

    /// Composes a mail for each thread whose first unread message is older than the delay.
    fn compose_mails(&self, outbox: &mut Outbox, settings: &MailSettings) -> Outcome {
        for row in outbox.due_unread(self.now())? {
            let now = self.now();
            let unread = self.unread(&row.thread, row.reader, row.mailed)?;
            let Some((thread, messages)) = unread else {
                outbox.end_wait(&row, None, now)?;
                continue;
            };
            let due = messages[0].sent_at().unix_micros() + settings.delay_micros(row.reader);
            if due > now {
                outbox.wait_until(&row, due)?;
                continue;
            }
            let ThreadId { location, booking } = &row.thread;
            let Some(recipient) = settings.address(row.reader, location, booking) else {
                outbox.end_wait(&row, None, now)?;
                continue;
            };
            // A host application passes the location's time zone and language.
            let context = ViewContext::new(&UtcOffset::UTC, &English, self.desk.now());
            let unread = Unread { thread: &thread, messages: &messages, reader: row.reader };
            let composed = mail::compose(&unread, settings, recipient, &context);
            if let Err(error) = &composed {
                eprintln!("mail: {error}");
            }
            let last = &messages[messages.len() - 1];
            let mail = NewMail { last, recipient, content: composed.as_deref().ok() };
            outbox.end_wait(&row, Some(&mail), now)?;
        }
        Ok(())
    }

    fn send_mails(&self, outbox: &Outbox, client: &mail::Client) -> Outcome {
        for row in outbox.due_mails(self.now())? {
            if !self.is_needed(&row)? {
                outbox.remove_mail(&row)?;
                continue;
            }
            match client.send(&row.recipient, &row.content) {
                Ok(()) => outbox.remove_mail(&row)?,
                Err(error) => {
                    eprintln!("mail: {error}");
                    match error {
                        DeliveryError::Permanent(reason) => outbox.fail_mail(&row, &reason)?,
                        _ => outbox.retry_mail(&row, self.now(), self.settings.retry_ms)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns `true` unless the readers have read the mail's messages, or the thread was erased.
    fn is_needed(&self, row: &MailRow) -> Outcome<bool> {
        let thread = self.thread(&row.thread)?;
        Ok(thread.is_some_and(|thread| {
            thread.first_number() <= row.last && thread.mark(row.reader).number() < row.last
        }))
    }

    fn thread(&self, id: &ThreadId) -> Outcome<Option<Thread>> {
        match block_on(self.desk.admin(id.location.clone()).thread(&id.booking)) {
            Ok(thread) => Ok(Some(thread)),
            Err(DeskError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the messages that the readers have not read and that no mail contained, oldest first,
    /// or `None` if there are none. Leaves out imported, automatic and redacted messages. Reading the
    /// history moves no read mark.
    fn unread(
        &self,
        id: &ThreadId,
        reader: Role,
        mailed: Mailed,
    ) -> Outcome<Option<(Thread, Vec<Message>)>> {
        let worker = ParticipantId::new("relay")?;
        let operator = self.desk.operator(id.location.clone(), worker, None);
        let (mut messages, mut before) = (Vec::new(), None);
        loop {
            let page = match block_on(operator.history(&id.booking, before, MAX_PAGE)) {
                Ok(page) => page,
                Err(DeskError::NotFound) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let mark = page.thread.mark(reader).number();
            let is_known = |message: &Message| message.number() <= mark || mailed.contains(message);
            let first = page.messages.first();
            let is_complete = page.messages.len() < MAX_PAGE || first.is_none_or(is_known);
            before = first.map(Message::number);
            let is_news = |message: &Message| {
                let is_by_person = !message.is_imported() && !message.is_automatic();
                let is_unread = !is_known(message) && message.role() != reader;
                is_unread && is_by_person && message.body().is_some()
            };
            messages.splice(0..0, page.messages.into_iter().filter(is_news));
            if is_complete {
                return Ok((!messages.is_empty()).then_some((page.thread, messages)));
            }
        }
    }
}

/// Returns the time in whole seconds. A signature is made with the machine's own clock, because the
/// receiver compares it with its own.
fn unix_seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
