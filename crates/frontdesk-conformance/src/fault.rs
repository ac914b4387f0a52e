use frontdesk::ThreadId;

/// A fault of a database that a [`Factory`](crate::Factory) can cause.
///
/// ```
/// use frontdesk_conformance::Fault;
///
/// // This factory can only damage rows.
/// fn statement(fault: &Fault) -> Option<String> {
///     match fault {
///         Fault::DamagedRow(id) => {
///             let booking = &id.booking;
///             Some(format!("UPDATE thread SET last_number = -1 WHERE booking = '{booking}'"))
///         }
///         _ => None,
///     }
/// }
/// assert_eq!(statement(&Fault::LostBeforeCommit), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The next commit loses its connection before the database commits. The fault happens
    /// once, so a second attempt succeeds.
    LostBeforeCommit,
    /// The next commit loses its connection after the database committed and before the store
    /// gets the answer. The fault happens once.
    LostAfterCommit,
    /// The database refuses the next commit once, with a serialization failure, a deadlock or a
    /// lock timeout.
    SerializationFailure,
    /// The stored head of this thread becomes invalid, for example by a negative number.
    DamagedRow(ThreadId),
}
