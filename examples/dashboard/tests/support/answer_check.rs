//! A check of each answer of the server against `openapi.json`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

#[path = "../../../../tests/support/schema_validator.rs"]
mod schema_validator;

use schema_validator::SchemaValidator;

/// A request and its response.
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    /// The path without the query.
    pub(crate) path: &'a str,
    pub(crate) request_body: &'a [u8],
    pub(crate) status: u16,
    pub(crate) media_type: &'a str,
    pub(crate) response_body: &'a [u8],
}

/// The document, and a pattern for each of its paths.
struct Document {
    json: Value,
    paths: Vec<(Regex, String)>,
    validator: SchemaValidator,
}

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let parameter = Regex::new(r"\\\{(\w+)\\\}").unwrap();
    let pattern = |path: &String| {
        let escaped = regex::escape(path);
        let pattern = parameter.replace_all(&escaped, |found: &Captures<'_>| {
            // The path of a file can have folders.
            if &found[1] == "file" { ".+" } else { "[^/]+" }
        });
        (Regex::new(&format!("^{pattern}$")).unwrap(), path.clone())
    };
    let paths = document["paths"].as_object().unwrap().keys().map(pattern).collect();
    let mut schemas = Vec::new();
    find_schemas("", &document, &mut schemas);
    let validator = SchemaValidator::new(document.clone(), schemas);
    Document { json: document, paths, validator }
});

/// Collects the JSON pointers of the schemas of all bodies.
fn find_schemas(pointer: &str, value: &Value, found: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let inner_pointer = format!("{pointer}/{}", escape(name));
        if name == "schema" && pointer.contains("/content/") {
            found.push(inner_pointer);
        } else {
            find_schemas(&inner_pointer, inner, found);
        }
    }
}

/// Returns the method and the path of each operation.
pub(crate) fn operations() -> BTreeSet<String> {
    let paths = DOCUMENT.json["paths"].as_object().unwrap().iter();
    let of_path = |(path, operations): (&String, &Value)| {
        let names = operations.as_object().unwrap().keys();
        names.map(|method| operation(&method.to_uppercase(), path)).collect::<Vec<_>>()
    };
    paths.flat_map(of_path).collect()
}

fn operation(method: &str, path: &str) -> String {
    format!("{method} {path}")
}

/// Checks an answer, and returns its operation if the answer is a success.
///
/// # Errors
///
/// Returns the operation, the status and the JSON pointer of the invalid part. The error contains no
/// texts of messages.
pub(crate) fn check(exchange: &Exchange<'_>) -> Result<Option<String>, String> {
    let &Exchange { method, path, status, media_type, .. } = exchange;
    // A path that the document does not contain has the problem of another path.
    let known = DOCUMENT.paths.iter().find(|(pattern, _)| pattern.is_match(path));
    let Some((_, path)) = known else {
        let unknown = [403, 404].contains(&status);
        return if unknown {
            Ok(None)
        } else {
            Err(format!("{method} of an unknown path: {status}"))
        };
    };
    let operation = operation(method, path);
    let error = |text: &str| format!("{operation} {status}: {text}");
    let place = ["/paths/", &escape(path), "/", &method.to_lowercase()].concat();
    if DOCUMENT.json.pointer(&place).is_none() {
        return if status == 405 { Ok(None) } else { Err(error("the method is not documented")) };
    }
    let mut response = format!("{place}/responses/{status}");
    match DOCUMENT.json.pointer(&response) {
        None => return Err(error("the status is not documented")),
        Some(Value::Object(fields)) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                reference.trim_start_matches('#').clone_into(&mut response);
            }
        }
        Some(_) => {}
    }
    let media_type = media_type.split(';').next().unwrap();
    let schema = format!("{response}/content/{}/schema", escape(media_type));
    if DOCUMENT.json.pointer(&schema).is_none() {
        return Err(error("the media type is not documented"));
    }
    if media_type.ends_with("json") {
        validate(&schema, exchange.response_body).map_err(|pointer| error(&pointer))?;
    }
    if status >= 300 {
        return Ok(None);
    }
    if let Some(request) = DOCUMENT.json.pointer(&format!("{place}/requestBody"))
        && (request["required"] == true || !exchange.request_body.is_empty())
    {
        let schema = format!("{place}/requestBody/content/application~1json/schema");
        validate(&schema, exchange.request_body)
            .map_err(|pointer| error(&format!("an invalid request succeeds: {pointer}")))?;
    }
    Ok(Some(operation))
}

fn validate(schema: &str, body: &[u8]) -> Result<(), String> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "no JSON".to_owned())?;
    DOCUMENT.validator.validate(schema, &value).map_err(|pointer| format!("at {pointer:?}"))
}

/// Escapes a name in a JSON pointer.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
