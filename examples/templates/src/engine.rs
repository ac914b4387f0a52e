//! The choice of an engine.

use std::error::Error;
use std::str::FromStr;

use crate::page::Page;
use crate::{askama_page, maud_page, minijinja_page, tera_page};

/// A template engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Templates that are compiled into the program.
    Askama,
    /// Pages as Rust code.
    Maud,
    /// Templates that are read at run time.
    Minijinja,
    /// Templates that are read at run time.
    Tera,
}

impl Engine {
    /// All engines.
    pub const ALL: [Self; 4] = [Self::Askama, Self::Maud, Self::Minijinja, Self::Tera];

    /// Renders a page.
    ///
    /// # Errors
    ///
    /// Returns the error of the engine.
    pub fn render(self, page: &Page<'_>) -> Result<String, Box<dyn Error>> {
        match self {
            Self::Askama => Ok(askama_page::render(page)?),
            Self::Maud => Ok(maud_page::render(page)),
            Self::Minijinja => Ok(minijinja_page::render(page)?),
            Self::Tera => Ok(tera_page::render(page)?),
        }
    }
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "askama" => Ok(Self::Askama),
            "maud" => Ok(Self::Maud),
            "minijinja" => Ok(Self::Minijinja),
            "tera" => Ok(Self::Tera),
            _ => Err("the engine is not askama, maud, minijinja or tera".to_owned()),
        }
    }
}
