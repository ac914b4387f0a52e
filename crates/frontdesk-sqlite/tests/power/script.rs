//! A fixed sequence of commits. The test knows the content of a file after each of them.

use frontdesk::import::ImportedMessage;
use frontdesk::store::{Commit, CommitOutcome, Epoch, Redaction, Revision, ThreadStore};
use frontdesk::{BookingId, Draft, FrontDesk, MessageNumber};

use crate::support::importing::import;
use crate::support::{
    at, booking, booking_id, customer, key, location_id, number, operator, participant_id,
    thread_id,
};

/// The location of the threads. The files of the older schemas have no such location.
pub(crate) const LOCATION: &str = "pier";

/// The number of steps after which a script begins again.
pub(crate) const CYCLE: usize = 9;

/// The script of one writer. Each step makes one commit. No other writer writes to the threads
/// of the script, so the commits of other writers do not change the content of these threads.
pub(crate) struct Script<S> {
    store: S,
    desk: FrontDesk,
    /// The thread that is never erased, and the number of its last message.
    kept: (BookingId, u32),
    /// The thread that is erased in each cycle, and the number of its last message.
    erased: (BookingId, u32),
    /// The thread that each cycle imports messages into, and the number of its last message.
    imported: (BookingId, u32),
}

impl<S: ThreadStore + Clone + 'static> Script<S> {
    /// Continues the script of a writer after `steps` steps, or begins the script if `steps` is 0.
    pub(crate) fn new(store: S, writer: usize, steps: usize) -> Self {
        let desk = FrontDesk::builder(store.clone()).clock(|| at(0)).build();
        let cycles = u32::try_from(steps / CYCLE).unwrap();
        assert_eq!(steps % CYCLE, 0, "the script continues within a cycle");
        // Each cycle adds three messages to one thread and two messages to each other thread.
        let thread = |kind, messages| (booking_id(&format!("{kind}-{writer}")), messages * cycles);
        Self {
            store,
            desk,
            kept: thread("kept", 3),
            erased: thread("erased", 2),
            imported: thread("imported", 2),
        }
    }

    /// Makes the step with the number `step`, counted from 0. Returns the changed thread.
    pub(crate) async fn run(&mut self, step: usize) -> BookingId {
        // This text fills nine database pages.
        let long = "\u{1F600}".repeat(9_000);
        let kim = self.desk.operator(location_id(LOCATION), participant_id("kim"), None);
        let (kept, erased) = (self.kept.0.clone(), self.erased.0.clone());
        match step % CYCLE {
            0 => self.send(&kept, "Is there parking?").await,
            1 => self.reply(&kept, &long).await,
            2 => self.send(&erased, &long).await,
            3 => drop(kim.mark_read(&erased, number(self.erased.1)).await.unwrap()),
            4 => self.redact(step / CYCLE).await,
            5 => {
                let admin = self.desk.admin(location_id(LOCATION));
                assert!(admin.erase(&erased).await.unwrap(), "the thread exists");
            }
            6 => self.send(&erased, "Me again").await,
            7 => self.reply(&kept, "Yes, behind the house").await,
            _ => self.import().await,
        }
        match step % CYCLE {
            0 | 1 | 4 | 7 => kept,
            8 => self.imported.0.clone(),
            _ => erased,
        }
    }

    async fn send(&mut self, id: &BookingId, text: &str) {
        let draft = self.next_draft(id, text);
        let ann = self.desk.customer(location_id(LOCATION), id.clone(), participant_id("ann"));
        let sent = ann.starting_with(booking(id.as_str())).send(draft).await.unwrap();
        self.assert_sent(id, sent.number());
    }

    async fn reply(&mut self, id: &BookingId, text: &str) {
        let draft = self.next_draft(id, text);
        let kim = self.desk.operator(location_id(LOCATION), participant_id("kim"), None);
        let sent = kim.reply(id, draft).await.unwrap();
        self.assert_sent(id, sent.number());
    }

    /// Imports a question and an answer.
    async fn import(&mut self) {
        let (id, last) = &mut self.imported;
        let mut import = import(id.as_str());
        for author in [customer("ann"), operator("kim")] {
            *last += 1;
            let message = ImportedMessage::new(author, at(0), format!("Old message {last}"));
            import = import.message(key(&key_text(number(*last))), message);
        }
        let admin = self.desk.admin(location_id(LOCATION));
        assert_eq!(admin.import(&import).await.unwrap().stored, 2);
    }

    fn last(&mut self, id: &BookingId) -> &mut u32 {
        if *id == self.kept.0 { &mut self.kept.1 } else { &mut self.erased.1 }
    }

    fn next_draft(&mut self, id: &BookingId, text: &str) -> Draft {
        let last = self.last(id);
        *last += 1;
        Draft::new(text).with_key(key(&key_text(number(*last))))
    }

    #[track_caller]
    fn assert_sent(&mut self, id: &BookingId, sent: MessageNumber) {
        assert_eq!(sent.get(), *self.last(id), "the number of the message in {id:?}");
    }

    /// Removes the text of the first message of the cycle in the thread that is never erased.
    async fn redact(&self, cycle: usize) {
        let id = thread_id(LOCATION, self.kept.0.as_str());
        let found = self.store.thread(&id).await.unwrap().value.expect("the thread exists");
        let ordinal = u32::try_from(cycle + 1).unwrap();
        let redaction = Redaction { number: number(self.kept.1 - 1), ordinal };
        let commit = Commit::new(found.state.clone(), Some(&found));
        let commit = commit.with_redaction(redaction).unwrap();
        let outcome = self.store.commit(commit).await.unwrap().value;
        assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
    }

    /// Returns the revision of a thread, and the epoch of the store.
    pub(crate) async fn revision(&self, id: &BookingId) -> (Revision, Epoch) {
        let answer = self.store.thread(&thread_id(LOCATION, id.as_str())).await.unwrap();
        (answer.value.expect("the thread exists").revision, answer.epoch)
    }
}

/// Returns the idempotency key of a message.
pub(crate) fn key_text(number: MessageNumber) -> String {
    format!("key-{number}")
}
