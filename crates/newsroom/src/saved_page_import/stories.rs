//! The articles of a page: the one whose page it is, and those of its lists.

use chrono::{DateTime, Duration, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use masthead_domain::{
    article::{Article, ArticleStatus, Story, TimePrecision, headline_key},
    body::Body,
    identifier::{ArticleId, ContributorId, SectionId},
    language::LanguageTag,
    publication::Publication,
    revision::RevisionPurpose,
    slug::Slug,
};
use masthead_formats::{
    plain_text,
    saved_page::{ResolvedArticle, ResolvedPage},
};
use masthead_persistence::{PersistenceError, Transaction};

use super::{
    Outcome, PageImportError,
    placing::{Place, place},
};
use crate::filing;

/// An article of the page, with the article in store that it is, if there is one.
struct Candidate<'page> {
    resolved: &'page ResolvedArticle,
    bylines: Vec<ContributorId>,
    section: Option<SectionId>,
    /// Of the page's own article alone.
    standfirst: Option<&'page str>,
    known: Option<Story>,
}

/// Takes in all articles of a page.
pub(super) async fn take_in(
    transaction: &Transaction,
    publication: &Publication,
    time_zone: Tz,
    page: &ResolvedPage,
    standfirst: Option<&str>,
) -> Result<Vec<Outcome>, PageImportError> {
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    for (index, resolved) in page.articles.iter().enumerate() {
        let bylines = match &resolved.byline {
            Some(byline) => filing::credited(transaction, byline, &publication.title).await?,
            None => Vec::new(),
        };
        let section = match &resolved.section {
            Some(section) => Some(filing::section(transaction, section).await?),
            None => None,
        };
        let taken: Vec<ArticleId> = candidates
            .iter()
            .filter_map(|candidate| Some(candidate.known.as_ref()?.article.id))
            .collect();
        let known = known(transaction, time_zone, resolved, &bylines, &taken).await?;
        candidates.push(Candidate {
            resolved,
            bylines,
            section,
            standfirst: standfirst.filter(|_| index == page.own),
            known,
        });
    }
    let mut places: Vec<Place> = candidates
        .iter()
        .map(|candidate| candidate.place(time_zone))
        .collect();
    place(&mut places, &page.newest_first);

    let mut order: Vec<(usize, &Candidate<'_>, Place)> = candidates
        .iter()
        .zip(places)
        .enumerate()
        .map(|(index, (candidate, place))| (index, candidate, place))
        .collect();
    // Oldest first, so that identities ascend with time.
    order.sort_by_key(|(index, _, place)| (place.instant, std::cmp::Reverse(*index)));
    let mut outcomes = Vec::new();
    for (_, candidate, place) in order {
        outcomes.push(save(transaction, publication, time_zone, candidate, place).await?);
    }
    Ok(outcomes)
}

/// The article in store that this one is: the same headline, a time that can be the same, and no byline that
/// speaks against it. Drafts are the newsroom's own and are never taken for it, nor is one that another
/// article of the page has been found to be.
///
/// The page of an article settles whose it is: what a list said of one that has no body yet gives way.
async fn known(
    transaction: &Transaction,
    time_zone: Tz,
    resolved: &ResolvedArticle,
    bylines: &[ContributorId],
    taken: &[ArticleId],
) -> Result<Option<Story>, PersistenceError> {
    let reader = transaction.reader();
    let same_headline = reader
        .articles_by_headline(&headline_key(&resolved.headline))
        .await?;
    let mut nearest: Option<(Duration, ArticleId)> = None;
    for article in &same_headline {
        let Some((earliest, latest)) = bounds(article, time_zone) else {
            continue;
        };
        if latest <= resolved.earliest || end(resolved) <= earliest || taken.contains(&article.id) {
            continue;
        }
        let credited = reader
            .bylines(&[article.id])
            .await?
            .remove(&article.id)
            .unwrap_or_default();
        let first_page = resolved.paragraphs.is_some() && article.word_count == 0;
        let strangers = !first_page
            && !credited.is_empty()
            && !bylines.is_empty()
            && !credited.iter().any(|name| bylines.contains(name));
        if strangers {
            continue;
        }
        let distance = (article.published_at.unwrap_or_default() - resolved.instant).abs();
        if nearest.is_none_or(|(least, _)| distance < least) {
            nearest = Some((distance, article.id));
        }
    }
    match nearest {
        Some((_, id)) => transaction.story(id).await,
        None => Ok(None),
    }
}

/// Between which instants an article was published, as far as is known; none for a draft.
fn bounds(article: &Article, time_zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let published_at = article.published_at?;
    if let Some(between) = article.published_between {
        return Some(between);
    }
    Some(match article.published_at_precision {
        TimePrecision::Exact | TimePrecision::Minute => {
            (published_at, published_at + Duration::minutes(1))
        }
        TimePrecision::Hour => (published_at, published_at + Duration::hours(1)),
        TimePrecision::Day => {
            let day = published_at.with_timezone(&time_zone).date_naive();
            let starts = time_zone
                .from_local_datetime(&day.and_time(NaiveTime::MIN))
                .earliest()
                .map_or(published_at, |start| start.to_utc());
            (starts, starts + Duration::days(1))
        }
    })
}

impl Candidate<'_> {
    /// Whether the page knows its time better than the store does, or the store's time cannot be right.
    fn settles_time(&self, time_zone: Tz) -> bool {
        let Some(known) = &self.known else {
            return true;
        };
        let precision = self.resolved.precision;
        let finer = precision < known.article.published_at_precision;
        let stands = known.article.published_at.unwrap_or_default();
        let coarser = precision > known.article.published_at_precision;
        let contradicted = bounds(&known.article, time_zone).is_some()
            && !(self.resolved.earliest..end(self.resolved)).contains(&stands)
            && !coarser;
        finer || contradicted
    }

    fn place(&self, time_zone: Tz) -> Place {
        let ResolvedArticle {
            instant, earliest, ..
        } = *self.resolved;
        match &self.known {
            Some(known) if !self.settles_time(time_zone) => {
                let instant = known.article.published_at.unwrap_or(instant);
                Place {
                    instant,
                    earliest: instant,
                    latest: instant,
                    settled: true,
                }
            }
            // A time that is printed to the minute is not moved for the sake of an order.
            _ => Place {
                instant,
                earliest,
                latest: end(self.resolved),
                settled: self.resolved.precision <= TimePrecision::Minute,
            },
        }
    }
}

/// Saves what is new of one article.
async fn save(
    transaction: &Transaction,
    publication: &Publication,
    time_zone: Tz,
    candidate: &Candidate<'_>,
    place: Place,
) -> Result<Outcome, PageImportError> {
    let Candidate {
        resolved,
        bylines,
        section,
        known,
        ..
    } = candidate;
    let body = resolved
        .paragraphs
        .as_ref()
        .map(|paragraphs| plain_text::read(&paragraphs.join("\n\n")));
    let Some(known) = known else {
        let story = new_story(
            transaction,
            publication,
            candidate,
            body.unwrap_or_default(),
            place,
        )
        .await?;
        transaction.insert_story(&story).await?;
        return Ok(Outcome::New);
    };
    if known.article.status(transaction.now()) == ArticleStatus::Withdrawn {
        return Ok(Outcome::Unchanged);
    }
    let mut story = known.clone();
    let own_page = body.is_some();
    if let Some(body) = body {
        story.article.headline.clone_from(&resolved.headline);
        story.article.word_count = body.word_count();
        story.article.language = LanguageTag::of_text(
            &format!("{} {}", resolved.headline, body.text()),
            &publication.language,
        );
        story.body = body;
    }
    if let Some(standfirst) = candidate.standfirst {
        story.article.standfirst = Some(standfirst.to_owned());
    }
    if !bylines.is_empty() && (own_page || story.bylines.is_empty()) {
        story.bylines.clone_from(bylines);
    }
    if section.is_some() && (own_page || story.article.section.is_none()) {
        story.article.section = *section;
    }
    if candidate.settles_time(time_zone) {
        story.article.published_at = Some(place.instant);
        story.article.published_at_precision = resolved.precision;
        story.article.published_between = open_bounds(resolved);
    }
    if story == *known {
        return Ok(Outcome::Unchanged);
    }
    story.article.revision += 1;
    story.article.modified_at = transaction.now();
    transaction
        .update_story(known, &story, RevisionPurpose::Update)
        .await?;
    Ok(Outcome::Changed)
}

async fn new_story(
    transaction: &Transaction,
    publication: &Publication,
    candidate: &Candidate<'_>,
    body: Body,
    place: Place,
) -> Result<Story, PersistenceError> {
    let resolved = candidate.resolved;
    let slug = transaction
        .free_slug(&Slug::from_title(&resolved.headline))
        .await?;
    let text = format!("{} {}", resolved.headline, body.text());
    Ok(Story {
        article: Article {
            id: ArticleId::new(transaction.now()),
            slug,
            headline: resolved.headline.clone(),
            kicker: None,
            standfirst: candidate.standfirst.map(str::to_owned),
            dateline: None,
            section: candidate.section,
            magazine_issue: None,
            language: LanguageTag::of_text(&text, &publication.language),
            lead_image: None,
            published_at: Some(place.instant),
            published_at_precision: resolved.precision,
            published_between: open_bounds(resolved),
            withdrawal: None,
            modified_at: transaction.now(),
            revision: 1,
            word_count: body.word_count(),
        },
        body,
        bylines: candidate.bylines.clone(),
        topics: Vec::new(),
        corrections: Vec::new(),
        related: Vec::new(),
    })
}

/// The instant before which it was published: a page's times are whole seconds, the last one included.
fn end(resolved: &ResolvedArticle) -> DateTime<Utc> {
    resolved.latest + Duration::seconds(1)
}

/// The bounds that are worth keeping: of a time that is not printed to the minute.
fn open_bounds(resolved: &ResolvedArticle) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    (resolved.precision > TimePrecision::Minute).then_some((resolved.earliest, end(resolved)))
}
