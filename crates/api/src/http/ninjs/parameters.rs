//! The parameters in a request's query component.

use async_graphql::{Value, Variables, indexmap::IndexMap};
use url::form_urlencoded::{Serializer, parse};

use super::super::problem::Problem;
use crate::error_code::ErrorCode;

/// The parameters of a list, each given once at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters(IndexMap<&'static str, String>);

impl Parameters {
    /// Reads a query component, of which these parameters may be given.
    ///
    /// # Errors
    /// When one is given that there is none of, or twice; or `first` is no number.
    pub(super) fn read(query: Option<&str>, allowed: &[&'static str]) -> Result<Self, Problem> {
        let wrong = |detail| Err(Problem::new(ErrorCode::BadUserInput, detail));
        let mut given = IndexMap::new();
        for (name, value) in parse(query.unwrap_or_default().as_bytes()) {
            let Some(known) = allowed.iter().find(|known| **known == name) else {
                return wrong(format!(
                    "There is no parameter '{name}' here. There are: {}.",
                    allowed.join(", ")
                ));
            };
            if *known == FIRST && value.parse::<i32>().is_err() {
                return wrong(format!(
                    "'first' is '{value}': give a number from 0 to 100."
                ));
            }
            if given.insert(*known, value.into_owned()).is_some() {
                return wrong(format!("'{name}' is given twice: give it once."));
            }
        }
        // The same, however it is asked for.
        given.sort_unstable_keys();
        Ok(Self(given))
    }

    /// Whether they choose nothing: the beginning of everything is asked for.
    pub(super) fn choose_nothing(&self) -> bool {
        self.0.keys().all(|name| *name == FIRST)
    }

    /// As variables of a document.
    pub(super) fn variables(&self) -> Variables {
        let mut variables = Variables::default();
        for (name, value) in &self.0 {
            let value = match value.parse::<i32>() {
                Ok(number) if *name == FIRST => number.into(),
                _ => Value::String(value.clone()),
            };
            variables.insert(async_graphql::Name::new(name), value);
        }
        variables
    }

    /// As a query component.
    pub(super) fn query(&self) -> String {
        Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    /// The path and the query of the page after this cursor.
    pub(super) fn next(&self, path: &str, after: &str) -> String {
        let mut next = self.clone();
        next.0.insert("after", after.to_owned());
        format!("{path}?{}", next.query())
    }
}

const FIRST: &str = "first";
