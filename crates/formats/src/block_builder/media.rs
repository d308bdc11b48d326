//! Pictures, films and recordings, and the addresses they and the links have.

use masthead_domain::body::{Block, Embed, Picture};
use masthead_domain::image::Image;
use masthead_domain::web_url::{LinkTarget, WebUrl, WebUrlError};

use super::element::attribute;
use super::{Attributes, BlockBuilder};

impl BlockBuilder<'_> {
    /// A picture, if its address may be kept.
    pub(crate) fn picture(&mut self, address: &str, alt: Option<&str>, caption: Option<&str>) {
        if let Some(url) = self.web_url(address) {
            self.block(Block::Picture(Picture {
                image: Image {
                    alt: alt.map(str::to_owned),
                    caption: caption.map(str::to_owned),
                    ..Image::new(url)
                },
            }));
        }
    }

    /// A film or recording in a file: an embed of the first source that may be kept; the others are
    /// the same in other formats.
    pub(super) fn media_source(&mut self, attributes: &Attributes<'_>) {
        let Some(url) = self.address(attributes, &["src"]) else {
            return;
        };
        if let Some(skipped) = &mut self.skipped
            && skipped.wants_source
        {
            skipped.wants_source = false;
            self.block(Block::Embed(Embed {
                url,
                provider: None,
            }));
        }
    }

    pub(super) fn image_element(&mut self, attributes: &Attributes<'_>) {
        let alt = attribute(attributes, "alt");
        let class = attribute(attributes, "class").unwrap_or_default();
        if let Some(alt) = alt
            && class.split_ascii_whitespace().any(|class| class == "emoji")
        {
            return self.text(alt);
        }
        let [width, height] = ["width", "height"].map(|name| {
            attribute(attributes, name)
                .and_then(|size| size.trim().trim_end_matches("px").parse::<u32>().ok())
        });
        let counts_readers = width.is_some_and(|it| it <= 1) && height.is_some_and(|it| it <= 1);
        let sources = ["src", "data-src", "data-lazy-src", "data-original"];
        if !counts_readers && let Some(url) = self.address(attributes, &sources) {
            self.block(Block::Picture(Picture {
                image: Image {
                    alt: alt.map(str::to_owned),
                    width,
                    height,
                    ..Image::new(url)
                },
            }));
        }
    }

    // Addresses.

    pub(super) fn address(&self, attributes: &Attributes<'_>, names: &[&str]) -> Option<WebUrl> {
        names
            .iter()
            .filter_map(|name| attribute(attributes, name))
            .find_map(|address| self.web_url(address))
    }

    fn web_url(&self, address: &str) -> Option<WebUrl> {
        match (WebUrl::parse(address), self.base) {
            (Err(WebUrlError::Relative), Some(base)) => base.join(address).ok(),
            (parsed, _) => parsed.ok(),
        }
    }

    pub(super) fn link_target(&self, href: &str) -> Option<LinkTarget> {
        match (LinkTarget::parse(href), self.base) {
            (Ok(target), Some(base)) if target.as_str().starts_with('/') => {
                base.join(target.as_str()).ok().map(LinkTarget::from)
            }
            (Err(WebUrlError::Relative), Some(base)) => base.join(href).ok().map(LinkTarget::from),
            (parsed, _) => parsed.ok(),
        }
    }
}
