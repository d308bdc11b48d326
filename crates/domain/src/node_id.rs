//! The identity of anything, as clients hold it (Relay's global object identification), and as a URI for formats that
//! want one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::{Uuid, Variant};

use crate::identifier::{
    ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, PartnerId, PartnerTokenId,
    SectionId, TopicId, WebhookDeliveryId, WebhookId,
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
    /// A partner: nothing that is found by its identity, since whose they are is the administrators' to know.
    Partner(PartnerId),
    /// A token that was made for a partner, likewise.
    PartnerToken(PartnerTokenId),
    /// A webhook: nothing that is found by its identity, since it is its owner's to know.
    Webhook(WebhookId),
    /// What was delivered to a webhook, likewise.
    WebhookDelivery(WebhookDeliveryId),
}

/// What ends every [`NodeId::uri`]: 47 bits, drawn once, so that nobody else's UUID is taken for an identity.
const MARK: u128 = 0x5d3e_91a7_c42b;

/// Where the letter of the kind stands in a UUID, and of how many bits of the number the lowest are set apart.
const KIND_AT: u32 = 64;
const MARK_BITS: u32 = 47;
const LOW_BITS: u32 = 15;

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
            Self::Partner(id) => (b'R', id.number()),
            Self::PartnerToken(id) => (b'K', id.number()),
            Self::Webhook(id) => (b'H', id.number()),
            Self::WebhookDelivery(id) => (b'D', id.number()),
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
            b'R' => Ok(Self::Partner(PartnerId::from_number(number))),
            b'K' => Ok(Self::PartnerToken(PartnerTokenId::from_number(number))),
            b'H' => Ok(Self::Webhook(WebhookId::from_number(number))),
            b'D' => Ok(Self::WebhookDelivery(WebhookDeliveryId::from_number(
                number,
            ))),
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

    /// Its identity as a URI, the same for ever: a UUID of version 8 (RFC 9562, section 5.8) as a URN (section 4).
    ///
    /// It is made of the kind and the number alone. An address on the website would be none: slugs change, and so does
    /// the address of a magazine, while whoever holds an item by its URI has to find it again.
    pub fn uri(self) -> String {
        let (kind, number) = self.parts();
        let number = u128::from(number.unsigned_abs());
        let high = number >> LOW_BITS;
        let low = number & ((1 << LOW_BITS) - 1);
        let bits = (high << 80)
            | (0x8 << 76)
            | (u128::from(kind) << KIND_AT)
            | (0b10 << 62)
            | (low << MARK_BITS)
            | MARK;
        Uuid::from_u128(bits).urn().to_string()
    }

    /// Reads what [`NodeId::uri`] wrote; upper case is read, too.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_uri(text: &str) -> Result<Self, NodeIdError> {
        let scheme = text.get(..9).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("urn:uuid:") {
            return Err(NodeIdError);
        }
        let uuid = Uuid::try_parse(&text[9..]).map_err(|_| NodeIdError)?;
        let bits = uuid.as_u128();
        let kind = u8::try_from((bits >> KIND_AT) & 0xfff).map_err(|_| NodeIdError)?;
        let low = (bits >> MARK_BITS) & ((1 << LOW_BITS) - 1);
        let number = i64::try_from(((bits >> 80) << LOW_BITS) | low).map_err(|_| NodeIdError)?;
        let is_ours = uuid.get_version_num() == 8
            && uuid.get_variant() == Variant::RFC4122
            && bits & ((1 << MARK_BITS) - 1) == MARK;
        if is_ours {
            Self::from_parts(kind, number)
        } else {
            Err(NodeIdError)
        }
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
            "UgAAAAAAAAAq",
            "SwAAAAAAAAAq",
            "SAAAAAAAAAAq",
            "RAAAAAAAAAAq",
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

    #[test]
    fn an_identity_has_one_uri_for_ever() {
        let fixed = "urn:uuid:00000000-0000-8041-8015-5d3e91a7c42b";
        let article = NodeId::Article(ArticleId::from_number(42));
        assert_eq!(article.uri(), fixed);
        assert_eq!(NodeId::from_uri(&fixed.to_uppercase()), Ok(article));
        for number in [1, 42, i64::MAX, i64::MAX - 1, 1 << 15, (1 << 15) - 1] {
            for kind in *b"ASCTVI" {
                let node = NodeId::from_parts(kind, number).unwrap();
                let uri = node.uri();
                assert_eq!(NodeId::from_uri(&uri), Ok(node), "{uri}");
                let uuid = Uuid::try_parse(&uri[9..]).unwrap();
                assert_eq!(uuid.get_version_num(), 8, "{uri}");
                assert_eq!(uuid.get_variant(), Variant::RFC4122, "{uri}");
            }
        }
        for text in [
            "",
            "urn:uuid:",
            "00000000-0000-8041-8015-5d3e91a7c42b",
            "urn:uuid:00000000-0000-8041-8015-5d3e91a7c42c",
            "urn:uuid:00000000-0000-7041-8015-5d3e91a7c42b",
            "urn:uuid:00000000-0000-8fff-8015-5d3e91a7c42b",
            "urn:uuid:00000000-0000-8050-8015-5d3e91a7c42b",
            "urn:uuid\u{e9}:",
        ] {
            assert_eq!(NodeId::from_uri(text), Err(NodeIdError), "{text}");
        }
    }
}
