//! Anything with an identity, and finding it by that.

use async_graphql::{Context, ID, Interface};
use masthead_domain::node_id::NodeId;

use super::{
    article::Article,
    classification::{Contributor, Section, Topic},
    connection::loaders,
    error::{QueryError, Result},
    loaders::Loaders,
    magazine::{MagazineIssue, MagazineVolume},
    publication::Publication,
};

/// Anything with an identity (Relay's global object identification).
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Its identity: opaque, and the same for ever."
))]
pub(crate) enum Node {
    /// The publication.
    Publication(Publication),
    /// An article.
    Article(Article),
    /// A section.
    Section(Section),
    /// A contributor.
    Contributor(Contributor),
    /// A topic.
    Topic(Topic),
    /// A volume of the magazine.
    MagazineVolume(MagazineVolume),
    /// An issue of the magazine.
    MagazineIssue(MagazineIssue),
}

/// What an identity names; none if there is no such thing, or none that may be seen.
pub(super) async fn node(context: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let id = NodeId::decode(id).map_err(|error| QueryError::BadInput(error.to_string()))?;
    node_of(loaders(context)?, id).await
}

/// The same of an identity that has been read.
pub(crate) async fn node_of(loaders: &Loaders, id: NodeId) -> Result<Option<Node>> {
    Ok(match id {
        NodeId::Publication => Some(Node::Publication(Publication(loaders.publication().await?))),
        NodeId::Article(id) => loaders
            .load(id)
            .await?
            .map(|found| Node::Article(Article(found))),
        NodeId::Section(id) => loaders
            .load(id)
            .await?
            .map(|found| Node::Section(Section(found))),
        NodeId::Contributor(id) => loaders
            .load(id)
            .await?
            .map(|found| Node::Contributor(Contributor(found))),
        NodeId::Topic(id) => loaders
            .load(id)
            .await?
            .map(|found| Node::Topic(Topic(found))),
        NodeId::MagazineVolume(id) => loaders
            .load(id)
            .await?
            .map(|found| Node::MagazineVolume(MagazineVolume(found))),
        NodeId::MagazineIssue(id) => loaders
            .load(id)
            .await?
            .map(|found| Node::MagazineIssue(MagazineIssue(found))),
        NodeId::Partner(_)
        | NodeId::PartnerToken(_)
        | NodeId::Webhook(_)
        | NodeId::WebhookDelivery(_) => None,
    })
}
