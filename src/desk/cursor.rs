use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{BookingId, LocationId, ThreadId};
use crate::inbox::{InboxPosition, Recent};
use crate::message::MessageNumber;
use crate::store::{Filter, Revision};
use crate::timestamp::Timestamp;

/// Why a cursor cannot be used.
///
/// A client that is told so loads again, as after a "start over"; a host may answer
/// that in its place. Cursors of another version of this crate can read as malformed. To
/// have them refused in the host's own form, take them as text and `parse` them.
///
/// ```
/// use frontdesk::DeskError;
/// use frontdesk::desk::{CursorError, PageRequest, PollCursor};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// assert_eq!("p.0".parse::<PollCursor>(), Err(CursorError::Malformed));
///
/// let here = kim.inbox(&PageRequest::first(50)).await?.cursor;
/// let lee = desk.operator(LocationId::new("airport")?, ParticipantId::new("u-8")?, None);
/// let error = lee.poll(&here, None).await.unwrap_err();
/// assert!(matches!(error, DeskError::Cursor(CursorError::Elsewhere)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    /// The text is not a cursor of this kind.
    #[error("cursor is malformed")]
    Malformed,
    /// It was made for another location or another thread.
    #[error("cursor is of another place")]
    Elsewhere,
}

/// The conversation that a screen has open.
///
/// In a query string take `booking` and `shown` as fields of your own: through
/// `serde(flatten)` numbers arrive there as text, and the whole would be lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpenThread {
    /// Its booking.
    pub booking: BookingId,
    /// Up to where the screen shows everything: what the last
    /// [`open`](super::OperatorDesk::open) or poll brought. Not the number of a
    /// message just sent, before which others may be missing.
    pub shown: MessageNumber,
}

/// Where an operator's polling goes on: opaque, made by a page and by each poll.
///
/// It names the location, the last revision seen, the epoch (P7) and the
/// conversation that was open, so that a poll with nothing new costs one small
/// read and one that opens another conversation misses nothing of it. As text it
/// is of `[a-z0-9.]`, fit for a URL.
///
/// ```
/// use frontdesk::desk::{PageRequest, PollCursor};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let cursor: PollCursor = kim.inbox(&PageRequest::first(50)).await?.cursor;
/// let text = cursor.to_string();
/// assert_eq!(text.parse::<PollCursor>()?, cursor);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PollCursor {
    pub(super) location: LocationId,
    pub(super) epoch: u64,
    pub(super) revision: Revision,
    /// The conversation that was open and shown to its end.
    pub(super) open: Option<OpenThread>,
}

/// Where a list of threads goes on: opaque, made by a page. It remembers which
/// threads are listed and from where polling goes on.
///
/// ```
/// use frontdesk::desk::{PageCursor, PageRequest};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// # for n in 2..5 {
/// #     let id = BookingId::new(format!("b-{n}"))?;
/// #     kim.start(Booking::new(id, "K7Q2-XH41", "Harbour tour", desk.now())).await?;
/// # }
/// let page = kim.inbox(&PageRequest::first(2)).await?;
/// let text = page.next.expect("there are three threads").to_string();
///
/// let next: PageCursor = text.parse()?;
/// assert_eq!(kim.inbox(&PageRequest::after(next, 2)).await?.threads.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageCursor {
    pub(super) position: InboxPosition,
    pub(super) filter: Filter,
    /// As of when the first page was read.
    pub(super) poll: PollCursor,
}

/// Where a customer's polling goes on: opaque, made by a visit and by each poll.
/// It names the thread, the last number seen and the epoch, and nothing of the
/// location's other threads (A2).
///
/// ```
/// use frontdesk::desk::CustomerCursor;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let cursor: CustomerCursor = ann.visit().await?.cursor().clone();
/// let text = cursor.to_string();
/// assert_eq!(text.parse::<CustomerCursor>()?, cursor);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CustomerCursor {
    pub(super) id: ThreadId,
    pub(super) epoch: u64,
    pub(super) shown: MessageNumber,
}

/// An id in hexadecimal: ids may hold any separator.
struct Hex<'a>(&'a str);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The fields of a cursor's text, after the letter that says its kind.
struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    fn of(kind: &str, text: &'a str) -> Option<Self> {
        let mut fields = text.split('.');
        (fields.next() == Some(kind)).then_some(Self(fields))
    }

    fn number<T: FromStr>(&mut self) -> Option<T> {
        self.0.next()?.parse().ok()
    }

    fn id<T: for<'s> TryFrom<&'s str>>(&mut self) -> Option<T> {
        let hex = self.0.next()?;
        let bytes: Option<Vec<u8>> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
            .collect();
        T::try_from(&String::from_utf8(bytes?).ok()?).ok()
    }

    fn message_number(&mut self) -> Option<MessageNumber> {
        MessageNumber::new(self.number()?).ok()
    }
}

impl PollCursor {
    fn parse(text: &str) -> Option<Self> {
        Self::of(Fields::of("p", text)?)
    }

    fn of(mut fields: Fields<'_>) -> Option<Self> {
        let epoch = fields.number()?;
        let revision = Revision::try_from(fields.number::<i64>()?).ok()?;
        let location = fields.id()?;
        let open = match fields.message_number() {
            Some(shown) => Some(OpenThread { booking: fields.id()?, shown }),
            None => None,
        };
        Some(Self { location, epoch, revision, open })
    }

    /// Its text without the letter that says its kind.
    fn fields(&self) -> String {
        let location = Hex(self.location.as_str());
        let fields = format!("{}.{}.{location}", self.epoch, self.revision);
        match &self.open {
            Some(open) => format!("{fields}.{}.{}", open.shown, Hex(open.booking.as_str())),
            None => fields,
        }
    }
}

impl fmt::Display for PollCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p.{}", self.fields())
    }
}

impl PageCursor {
    fn parse(text: &str) -> Option<Self> {
        struct Place(Timestamp, BookingId);
        impl Recent for Place {
            fn active_at(&self) -> Timestamp {
                self.0
            }
            fn booking_id(&self) -> &BookingId {
                &self.1
            }
        }
        let (filter, mut fields) = match (Fields::of("i", text), Fields::of("u", text)) {
            (Some(fields), _) => (Filter::All, fields),
            (_, fields) => (Filter::Unread, fields?),
        };
        let active_at = Timestamp::from_unix_micros(fields.number()?).ok()?;
        let position = InboxPosition::of(&Place(active_at, fields.id()?));
        Some(Self { position, filter, poll: PollCursor::of(fields)? })
    }
}

impl fmt::Display for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.filter {
            Filter::All => "i",
            Filter::Unread => "u",
        };
        let active_at = self.position.active_at().unix_micros();
        write!(f, "{kind}.{active_at}.{}.{}", Hex(self.position.booking()), self.poll.fields())
    }
}

impl CustomerCursor {
    fn parse(text: &str) -> Option<Self> {
        let mut fields = Fields::of("c", text)?;
        let epoch = fields.number()?;
        let shown = fields.message_number()?;
        Some(Self { id: ThreadId::new(fields.id()?, fields.id()?), epoch, shown })
    }
}

impl fmt::Display for CustomerCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c.{}.{}.", self.epoch, self.shown)?;
        write!(f, "{}.{}", Hex(self.id.location.as_str()), Hex(self.id.booking.as_str()))
    }
}

macro_rules! as_text {
    ($($cursor:ty),+) => {$(
        impl FromStr for $cursor {
            type Err = CursorError;

            fn from_str(text: &str) -> Result<Self, CursorError> {
                // One text a cursor: what would be written otherwise is not one.
                Self::parse(text)
                    .filter(|cursor| cursor.is_written(text))
                    .ok_or(CursorError::Malformed)
            }
        }

        impl $cursor {
            fn is_written(&self, text: &str) -> bool {
                let mut written = String::with_capacity(text.len());
                write!(written, "{self}").is_ok() && written == text
            }
        }

        impl Serialize for $cursor {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $cursor {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

as_text!(PollCursor, PageCursor, CustomerCursor);
