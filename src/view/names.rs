use crate::{DisplayName, Participant};

/// The host application's names for participants at the time of viewing (A2).
///
/// Stored messages keep the name that their author had. With this trait, views can show another
/// name: that of a colleague who has changed it, or a pen name for all of a team. A closure
/// implements the trait.
///
/// ```
/// use frontdesk::view::{English, ParticipantNames, ViewContext};
/// use frontdesk::{Booking, BookingId, DisplayName, Participant, ParticipantId, Role, Timestamp};
/// use time::UtcOffset;
///
/// /// Hides the names of operators who have left.
/// struct FormerColleagues(Vec<ParticipantId>);
///
/// impl ParticipantNames for FormerColleagues {
///     fn name(&self, participant: &Participant) -> Option<DisplayName> {
///         let has_left = participant.role == Role::Operator && self.0.contains(&participant.id);
///         has_left.then(|| DisplayName::new("Former colleague"))?
///     }
/// }
///
/// let kim = Participant::operator(ParticipantId::new("u-7")?, DisplayName::new("Kim"));
/// let names = FormerColleagues(vec![kim.id.clone()]);
/// let context = ViewContext::new(&UtcOffset::UTC, &English, Timestamp::UNIX_EPOCH);
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// assert_eq!(context.sender(&kim, &booking).as_str(), "Kim");
/// assert_eq!(context.with_names(&names).sender(&kim, &booking).as_str(), "Former colleague");
/// # Ok::<(), frontdesk::IdError>(())
/// ```
pub trait ParticipantNames: Send + Sync {
    /// Returns the name to show for a participant. Returns `None` to show the stored name, or the
    /// label for a participant without a name (T6). The stored name is in `participant`.
    fn name(&self, participant: &Participant) -> Option<DisplayName>;
}

impl<F: Fn(&Participant) -> Option<DisplayName> + Send + Sync> ParticipantNames for F {
    fn name(&self, participant: &Participant) -> Option<DisplayName> {
        self(participant)
    }
}
