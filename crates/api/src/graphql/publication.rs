//! The publication, as clients see it.

use std::sync::Arc;

use async_graphql::{ID, Object};
use masthead_domain::{node_id::NodeId, publication::Publication as DomainPublication};

use super::{plain::plain, scalars::Url};

/// The publication.
pub(crate) struct Publication(pub(crate) Arc<DomainPublication>);

plain!(Publication {
    "id" => id, "title" => title, "url" => url, "timeZone" => time_zone, "language" => language,
    "publisher" => publisher, "editor" => editor, "registrationNumber" => registration_number,
});

/// The magazine whose archive this is.
#[Object]
impl Publication {
    /// Its identity: there is one publication.
    pub(crate) async fn id(&self) -> ID {
        ID(NodeId::Publication.encode())
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The address of its website.
    async fn url(&self) -> Url {
        Url(self.0.url.to_string())
    }

    /// The time zone in which its days begin, by its IANA name: Asia/Kathmandu.
    async fn time_zone(&self) -> &str {
        self.0.time_zone.name()
    }

    /// The language it is written in, as a BCP 47 tag.
    async fn language(&self) -> &str {
        self.0.language.as_str()
    }

    /// Who publishes it.
    async fn publisher(&self) -> Option<&str> {
        self.0.publisher.as_deref()
    }

    /// Who edits it.
    async fn editor(&self) -> Option<&str> {
        self.0.editor.as_deref()
    }

    /// The number under which it is registered with the authorities.
    async fn registration_number(&self) -> Option<&str> {
        self.0.registration_number.as_deref()
    }
}
