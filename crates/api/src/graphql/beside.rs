//! What a query will ask of the articles that it reads, found out from what it selects of them: so it can be read
//! in the same statement.
//!
//! What is found out wrongly costs a statement or a few rows, and never changes an answer: whatever was not read
//! beside an article is read when it is asked for. (What `@skip` leaves out is read all the same.)

use async_graphql::{Context, Lookahead, SelectionField, Value};
use masthead_domain::related::RelatedBasis;
use masthead_persistence::{Beside, ListsAround, Surroundings};

use super::{loaders::Loaders, related::shown_below};

/// The parts of a body that are made of its blocks.
const MADE_OF_BLOCKS: [&str; 4] = ["html", "text", "markdown", "blocks"];

/// Around an article, whose field this is.
pub(crate) fn page(context: &Context<'_>, loaders: &Loaders) -> Surroundings {
    if !loaders.reads_beside() {
        return Surroundings::default();
    }
    let article = context.look_ahead();
    let beside = of_article(&article);
    // What many articles share is kept by itself, where anything is.
    if loaders.keeps_parts() {
        return Surroundings {
            beside,
            ..Surroundings::default()
        };
    }
    let lists = article.field("relatedLists");
    Surroundings {
        beside,
        section: lists.exists() || article.field("section").exists(),
        magazine_issue: article.field("magazineIssue").exists(),
        lists: lists_around(&lists),
    }
}

/// The lists of an article's page; none where one repeats nothing of another, which takes more of them.
fn lists_around(lists: &Lookahead<'_>) -> Option<ListsAround> {
    let may_repeat = |field: &SelectionField<'_>| {
        let arguments = field.arguments().unwrap_or_default();
        let mut distinct = arguments.iter().filter(|(name, _)| *name == "distinct");
        distinct.all(|(_, value)| *value == Value::Boolean(false))
    };
    if !lists.exists() || !lists.selection_fields().iter().all(may_repeat) {
        return None;
    }
    let articles = lists.field("articles");
    let rows = RelatedRows::of(&articles);
    Some(ListsAround {
        // One more, since the article itself is a member that its own page does not show.
        size: shown_below(lists).max(1).saturating_add(1),
        // Which topics they share is read with them.
        beside: rows.on(RelatedBasis::Byline),
    })
}

/// Beside the rows of a list of articles, whose field this is.
pub(crate) fn rows(context: &Context<'_>, loaders: &Loaders) -> Beside {
    if loaders.reads_ahead() {
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
        if loaders.reads_ahead() {
            Self::of(&context.look_ahead())
        } else {
            Self::default()
        }
    }

    /// Of the lists in a field of related lists.
    pub(crate) fn of_lists(context: &Context<'_>, loaders: &Loaders) -> Self {
        if loaders.reads_ahead() {
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
        sections: is_selected("section"),
        body: MADE_OF_BLOCKS.iter().any(|part| body.field(part).exists()),
        corrections: is_selected("corrections"),
        chosen: leads_on,
        credits_of_chosen: leads_on && of_rows(&related.field("articles")).credits,
    }
}
