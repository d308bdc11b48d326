//! The contract's own scalars.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, Utc};

use super::plain::shown;

shown!(scalars DateTime, Date);
shown!(texts Url, Html);

/// An instant, as RFC 3339 writes it with an offset; always UTC in answers: `2024-06-18T02:07:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) chrono::DateTime<Utc>);

/// An instant, as RFC 3339 writes it with an offset; always UTC in answers: `2024-06-18T02:07:00Z`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => match chrono::DateTime::parse_from_rfc3339(text) {
                Ok(instant) => Ok(Self(instant.to_utc())),
                Err(_) => Err(InputValueError::custom(format!(
                    "'{text}' is no instant: write it as RFC 3339 does, with an offset, for example 2024-06-18T07:52:00+05:45"
                ))),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A calendar day of the Gregorian calendar: `2024-06-14`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date(pub(crate) NaiveDate);

/// A calendar day of the Gregorian calendar: `2024-06-14`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => match text.parse() {
                Ok(day) => Ok(Self(day)),
                Err(_) => Err(InputValueError::custom(format!(
                    "'{text}' is no day: write it as year, month and day, for example 2024-06-14"
                ))),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

macro_rules! text_scalar {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) String);

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text_scalar! {
    /// An absolute web address.
    Url
}

/// An absolute web address.
#[Scalar(specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if url::Url::parse(text).is_ok() => Ok(Self(text.clone())),
            Value::String(text) => Err(InputValueError::custom(format!(
                "'{text}' is no absolute web address: write it whole, for example https://magazine.example/"
            ))),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

text_scalar! {
    /// HTML that is safe to insert in a page as it is: made from typed blocks, every text escaped, no
    /// scripts, no styles, no event handlers.
    Html
}

/// HTML that is safe to insert in a page as it is: made from typed blocks, every text escaped, no
/// scripts, no styles, no event handlers.
#[Scalar(specified_by_url = "https://html.spec.whatwg.org/")]
impl ScalarType for Html {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Whether a value is one of the scalar of this name; of others than these, it is.
pub(crate) fn takes(scalar: &str, value: Value) -> bool {
    match scalar {
        "DateTime" => DateTime::parse(value).is_ok(),
        "Date" => Date::parse(value).is_ok(),
        "Url" => Url::parse(value).is_ok(),
        _ => true,
    }
}
