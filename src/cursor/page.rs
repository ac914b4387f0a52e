use std::fmt;

use super::fields::{Fields, Hex, impl_text};
use super::poll::PollCursor;
use crate::inbox::{InboxPosition, WaitingPosition};
use crate::{BookingId, Timestamp};

/// The position from which the next page of a list of threads continues. Each page except the last
/// contains this cursor.
///
/// The cursor also contains the kind of the list (all, the unread or the waiting threads) and the
/// position from which polling starts.
///
/// ```
/// use frontdesk::cursor::PageCursor;
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
/// # for n in 2..5 {
/// #     let id = BookingId::new(format!("b-{n}"))?;
/// #     kim.start(Booking::new(id, "K7Q2-XH41", "Harbour tour")).await?;
/// # }
/// let page = kim.inbox(&PageRequest::first(2)).await?;
/// let text = page.next.expect("a third thread exists").to_string();
///
/// let next: PageCursor = text.parse()?;
/// assert_eq!(kim.inbox(&PageRequest::after(next, 2)).await?.threads.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageCursor {
    pub(crate) position: PagePosition,
    /// The position from which polling starts, as of the time when the first page was read.
    pub(crate) poll: PollCursor,
}

/// The list that a page belongs to, and the position of the page's last thread in that list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum PagePosition {
    All(InboxPosition),
    Unread(InboxPosition),
    Waiting(WaitingPosition),
}

impl PageCursor {
    fn parse(text: &str) -> Option<Self> {
        let (kind, _) = text.split_once('.')?;
        let mut fields = Fields::of(kind, text)?;
        let time = Timestamp::from_unix_micros(fields.number()?).ok()?;
        let booking: BookingId = fields.id()?;
        let position = match kind {
            "i" => PagePosition::All(InboxPosition::new(time, Some(booking))),
            "u" => PagePosition::Unread(InboxPosition::new(time, Some(booking))),
            "w" => PagePosition::Waiting(WaitingPosition::new(time, booking)),
            _ => return None,
        };
        Some(Self { position, poll: PollCursor::of(fields)? })
    }
}

impl fmt::Display for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, time, booking) = match &self.position {
            PagePosition::All(position) => ("i", position.active_at(), position.booking()),
            PagePosition::Unread(position) => ("u", position.active_at(), position.booking()),
            PagePosition::Waiting(position) => ("w", position.waiting_since(), position.booking()),
        };
        write!(f, "{kind}.{}.{}.{}", time.unix_micros(), Hex(booking), self.poll.fields())
    }
}

impl_text!(PageCursor);
