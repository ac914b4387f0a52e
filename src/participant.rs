//! Authors of messages, and the two sides of a conversation.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DisplayName, InvalidRecord, ParticipantId};

/// The side of a conversation that a participant belongs to.
///
/// In a thread, all participants with the same role form one *side*, which has one read mark (U1).
/// A database column contains the role's [`code`](Self::code); JSON contains `"customer"` or
/// `"operator"`.
///
/// ```
/// use frontdesk::Role;
///
/// assert_eq!(Role::Customer.opposite(), Role::Operator);
/// assert_eq!(Role::Operator.code(), 1);
/// assert_eq!(Role::try_from(1)?, Role::Operator);
/// # Ok::<(), frontdesk::InvalidRecord>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// A customer of the booking; code 0.
    Customer = 0,
    /// A member of the location's team; code 1.
    Operator = 1,
}

impl Role {
    /// Returns the other role.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Customer => Self::Operator,
            Self::Operator => Self::Customer,
        }
    }

    /// Returns the number that stands for the role in a database column: 0 or 1.
    pub fn code(self) -> i64 {
        self as i64
    }
}

impl TryFrom<i64> for Role {
    type Error = InvalidRecord;

    fn try_from(code: i64) -> Result<Self, InvalidRecord> {
        match code {
            0 => Ok(Self::Customer),
            1 => Ok(Self::Operator),
            _ => Err(InvalidRecord::rule("role", "code is neither 0 nor 1")),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Customer => "customer",
            Self::Operator => "operator",
        })
    }
}

/// A pair of values, one for each role.
///
/// ```
/// use frontdesk::{PerRole, Role};
///
/// let mut message_counts = PerRole { customer: 2, operator: 0 };
/// message_counts[Role::Operator] += 1;
/// assert_eq!(message_counts[Role::Customer.opposite()], 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
pub struct PerRole<T> {
    /// The value of the customers.
    pub customer: T,
    /// The value of the operators.
    pub operator: T,
}

impl<T> std::ops::Index<Role> for PerRole<T> {
    type Output = T;

    fn index(&self, role: Role) -> &T {
        match role {
            Role::Customer => &self.customer,
            Role::Operator => &self.operator,
        }
    }
}

impl<T> std::ops::IndexMut<Role> for PerRole<T> {
    fn index_mut(&mut self, role: Role) -> &mut T {
        match role {
            Role::Customer => &mut self.customer,
            Role::Operator => &mut self.operator,
        }
    }
}

/// An author of messages: a role, the id that the host application uses for the author, and an
/// optional name.
///
/// A message keeps its author as of the time when the message was written. Make a participant with
/// [`customer`](Self::customer) or [`operator`](Self::operator), or with [`new`](Self::new) if the
/// role is a variable.
///
/// ```
/// use frontdesk::{DisplayName, Participant, ParticipantId, Role};
///
/// let ann = Participant::operator(ParticipantId::new("u-7")?, DisplayName::new("Ann"));
/// assert_eq!(ann.role, Role::Operator);
/// assert_eq!(ann, Participant::new(Role::Operator, ann.id.clone(), ann.name.clone()));
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Participant {
    /// The side that the participant belongs to.
    pub role: Role,
    /// The id that the host application uses for the participant.
    pub id: ParticipantId,
    /// The participant's name, if the host application knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<DisplayName>,
}

impl Participant {
    /// Creates a participant with a role.
    pub fn new(role: Role, id: ParticipantId, name: Option<DisplayName>) -> Self {
        Self { role, id, name }
    }

    /// Creates a customer of the booking.
    pub fn customer(id: ParticipantId, name: Option<DisplayName>) -> Self {
        Self::new(Role::Customer, id, name)
    }

    /// Creates a member of the location's team.
    pub fn operator(id: ParticipantId, name: Option<DisplayName>) -> Self {
        Self::new(Role::Operator, id, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes are stored in databases and must never change.
    #[test]
    fn role_codes_are_0_and_1() {
        for (role, code) in [(Role::Customer, 0), (Role::Operator, 1)] {
            assert_eq!(role.code(), code);
            assert_eq!(Role::try_from(code), Ok(role));
        }
        for code in [-1, 2] {
            assert!(Role::try_from(code).is_err());
        }
    }
}
