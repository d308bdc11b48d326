//! Writing articles: making, changing, restoring and throwing away.

mod content;

use masthead_domain::{
    article::{Article, Story, TimePrecision},
    body::Body,
    identifier::ArticleId,
    language::LanguageTag,
    node_id::NodeId,
    publishing::{Step, check, role_to_change},
    revision::{RevisionPurpose, changed_fields, restored},
    slug::Slug,
    viewer::Role,
};
use masthead_persistence::Transaction;

use crate::{
    desk::{Desk, WriteError, in_one_write},
    input::{Edit, FaultCode, Faults, one, refusal},
};

pub(crate) use content::picture;
pub use content::{ArticleContent, BodyText, ImageInput};

/// The most articles that may be chosen to stand beside one.
pub const MOST_RELATED: usize = 50;

impl Desk {
    /// Makes a draft.
    ///
    /// # Errors
    /// When the caller is no editor, the content has faults, or the database fails.
    pub async fn create_article(&self, content: ArticleContent) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| create(
            transaction,
            content
        ))
    }

    /// Changes what an article says. A change of nothing saves nothing.
    ///
    /// # Errors
    /// When the caller may not change an article of its status, it stands at another revision, the content has
    /// faults, or the database fails.
    pub async fn update_article(
        &self,
        id: &str,
        revision: i32,
        content: ArticleContent,
    ) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| async {
            let before = self.to_change(transaction, id, revision).await?;
            let after = content.applied(transaction, &before).await?;
            save(transaction, &before, after, RevisionPurpose::Update).await
        })
    }

    /// Chooses the articles that stand beside one, in their order.
    ///
    /// # Errors
    /// As [`Desk::update_article`].
    pub async fn set_related_articles(
        &self,
        id: &str,
        revision: i32,
        articles: &[String],
    ) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| async {
            let before = self.to_change(transaction, id, revision).await?;
            let mut after = before.clone();
            after.related = related(transaction, before.article.id, articles).await?;
            save(transaction, &before, after, RevisionPurpose::Relate).await
        })
    }

    /// Has an article say again what it said at a former revision.
    ///
    /// # Errors
    /// As [`Desk::update_article`], and when that revision is not kept.
    pub async fn restore_revision(
        &self,
        id: &str,
        revision: i32,
        former: i32,
    ) -> Result<NodeId, WriteError> {
        in_one_write!(self, Role::Editor, |transaction| async {
            let before = self.to_change(transaction, id, revision).await?;
            let key = (before.article.id, former);
            let Some(kept) = transaction.reader().stories_at(&[key]).await?.remove(&key) else {
                return Err(one(
                    FaultCode::NotFound,
                    "restore",
                    format!(
                        "the article has no revision {former} that is kept: its 'revisions' lists them"
                    ),
                )
                .into());
            };
            let mut after = restored(&before, &kept);
            // What it named then may have been thrown away since.
            let reader = transaction.reader();
            let there = reader.articles_by_id(&after.related).await?;
            after
                .related
                .retain(|id| there.iter().any(|article| article.id == *id));
            if let Some(holder) = transaction.slug_holder(&after.article.slug).await?
                && holder != before.article.id
            {
                after.article.slug.clone_from(&before.article.slug);
            }
            save(transaction, &before, after, RevisionPurpose::Restore).await
        })
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// When the caller is no editor, the article is no draft or stands at another revision, or the database
    /// fails.
    pub async fn delete_draft(&self, id: &str, revision: i32) -> Result<NodeId, WriteError> {
        in_one_write!(self, Step::Delete.role(), |transaction| async {
            let story = load(transaction, id).await?;
            check_revision(&story.article, revision)?;
            check(&story.article, Step::Delete, transaction.now())
                .map_err(|error| refusal(error, "id"))?;
            transaction.delete_story(&story).await?;
            Ok(NodeId::Article(story.article.id))
        })
    }

    /// The article to be changed, which the caller may, at the revision that the change was made on.
    async fn to_change(
        &self,
        transaction: &Transaction,
        id: &str,
        revision: i32,
    ) -> Result<Story, WriteError> {
        let story = load(transaction, id).await?;
        let status = story.article.status(transaction.now());
        self.caller.require(role_to_change(status))?;
        check_revision(&story.article, revision)?;
        Ok(story)
    }
}

async fn create(transaction: &Transaction, content: ArticleContent) -> Result<NodeId, WriteError> {
    let publication = transaction
        .reader()
        .publication()
        .await?
        .unwrap_or_default();
    let now = transaction.now();
    let blank = Story {
        article: Article {
            id: ArticleId::new(now),
            slug: Slug::from_title(""),
            headline: String::new(),
            kicker: None,
            standfirst: None,
            dateline: None,
            section: None,
            magazine_issue: None,
            language: publication.language.clone(),
            lead_image: None,
            published_at: None,
            published_at_precision: TimePrecision::Exact,
            published_between: None,
            withdrawal: None,
            modified_at: now,
            revision: 1,
            word_count: 0,
        },
        body: Body::default(),
        bylines: Vec::new(),
        topics: Vec::new(),
        corrections: Vec::new(),
        related: Vec::new(),
    };
    let language_is_given = content.language != Edit::Keep;
    let slug_is_given = content.slug.value().is_some();
    let mut story = content.applied(transaction, &blank).await?;
    if !slug_is_given {
        let wanted = Slug::from_title(&story.article.headline);
        story.article.slug = transaction.free_slug(&wanted).await?;
    }
    if !language_is_given {
        let text = format!("{} {}", story.article.headline, story.body.text());
        story.article.language = LanguageTag::of_text(&text, &publication.language);
    }
    transaction.insert_story(&story).await?;
    Ok(NodeId::Article(story.article.id))
}

/// The article with this identity.
pub(crate) async fn load(transaction: &Transaction, id: &str) -> Result<Story, WriteError> {
    let missing = || {
        one(
            FaultCode::NotFound,
            "id",
            "there is no article with this identity: use the 'id' of an article as it is",
        )
    };
    match NodeId::decode(id) {
        Ok(NodeId::Article(id)) => Ok(transaction.story(id).await?.ok_or_else(missing)?),
        Ok(_) => Err(missing().into()),
        Err(error) => Err(one(FaultCode::Invalid, "id", error.to_string()).into()),
    }
}

/// That an article stands at the revision that a change was made on.
pub(crate) fn check_revision(article: &Article, revision: i32) -> Result<(), WriteError> {
    if article.revision == revision {
        return Ok(());
    }
    Err(one(
        FaultCode::StaleRevision,
        "revision",
        format!(
            "the change was made on revision {revision}, and the article stands at {}: load it again, and make the change on that",
            article.revision
        ),
    )
    .into())
}

/// Saves a changed article as its next revision.
pub(crate) async fn save(
    transaction: &Transaction,
    before: &Story,
    mut after: Story,
    purpose: RevisionPurpose,
) -> Result<NodeId, WriteError> {
    let node = NodeId::Article(before.article.id);
    if changed_fields(before, &after).is_empty() {
        return Ok(node);
    }
    after.article.revision = before.article.revision.saturating_add(1);
    after.article.modified_at = transaction.now();
    after.article.word_count = after.body.word_count();
    transaction.update_story(before, &after, purpose).await?;
    Ok(node)
}

/// The articles with these identities, in their order.
async fn related(
    transaction: &Transaction,
    beside: ArticleId,
    articles: &[String],
) -> Result<Vec<ArticleId>, WriteError> {
    let mut faults = Faults::default();
    faults.check_count("articles", articles.len(), MOST_RELATED);
    let mut related = Vec::new();
    for (index, text) in articles.iter().take(MOST_RELATED).enumerate() {
        let place = index.to_string();
        let mut wrong = |code, message: String| {
            faults.add_at(code, &["articles", place.as_str()], message);
        };
        match NodeId::decode(text) {
            Ok(NodeId::Article(id)) if id == beside => wrong(
                FaultCode::Invalid,
                "an article does not stand beside itself: leave it out".to_owned(),
            ),
            Ok(NodeId::Article(id)) if related.contains(&(index, id)) => {}
            Ok(NodeId::Article(id)) if related.iter().any(|(_, known)| *known == id) => wrong(
                FaultCode::Invalid,
                "this article is named twice: leave it out once".to_owned(),
            ),
            Ok(NodeId::Article(id)) => related.push((index, id)),
            Ok(_) => wrong(FaultCode::NotFound, "this is no article".to_owned()),
            Err(error) => wrong(FaultCode::Invalid, error.to_string()),
        }
    }
    let ids: Vec<ArticleId> = related.iter().map(|(_, id)| *id).collect();
    let there = transaction.reader().articles_by_id(&ids).await?;
    for (index, id) in &related {
        if !there.iter().any(|article| article.id == *id) {
            faults.add_at(
                FaultCode::NotFound,
                &["articles", index.to_string().as_str()],
                "there is no article with this identity",
            );
        }
    }
    Ok(faults.none_or(ids)?)
}
