use std::fmt;

use super::fields::{CursorEpoch, Fields, Hex, impl_text};
use super::open_thread::OpenThread;
use crate::LocationId;
use crate::revision::Revision;

/// The position from which an operator's next poll continues. An inbox page and a poll return this
/// cursor.
///
/// The cursor contains the location, the last revision that the client knows, the epoch (P7) and
/// the conversation that was open. A poll that finds nothing new therefore costs one small read. If
/// the screen has opened another conversation since then, the poll reads that conversation as well
/// and misses none of its messages.
///
/// ```
/// use frontdesk::cursor::PollCursor;
/// use frontdesk::desk::PageRequest;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let ann = desk
/// #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking.clone());
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let cursor: PollCursor = kim.inbox(&PageRequest::first(50)).await?.cursor;
/// let text = cursor.to_string();
/// assert_eq!(text.parse::<PollCursor>()?, cursor);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PollCursor {
    pub(crate) location: LocationId,
    pub(crate) epoch: CursorEpoch,
    pub(crate) revision: Revision,
    /// The conversation that was open, if the screen showed it up to its last message.
    pub(crate) open: Option<OpenThread>,
}

impl PollCursor {
    fn parse(text: &str) -> Option<Self> {
        Self::of(Fields::of("p", text)?)
    }

    pub(super) fn of(mut fields: Fields<'_>) -> Option<Self> {
        let epoch = fields.epoch()?;
        let revision = Revision::try_from(fields.number::<i64>()?).ok()?;
        let location = fields.id()?;
        let open = match fields.message_number() {
            Some(shown) => {
                let mut open = OpenThread::new(fields.id()?, shown);
                open.redactions = fields.number().unwrap_or_default();
                open.read = fields.message_number();
                Some(open)
            }
            None => None,
        };
        Some(Self { location, epoch, revision, open })
    }

    /// Returns the text without the leading `p.`.
    pub(super) fn fields(&self) -> String {
        let location = Hex(self.location.as_str());
        let fields = format!("{}.{}.{location}", self.epoch, self.revision);
        match &self.open {
            Some(open) => {
                let shown = format!("{fields}.{}.{}", open.shown, Hex(open.booking.as_str()));
                match (open.redactions, open.read) {
                    (0, None) => shown,
                    (redactions, None) => format!("{shown}.{redactions}"),
                    (redactions, Some(read)) => format!("{shown}.{redactions}.{read}"),
                }
            }
            None => fields,
        }
    }
}

impl fmt::Display for PollCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p.{}", self.fields())
    }
}

impl_text!(PollCursor);
