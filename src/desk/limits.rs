use std::time::Duration;

/// The recommended interval between two polls of a dashboard: 7.5 seconds (P4).
pub const POLL_INTERVAL: Duration = Duration::from_millis(7_500);

/// The highest number of threads or messages on a page.
pub const MAX_PAGE: usize = 200;

/// The highest number of locations in one answer of
/// [`FrontDesk::locations`](crate::FrontDesk::locations) and
/// [`FrontDesk::changed_locations`](crate::FrontDesk::changed_locations).
pub const MAX_LOCATIONS: usize = 10_000;

/// The number of messages that an opened conversation shows before its first unread message, if the
/// unread messages do not fit a page (U3).
pub(super) const CONTEXT_MESSAGES: u32 = 20;

/// The highest number of changed threads that one poll returns. A client that is further behind
/// starts over (P7).
///
/// ```
/// use frontdesk::desk::{MAX_POLL_CHANGES, OperatorPoll, PageRequest};
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
/// let cursor = kim.inbox(&PageRequest::first(1)).await?.cursor;
/// for n in 0..=MAX_POLL_CHANGES {
///     let booking = BookingId::new(format!("b-{n}"))?;
///     kim.start(Booking::new(booking, "K7Q2-XH41", "Harbour tour")).await?;
/// }
/// assert!(matches!(kim.poll(&cursor, None).await?, OperatorPoll::StartOver { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub const MAX_POLL_CHANGES: usize = 1_000;

/// The highest number of attempts of a use case. If a write conflict ends the last attempt too,
/// the use case fails with [`DeskError::Busy`](super::DeskError::Busy).
///
/// Every conflict means that another writer succeeded, so up to 64 concurrent writers of one
/// thread always finish. People do not write into one thread that fast.
pub const MAX_ATTEMPTS: usize = 64;
