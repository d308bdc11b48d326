//! A picture as an article shows it.

use serde::{Deserialize, Serialize};

use crate::web_url::WebUrl;

/// A picture that is kept elsewhere, with what is printed beside it.
///
/// Stored as JSON; absent fields are left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Image {
    /// Where the picture is.
    pub url: WebUrl,
    /// The text that stands in for the picture for those who do not see it (WCAG 2.2, 1.1.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// The line printed under the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Who made the picture or owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Width in pixels, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

impl Image {
    /// A picture of which only the address is known.
    pub fn new(url: WebUrl) -> Self {
        Self {
            url,
            alt: None,
            caption: None,
            credit: None,
            width: None,
            height: None,
        }
    }

    /// Caption and credit as one line: `Rain over the valley (A. Photographer)`.
    pub fn caption_line(&self) -> Option<String> {
        match (&self.caption, &self.credit) {
            (Some(caption), Some(credit)) => Some(format!("{caption} ({credit})")),
            (caption, credit) => caption.clone().or_else(|| credit.clone()),
        }
    }
}
