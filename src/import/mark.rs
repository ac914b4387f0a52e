use crate::Timestamp;

/// The part of an imported list that one side has read (U1).
///
/// ```
/// use frontdesk::import::{ImportMark, ThreadImport};
/// use frontdesk::{Booking, BookingId};
///
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let import = ThreadImport::new(booking)
///     .read_by_operators(ImportMark::First(12))
///     .read_by_customers(ImportMark::Until("2026-07-29T20:15:00Z".parse()?));
/// assert_eq!(ImportMark::default(), ImportMark::Everything);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ImportMark {
    /// The side has read all imported messages.
    #[default]
    Everything,
    /// The side has read the first messages of the list, as many as the number says. Messages that
    /// are refused count.
    First(usize),
    /// The side has read the messages up to a time, this time included.
    Until(Timestamp),
    /// The side has read no imported message.
    Nothing,
}
