use std::fmt;

use super::errors::PostgresOpenError;

/// The name of a schema, quoted wherever it is part of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schema {
    name: String,
}

/// PostgreSQL's `NAMEDATALEN`, less its final NUL; it cuts what is longer, and two
/// names could become one.
const LONGEST: usize = 63;

impl Schema {
    /// The schema of whoever names none.
    pub(super) const DEFAULT: &str = "frontdesk";

    pub(super) fn new(name: &str) -> Result<Self, PostgresOpenError> {
        if name.is_empty() || name.len() > LONGEST || name.contains('\0') {
            return Err(PostgresOpenError::SchemaName { bytes: name.len() });
        }
        Ok(Self { name: name.to_owned() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A statement whose tables are written `schema.thread`, with this schema there.
    pub(super) fn of(&self, sql: &str) -> String {
        sql.replace("schema.", &format!("{self}."))
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self { name: Self::DEFAULT.to_owned() }
    }
}

/// As a quoted identifier.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_whatever_is_in_it() {
        let schema = Schema::new("Front \"Desk\"; DROP schema.x").unwrap();
        let quoted = "\"Front \"\"Desk\"\"; DROP schema.x\"";
        assert_eq!(schema.to_string(), quoted);
        assert_eq!(schema.of("FROM schema.thread"), format!("FROM {quoted}.thread"));
    }

    #[test]
    fn a_name_that_postgresql_would_cut_or_refuse_is_refused() {
        assert!(Schema::new(&"x".repeat(63)).is_ok());
        assert!(Schema::new(&"é".repeat(31)).is_ok());
        for name in [String::new(), "x".repeat(64), "é".repeat(32), "a\0b".to_owned()] {
            let error = Schema::new(&name).unwrap_err();
            assert!(
                matches!(error, PostgresOpenError::SchemaName { bytes } if bytes == name.len()),
                "{error:?}"
            );
        }
    }
}
