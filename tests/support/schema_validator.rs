//! A validator of JSON against a schema document.

use std::collections::HashMap;

use boon::{Compiler, Draft, SchemaIndex, Schemas, ValidationError};
use serde_json::Value;

const DOCUMENT: &str = "urn:document";

/// Compiled schemas of a document.
pub(crate) struct SchemaValidator {
    schemas: Schemas,
    by_pointer: HashMap<String, SchemaIndex>,
}

impl SchemaValidator {
    /// Compiles the schemas at these JSON pointers of a document.
    pub(crate) fn new(document: Value, pointers: impl IntoIterator<Item = String>) -> Self {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.add_resource(DOCUMENT, document).unwrap();
        let mut schemas = Schemas::new();
        let compile = |pointer: String| {
            // The pointer becomes part of an address, in which braces are encoded.
            let encoded = pointer.replace('{', "%7B").replace('}', "%7D");
            let index = compiler.compile(&format!("{DOCUMENT}#{encoded}"), &mut schemas).unwrap();
            (pointer, index)
        };
        let by_pointer = pointers.into_iter().map(compile).collect();
        Self { schemas, by_pointer }
    }

    /// Validates a value against the schema at a JSON pointer.
    ///
    /// # Errors
    ///
    /// Returns the JSON pointer of the invalid part of the value. The error contains no values.
    pub(crate) fn validate(&self, schema: &str, value: &Value) -> Result<(), String> {
        let result = self.schemas.validate(value, self.by_pointer[schema]);
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
