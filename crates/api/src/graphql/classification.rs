//! Sections, contributors and topics, as clients see them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use masthead_domain::{
    contributor::{Contributor as DomainContributor, ContributorKind as Kind},
    node_id::NodeId,
    section::Section as DomainSection,
    topic::Topic as DomainTopic,
};
use masthead_persistence::Membership;

use super::{
    connection::{Connection, PageArguments, loaders},
    error::Result,
    lists::ArticleList,
    plain::{Rows, Written, plain, shown},
};

/// A section.
#[derive(Clone)]
pub(crate) struct Section(pub(crate) Arc<DomainSection>);

/// A contributor.
#[derive(Clone)]
pub(crate) struct Contributor(pub(crate) Arc<DomainContributor>);

/// A topic.
#[derive(Clone)]
pub(crate) struct Topic(pub(crate) Arc<DomainTopic>);

/// What a contributor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub(crate) enum ContributorKind {
    /// One human being.
    Person,
    /// A news agency, or several under one name, whose wire the magazine takes.
    Agency,
    /// The magazine's own staff, credited together.
    Desk,
}

shown!(enums ContributorKind);

plain!(Section { "id" => id, "slug" => slug, "name" => name });

plain!(Contributor {
    "id" => id, "slug" => slug, "name" => name, "kind" => kind, "biography" => biography,
});

plain!(Topic { "id" => id, "slug" => slug, "name" => name });

impl Contributor {
    pub(crate) fn rows(contributors: Vec<Arc<DomainContributor>>) -> Rows<Written<Self>> {
        Rows(contributors.into_iter().map(Self).map(Written).collect())
    }
}

impl Topic {
    pub(crate) fn rows(topics: Vec<Arc<DomainTopic>>) -> Rows<Written<Self>> {
        Rows(topics.into_iter().map(Self).map(Written).collect())
    }
}

/// A part of the magazine under which articles stand: International.
#[Object]
impl Section {
    /// Its identity.
    pub(crate) async fn id(&self) -> ID {
        ID(NodeId::Section(self.0.id).encode())
    }

    /// Its name in URLs.
    async fn slug(&self) -> &str {
        self.0.slug.as_ref()
    }

    /// Its name as printed.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The section that it is a part of.
    async fn parent(&self, context: &Context<'_>) -> Option<Result<Section>> {
        let id = self.0.parent?;
        async { loaders(context)?.load(id).await }
            .await
            .map(|parent| parent.map(Section))
            .transpose()
    }

    /// Its articles, newest first.
    async fn articles(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ArticleList>> {
        let list = ArticleList::Of(Membership::Section, self.0.id.number());
        Connection::of(
            list,
            context,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }
}

/// Who stands in a byline: a person, an agency, the desk.
#[Object]
impl Contributor {
    /// Their identity.
    pub(crate) async fn id(&self) -> ID {
        ID(NodeId::Contributor(self.0.id).encode())
    }

    /// Their name in URLs.
    async fn slug(&self) -> &str {
        self.0.slug.as_ref()
    }

    /// The name as credited.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they are.
    async fn kind(&self) -> ContributorKind {
        self.0.kind.into()
    }

    /// A few lines about them.
    async fn biography(&self) -> Option<&str> {
        self.0.biography.as_deref()
    }

    /// The articles that they are credited for, newest first.
    async fn articles(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ArticleList>> {
        let list = ArticleList::Of(Membership::Contributor, self.0.id.number());
        Connection::of(
            list,
            context,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }
}

/// What articles are about, across sections.
#[Object]
impl Topic {
    /// Its identity.
    pub(crate) async fn id(&self) -> ID {
        ID(NodeId::Topic(self.0.id).encode())
    }

    /// Its name in URLs.
    async fn slug(&self) -> &str {
        self.0.slug.as_ref()
    }

    /// Its name as printed.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The articles about it, newest first.
    async fn articles(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ArticleList>> {
        let list = ArticleList::Of(Membership::Topic, self.0.id.number());
        Connection::of(
            list,
            context,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }
}
