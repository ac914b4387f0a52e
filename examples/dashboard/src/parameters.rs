//! Query parameters and JSON bodies. Each error names the parameter and the values that the
//! parameter takes, and does not quote the request.

use std::collections::HashMap;
use std::str::FromStr;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use frontdesk::{Draft, MessageNumber};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problem::Problem;

const BEFORE: Parameter =
    Parameter { name: "before", takes: "the number of a message, from 1 to 2147483647" };
/// The number after which a page of later messages begins, in a JSON body.
pub(crate) const AFTER_NUMBER: Parameter = Parameter {
    name: "after",
    takes: "the number up to which the page shows every message, from 0 to 2147483647",
};
const BODY: Parameter = Parameter { name: "body", takes: "the text of the message" };
const KEY: Parameter = Parameter {
    name: "key",
    takes: "an idempotency key of 1 to 128 bytes without control characters",
};
const SEEN: Parameter = Parameter {
    name: "seen",
    takes: "the last message number that the screen showed, from 0 to 2147483647",
};
const ONLY_IF_LATEST: Parameter = Parameter { name: "onlyIfLatest", takes: "true or false" };

/// Returns the message number before which a page of history ends, or `None` for the newest
/// page.
pub(crate) fn before(query: &QueryParameters) -> Result<Option<MessageNumber>, Problem> {
    match query.get(BEFORE)? {
        Some(MessageNumber::START) => Err(BEFORE.invalid()),
        number => Ok(number),
    }
}

/// Returns the draft of a message. An unknown field is an error, because a misspelled `key`
/// would duplicate messages.
pub(crate) fn draft(mut fields: JsonFields) -> Result<Draft, Problem> {
    let mut draft = Draft::new(fields.require::<String>(BODY)?);
    draft.key = fields.take(KEY)?;
    draft.seen = fields.take(SEEN)?;
    draft.only_if_latest = fields.take(ONLY_IF_LATEST)?.unwrap_or_default();
    fields.finish()?;
    Ok(draft)
}

/// A parameter: its name and the values that it takes.
#[derive(Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static str,
}

impl Parameter {
    pub(crate) fn invalid(self) -> Problem {
        Problem::invalid_parameter(format!("`{}` takes {}", self.name, self.takes))
    }

    fn missing(self) -> Problem {
        let Self { name, takes } = self;
        Problem::invalid_parameter(format!("`{name}` is missing, it takes {takes}"))
    }
}

/// The parameters of a query string.
pub(crate) struct QueryParameters(HashMap<String, String>);

impl QueryParameters {
    /// Parses a parameter. A missing parameter is `None`.
    pub(crate) fn get<T: FromStr>(&self, parameter: Parameter) -> Result<Option<T>, Problem> {
        let text = self.0.get(parameter.name);
        text.map(|text| text.parse().map_err(|_| parameter.invalid())).transpose()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryParameters {
    type Rejection = QueryRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, QueryRejection> {
        let Query(parameters) = Query::from_request_parts(parts, state).await?;
        Ok(Self(parameters))
    }
}

/// The fields of a JSON object.
pub(crate) struct JsonFields(Map<String, Value>);

impl JsonFields {
    /// Takes a field. A missing field and a field that is `null` are `None`.
    pub(crate) fn take<T: DeserializeOwned>(
        &mut self,
        parameter: Parameter,
    ) -> Result<Option<T>, Problem> {
        match self.0.remove(parameter.name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value).map(Some).map_err(|_| parameter.invalid()),
        }
    }

    /// Takes a field that must be given.
    pub(crate) fn require<T: DeserializeOwned>(
        &mut self,
        parameter: Parameter,
    ) -> Result<T, Problem> {
        self.take(parameter)?.ok_or_else(|| parameter.missing())
    }

    /// Rejects a body with fields that were not taken.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Problem::invalid_parameter("the body has an unknown field".to_owned()))
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonFields {
    type Rejection = JsonRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, JsonRejection> {
        let Json(fields) = Json::from_request(request, state).await?;
        Ok(Self(fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn query(name: &str, value: &str) -> QueryParameters {
        QueryParameters(HashMap::from([(name.to_owned(), value.to_owned())]))
    }

    fn fields(value: Value) -> JsonFields {
        JsonFields(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn the_error_about_an_invalid_number_names_the_parameter() {
        for value in ["x", "0", "-1", "1.5", "", "2147483648"] {
            let problem = before(&query("before", value)).unwrap_err();
            let expected = "`before` takes the number of a message, from 1 to 2147483647";
            assert_eq!(problem.detail, expected, "{value}");
        }
        let seven = MessageNumber::new(7).unwrap();
        assert_eq!(before(&query("before", "7")).unwrap(), Some(seven));
        assert_eq!(before(&query("after", "7")).unwrap(), None);
    }

    #[test]
    fn the_error_about_an_invalid_draft_names_the_field() {
        for (value, name) in [
            (json!({ "body": "Hello", "seen": "x" }), "`seen` takes "),
            (json!({ "body": "Hello", "seen": -1 }), "`seen` takes "),
            (json!({ "body": "Hello", "seen": 1_i64 << 31 }), "`seen` takes "),
            (json!({ "body": "Hello", "key": "" }), "`key` takes "),
            (json!({ "body": "Hello", "onlyIfLatest": 1 }), "`onlyIfLatest` takes "),
            (json!({ "body": "Hello", "automatic": true }), "the body has an unknown field"),
            (json!({ "body": 5 }), "`body` takes "),
            (json!({ "seen": 4 }), "`body` is missing"),
            (json!({ "body": "Hello", "Key": "3f0c" }), "the body has an unknown field"),
        ] {
            let problem = draft(fields(value.clone())).unwrap_err();
            assert!(problem.detail.starts_with(name), "{value}: {}", problem.detail);
        }
        let sent = json!({ "body": "Hello", "key": "3f0c", "seen": 4, "onlyIfLatest": true });
        let sent = draft(fields(sent)).unwrap();
        assert!(sent.only_if_latest);
        assert_eq!(sent.seen, Some(MessageNumber::new(4).unwrap()));
        assert_eq!(sent.key.unwrap().as_str(), "3f0c");
    }
}
