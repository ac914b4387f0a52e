use std::fmt;

use super::fields::{Fields, Hex, impl_text};
use super::poll::PollCursor;
use crate::Timestamp;
use crate::inbox::InboxPosition;

/// The position from which the next page of a list of threads continues. Each page except the last
/// contains this cursor.
///
/// The cursor also contains the kind of the list (all threads or the unread threads) and the
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
    pub(crate) position: InboxPosition,
    pub(crate) filter: Filter,
    /// The position from which polling starts, as of the time when the first page was read.
    pub(crate) poll: PollCursor,
}

/// The threads that a list contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Filter {
    All,
    Unread,
}

impl PageCursor {
    fn parse(text: &str) -> Option<Self> {
        let (filter, mut fields) = match (Fields::of("i", text), Fields::of("u", text)) {
            (Some(fields), _) => (Filter::All, fields),
            (_, fields) => (Filter::Unread, fields?),
        };
        let active_at = Timestamp::from_unix_micros(fields.number()?).ok()?;
        let position = InboxPosition::new(active_at, Some(fields.id()?));
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

impl_text!(PageCursor);
