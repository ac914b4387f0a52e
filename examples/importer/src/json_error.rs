use serde_json::error::Category;

/// Describes a JSON error with its column. Field names are repeated, values never, because they can
/// contain a customer's words.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    format!("{}, column {}", problem(error), error.column())
}

/// Describes a JSON error with its line and column.
pub(crate) fn describe_with_line(error: &serde_json::Error) -> String {
    format!("{}, line {}, column {}", problem(error), error.line(), error.column())
}

fn problem(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => {
            let text = error.to_string();
            field_problem(&text)
                .or_else(|| timestamp_problem(&text))
                .unwrap_or_else(|| "has a field of a wrong type or value".to_owned())
        }
        Category::Io | Category::Syntax | Category::Eof => "is not valid JSON".to_owned(),
    }
}

/// Finds the name of an unknown, missing or repeated field in the text of `serde_json`.
fn field_problem(text: &str) -> Option<String> {
    let (adjective, rest) = ["unknown", "missing", "duplicate"]
        .into_iter()
        .find_map(|it| Some((it, text.strip_prefix(it)?.strip_prefix(" field `")?)))?;
    let name = rest.split('`').next().filter(|name| is_field_name(name));
    Some(match (adjective, name) {
        ("missing", Some(name)) => format!("has no field \"{name}\""),
        ("unknown", Some(name)) => format!("has the unknown field \"{name}\""),
        (_, Some(name)) => format!("has the field \"{name}\" twice"),
        (_, None) => format!("has an {adjective} field"),
    })
}

/// Returns `true` for a short name of letters, digits and underscores. Other names are not repeated.
fn is_field_name(name: &str) -> bool {
    name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Finds the error of a timestamp, which does not contain the input.
fn timestamp_problem(text: &str) -> Option<String> {
    let end = text.find(" at line ").unwrap_or(text.len());
    text[..end].starts_with("timestamp ").then(|| text[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use frontdesk::Timestamp;
    use serde::Deserialize;

    use super::{describe, describe_with_line};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        #[allow(dead_code, reason = "only the errors are tested")]
        at: Timestamp,
    }

    fn error(json: &str) -> serde_json::Error {
        serde_json::from_str::<Entry>(json).unwrap_err()
    }

    #[test]
    fn an_error_names_the_field_but_no_value() {
        for (json, expected) in [
            (r#"{"ta":"secret"}"#, "has the unknown field \"ta\", column 5"),
            (r"{}", "has no field \"at\", column 2"),
            (r#"{"at":"secret"}"#, "timestamp is not an RFC 3339 date and time"),
            (r#"{"at":"2027-03-15T09:30:00"}"#, "timestamp has no offset from UTC"),
            (r#"{"at":["secret"]}"#, "has a field of a wrong type or value"),
            (r#"{"my secret":1}"#, "has an unknown field"),
            (r#"{"at":secret}"#, "is not valid JSON"),
        ] {
            let found = describe(&error(json));
            assert!(found.starts_with(expected), "{found} for {json}");
            assert!(!found.contains("secret"), "{found}");
        }
        let found = describe_with_line(&error("{\n\"ta\":1}"));
        assert_eq!(found, "has the unknown field \"ta\", line 2, column 4");
    }
}
