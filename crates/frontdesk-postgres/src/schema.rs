use std::fmt;

use crate::limits::MAX_SCHEMA_NAME_BYTES;
use crate::open_error::PostgresOpenError;

/// The name of the schema that contains the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schema {
    name: String,
}

impl Schema {
    /// The default name.
    const DEFAULT: &str = "frontdesk";

    pub(crate) fn new(name: &str) -> Result<Self, PostgresOpenError> {
        if name.is_empty() || name.len() > MAX_SCHEMA_NAME_BYTES || name.contains('\0') {
            return Err(PostgresOpenError::SchemaName { bytes: name.len() });
        }
        Ok(Self { name: name.to_owned() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Replaces the placeholder `schema.` before the tables of a statement by the quoted
    /// name.
    pub(crate) fn qualify(&self, sql: &str) -> String {
        sql.replace("schema.", &format!("{self}."))
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self { name: Self::DEFAULT.to_owned() }
    }
}

/// Writes a quoted identifier.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.name.replace('"', "\"\""))
    }
}

/// Returns a text as a literal of SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns a text as a literal of SQL between dollar signs, so that the text stays readable.
pub(crate) fn dollar_quoted(text: &str) -> String {
    let mut tag = "$function$".to_owned();
    while text.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("{tag}{text}{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_whatever_it_contains() {
        let schema = Schema::new("Front \"Desk\"; DROP schema.x").unwrap();
        let quoted = "\"Front \"\"Desk\"\"; DROP schema.x\"";
        assert_eq!(schema.to_string(), quoted);
        assert_eq!(schema.qualify("FROM schema.thread"), format!("FROM {quoted}.thread"));
    }

    #[test]
    fn a_literal_contains_any_text() {
        assert_eq!(literal("Ann's"), "'Ann''s'");
        assert_eq!(dollar_quoted("x"), "$function$x$function$");
        assert_eq!(dollar_quoted("$function$"), "$_function$$function$$_function$");
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
