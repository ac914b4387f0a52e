use std::fmt;
use std::sync::Arc;

use super::admin::AdminDesk;
use super::context::DeskContext;
use super::customer::CustomerDesk;
use super::error::DeskError;
use super::limits::MAX_LOCATIONS;
use super::location_changes::{LocationChanges, LocationsCursor};
use super::location_position::LocationPosition;
use super::operator::OperatorDesk;
use crate::calendar::TimeZone;
use crate::cursor::CursorEpoch;
use crate::store::LocationRevision;
use crate::view::{Localization, ViewContext};
use crate::{BookingId, DisplayName, LocationId, Participant, ParticipantId, ThreadId, Timestamp};

/// The entry point, which makes the operator, customer and admin desks. Cloning a desk is cheap:
/// the clones share the store and the settings.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{BookingId, FrontDesk, LocationId, ParticipantId};
///
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = LocationId::new("harbour")?;
///
/// // The host application has checked that the user may have these desks.
/// let operator = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let customer =
///     desk.customer(harbour.clone(), BookingId::new("b-1")?, ParticipantId::new("c-9")?);
/// let admin = desk.admin(harbour);
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Clone)]
pub struct FrontDesk {
    context: Arc<DeskContext>,
}

impl FrontDesk {
    pub(super) fn from_context(context: Arc<DeskContext>) -> Self {
        Self { context }
    }

    /// Makes the desk of an operator at a location. Before this call, the host application checks
    /// the operator's identity and that the operator works at the location.
    pub fn operator(
        &self,
        location: LocationId,
        id: ParticipantId,
        name: Option<DisplayName>,
    ) -> OperatorDesk {
        let participant = Participant::operator(id, name);
        OperatorDesk::new(Arc::clone(&self.context), location, participant)
    }

    /// Makes the desk of a customer for the thread of one booking. Before this call, the host
    /// application checks that the booking belongs to the customer. To start a thread, the desk
    /// also needs the whole booking; see [`starting_with`](CustomerDesk::starting_with).
    pub fn customer(
        &self,
        location: LocationId,
        booking: BookingId,
        id: ParticipantId,
    ) -> CustomerDesk {
        let thread = ThreadId::new(location, booking);
        CustomerDesk::new(Arc::clone(&self.context), thread, Participant::customer(id, None))
    }

    /// Makes the desk with which the host application maintains a location.
    pub fn admin(&self, location: LocationId) -> AdminDesk {
        AdminDesk::new(Arc::clone(&self.context), location)
    }

    /// Reads the locations that have had a commit, with their newest revisions, in the order of the
    /// bytes of their ids, at most `limit` after the location `after`. The list ends with a page of
    /// fewer locations than `limit`.
    ///
    /// A notifier calls [`changed_locations`](Self::changed_locations) instead, which can return a
    /// shorter list. No other use case is about more than one location.
    ///
    /// # Errors
    ///
    /// [`DeskError::LocationLimit`] if `limit` is 0 or above [`MAX_LOCATIONS`], and
    /// [`DeskError::Store`].
    ///
    /// ```
    /// use frontdesk::desk::{LocationPosition, MAX_LOCATIONS};
    /// use frontdesk::{FrontDesk, LocationId};
    /// # use frontdesk::DeskError;
    /// # use frontdesk::store::MemoryStore;
    ///
    /// async fn all_locations(desk: &FrontDesk) -> Result<Vec<LocationPosition>, DeskError> {
    ///     let mut all = Vec::new();
    ///     loop {
    ///         let after = all.last().map(|last: &LocationPosition| last.location.clone());
    ///         let page = desk.locations(after.as_ref(), MAX_LOCATIONS).await?;
    ///         let is_last = page.len() < MAX_LOCATIONS;
    ///         all.extend(page);
    ///         if is_last {
    ///             return Ok(all);
    ///         }
    ///     }
    /// }
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # assert!(futures::executor::block_on(all_locations(&desk)).unwrap().is_empty());
    /// ```
    pub async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> Result<Vec<LocationPosition>, DeskError> {
        check_limit(limit)?;
        let answer = self.context.store.locations(after, limit).await?;
        Ok(positions(answer.value, self.context.cursor_epoch(answer.epoch)))
    }

    /// Reads the locations that may have had a commit since the list with the cursor `since`, in the
    /// order of the bytes of their ids, at most `limit` after the location `after`. The list ends
    /// with a page of fewer locations than `limit`. `None` lists all locations.
    ///
    /// One notifier thus serves many locations: it follows only those that have something new. A
    /// location without a commit can be in the list, so
    /// [`has_changed_since`](LocationPosition::has_changed_since) decides. A store that does not
    /// know which locations have changed lists all of them, and so does every store after a change
    /// of the epoch (P7).
    ///
    /// # Errors
    ///
    /// [`DeskError::LocationLimit`] if `limit` is 0 or above [`MAX_LOCATIONS`], and
    /// [`DeskError::Store`].
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use frontdesk::cursor::FollowCursor;
    /// use frontdesk::desk::{EventPage, FollowAnswer, LocationChanges, LocationPosition};
    /// use frontdesk::desk::{LocationsCursor, MAX_LOCATIONS};
    /// use frontdesk::{FrontDesk, LocationId};
    /// # use frontdesk::DeskError;
    /// # use frontdesk::store::MemoryStore;
    ///
    /// /// Delivers the new events of all locations, at least once, and returns their number.
    /// /// `is_first` is `true` until a round of this notifier was complete, also over restarts.
    /// async fn round(
    ///     desk: &FrontDesk,
    ///     cursors: &mut HashMap<LocationId, FollowCursor>,
    ///     since: &mut Option<LocationsCursor>,
    ///     is_first: bool,
    /// ) -> Result<usize, DeskError> {
    ///     let (mut after, mut next): (Option<LocationId>, Option<LocationsCursor>) = (None, None);
    ///     let mut delivered = 0;
    ///     loop {
    ///         let page: LocationChanges =
    ///             desk.changed_locations(since.as_ref(), after.as_ref(), MAX_LOCATIONS).await?;
    ///         next = next.or(Some(page.cursor));
    ///         let locations: &[LocationPosition] = &page.locations;
    ///         for position in locations {
    ///             let admin = desk.admin(position.location.clone());
    ///             let mut more = match cursors.get(&position.location) {
    ///                 Some(cursor) => position.has_changed_since(cursor),
    ///                 None => true,
    ///             };
    ///             while more {
    ///                 let known = cursors.get(&position.location);
    ///                 let next = match admin.follow(known, 100).await? {
    ///                     FollowAnswer::Events(EventPage { events, cursor, more: has_more, .. }) => {
    ///                         for event in &events {
    ///                             println!("{}", event.id); // Deliver the event.
    ///                         }
    ///                         delivered += events.len();
    ///                         more = has_more;
    ///                         cursor
    ///                     }
    ///                     // The first round skips what was there before. Later, a location without
    ///                     // a cursor is new, and a refused cursor is of another history (P7).
    ///                     FollowAnswer::StartOver { newest, .. } if is_first && known.is_none() => {
    ///                         more = false;
    ///                         newest
    ///                     }
    ///                     FollowAnswer::StartOver { oldest, .. } => oldest,
    ///                 };
    ///                 // Store the cursor after the events were delivered.
    ///                 cursors.insert(position.location.clone(), next);
    ///             }
    ///         }
    ///         if locations.len() < MAX_LOCATIONS {
    ///             *since = next; // The round is complete.
    ///             return Ok(delivered);
    ///         }
    ///         after = locations.last().map(|last| last.location.clone());
    ///     }
    /// }
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # let (mut cursors, mut since) = (HashMap::new(), None);
    /// # futures::executor::block_on(async {
    /// # let mut next_round = async |is_first| {
    /// #     round(&desk, &mut cursors, &mut since, is_first).await
    /// # };
    /// # let booking = frontdesk::Booking::new("b-1".parse()?, "K7Q2-XH41", "Harbour tour");
    /// # let customer = |location: &str| {
    /// #     let desk = desk.customer(location.parse()?, booking.id.clone(), "c-9".parse()?);
    /// #     Ok::<_, Box<dyn std::error::Error>>(desk.starting_with(booking.clone()))
    /// # };
    /// # customer("harbour")?.send("Before the first round").await?;
    /// # assert_eq!(next_round(true).await?, 0);
    /// # // The first message of a new location, and more events than one answer has.
    /// # customer("airport")?.send("Hello").await?;
    /// # for _ in 0..250 {
    /// #     customer("harbour")?.send("Hello").await?;
    /// # }
    /// # assert_eq!(next_round(false).await?, 251);
    /// # assert_eq!(next_round(false).await?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn changed_locations(
        &self,
        since: Option<&LocationsCursor>,
        after: Option<&LocationId>,
        limit: usize,
    ) -> Result<LocationChanges, DeskError> {
        check_limit(limit)?;
        let store = &self.context.store;
        let mut token = since.and_then(|since| since.token);
        loop {
            let answer = store.changed_locations(token, after, limit).await?;
            let epoch = self.context.cursor_epoch(answer.epoch);
            // A token has no meaning in another epoch.
            if token.is_some() && since.is_some_and(|since| since.epoch != epoch) {
                token = None;
                continue;
            }
            let cursor = LocationsCursor { epoch, token: answer.value.next };
            return Ok(LocationChanges::new(positions(answer.value.locations, epoch), cursor));
        }
    }

    /// Returns the present time of the desk's clock (W2).
    pub fn now(&self) -> Timestamp {
        self.context.now()
    }

    /// Makes a view context at the present time.
    pub fn view_context<'a>(
        &self,
        time_zone: &'a dyn TimeZone,
        localization: &'a dyn Localization,
    ) -> ViewContext<'a> {
        ViewContext::new(time_zone, localization, self.now())
    }
}

impl fmt::Debug for FrontDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.context, f)
    }
}

fn check_limit(limit: usize) -> Result<(), DeskError> {
    let is_valid = (1..=MAX_LOCATIONS).contains(&limit);
    if is_valid { Ok(()) } else { Err(DeskError::LocationLimit { limit }) }
}

fn positions(found: Vec<LocationRevision>, epoch: CursorEpoch) -> Vec<LocationPosition> {
    let position =
        |LocationRevision { location, revision }| LocationPosition::new(location, revision, epoch);
    found.into_iter().map(position).collect()
}
