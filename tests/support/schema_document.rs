//! A JSON Schema document that is made from the Rust types.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The schemas of a document, by name.
pub(crate) struct SchemaDocument {
    written: SchemaGenerator,
    read: SchemaGenerator,
}

impl SchemaDocument {
    /// Makes a document whose schemas are at `path`, for example `/$defs`.
    pub(crate) fn new(path: &'static str) -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = path.into())
        };
        Self {
            written: settings().for_serialize().into_generator(),
            read: settings().for_deserialize().into_generator(),
        }
    }

    /// Adds the schema of the JSON that a program writes, and returns a reference to the schema.
    pub(crate) fn add_written<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// Adds the schema of the JSON that a program reads, and returns a reference to the schema.
    pub(crate) fn add_read<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// Returns all schemas by name.
    pub(crate) fn into_schemas(mut self) -> Map<String, Value> {
        let mut schemas = self.written.take_definitions(true);
        for (name, schema) in &mut schemas {
            // A view has `null` for a missing value. All other types omit the value.
            if !name.ends_with("View") {
                remove_null_from_optional_properties(schema);
            }
        }
        for (name, schema) in self.read.take_definitions(true) {
            let known = schemas.entry(&name).or_insert_with(|| schema.clone());
            assert_eq!(*known, schema, "{name} is read in another form than it is written");
        }
        let named = schemas.clone();
        for schema in schemas.values_mut() {
            inline_single_alternatives(schema);
            inline_tagged_references(schema, &named);
            limit_integers(schema);
            close_objects(schema);
            rewrite_descriptions(schema);
        }
        require_all_or_no_header(&mut schemas);
        schemas
    }
}

/// Calls `change` with each schema in `schema`, the innermost first.
fn visit(schema: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Object(fields) => {
            for (name, inner) in fields.iter_mut() {
                match (name.as_str(), inner) {
                    ("properties" | "$defs", Value::Object(schemas)) => {
                        schemas.values_mut().for_each(|schema| visit(schema, change));
                    }
                    ("const" | "dependentRequired" | "enum" | "examples" | "required", _) => {}
                    (_, inner) => visit(inner, change),
                }
            }
            change(fields);
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| visit(schema, change)),
        _ => {}
    }
}

fn remove_null_from_optional_properties(schema: &mut Value) {
    visit(schema, &mut |fields| {
        let required: BTreeSet<String> = match fields.get("required").and_then(Value::as_array) {
            Some(names) => {
                names.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
            }
            None => BTreeSet::new(),
        };
        let Some(Value::Object(properties)) = fields.get_mut("properties") else { return };
        for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(*name)) {
            if let Some(Value::Array(alternatives)) = property.get_mut("anyOf") {
                alternatives.retain(|alternative| alternative["type"] != "null");
            }
            if let Some(kind @ Value::Array(_)) = property.get_mut("type") {
                *kind = kind[0].take();
            }
            if let Some(Value::String(description)) = property.get_mut("description") {
                *description = description.replace("`None`", "absent");
            }
        }
    });
}

/// Replaces `"anyOf": [schema]` by the schema.
fn inline_single_alternatives(schema: &mut Value) {
    visit(schema, &mut |fields| {
        if fields.get("anyOf").and_then(Value::as_array).is_some_and(|list| list.len() == 1)
            && let Some(Value::Array(mut alternatives)) = fields.remove("anyOf")
            && let Some(Value::Object(only)) = alternatives.pop()
        {
            for (name, value) in only {
                fields.entry(name).or_insert(value);
            }
        }
    });
}

/// Replaces a reference beside the `kind` of a tagged enum by the fields of the named schema. A
/// closed schema would not accept `kind`.
fn inline_tagged_references(schema: &mut Value, named: &Map<String, Value>) {
    visit(schema, &mut |fields| {
        if !fields.contains_key("properties") {
            return;
        }
        let Some(Value::String(reference)) = fields.remove("$ref") else { return };
        let named = &named[reference.rsplit('/').next().unwrap()];
        if let Some(Value::Object(properties)) = fields.get_mut("properties") {
            properties.extend(named["properties"].as_object().unwrap().clone());
        }
        if let Some(Value::Array(required)) = fields.get_mut("required") {
            required.extend_from_slice(named["required"].as_array().unwrap());
        }
    });
}

/// Adds the highest value of integers of 32 bits, which `format` does not enforce.
fn limit_integers(schema: &mut Value) {
    visit(schema, &mut |fields| {
        if fields.get("format").is_some_and(|format| format == "uint32") {
            fields.entry("maximum").or_insert(json!(u32::MAX));
        }
    });
}

/// Excludes unknown properties of objects. The types stay open, so that a host application can
/// flatten a view into its own answer.
fn close_objects(schema: &mut Value) {
    visit(schema, &mut |fields| {
        if fields.contains_key("properties") {
            fields.entry("additionalProperties").or_insert(json!(false));
        }
    });
}

/// Shortens doc comments to their first paragraph, and replaces what only Rust knows: links, `None`
/// and names of fields.
fn rewrite_descriptions(schema: &mut Value) {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[([^\]]+)\](?:\([^)]*\))?").unwrap());
    static FIELD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"`([a-z]+(?:_[a-z]+)+)`").unwrap());
    static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new("^`[A-Z][A-Za-z]+::").unwrap());
    let camel_case = |found: &Captures<'_>| {
        let mut words = found[1].split('_');
        let mut name = words.next().unwrap().to_owned();
        for word in words {
            name.extend([&word[..1].to_uppercase(), &word[1..]]);
        }
        format!("`{name}`")
    };
    visit(schema, &mut |fields| {
        let Some(Value::String(description)) = fields.get_mut("description") else { return };
        let text = description.split("\n\n").next().unwrap().replace('\n', " ");
        let text = LINK.replace_all(&text, "$1");
        let text = FIELD.replace_all(&text, camel_case).replace("`None`", "null");
        // A field whose doc comment is only a link to a Rust item.
        if PATH.is_match(&text) {
            fields.remove("description");
        } else {
            *description = text;
        }
    });
}

/// Adds to the views of customers that they have all fields of the header or none.
fn require_all_or_no_header(schemas: &mut Map<String, Value>) {
    let Some(header) = schemas.get("Header") else { return };
    let mut names: Vec<String> = serde_json::from_value(header["required"].clone()).unwrap();
    names.retain(|name| name != "booking");
    let mut rules: Map<String, Value> =
        names.iter().map(|name| (name.clone(), json!(["booking"]))).collect();
    rules.insert("booking".to_owned(), json!(names));
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| name.starts_with("Customer")) {
        visit(schema, &mut |fields| {
            if fields.get("properties").is_some_and(|it| it.get("messaging").is_some()) {
                fields.insert("dependentRequired".to_owned(), Value::Object(rules.clone()));
            }
        });
    }
}
