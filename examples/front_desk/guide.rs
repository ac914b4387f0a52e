//! A day at the desk of a kayak school, step by step.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use frontdesk::desk::{OperatorPoll, POLL_INTERVAL, PageRequest};
use frontdesk::store::MemoryStore;
use frontdesk::view::{Badge, English, Screen};
use frontdesk::{
    Booking, BookingId, BookingStatus, CustomerDesk, DisplayName, Draft, FrontDesk, IdempotencyKey,
    LocationId, OperatorDesk, ParticipantId, Timestamp,
};
use time::macros::{datetime, offset};
use time::{OffsetDateTime, UtcOffset};

use crate::clock::StoryClock;
use crate::terminal;

/// Seven hours behind UTC: an evening here is the next day there, so that a date
/// taken in the wrong zone would show.
const ZONE: UtcOffset = offset!(-7);

type Outcome = Result<(), Box<dyn Error>>;

/// Acts it out.
pub(crate) async fn act(out: &mut impl Write) -> Outcome {
    let mut day = Day::begin(out)?;
    day.a_customer_writes().await?;
    day.a_colleague_answers().await?;
    day.the_inbox_shows_it().await?;
    day.opening_reads_it().await?;
    day.the_operator_replies().await?;
    day.the_customer_visits().await?;
    day.the_operator_starts_another().await?;
    day.a_poll_brings_a_message().await?;
    day.a_retry_stores_nothing().await?;
    day.markup_stays_text().await?;
    day.a_blank_message_is_refused().await?;
    day.the_day_ends().await
}

/// The cast, their handles and the time.
struct Day<'w, W> {
    out: &'w mut W,
    step: u32,
    clock: StoryClock,
    desk: FrontDesk,
    ann: CustomerDesk,
    maya: OperatorDesk,
    colleague: OperatorDesk,
    kayak: BookingId,
    boat: Booking,
}

impl<'w, W: Write> Day<'w, W> {
    fn begin(out: &'w mut W) -> Result<Self, Box<dyn Error>> {
        let clock = StoryClock::new(Timestamp::UNIX_EPOCH);
        let desk = FrontDesk::builder(MemoryStore::new()).clock(clock.clone()).build();
        let harbour = LocationId::new("harbour")?;

        let kayak = Booking::new(
            BookingId::new("b-1041")?,
            "K7Q2-XH41-09",
            "Sunset kayak tour",
            datetime!(2027-03-20 17:30 -7).try_into()?,
        )
        .lasting(Duration::from_secs(150 * 60))
        .with_status(BookingStatus::Confirmed)
        .with_customer_name(DisplayName::from_parts("Ann", "Lee"));
        let boat = Booking::new(
            BookingId::new("b-1057")?,
            "M4ZP-77QA-31",
            "Glass-bottom boat",
            datetime!(2027-03-17 11:00 -7).try_into()?,
        )
        .lasting(Duration::from_secs(45 * 60))
        .with_customer_name(DisplayName::new("Ben Okafor"));

        let maya = ParticipantId::new("u-7")?;
        Ok(Self {
            step: 0,
            ann: desk.customer(harbour.clone(), kayak.clone(), ParticipantId::new("c-9")?, None),
            maya: desk.operator(harbour.clone(), maya, DisplayName::new("Maya")),
            colleague: desk.operator(harbour, ParticipantId::new("u-8")?, None),
            kayak: kayak.id,
            boat,
            out,
            clock,
            desk,
        })
    }

    fn screen(&self) -> Screen<'static> {
        self.desk.screen(&ZONE, &English)
    }

    /// Sets the clock and says what happens then.
    fn at(&mut self, when: OffsetDateTime, what: &str) -> Outcome {
        self.clock.set(when.try_into()?);
        self.step += 1;
        let (screen, title) = (self.screen(), format!("{}. {what}", self.step));
        let now = screen.local(screen.now());
        let when = format!("{}, {}", screen.full_date(now.date()), screen.time(now));
        Ok(terminal::heading(self.out, &title, &when)?)
    }

    fn say(&mut self, name: &str, text: &str) -> Outcome {
        Ok(terminal::fact(self.out, name, text)?)
    }

    async fn say_unread(&mut self) -> Outcome {
        let page = self.maya.inbox(&PageRequest::first(1)).await?;
        self.say("unread", &format!("{} of the location's conversations", page.unread))
    }

    /// Ann writes on her phone, which gives each message a key of its own.
    async fn ann_sends(&mut self, key: &str, text: &str) -> Outcome {
        let draft = Draft::new(text).with_key(IdempotencyKey::new(key)?);
        let sent = self.ann.send(draft).await?;
        self.say("Ann writes", text)?;
        let again = if sent.is_replayed() { ", stored before: nothing was done now" } else { "" };
        self.say("", &format!("→ message {}{again}", sent.number()))
    }

    async fn show_inbox(&mut self) -> Outcome {
        let page = self.maya.inbox(&PageRequest::first(20)).await?.view(&self.screen());
        Ok(terminal::inbox(self.out, &page.rows)?)
    }

    async fn a_customer_writes(&mut self) -> Outcome {
        self.at(datetime!(2027-03-15 21:40 -7), "A customer writes about a booking")?;
        self.ann_sends("phone-1", "Hi! Two of us come on Saturday. May we bring our dog?").await
    }

    async fn a_colleague_answers(&mut self) -> Outcome {
        self.at(datetime!(2027-03-15 21:52 -7), "A colleague who gave no name answers")?;
        let text = "Good evening! I have to ask the crew, you will hear from us tomorrow.";
        let sent = self.colleague.reply(&self.kayak, text).await?;
        let shown = sent.view(&self.screen()).entry;
        self.say("reply", text)?;
        self.say("", &format!("→ message {}, sent as \"{}\"", shown.number, shown.sender))
    }

    async fn the_inbox_shows_it(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 8:15 -7), "The next morning, she writes on")?;
        self.ann_sends("phone-2", "She is small, calm & loves the water.").await?;
        self.clock.set(datetime!(2027-03-16 8:17 -7).try_into()?);
        self.ann_sends("phone-3", "And is there parking nearby?").await?;

        self.at(datetime!(2027-03-16 8:30 -7), "The team's inbox")?;
        self.say_unread().await?;
        writeln!(self.out)?;
        self.show_inbox().await
    }

    async fn opening_reads_it(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 8:31 -7), "Maya opens the conversation, which reads it")?;
        let opened = self.maya.open(&self.kayak).await?;
        terminal::for_operator(self.out, &opened.view(&self.screen()))?;
        writeln!(self.out)?;
        self.say_unread().await
    }

    async fn the_operator_replies(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 8:34 -7), "Maya replies")?;
        let text = "Good morning Ann! Your dog is welcome, we have a life vest in her size.\n\
                    You can park behind the boat house, free of charge.";
        let sent = self.maya.reply(&self.kayak, text).await?;
        self.say("reply", text)?;
        self.say("", &format!("→ message {}", sent.message.number()))
    }

    async fn the_customer_visits(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 9:05 -7), "Ann visits the portal")?;
        let badge = Badge::new(self.ann.unread().await?.into());
        self.say("her badge", &format!("({badge}) on the Messages button"))?;
        writeln!(self.out)?;
        let visit = self.ann.visit().await?.view(&self.screen());
        terminal::for_customer(self.out, &visit.conversation)?;
        writeln!(self.out)?;
        let unread = self.ann.unread().await?;
        self.say("her badge", &format!("gone: {unread} messages unread"))
    }

    async fn the_operator_starts_another(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 9:20 -7), "Maya starts the thread of another booking")?;
        let thread = self.maya.start(self.boat.clone()).await?;
        let text = "Hello Ben, tomorrow's boat leaves from pier 3 instead of pier 1.";
        self.maya.reply(&thread.id().booking, text).await?;
        self.say("reply", text)?;
        writeln!(self.out)?;
        self.show_inbox().await
    }

    async fn a_poll_brings_a_message(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 9:45 -7), "A poll brings a message into what is open")?;
        let page = self.maya.inbox(&PageRequest::first(20)).await?;
        let mut opened = self.maya.open(&self.kayak).await?;
        self.say("Maya", "has Ann's conversation open")?;
        self.ann_sends("phone-4", "Wonderful, thank you! See you on Saturday.").await?;

        let mut cursor = page.cursor;
        for _ in 0..2 {
            self.clock.pass(POLL_INTERVAL);
            self.say("poll", &format!("after {} seconds", POLL_INTERVAL.as_secs_f64()))?;
            let poll = self.maya.poll(&cursor, Some(&opened.to_open())).await?;
            let OperatorPoll::Update(update) = poll else {
                return Err("a poll started over that had nothing to catch up with".into());
            };
            if update.is_empty() {
                self.say("", "nothing new")?;
            }
            let shown = update.view(&self.screen());
            if let (Some(conversation), Some(news)) = (shown.conversation, update.conversation) {
                terminal::news(self.out, &conversation)?;
                writeln!(self.out)?;
                opened = news;
            }
            if !shown.rows.is_empty() {
                terminal::inbox(self.out, &shown.rows)?;
                writeln!(self.out)?;
                self.say("unread", &format!("{}: the poll has read it", shown.unread))?;
            }
            cursor = shown.cursor;
        }
        Ok(())
    }

    async fn a_retry_stores_nothing(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 9:46 -7), "Her phone lost the answer and sends again")?;
        self.ann_sends("phone-4", "Wonderful, thank you! See you on Saturday.").await?;
        let thread = self.maya.open(&self.kayak).await?.thread;
        self.say("thread", &format!("has {} messages, as before", thread.message_count()))
    }

    async fn markup_stays_text(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 10:10 -7), "Markup is text like any other")?;
        let text = "PS: <b>two</b> paddles & \"one\" dog <script>alert('woof')</script>";
        let sent = self.ann.send(text).await?.view(&self.screen());
        self.say("stored", sent.text.as_str())?;
        self.say("for a page", &sent.html.to_string())
    }

    async fn a_blank_message_is_refused(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 10:11 -7), "A message with nothing to see is refused")?;
        let text = " \u{200B}\n ";
        match self.ann.send(text).await {
            Ok(_) => Err("a blank message was stored".into()),
            Err(error) => self.say("refused", &format!("{text:?}: {error}")),
        }
    }

    async fn the_day_ends(&mut self) -> Outcome {
        self.at(datetime!(2027-03-16 12:30 -7), "At noon, the inbox")?;
        self.say_unread().await?;
        writeln!(self.out)?;
        self.show_inbox().await?;
        Ok(writeln!(self.out)?)
    }
}
