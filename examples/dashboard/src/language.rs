//! The language of a page: its labels and the texts and dates in the library's views.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use frontdesk::view::{English, Localization};
use serde_json::Value;

use crate::german::German;

/// A language of the pages.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    German,
}

impl Language {
    fn from_tag(tag: &str) -> Option<Self> {
        [Self::English, Self::German].into_iter().find(|language| language.tag() == tag)
    }

    /// Returns the language tag, for `<html lang>`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Returns the language that the page offers to switch to.
    pub(crate) fn alternative(self) -> Self {
        match self {
            Self::English => Self::German,
            Self::German => Self::English,
        }
    }

    /// Returns the texts and date formats for the library's views.
    pub(crate) fn localization(self) -> &'static dyn Localization {
        match self {
            Self::English => &English,
            Self::German => &German,
        }
    }

    /// Returns the labels of the pages by name.
    pub(crate) fn labels(self) -> &'static Value {
        static ENGLISH: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../page/en.json")));
        static GERMAN: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../page/de.json")));
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect("the labels are valid JSON")
}

/// Reads the language from `?lang=de`, which the pages add to all their requests. Without
/// this parameter, reads the cookie.
impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().split('&');
        let cookies = parts.headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
        let cookies = cookies.unwrap_or_default().split("; ");
        let tag = query.chain(cookies).find_map(|pair| pair.strip_prefix("lang="));
        Ok(tag.and_then(Self::from_tag).unwrap_or_default())
    }
}
