//! Which language a page is in: its words and dates, and its own labels.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use frontdesk::view::{English, Words};
use serde_json::Value;

use crate::german::German;

/// A language that the pages speak.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    German,
}

impl Language {
    fn of(tag: &str) -> Option<Self> {
        [Self::English, Self::German].into_iter().find(|language| language.tag() == tag)
    }

    /// For `<html lang>`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The one to switch to.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::English => Self::German,
            Self::German => Self::English,
        }
    }

    /// The words and dates on the crate's views.
    pub(crate) fn words(self) -> &'static dyn Words {
        match self {
            Self::English => &English,
            Self::German => &German,
        }
    }

    /// The texts of the pages themselves, by their names.
    pub(crate) fn labels(self) -> &'static Value {
        static ENGLISH: LazyLock<Value> = LazyLock::new(|| read(include_str!("page/en.json")));
        static GERMAN: LazyLock<Value> = LazyLock::new(|| read(include_str!("page/de.json")));
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}

fn read(json: &str) -> Value {
    serde_json::from_str(json).expect("our labels are JSON")
}

/// `?lang=de`, which the pages add to all they ask for; else what the cookie kept.
impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().split('&');
        let cookies = parts.headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
        let kept = cookies.unwrap_or_default().split("; ");
        let tag = query.chain(kept).find_map(|pair| pair.strip_prefix("lang="));
        Ok(tag.and_then(Self::of).unwrap_or_default())
    }
}
