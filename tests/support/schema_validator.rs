//! A validator of JSON against a schema document.

use boon::{Compiler, Draft, Schemas, ValidationError};
use serde_json::Value;

/// The compiled schemas of a document.
pub(crate) struct SchemaValidator {
    compiler: Compiler,
    schemas: Schemas,
}

const DOCUMENT: &str = "urn:document";

impl SchemaValidator {
    pub(crate) fn new(document: Value) -> Self {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.add_resource(DOCUMENT, document).unwrap();
        Self { compiler, schemas: Schemas::new() }
    }

    /// Validates a value against the schema at a JSON pointer of the document.
    ///
    /// # Errors
    ///
    /// Returns the JSON pointer of the invalid part of the value. The error contains no values.
    pub(crate) fn validate(&mut self, schema: &str, value: &Value) -> Result<(), String> {
        let schema = self.compiler.compile(&format!("{DOCUMENT}#{schema}"), &mut self.schemas);
        let result = self.schemas.validate(value, schema.unwrap());
        result.map_err(|error| deepest(&error).unwrap_or_default())
    }
}

/// Returns the longest pointer of an error without causes. For a value that matches no alternative,
/// this is a pointer of the alternative that matches best.
fn deepest(error: &ValidationError<'_, '_>) -> Option<String> {
    if error.causes.is_empty() {
        return Some(error.instance_location.to_string());
    }
    error.causes.iter().filter_map(deepest).max_by_key(|pointer| pointer.matches('/').count())
}
