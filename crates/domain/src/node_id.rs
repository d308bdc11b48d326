//! The identity of anything, as clients hold it (Relay's global object identification).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::identifier::{
    ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId,
};

/// What a node identity names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeId {
    /// The publication: there is one.
    Publication,
    /// An article.
    Article(ArticleId),
    /// A section.
    Section(SectionId),
    /// A contributor.
    Contributor(ContributorId),
    /// A topic.
    Topic(TopicId),
    /// A volume of the magazine.
    MagazineVolume(MagazineVolumeId),
    /// An issue of the magazine.
    MagazineIssue(MagazineIssueId),
}

/// Why a text is no node identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an identity that this API gave out: use the 'id' of an answer as it is")]
pub struct NodeIdError;

impl NodeId {
    /// The opaque text that clients hold: 12 characters, safe in a URL, the same for ever.
    pub fn encode(self) -> String {
        let (kind, number) = self.parts();
        let mut bytes = [kind; 9];
        bytes[1..].copy_from_slice(&number.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The letter of its kind, and its number within the kind.
    pub const fn parts(self) -> (u8, i64) {
        match self {
            Self::Publication => (b'P', 1),
            Self::Article(id) => (b'A', id.number()),
            Self::Section(id) => (b'S', id.number()),
            Self::Contributor(id) => (b'C', id.number()),
            Self::Topic(id) => (b'T', id.number()),
            Self::MagazineVolume(id) => (b'V', id.number()),
            Self::MagazineIssue(id) => (b'I', id.number()),
        }
    }

    /// The identity with these [`NodeId::parts`].
    ///
    /// # Errors
    /// When there is no such kind.
    pub const fn from_parts(kind: u8, number: i64) -> Result<Self, NodeIdError> {
        match kind {
            b'P' if number == 1 => Ok(Self::Publication),
            b'A' => Ok(Self::Article(ArticleId::from_number(number))),
            b'S' => Ok(Self::Section(SectionId::from_number(number))),
            b'C' => Ok(Self::Contributor(ContributorId::from_number(number))),
            b'T' => Ok(Self::Topic(TopicId::from_number(number))),
            b'V' => Ok(Self::MagazineVolume(MagazineVolumeId::from_number(number))),
            b'I' => Ok(Self::MagazineIssue(MagazineIssueId::from_number(number))),
            _ => Err(NodeIdError),
        }
    }

    /// Reads what [`NodeId::encode`] wrote.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn decode(text: &str) -> Result<Self, NodeIdError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NodeIdError)?;
        let (kind, number) = match bytes.split_first() {
            Some((kind, number)) => (
                *kind,
                i64::from_be_bytes(number.try_into().map_err(|_| NodeIdError)?),
            ),
            None => return Err(NodeIdError),
        };
        Self::from_parts(kind, number)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn identities_given_out_once_are_read_for_ever() {
        let fixed = "QQAAAAAAAAAq";
        assert_eq!(NodeId::Article(ArticleId::from_number(42)).encode(), fixed);
        for text in [
            fixed,
            "UwAAAAAAAAAq",
            "QwAAAAAAAAAq",
            "VAAAAAAAAAAq",
            "VgAAAAAAAAAq",
            "SQAAAAAAAAAq",
            "UAAAAAAAAAAB",
        ] {
            assert_eq!(NodeId::decode(text).unwrap().encode(), text);
        }
        for text in [
            "",
            "QQ",
            "QQAAAAAAAAAqAA",
            "ZAAAAAAAAAAq",
            "UAAAAAAAAAAC",
            "QQAAAAAAAAA*",
            "a-river",
        ] {
            assert_eq!(NodeId::decode(text), Err(NodeIdError), "{text}");
        }
    }
}
