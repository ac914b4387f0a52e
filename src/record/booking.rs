use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A [`Booking`](crate::Booking) as plain values. `Debug` shows only the id.
///
/// ```
/// use frontdesk::Booking;
/// use frontdesk::record::BookingRecord;
///
/// let mut record = BookingRecord::default();
/// record.id = "b-1".into();
/// record.code = "K7Q2-XH41".into();
/// record.activity = "Harbour tour".into();
/// record.starts_at = Some("2027-03-20T09:00:00Z".parse()?);
/// record.duration_secs = 7200;
/// record.status = "confirmed".into();
/// let booking = Booking::try_from(record)?;
/// assert_eq!(booking.duration().as_secs(), 7200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BookingRecord {
    /// [`Booking::id`](crate::Booking::id).
    #[cfg_attr(feature = "schemars", schemars(with = "crate::BookingId"))]
    pub id: String,
    /// [`Booking::code`](crate::Booking::code).
    #[cfg_attr(feature = "schemars", schemars(with = "crate::SingleLine"))]
    pub code: String,
    /// [`Booking::short_code`](crate::Booking::short_code).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::SingleLine>"))]
    pub short_code: Option<String>,
    /// [`Booking::activity`](crate::Booking::activity).
    #[cfg_attr(feature = "schemars", schemars(with = "crate::SingleLine"))]
    pub activity: String,
    /// [`Booking::starts_at`](crate::Booking::starts_at).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// [`Booking::duration`](crate::Booking::duration) in seconds.
    #[serde(default)]
    #[cfg_attr(feature = "schemars", schemars(with = "u32", range(max = i32::MAX)))]
    pub duration_secs: i64,
    /// [`BookingStatus::word`](crate::BookingStatus::word).
    #[cfg_attr(feature = "schemars", schemars(with = "crate::BookingStatus"))]
    pub status: String,
    /// [`Booking::customer_name`](crate::Booking::customer_name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::DisplayName>"))]
    pub customer_name: Option<String>,
    /// [`Booking::profile`](crate::Booking::profile).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::ProfileId>"))]
    pub profile: Option<String>,
    /// [`Booking::version`](crate::Booking::version).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<u64>", range(max = i64::MAX)))]
    pub version: Option<i64>,
}

impl fmt::Debug for BookingRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BookingRecord").field("id", &self.id).finish_non_exhaustive()
    }
}
