//! A related article with the reasons why it is one.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, SimpleObject, Value,
    parser::types::Field, registry::Registry,
};
use masthead_domain::{identifier::ArticleId, node_id::NodeId, related::RelatedBasis as Basis};

use super::{
    RelatedArticles,
    ground::{Found, Ground, numbers, parents_at_hand, parents_of},
};
use crate::graphql::{
    connection::{List as _, loaders},
    error::Result,
    loaders::{Loaders, Shown},
    parts::{ArticlePart, kept_or_made, no_part_is_kept},
    plain::{self, AtHand, Fields, Plain, Shown as _},
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

    fn edge(&self) -> RelatedArticleEdge {
        RelatedArticleEdge {
            cursor: self.list.cursor(&self.row),
            node: self.list.node(&self.row),
            of: self.list.article,
            ground: self.list.ground.clone(),
        }
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
        let making = async { plain::resolve(context, field.pos, &self.edge()).await };
        kept_or_made(context, field.pos, node, Some(self.list.among()), making).await
    }
}

impl AtHand for EdgePart {
    type Object = RelatedArticleEdge;

    fn write(
        &self,
        fields: &Fields<'_>,
        context: &ContextSelectionSet<'_>,
        json: &mut Vec<u8>,
    ) -> Option<()> {
        no_part_is_kept(context)?;
        fields.write(&self.edge(), context, json)
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

impl Plain for RelatedArticleEdge {
    fn plain(&self, context: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        match context.item.node.name.node.as_str() {
            "cursor" => self.cursor.shown(context, json),
            "node" => self.node.shown(context, json),
            "reasons" => {
                let reasons = self.reasons_at_hand(loaders(context).ok()?)?;
                reasons.shown(context, json)
            }
            _ => None,
        }
    }
}

impl RelatedArticleEdge {
    /// The reasons, by what the article is filed under.
    fn reasons_of(&self, filed: &[i64]) -> Vec<String> {
        let parents = self.ground.parents.iter();
        parents
            .filter(|(id, _)| filed.contains(id))
            .map(|(_, name)| self.ground.basis.reason(name))
            .collect()
    }

    fn reasons_at_hand(&self, loaders: &Loaders) -> Option<Vec<String>> {
        let basis = self.ground.basis;
        let article = &self.node.0.0;
        let filed = if basis == Basis::Topic {
            numbers(&loaders.shared_topics_at_hand(self.of, article.id)?)
        } else {
            parents_at_hand(loaders, article, basis)?
        };
        Some(self.reasons_of(&filed))
    }
}

#[async_graphql::ComplexObject]
impl RelatedArticleEdge {
    /// Why it stands there, fit for a reader: 'Same byline: Agencies'.
    async fn reasons(&self, context: &Context<'_>) -> Result<Vec<String>> {
        let loaders = loaders(context)?;
        let basis = self.ground.basis;
        let article = &self.node.0.0;
        let filed = if basis == Basis::Topic {
            numbers(&loaders.topics_shared_with(self.of, article.id).await?)
        } else {
            parents_of(loaders, article, basis, Found::Beside).await?
        };
        Ok(self.reasons_of(&filed))
    }
}
