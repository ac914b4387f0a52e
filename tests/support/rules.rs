//! The rules said once more, without a trick: messages in flat
//! lists, what a side has read as a set of numbers, everything counted anew at
//! each question. What the crate does is held against this.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use frontdesk::{Booking, Role, Sides, Timestamp};

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) number: u32,
    pub(crate) role: Role,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) key: Option<u8>,
    pub(crate) at: Timestamp,
}

/// One life of a thread.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) first: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) booking: Booking,
    pub(crate) messages: Vec<Said>,
    /// The numbers that each side has read.
    pub(crate) read: Sides<BTreeSet<u32>>,
    /// The highest number that was ever in there.
    pub(crate) furthest: Sides<u32>,
    /// When that last changed.
    pub(crate) set_at: Sides<Option<Timestamp>>,
}

/// What was ever there for a booking.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    pub(crate) talk: Option<Talk>,
    /// The last number of all lives.
    pub(crate) last: u32,
    /// Which of the location's commits touched it last.
    pub(crate) changed: u64,
}

/// One location.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) slots: BTreeMap<String, Slot>,
    pub(crate) commits: u64,
    /// What the listener must have heard.
    pub(crate) told: Vec<Told>,
}

/// An event, by its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Told {
    Opened,
    Received,
    Replied,
    Read(Role),
    Erased,
}

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Refusal {
    NotFound,
    Blank,
    MessagingOff,
    KeyReused,
    NoSuchMessage,
    PageLimit,
}

/// Somebody sending.
pub(crate) struct Sending<'a> {
    pub(crate) role: Role,
    pub(crate) author: &'a str,
    pub(crate) typed: &'a str,
    pub(crate) key: Option<u8>,
    pub(crate) seen: Option<u32>,
    /// What a customer's first message starts the thread with.
    pub(crate) booking: Option<Booking>,
    pub(crate) off: bool,
}

/// T1, as far as the model's texts need it.
pub(crate) fn normal(typed: &str) -> String {
    typed.replace("\r\n", "\n").trim().to_owned()
}

impl Talk {
    fn start(booking: Booking, now: Timestamp, after: u32) -> Self {
        Self {
            first: after + 1,
            created_at: now,
            booking,
            messages: Vec::new(),
            read: Sides::default(),
            furthest: Sides { customer: after, operator: after },
            set_at: Sides::default(),
        }
    }

    /// I3, L3: the last number, or the one before the first.
    pub(crate) fn last(&self) -> u32 {
        self.messages.last().map_or(self.first - 1, |message| message.number)
    }

    /// L1: a thread without messages counts from its creation.
    pub(crate) fn active_at(&self) -> Timestamp {
        self.messages.last().map_or(self.created_at, |message| message.at)
    }

    pub(crate) fn by(&self, role: Role) -> impl Iterator<Item = &Said> {
        self.messages.iter().filter(move |message| message.role == role)
    }

    /// U2: the other side's messages that are not read.
    pub(crate) fn unread(&self, reader: Role) -> usize {
        self.by(reader.other()).filter(|one| !self.read[reader].contains(&one.number)).count()
    }

    /// U1: the number up to which everything is read.
    pub(crate) fn mark(&self, reader: Role) -> u32 {
        self.read[reader].last().copied().unwrap_or(self.first - 1)
    }

    pub(crate) fn after(&self, shown: u32) -> Vec<Said> {
        self.messages.iter().filter(|message| message.number > shown).cloned().collect()
    }

    /// U3: reads everything up to `number`. Says whether anything changed (P6).
    fn read_to(&mut self, reader: Role, number: u32, now: Timestamp) -> bool {
        let before = self.read[reader].len();
        let mut set_at = now;
        for message in self.messages.iter().filter(|message| message.number <= number) {
            self.read[reader].insert(message.number);
            self.furthest[reader] = self.furthest[reader].max(message.number);
            set_at = now.max(message.at);
        }
        let changed = self.read[reader].len() > before;
        if changed {
            self.set_at[reader] = Some(set_at);
        }
        changed
    }

    /// U3: the explicit "mark unread from here".
    fn unread_from(&mut self, reader: Role, number: u32, now: Timestamp) -> bool {
        let changed = !self.read[reader].split_off(&number).is_empty();
        if changed {
            let from_here = self.messages.iter().find(|message| message.number == number);
            self.set_at[reader] = from_here.map(|message| now.max(message.at));
        }
        changed
    }
}

impl Place {
    pub(crate) fn talk(&self, booking: &str) -> Option<&Talk> {
        self.slots.get(booking)?.talk.as_ref()
    }

    /// L1: newest first, then by the booking's bytes.
    pub(crate) fn inbox(&self) -> Vec<(&str, &Talk)> {
        let slots = self.slots.iter();
        let mut inbox: Vec<(&str, &Talk)> =
            slots.filter_map(|(booking, slot)| Some((&**booking, slot.talk.as_ref()?))).collect();
        inbox.sort_by_key(|(booking, talk)| (Reverse(talk.active_at()), booking.as_bytes()));
        inbox
    }

    /// U4: threads, not messages.
    pub(crate) fn unread(&self) -> usize {
        self.inbox().iter().filter(|(_, talk)| talk.unread(Role::Operator) > 0).count()
    }

    /// P2: what changed after so many commits, last changed last.
    pub(crate) fn changed_since(&self, commits: u64) -> Vec<(&str, &Slot)> {
        let slots = self.slots.iter().map(|(booking, slot)| (&**booking, slot));
        let mut changed: Vec<(&str, &Slot)> =
            slots.filter(|(_, slot)| slot.changed > commits).collect();
        changed.sort_by_key(|(_, slot)| slot.changed);
        changed
    }

    /// A commit: the slot as it is to be written.
    fn write(&mut self, booking: &str) -> &mut Slot {
        self.commits += 1;
        let slot = self.slots.entry(booking.to_owned()).or_default();
        slot.changed = self.commits;
        slot
    }

    /// Lets `change` have a copy of the talk, and keeps it if it says that it
    /// changed something (P6).
    fn change(
        &mut self,
        booking: &str,
        change: impl FnOnce(&mut Talk) -> bool,
    ) -> Result<bool, Refusal> {
        let mut talk = self.talk(booking).cloned().ok_or(Refusal::NotFound)?;
        let changed = change(&mut talk);
        if changed {
            self.write(booking).talk = Some(talk);
        }
        Ok(changed)
    }

    /// L5: starting what is started changes nothing.
    pub(crate) fn start(&mut self, booking: Booking, now: Timestamp) {
        let id = booking.id.as_str().to_owned();
        if self.talk(&id).is_none() {
            let slot = self.write(&id);
            slot.talk = Some(Talk::start(booking, now, slot.last));
            self.told.push(Told::Opened);
        }
    }

    /// I4, L4, L5, W3, U3: the number, and whether it was there already.
    pub(crate) fn send(
        &mut self,
        booking: &str,
        sending: Sending<'_>,
        now: Timestamp,
    ) -> Result<(u32, bool), Refusal> {
        let text = normal(sending.typed);
        let (role, author) = (sending.role, sending.author.to_owned());
        if let (Some(talk), Some(_)) = (self.talk(booking), sending.key)
            && let Some(first) =
                talk.by(role).find(|message| message.author == author && message.key == sending.key)
        {
            let same = first.text == text;
            return if same { Ok((first.number, true)) } else { Err(Refusal::KeyReused) };
        }
        if sending.off {
            return Err(Refusal::MessagingOff);
        }
        if text.is_empty() {
            return Err(Refusal::Blank);
        }
        let started = self.talk(booking).is_none();
        let mut talk = match (self.talk(booking), sending.booking) {
            (Some(talk), _) => talk.clone(),
            (None, Some(snapshot)) => {
                let last = self.slots.get(booking).map_or(0, |slot| slot.last);
                Talk::start(snapshot, now, last)
            }
            (None, None) => return Err(Refusal::NotFound),
        };

        let number = talk.last() + 1;
        let at = now.max(talk.active_at());
        let seen = sending.seen.unwrap_or(u32::MAX);
        let came_after = talk.by(role.other()).any(|message| message.number > seen);
        talk.messages.push(Said { number, role, author, text, key: sending.key, at });
        if talk.read_to(role, if came_after { seen } else { number }, now) {
            talk.set_at[role] = Some(at);
        }

        let slot = self.write(booking);
        slot.talk = Some(talk);
        slot.last = number;
        if started {
            self.told.push(Told::Opened);
        }
        self.told.push(match role {
            Role::Customer => Told::Received,
            Role::Operator => Told::Replied,
        });
        Ok((number, false))
    }

    /// U3, P3: a side is shown what comes after `shown`; a poll marks only when
    /// there is something of the other side in it.
    pub(crate) fn show(
        &mut self,
        booking: &str,
        reader: Role,
        shown: Option<u32>,
        now: Timestamp,
    ) -> Vec<Said> {
        let Some(talk) = self.talk(booking) else { return Vec::new() };
        let new = talk.after(shown.unwrap_or(0));
        let theirs = new.iter().any(|message| message.role == reader.other());
        if let Some(last) = new.last().filter(|_| theirs || shown.is_none()) {
            let number = last.number;
            if self.change(booking, |talk| talk.read_to(reader, number, now)) == Ok(true) {
                self.told.push(Told::Read(reader));
            }
        }
        new
    }

    /// The operators' explicit marks, forward or back.
    pub(crate) fn mark(
        &mut self,
        booking: &str,
        number: u32,
        unread: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let talk = self.talk(booking).ok_or(Refusal::NotFound)?;
        if !talk.messages.iter().any(|message| message.number == number) {
            return Err(Refusal::NoSuchMessage);
        }
        let reader = Role::Operator;
        if unread {
            self.change(booking, |talk| talk.unread_from(reader, number, now))?;
        } else if self.change(booking, |talk| talk.read_to(reader, number, now))? {
            self.told.push(Told::Read(reader));
        }
        Ok(())
    }

    /// L5: only this changes a snapshot.
    pub(crate) fn refresh(&mut self, booking: &Booking) -> bool {
        let changed = self.change(booking.id.as_str(), |talk| {
            let changed = talk.booking != *booking;
            talk.booking = booking.clone();
            changed
        });
        changed == Ok(true)
    }

    /// L3.
    pub(crate) fn erase(&mut self, booking: &str) -> bool {
        let there = self.talk(booking).is_some();
        if there {
            self.write(booking).talk = None;
            self.told.push(Told::Erased);
        }
        there
    }
}
