//! Who writes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::ParticipantId;
use crate::record::Corrupt;
use crate::text::DisplayName;

/// Which of the two sides somebody is on.
///
/// A role's whole team is one *side*: it shares one read mark (U1). In a
/// database column a role is its [`code`](Self::code), in JSON
/// `"customer"` or `"operator"`.
///
/// ```
/// use frontdesk::Role;
///
/// assert_eq!(Role::Customer.other(), Role::Operator);
/// assert_eq!(Role::Operator.code(), 1);
/// assert_eq!(Role::try_from(1)?, Role::Operator);
/// # Ok::<(), frontdesk::Corrupt>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Somebody who has the booking: 0.
    Customer = 0,
    /// Somebody of the team: 1.
    Operator = 1,
}

impl Role {
    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Customer => Self::Operator,
            Self::Operator => Self::Customer,
        }
    }

    /// The number for a database column: 0 or 1.
    pub fn code(self) -> i64 {
        self as i64
    }
}

impl TryFrom<i64> for Role {
    type Error = Corrupt;

    fn try_from(code: i64) -> Result<Self, Corrupt> {
        match code {
            0 => Ok(Self::Customer),
            1 => Ok(Self::Operator),
            _ => Err(Corrupt::rule("role", "it is neither 0 nor 1")),
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

/// Something that each side has one of.
///
/// ```
/// use frontdesk::{Role, Sides};
///
/// let mut written = Sides { customer: 2, operator: 0 };
/// written[Role::Operator] += 1;
/// assert_eq!(written[Role::Customer.other()], 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Sides<T> {
    /// The customers'.
    pub customer: T,
    /// The operators'.
    pub operator: T,
}

impl<T> std::ops::Index<Role> for Sides<T> {
    type Output = T;

    fn index(&self, role: Role) -> &T {
        match role {
            Role::Customer => &self.customer,
            Role::Operator => &self.operator,
        }
    }
}

impl<T> std::ops::IndexMut<Role> for Sides<T> {
    fn index_mut(&mut self, role: Role) -> &mut T {
        match role {
            Role::Customer => &mut self.customer,
            Role::Operator => &mut self.operator,
        }
    }
}

/// Who writes: a role, the host's id and, if there is one, a name.
///
/// A message keeps its author as they were when they wrote.
///
/// ```
/// use frontdesk::{DisplayName, Participant, ParticipantId, Role};
///
/// let ann = Participant::operator(ParticipantId::new("u-7")?, DisplayName::new("Ann"));
/// assert_eq!(ann.role, Role::Operator);
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Participant {
    /// Which side they are on.
    pub role: Role,
    /// The host's id of them.
    pub id: ParticipantId,
    /// What they are called, if anybody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<DisplayName>,
}

impl Participant {
    /// Somebody who has the booking.
    pub fn customer(id: ParticipantId, name: Option<DisplayName>) -> Self {
        Self { role: Role::Customer, id, name }
    }

    /// Somebody of the team.
    pub fn operator(id: ParticipantId, name: Option<DisplayName>) -> Self {
        Self { role: Role::Operator, id, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in columns is 0 for a customer and 1 for an
    /// operator, for good.
    #[test]
    fn a_roles_code_is_what_columns_hold() {
        for (role, code) in [(Role::Customer, 0), (Role::Operator, 1)] {
            assert_eq!(role.code(), code);
            assert_eq!(Role::try_from(code), Ok(role));
        }
        for code in [-1, 2] {
            assert!(Role::try_from(code).is_err());
        }
    }
}
