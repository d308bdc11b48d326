//! What a query will ask of the articles that it reads, found out from what it selects of them: so it can be read
//! in the same statement.
//!
//! What is found out wrongly costs a statement or a few rows, and never changes an answer: whatever was not read
//! beside an article is read when it is asked for. (What `@skip` leaves out is read all the same.)

use async_graphql::{Context, Lookahead};
use masthead_domain::related::RelatedBasis;
use masthead_persistence::Beside;

use super::loaders::Loaders;

/// The parts of a body that are made of its blocks.
const MADE_OF_BLOCKS: [&str; 4] = ["html", "text", "markdown", "blocks"];

/// Beside an article, whose field this is.
pub(crate) fn article(context: &Context<'_>, loaders: &Loaders) -> Beside {
    if loaders.reads_beside() {
        of_article(&context.look_ahead())
    } else {
        Beside::default()
    }
}

/// Beside the rows of a list of articles, whose field this is.
pub(crate) fn rows(context: &Context<'_>, loaders: &Loaders) -> Beside {
    if loaders.reads_beside() {
        of_rows(&context.look_ahead())
    } else {
        Beside::default()
    }
}

/// What is asked of the rows of related lists.
#[derive(Clone, Copy, Default)]
pub(crate) struct RelatedRows {
    beside: Beside,
    /// Whether it is said why a row stands there.
    reasons: bool,
}

impl RelatedRows {
    /// Of a list of related articles, whose field this is.
    pub(crate) fn of_list(context: &Context<'_>, loaders: &Loaders) -> Self {
        if loaders.reads_beside() {
            Self::of(&context.look_ahead())
        } else {
            Self::default()
        }
    }

    /// Of the lists in a field of related lists.
    pub(crate) fn of_lists(context: &Context<'_>, loaders: &Loaders) -> Self {
        if loaders.reads_beside() {
            Self::of(&context.look_ahead().field("articles"))
        } else {
            Self::default()
        }
    }

    fn of(list: &Lookahead<'_>) -> Self {
        Self {
            beside: of_rows(list),
            reasons: list.field("edges").field("reasons").exists(),
        }
    }

    /// Beside the rows of a list that stands on this ground: why a row stands there is told by what it is filed under.
    pub(crate) fn on(self, basis: RelatedBasis) -> Beside {
        Beside {
            credits: self.beside.credits || self.reasons && basis == RelatedBasis::Byline,
            topic_ids: self.reasons && basis == RelatedBasis::Topic,
            ..self.beside
        }
    }
}

fn of_rows(list: &Lookahead<'_>) -> Beside {
    let nodes = of_article(&list.field("nodes"));
    nodes.or(of_article(&list.field("edges").field("node")))
}

fn of_article(article: &Lookahead<'_>) -> Beside {
    if !article.exists() {
        return Beside::default();
    }
    let is_selected = |name| article.field(name).exists();
    let body = article.field("body");
    let related = article.field("relatedLists");
    let leads_on = related.exists();
    Beside {
        credits: leads_on || is_selected("bylines"),
        topics: leads_on || is_selected("topics"),
        topic_ids: false,
        body: MADE_OF_BLOCKS.iter().any(|part| body.field(part).exists()),
        corrections: is_selected("corrections"),
        chosen: leads_on,
        credits_of_chosen: leads_on && of_rows(&related.field("articles")).credits,
    }
}
