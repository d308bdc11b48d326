//! An article for the head of its page: what it depends on is loaded at once, and written by
//! [`masthead_formats::json_ld`].

use masthead_domain::{article::ArticleStatus, audience::PublicAccess, node_id::NodeId};
use masthead_formats::json_ld::{NewsArticle, PrintedIssue, Publication};

use super::{
    error::{QueryError, Result},
    loaders::{CorrectionsOf, Loaders, Shown},
};

/// The text of a `script` element; none of an article that is not published.
pub(super) async fn script(
    loaders: &Loaders,
    article: &Shown,
    everyone: PublicAccess,
) -> Result<Option<String>> {
    if loaders.status(article) != ArticleStatus::Published {
        return Ok(None);
    }
    let section = async {
        match article.section {
            Some(id) => loaders.load(id).await,
            None => Ok(None),
        }
    };
    let printed_in = async {
        match article.magazine_issue {
            Some(id) => loaders.load(id).await,
            None => Ok(None),
        }
    };
    let (publication, credits, section, topics, corrections, printed_in) = futures_util::try_join!(
        loaders.publication(),
        loaders.credits(article.id),
        section,
        loaders.topics(article.id),
        loaders.load(CorrectionsOf(article.id)),
        printed_in,
    )?;
    let identifier = NodeId::Article(article.id).uri();
    let url = publication.article_url(&article.slug);
    let citation = printed_in.as_ref().map(|issue| issue.citation());
    let corrections = corrections
        .iter()
        .flat_map(|corrections| corrections.iter());
    let news_article = NewsArticle {
        identifier: &identifier,
        url: &url,
        headline: &article.headline,
        kicker: article.kicker.as_deref(),
        standfirst: article.standfirst.as_deref(),
        dateline: article.dateline.as_deref(),
        language: article.language.as_str(),
        published: article
            .published_at
            .map(|at| (at, article.published_at_precision)),
        modified_at: article.modified_at,
        credits: credits
            .iter()
            .map(|one| (one.name.as_str(), one.kind))
            .collect(),
        section: section.as_ref().map(|section| section.name.as_str()),
        topics: topics.iter().map(|topic| topic.name.as_str()).collect(),
        corrections: corrections.map(|one| (one.at, one.text.as_str())).collect(),
        lead_image: article.lead_image.as_ref(),
        words: article.word_count,
        is_free: everyone.full_text,
        printed_in: printed_in
            .as_ref()
            .zip(citation.as_deref())
            .map(|(issue, citation)| PrintedIssue {
                citation,
                series: &issue.series,
                volume: issue.volume_number,
                number: issue.number,
                last_number: issue.last_number,
                cover_date: issue.cover_date.gregorian(),
            }),
        publication: Publication {
            title: &publication.title,
            url: publication.url.as_str(),
            publisher: publication.publisher.as_deref(),
            time_zone: publication.time_zone,
        },
    };
    news_article
        .script()
        .map(Some)
        .map_err(|_| QueryError::Broken("an article could not be written as JSON-LD"))
}
