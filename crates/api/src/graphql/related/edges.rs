//! A related article with the reasons why it is one.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, SimpleObject, Value,
    parser::types::Field, registry::Registry,
};
use masthead_domain::{identifier::ArticleId, node_id::NodeId, related::RelatedBasis as Basis};

use super::{
    RelatedArticles,
    ground::{Found, Ground, parents_of},
};
use crate::graphql::{
    connection::{List as _, loaders},
    error::Result,
    loaders::Shown,
    parts::{ArticlePart, kept_or_made},
};

/// The edge of a related article, as its field shows it: kept, or made now.
pub(crate) struct EdgePart {
    list: RelatedArticles,
    row: Shown,
}

impl EdgePart {
    pub(super) fn new(list: RelatedArticles, row: Shown) -> Self {
        Self { list, row }
    }
}

impl OutputType for EdgePart {
    fn type_name() -> Cow<'static, str> {
        <RelatedArticleEdge as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <RelatedArticleEdge as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let node = NodeId::Article(self.row.id);
        let making = async {
            let edge = RelatedArticleEdge {
                cursor: self.list.cursor(&self.row),
                node: self.list.node(&self.row),
                of: self.list.article,
                ground: self.list.ground.clone(),
            };
            edge.resolve(context, field).await
        };
        kept_or_made(context, field.pos, node, Some(self.list.among()), making).await
    }
}

/// A related article and why it is one.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct RelatedArticleEdge {
    /// The row's place: opaque, stable, good for `after` and `before` even when the row is gone.
    cursor: String,
    /// The article.
    node: ArticlePart,
    #[graphql(skip)]
    of: ArticleId,
    #[graphql(skip)]
    ground: Arc<Ground>,
}

#[async_graphql::ComplexObject]
impl RelatedArticleEdge {
    /// Why it stands there, fit for a reader: 'Same byline: Agencies'.
    async fn reasons(&self, context: &Context<'_>) -> Result<Vec<String>> {
        let loaders = loaders(context)?;
        let basis = self.ground.basis;
        let article = &self.node.0.0;
        let of_it = if basis == Basis::Topic {
            let topics = loaders.topics_shared_with(self.of, article.id).await?;
            topics.iter().map(|topic| topic.number()).collect()
        } else {
            parents_of(loaders, article, basis, Found::Beside).await?
        };
        Ok(self
            .ground
            .parents
            .iter()
            .filter(|(id, _)| of_it.contains(id))
            .map(|(_, name)| self.ground.basis.reason(name))
            .collect())
    }
}
