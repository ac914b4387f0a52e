use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::code::ConfirmationCode;
use super::snapshot::{Booking, duration_secs, short_code};
use super::status::BookingStatus;
use crate::{BookingId, DisplayName, InvalidRecord, ProfileId, SingleLine, Timestamp};

/// Changes to the snapshot of a booking that a thread keeps (L5).
///
/// A patch changes only the parts that it names. The other parts stay as they are stored, so a
/// host application that learns of a new status does not need to know the customer's name. A
/// `with_...` method names a part and sets it. A `without_...` method names a part and takes it
/// away.
///
/// A patch that is made from a [`Booking`] names every part. A booking without a name, for
/// example, takes the stored name away. Only the version stays if the booking has none.
///
/// In JSON, an absent field names nothing, and `null` takes a part away. An unknown field is an
/// error. Texts are cleaned like those of a booking (T6).
///
/// ```
/// use frontdesk::{Booking, BookingId, BookingPatch, BookingStatus, DisplayName, ProfileId};
/// use std::time::Duration;
///
/// let id = BookingId::new("b-1")?;
/// let booking = Booking::new(id.clone(), "K7Q2-XH41", "Harbour tour")
///     .with_customer_name(DisplayName::new("Ann Lee"));
///
/// let patch = BookingPatch::new(id).with_status(BookingStatus::Confirmed);
/// let confirmed = patch.apply_to(&booking).expect("the status changes");
/// assert_eq!(confirmed.status, BookingStatus::Confirmed);
/// assert_eq!(confirmed.customer_name, booking.customer_name);
/// assert_eq!(patch.apply_to(&confirmed), None);
///
/// // Every part can be set, and the optional ones can be taken away.
/// let moved = BookingPatch::new(patch.id().clone())
///     .with_code("K7Q2-XH42")
///     .with_short_code("42")
///     .with_activity("Harbour tour at dusk")
///     .with_start("2027-03-21T18:00:00Z".parse()?)
///     .with_duration(Duration::from_secs(2 * 3600))
///     .with_customer_name(DisplayName::new("Ann Lee").unwrap())
///     .with_profile(ProfileId::new("crm-88")?)
///     .with_version(2);
/// let moved = moved.apply_to(&confirmed).unwrap();
/// let bare = BookingPatch::new(moved.id.clone())
///     .without_short_code()
///     .without_start()
///     .without_customer_name()
///     .without_profile()
///     .without_version();
/// assert_eq!(bare.apply_to(&moved).unwrap().version(), None);
///
/// let from_json: BookingPatch = serde_json::from_str(r#"{"id":"b-1","status":"confirmed"}"#)?;
/// assert_eq!(from_json, patch);
/// let nameless: BookingPatch = serde_json::from_str(r#"{"id":"b-1","customerName":null}"#)?;
/// assert_eq!(nameless.apply_to(&booking).unwrap().customer_name, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(into = "PatchRecord", try_from = "PatchRecord")]
pub struct BookingPatch {
    id: BookingId,
    code: FieldChange<ConfirmationCode>,
    short_code: FieldChange<Option<SingleLine>>,
    activity: FieldChange<SingleLine>,
    starts_at: FieldChange<Option<Timestamp>>,
    duration_secs: FieldChange<u32>,
    status: FieldChange<BookingStatus>,
    customer_name: FieldChange<Option<DisplayName>>,
    profile: FieldChange<Option<ProfileId>>,
    version: FieldChange<Option<u64>>,
}

impl BookingPatch {
    /// Makes a patch that names no part of the booking.
    pub fn new(id: BookingId) -> Self {
        Self {
            id,
            code: FieldChange::Keep,
            short_code: FieldChange::Keep,
            activity: FieldChange::Keep,
            starts_at: FieldChange::Keep,
            duration_secs: FieldChange::Keep,
            status: FieldChange::Keep,
            customer_name: FieldChange::Keep,
            profile: FieldChange::Keep,
            version: FieldChange::Keep,
        }
    }

    /// Returns the id of the booking.
    pub fn id(&self) -> &BookingId {
        &self.id
    }

    /// Sets the confirmation code. An empty text takes the code away.
    #[must_use]
    pub fn with_code(mut self, code: impl AsRef<str>) -> Self {
        self.code = FieldChange::Set(ConfirmationCode::new(code));
        self
    }

    /// Sets the [short code](Booking::short_code). A text without a visible character takes it away.
    #[must_use]
    pub fn with_short_code(mut self, code: impl AsRef<str>) -> Self {
        self.short_code = FieldChange::Set(short_code(code));
        self
    }

    /// Takes the short code away.
    #[must_use]
    pub fn without_short_code(mut self) -> Self {
        self.short_code = FieldChange::Set(None);
        self
    }

    /// Sets the activity. An empty text takes the activity away.
    #[must_use]
    pub fn with_activity(mut self, activity: impl AsRef<str>) -> Self {
        self.activity = FieldChange::Set(SingleLine::new(activity));
        self
    }

    /// Sets the start.
    #[must_use]
    pub fn with_start(mut self, at: Timestamp) -> Self {
        self.starts_at = FieldChange::Set(Some(at));
        self
    }

    /// Takes the start away.
    #[must_use]
    pub fn without_start(mut self) -> Self {
        self.starts_at = FieldChange::Set(None);
        self
    }

    /// Sets the duration as [`Booking::with_duration`] does. Zero takes the duration away.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration_secs = FieldChange::Set(duration_secs(duration));
        self
    }

    /// Sets the status.
    #[must_use]
    pub fn with_status(mut self, status: BookingStatus) -> Self {
        self.status = FieldChange::Set(status);
        self
    }

    /// Sets the customer's name.
    #[must_use]
    pub fn with_customer_name(mut self, name: DisplayName) -> Self {
        self.customer_name = FieldChange::Set(Some(name));
        self
    }

    /// Takes the customer's name away.
    #[must_use]
    pub fn without_customer_name(mut self) -> Self {
        self.customer_name = FieldChange::Set(None);
        self
    }

    /// Sets the CRM profile.
    #[must_use]
    pub fn with_profile(mut self, profile: ProfileId) -> Self {
        self.profile = FieldChange::Set(Some(profile));
        self
    }

    /// Takes the CRM profile away.
    #[must_use]
    pub fn without_profile(mut self) -> Self {
        self.profile = FieldChange::Set(None);
        self
    }

    /// Sets the version as [`Booking::with_version`] does. The patch changes nothing if the stored
    /// version is higher.
    #[must_use]
    pub fn with_version(mut self, version: u64) -> Self {
        self.version = FieldChange::Set(Some(version.min(Booking::MAX_VERSION)));
        self
    }

    /// Takes the version away. Afterwards, a patch with any version applies. A host application
    /// needs this if its versions start again from a lower number.
    #[must_use]
    pub fn without_version(mut self) -> Self {
        self.version = FieldChange::Set(None);
        self
    }

    /// Returns the booking with the named parts changed. Returns `None` if this changes nothing,
    /// if the booking has another id, or if its version is higher than that of the patch (L5, P6).
    pub fn apply_to(&self, booking: &Booking) -> Option<Booking> {
        let is_outdated = matches!(
            (self.version, booking.version),
            (FieldChange::Set(Some(version)), Some(stored)) if version < stored
        );
        if self.id != booking.id || is_outdated {
            return None;
        }
        let mut next = booking.clone();
        self.code.clone_line_to(&mut next.code, |code| Some(code.as_line()));
        self.short_code.clone_line_to(&mut next.short_code, Option::as_ref);
        self.activity.clone_line_to(&mut next.activity, |activity| Some(activity));
        self.starts_at.clone_to(&mut next.starts_at);
        self.duration_secs.clone_to(&mut next.duration_secs);
        self.status.clone_line_to(&mut next.status, BookingStatus::as_other);
        self.customer_name
            .clone_line_to(&mut next.customer_name, |name| name.as_ref().map(DisplayName::as_line));
        self.profile.clone_to(&mut next.profile);
        self.version.clone_to(&mut next.version);
        (next != *booking).then_some(next)
    }
}

/// A part of a booking in a patch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline, untagged))]
enum FieldChange<T> {
    /// The patch does not name the part.
    #[cfg_attr(feature = "schemars", schemars(skip))]
    #[default]
    Keep,
    /// The patch sets the part.
    Set(T),
}

impl<T> FieldChange<T> {
    fn is_kept(&self) -> bool {
        matches!(self, Self::Keep)
    }

    fn map<U>(self, convert: impl FnOnce(T) -> U) -> FieldChange<U> {
        match self {
            Self::Keep => FieldChange::Keep,
            Self::Set(value) => FieldChange::Set(convert(value)),
        }
    }

    fn try_map<U, E>(self, convert: impl FnOnce(T) -> Result<U, E>) -> Result<FieldChange<U>, E> {
        match self {
            Self::Keep => Ok(FieldChange::Keep),
            Self::Set(value) => convert(value).map(FieldChange::Set),
        }
    }
}

impl<T: Clone> FieldChange<T> {
    fn clone_to(&self, part: &mut T) {
        if let Self::Set(value) = self {
            part.clone_from(value);
        }
    }

    /// Clones a part with a text, unless the stored text is the same and was cut by a build with
    /// another version of Unicode (P6).
    fn clone_line_to(&self, part: &mut T, line: impl Fn(&T) -> Option<&SingleLine>) {
        if let Self::Set(value) = self
            && let (Some(value), Some(stored)) = (line(value), line(part))
            && value.is_shorter_cut_of(stored)
        {
            return;
        }
        self.clone_to(part);
    }
}

impl<T: Serialize> Serialize for FieldChange<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for FieldChange<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Set)
    }
}

/// Makes a patch that names every part of the booking.
impl From<Booking> for BookingPatch {
    fn from(booking: Booking) -> Self {
        Self {
            id: booking.id,
            code: FieldChange::Set(booking.code),
            short_code: FieldChange::Set(booking.short_code),
            activity: FieldChange::Set(booking.activity),
            starts_at: FieldChange::Set(booking.starts_at),
            duration_secs: FieldChange::Set(booking.duration_secs),
            status: FieldChange::Set(booking.status),
            customer_name: FieldChange::Set(booking.customer_name),
            profile: FieldChange::Set(booking.profile),
            // An old version must not become valid again because one refresh has no version.
            version: booking
                .version
                .map_or(FieldChange::Keep, |version| FieldChange::Set(Some(version))),
        }
    }
}

/// The JSON of a patch. An absent field is [`FieldChange::Keep`], and null is `None` in [`FieldChange::Set`].
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "BookingPatch"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PatchRecord {
    #[cfg_attr(feature = "schemars", schemars(with = "BookingId"))]
    id: String,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    code: FieldChange<Option<String>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    short_code: FieldChange<Option<String>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    activity: FieldChange<Option<String>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    starts_at: FieldChange<Option<Timestamp>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    duration_secs: FieldChange<Option<u64>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    #[cfg_attr(feature = "schemars", schemars(with = "FieldChange<String>"))]
    status: FieldChange<Option<String>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    customer_name: FieldChange<Option<String>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    #[cfg_attr(feature = "schemars", schemars(with = "FieldChange<Option<ProfileId>>"))]
    profile: FieldChange<Option<String>>,
    #[serde(default, skip_serializing_if = "FieldChange::is_kept")]
    version: FieldChange<Option<u64>>,
}

impl From<BookingPatch> for PatchRecord {
    fn from(patch: BookingPatch) -> Self {
        let line = |line: SingleLine| line.as_str().to_owned();
        let name = |name: DisplayName| name.as_str().to_owned();
        let profile = |profile: ProfileId| profile.as_str().to_owned();
        Self {
            id: patch.id.as_str().to_owned(),
            code: patch.code.map(|code| Some(code.as_str().to_owned())),
            short_code: patch.short_code.map(|code| code.map(line)),
            activity: patch.activity.map(|activity| Some(line(activity))),
            starts_at: patch.starts_at,
            duration_secs: patch.duration_secs.map(|seconds| Some(seconds.into())),
            status: patch.status.map(|status| Some(status.word().to_owned())),
            customer_name: patch.customer_name.map(|found| found.map(name)),
            profile: patch.profile.map(|found| found.map(profile)),
            version: patch.version,
        }
    }
}

impl TryFrom<PatchRecord> for BookingPatch {
    type Error = InvalidRecord;

    fn try_from(record: PatchRecord) -> Result<Self, InvalidRecord> {
        let status = |word: Option<String>| match word {
            Some(word) => Ok(BookingStatus::from_word(word)),
            None => Err(InvalidRecord::rule("booking", "status is null, but cannot be removed")),
        };
        let duration = |seconds: Option<u64>| Duration::from_secs(seconds.unwrap_or_default());
        let limited = |version: u64| version.min(Booking::MAX_VERSION);
        Ok(Self {
            id: BookingId::new(record.id)?,
            code: record.code.map(|code| ConfirmationCode::new(code.unwrap_or_default())),
            short_code: record.short_code.map(|code| code.and_then(short_code)),
            activity: record.activity.map(|text| SingleLine::new(text.unwrap_or_default())),
            starts_at: record.starts_at,
            duration_secs: record.duration_secs.map(|seconds| duration_secs(duration(seconds))),
            status: record.status.try_map(status)?,
            customer_name: record.customer_name.map(|name| name.and_then(DisplayName::new)),
            profile: record.profile.try_map(|id| id.map(ProfileId::new).transpose())?,
            version: record.version.map(|version| version.map(limited)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn full() -> Booking {
        Booking::new(BookingId::new("b").unwrap(), "K7-1", "Tour")
            .with_short_code("1")
            .with_start(Timestamp::UNIX_EPOCH)
            .with_duration(Duration::from_secs(60))
            .with_status(BookingStatus::Confirmed)
            .with_customer_name(DisplayName::new("Ann"))
            .with_profile(ProfileId::new("crm-1").unwrap())
    }

    fn from_json(fields: &Value) -> serde_json::Result<BookingPatch> {
        let mut json = json!({ "id": "b" });
        json.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(json)
    }

    /// L5: a part that a patch does not name keeps its stored value, and null takes a part away.
    #[test]
    fn l5_an_absent_field_keeps_a_part_and_null_takes_it_away() {
        assert_eq!(from_json(&json!({})).unwrap().apply_to(&full()), None);
        let bare = Booking::new(full().id, "", "");
        let expected = [
            ("code", Booking { code: bare.code, ..full() }),
            ("shortCode", Booking { short_code: None, ..full() }),
            ("activity", Booking { activity: bare.activity, ..full() }),
            ("startsAt", Booking { starts_at: None, ..full() }),
            ("durationSecs", full().with_duration(Duration::ZERO)),
            ("customerName", full().with_customer_name(None)),
            ("profile", Booking { profile: None, ..full() }),
        ];
        for (field, expected) in expected {
            let patch = from_json(&json!({ field: null })).unwrap();
            assert_eq!(patch.apply_to(&full()).as_ref(), Some(&expected), "{field}");
            assert_eq!(patch.apply_to(&expected), None, "{field}");
            let back = BookingPatch::from(full()).apply_to(&expected);
            assert_eq!(back, Some(full()), "{field}");
        }
        let versioned = full().with_version(7);
        let patch = from_json(&json!({ "version": null })).unwrap();
        assert_eq!(patch.apply_to(&versioned), Some(full()));
    }

    /// L5, T6: the fields of a patch are cleaned like those of a booking.
    #[test]
    fn l5_t6_the_fields_of_a_patch_are_cleaned() {
        let patch = from_json(&json!({
            "code": " K8\n", "shortCode": "\u{200B}", "activity": "\u{0}Cruise", "status": "CONFIRMED",
            "durationSecs": u64::MAX, "customerName": " Ben\t", "version": u64::MAX
        }));
        let changed = patch.unwrap().apply_to(&full()).unwrap();
        let expected = Booking::new(full().id, "K8", "Cruise")
            .with_start(Timestamp::UNIX_EPOCH)
            .with_duration(Duration::MAX)
            .with_status(BookingStatus::Confirmed)
            .with_customer_name(DisplayName::new("Ben"))
            .with_profile(ProfileId::new("crm-1").unwrap())
            .with_version(Booking::MAX_VERSION);
        assert_eq!(changed, expected);
    }

    /// L5: JSON that names an unknown part, removes the status or has an invalid value is refused.
    #[test]
    fn l5_an_invalid_patch_is_refused() {
        for (fields, reason) in [
            (json!({ "customer": "Ann" }), "unknown field `customer`"),
            (json!({ "status": null }), "status is null"),
            (json!({ "profile": "two words" }), "profile id contains U+0020"),
            (json!({ "id": "" }), "booking id is empty"),
            (json!({ "startsAt": "tomorrow" }), "RFC 3339"),
            (json!({ "durationSecs": -1 }), "expected u64"),
            (json!({ "version": -1 }), "expected u64"),
        ] {
            let error = from_json(&fields).unwrap_err().to_string();
            assert!(error.contains(reason), "{fields}: {error}");
        }
        let error = serde_json::from_value::<BookingPatch>(json!({ "code": "K8" })).unwrap_err();
        assert!(error.to_string().contains("missing field `id`"), "{error}");
    }

    /// L5: a lower version changes nothing. An equal version, a higher version and no version
    /// change the parts that the patch names.
    #[test]
    fn l5_a_lower_version_changes_nothing() {
        let patch = || BookingPatch::new(full().id).with_status(BookingStatus::Cancelled);
        let cancelled = full().with_status(BookingStatus::Cancelled);
        for (stored, version, expected) in [
            (None, None, Some(None)),
            (None, Some(0), Some(Some(0))),
            (Some(7), None, Some(Some(7))),
            (Some(7), Some(6), None),
            (Some(7), Some(7), Some(Some(7))),
            (Some(7), Some(8), Some(Some(8))),
            (Some(Booking::MAX_VERSION), Some(u64::MAX), Some(Some(Booking::MAX_VERSION))),
        ] {
            let booking = Booking { version: stored, ..full() };
            let patch = version.map_or(patch(), |version| patch().with_version(version));
            let expected = expected.map(|version| Booking { version, ..cancelled.clone() });
            assert_eq!(patch.apply_to(&booking), expected, "{stored:?} {version:?}");
        }
        let other = BookingPatch { id: BookingId::new("other").unwrap(), ..patch() };
        assert_eq!(other.apply_to(&full()), None);
    }

    fn bookings() -> impl Strategy<Value = Booking> {
        let texts = prop::collection::vec("[ab]{0,2}", 6);
        (texts, prop::option::of(0_i64..3), prop::option::of(0_u64..5)).prop_map(
            |(texts, starts_at, version)| Booking {
                starts_at: starts_at.map(Timestamp::saturating_from_unix_micros),
                profile: ProfileId::new(&texts[5]).ok(),
                version,
                ..Booking::new(full().id, &texts[0], &texts[1])
                    .with_short_code(&texts[2])
                    .with_status(BookingStatus::from_word(&texts[3]))
                    .with_customer_name(DisplayName::new(&texts[4]))
            },
        )
    }

    proptest! {
        /// L5: refreshes with different versions end with the highest version in every order.
        #[test]
        fn l5_refreshes_end_with_the_highest_version_in_every_order(
            (snapshots, order) in prop::collection::vec(bookings(), 1..6).prop_flat_map(|list| {
                let versioned: Vec<_> =
                    (1..).zip(list).map(|(version, booking)| booking.with_version(version)).collect();
                (Just(versioned.clone()), Just(versioned).prop_shuffle())
            }),
            start in bookings(),
        ) {
            let mut stored = Booking { version: None, ..start };
            for snapshot in order {
                stored = BookingPatch::from(snapshot).apply_to(&stored).unwrap_or(stored);
            }
            prop_assert_eq!(Some(&stored), snapshots.last());
        }

        /// L5, P6: a patch of a booking turns any other snapshot into this booking, and applying
        /// the patch again changes nothing. JSON keeps a patch unchanged.
        #[test]
        fn l5_p6_a_patch_of_a_booking_makes_this_booking(
            booking in bookings(),
            stored in bookings(),
        ) {
            let patch = BookingPatch::from(booking.clone());
            let json = serde_json::to_value(&patch).unwrap();
            prop_assert_eq!(&serde_json::from_value::<BookingPatch>(json).unwrap(), &patch);

            let expected = Booking { version: booking.version.or(stored.version), ..booking };
            let is_outdated = expected.version < stored.version;
            let changed = patch.apply_to(&stored);
            let is_changed = !is_outdated && expected != stored;
            prop_assert_eq!(changed, is_changed.then(|| expected.clone()));
            prop_assert!(is_outdated || patch.apply_to(&expected).is_none());
        }
    }
}
