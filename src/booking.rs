//! Bookings of the host application. A thread keeps a snapshot of its booking.

mod code;
mod patch;
mod snapshot;
mod status;

pub use code::ConfirmationCode;
pub use patch::BookingPatch;
pub use snapshot::Booking;
pub use status::BookingStatus;
