//! The scenario: two bookings of a kayak school, their customers and two operators.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use frontdesk::desk::{ManualClock, OperatorPoll, POLL_INTERVAL, PageRequest};
use frontdesk::store::MemoryStore;
use frontdesk::view::{Badge, English, ViewContext};
use frontdesk::{
    Booking, BookingId, BookingStatus, CustomerDesk, DisplayName, Draft, FrontDesk, IdempotencyKey,
    LocationId, MessageBody, OperatorDesk, ParticipantId, Timestamp,
};
use guide::terminal;
use time::macros::{datetime, offset};
use time::{OffsetDateTime, UtcOffset};

/// The location's zone, seven hours behind UTC. At the time of an evening message it is
/// already the next day in UTC, so the output would show if a date were computed in UTC.
const ZONE: UtcOffset = offset!(-7);

type StepResult = Result<(), Box<dyn Error>>;

/// Runs all steps and prints what happens.
pub(crate) async fn run(out: &mut impl Write) -> StepResult {
    let mut scenario = Scenario::new(out)?;
    scenario.customer_writes().await?;
    scenario.operator_without_a_name_replies().await?;
    scenario.inbox_shows_unread_messages().await?;
    scenario.opening_marks_as_read().await?;
    scenario.operator_replies().await?;
    scenario.customer_opens_the_conversation().await?;
    scenario.operator_starts_a_thread().await?;
    scenario.poll_returns_a_new_message().await?;
    scenario.retry_stores_nothing().await?;
    scenario.markup_stays_text().await?;
    scenario.blank_message_is_rejected().await?;
    scenario.inbox_at_the_end().await
}

/// The desks of the participants, the bookings and the clock.
struct Scenario<'w, W> {
    out: &'w mut W,
    step: u32,
    clock: ManualClock,
    desk: FrontDesk,
    ann: CustomerDesk,
    maya: OperatorDesk,
    colleague: OperatorDesk,
    kayak: BookingId,
    boat: Booking,
}

impl<'w, W: Write> Scenario<'w, W> {
    fn new(out: &'w mut W) -> Result<Self, Box<dyn Error>> {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let desk = FrontDesk::builder(MemoryStore::new()).clock(clock.clone()).build();
        let harbour = LocationId::new("harbour")?;

        let kayak = Booking::new(BookingId::new("b-1041")?, "K7Q2-XH41-09", "Sunset kayak tour")
            .with_start(datetime!(2027-03-20 17:30 -7).try_into()?)
            .with_duration(Duration::from_secs(150 * 60))
            .with_status(BookingStatus::Confirmed)
            .with_customer_name(DisplayName::from_parts("Ann", "Lee"));
        let boat = Booking::new(BookingId::new("b-1057")?, "M4ZP-77QA-31", "Glass-bottom boat")
            .with_start(datetime!(2027-03-17 11:00 -7).try_into()?)
            .with_duration(Duration::from_secs(45 * 60))
            .with_customer_name(DisplayName::new("Ben Okafor"));

        let (ann, maya) = (ParticipantId::new("c-9")?, ParticipantId::new("u-7")?);
        let ann = desk.customer(harbour.clone(), kayak.id.clone(), ann);
        Ok(Self {
            step: 0,
            ann: ann.starting_with(kayak.clone()),
            maya: desk.operator(harbour.clone(), maya, DisplayName::new("Maya")),
            colleague: desk.operator(harbour, ParticipantId::new("u-8")?, None),
            kayak: kayak.id,
            boat,
            out,
            clock,
            desk,
        })
    }

    fn view_context(&self) -> ViewContext<'static> {
        self.desk.view_context(&ZONE, &English)
    }

    /// Sets the clock and prints the heading of a step.
    fn begin_step(&mut self, time: OffsetDateTime, title: &str) -> StepResult {
        self.clock.set(time.try_into()?);
        self.step += 1;
        let (context, title) = (self.view_context(), format!("{}. {title}", self.step));
        let now = context.local(context.now());
        let time = format!("{}, {}", context.full_date(now.date()), context.time(now));
        Ok(terminal::print_heading(self.out, &title, &time)?)
    }

    fn print(&mut self, name: &str, text: &str) -> StepResult {
        Ok(terminal::print_field(self.out, name, text)?)
    }

    async fn print_unread_threads(&mut self) -> StepResult {
        let page = self.maya.inbox(&PageRequest::first(1)).await?;
        self.print("unread", &format!("{} of the location's conversations", page.unread))
    }

    async fn print_inbox(&mut self) -> StepResult {
        let page = self.maya.inbox(&PageRequest::first(20)).await?.view(&self.view_context());
        Ok(terminal::print_inbox(self.out, &page.rows)?)
    }

    /// Sends a message of Ann with the idempotency key that her phone made for the message.
    async fn send_as_ann(&mut self, key: &str, text: &str) -> StepResult {
        let draft = Draft::new(text).with_key(IdempotencyKey::new(key)?);
        let sent = self.ann.send(draft).await?;
        self.print("Ann writes", text)?;
        let note = if sent.is_replayed() { ", already stored: nothing is added" } else { "" };
        self.print("", &format!("→ message {}{note}", sent.number()))
    }

    async fn customer_writes(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-15 21:40 -7), "A customer writes about a booking")?;
        let text = "Hi! Two of us come on Saturday. May we bring our dog?";
        self.send_as_ann("phone-1", text).await
    }

    async fn operator_without_a_name_replies(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-15 21:52 -7), "An operator without a name replies")?;
        let text = "Good evening! I have to ask the crew, you will hear from us tomorrow.";
        let sent = self.colleague.reply(&self.kayak, text).await?;
        let entry = sent.view(&self.view_context()).entry;
        self.print("reply", text)?;
        self.print("", &format!("→ message {}, sent as \"{}\"", entry.number, entry.sender))
    }

    async fn inbox_shows_unread_messages(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-16 8:15 -7), "The customer writes two more messages")?;
        self.send_as_ann("phone-2", "She is small, calm & loves the water.").await?;
        self.clock.set(datetime!(2027-03-16 8:17 -7).try_into()?);
        self.send_as_ann("phone-3", "And is there parking nearby?").await?;

        self.begin_step(datetime!(2027-03-16 8:30 -7), "The team's inbox")?;
        self.print_unread_threads().await?;
        writeln!(self.out)?;
        self.print_inbox().await
    }

    async fn opening_marks_as_read(&mut self) -> StepResult {
        let title = "Opening the conversation marks it as read";
        self.begin_step(datetime!(2027-03-16 8:31 -7), title)?;
        let opened = self.maya.open(&self.kayak).await?;
        terminal::print_operator_conversation(self.out, &opened.view(&self.view_context()))?;
        writeln!(self.out)?;
        self.print_unread_threads().await
    }

    async fn operator_replies(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-16 8:34 -7), "Maya replies")?;
        let text = "Good morning Ann! Your dog is welcome, we have a life vest in her size.\n\
                    You can park behind the boat house, free of charge.";
        let sent = self.maya.reply(&self.kayak, text).await?;
        self.print("reply", text)?;
        self.print("", &format!("→ message {}", sent.message.number()))
    }

    async fn customer_opens_the_conversation(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-16 9:05 -7), "Ann opens the customer portal")?;
        let badge = Badge::new(self.ann.unread_messages().await?.into());
        self.print("her badge", &format!("({badge}) on the Messages button"))?;
        writeln!(self.out)?;
        let opened = self.ann.open().await?.view(&self.view_context());
        terminal::print_customer_conversation(self.out, &opened.conversation)?;
        writeln!(self.out)?;
        let unread = self.ann.unread_messages().await?;
        self.print("her badge", &format!("hidden: {unread} unread messages"))
    }

    async fn operator_starts_a_thread(&mut self) -> StepResult {
        let title = "Maya starts the thread of another booking";
        self.begin_step(datetime!(2027-03-16 9:20 -7), title)?;
        let thread = self.maya.start(self.boat.clone()).await?;
        let text = "Hello Ben, tomorrow's boat leaves from pier 3 instead of pier 1.";
        self.maya.reply(&thread.id().booking, text).await?;
        self.print("reply", text)?;
        writeln!(self.out)?;
        self.print_inbox().await
    }

    async fn poll_returns_a_new_message(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-16 9:45 -7), "A poll returns a new message")?;
        let page = self.maya.inbox(&PageRequest::first(20)).await?;
        let mut conversation = self.maya.open(&self.kayak).await?;
        self.print("Maya", "has Ann's conversation open")?;
        self.send_as_ann("phone-4", "Wonderful, thank you! See you on Saturday.").await?;

        let mut cursor = page.cursor;
        for _ in 0..2 {
            self.clock.advance(POLL_INTERVAL);
            self.print("poll", &format!("after {} seconds", POLL_INTERVAL.as_secs_f64()))?;
            let poll = self.maya.poll(&cursor, Some(&conversation.open_thread())).await?;
            let OperatorPoll::Update(update) = poll else {
                return Err("the poll answered \"start over\" to a fresh cursor".into());
            };
            if update.is_empty() {
                self.print("", "no changes")?;
            }
            let view = update.view(&self.view_context());
            if let (Some(messages), Some(newer)) = (view.conversation, update.conversation) {
                terminal::print_operator_messages(self.out, &messages)?;
                writeln!(self.out)?;
                conversation.apply(newer);
            }
            if !view.rows.is_empty() {
                terminal::print_inbox(self.out, &view.rows)?;
                writeln!(self.out)?;
                self.print("unread", &format!("{}: the poll marked it as read", view.unread))?;
            }
            cursor = view.cursor;
        }
        Ok(())
    }

    async fn retry_stores_nothing(&mut self) -> StepResult {
        let title = "Ann's phone got no answer and sends again";
        self.begin_step(datetime!(2027-03-16 9:46 -7), title)?;
        self.send_as_ann("phone-4", "Wonderful, thank you! See you on Saturday.").await?;
        let thread = self.maya.open(&self.kayak).await?.thread;
        self.print("thread", &format!("still has {} messages", thread.message_count()))
    }

    async fn markup_stays_text(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-16 10:10 -7), "Markup is stored as typed")?;
        let text = "PS: <b>two</b> paddles & \"one\" dog <script>alert('woof')</script>";
        let sent = self.ann.send(text).await?.view(&self.view_context());
        self.print("stored", sent.text.as_ref().map_or("", MessageBody::as_str))?;
        self.print("as HTML", &sent.html.map(|html| html.to_string()).unwrap_or_default())
    }

    async fn blank_message_is_rejected(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-16 10:11 -7), "A blank message is rejected")?;
        let text = " \u{200B}\n ";
        match self.ann.send(text).await {
            Ok(_) => Err("a blank message was stored".into()),
            Err(error) => self.print("rejected", &format!("{text:?}: {error}")),
        }
    }

    async fn inbox_at_the_end(&mut self) -> StepResult {
        self.begin_step(datetime!(2027-03-16 12:30 -7), "The inbox at noon")?;
        self.print_unread_threads().await?;
        writeln!(self.out)?;
        self.print_inbox().await?;
        Ok(writeln!(self.out)?)
    }
}
