//! What each load depends on, the name under which it is kept between requests, and about how large it is.
//!
//! One place tells, for each kind of key, what would make its value another. What is the newsroom's alone has
//! no name: it is read anew each time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use masthead_domain::{
    article::{Article, Correction, Story, WithdrawnArticle},
    body::Body,
    contributor::Contributor,
    identifier::{ArticleId, ContributorId, MagazineIssueId, MagazineVolumeId, SectionId, TopicId},
    magazine::{MagazineIssue, MagazineVolume},
    node_id::NodeId,
    paging::{End, Page, PageRequest, Position},
    partner::{Partner, PartnerToken},
    publication::Publication,
    receipt::WithdrawalReceipt,
    revision::Revision,
    section::Section,
    slug::Slug,
    topic::Topic,
    usage::DailyUsage,
    webhook::WebhookDelivery,
};
use masthead_persistence::{
    ArticleFilter, ArticleOrder, ChangePage, Companions, CountKey, IssueListKey, KeptWebhook,
    ListKey, Membership, Standing,
};

use super::{
    AllPartners, AllSections, ArchiveCount, ArchivePage, ArticleWithSlug, BodyOf, BylinesOf,
    ChangesAfter, ChosenFor, ContributorPage, ContributorWithSlug, CorrectionsOf, CountOf,
    DeliveriesOf, IssueCountOf, IssueNumbered, IssuePage, LatestWithdrawals, PartnerWithId,
    PublicStandingOf, ReceiptsOf, RevisionCountOf, RevisionsOf, SectionWithSlug, Shown, StoryAt,
    ThePublication, TokensOfPartner, TopicIdsOf, TopicPage, TopicWithSlug, TopicsOf, UsageBetween,
    VolumePage, WebhookWithId, WebhooksOf, WithdrawalOf,
};
use crate::cache::{Dependencies, Kind, ListOf, PartOfList};
use crate::graphql::parts::PartName;

/// A key, as far as what is kept is concerned.
pub(crate) trait Depending<Value> {
    /// The name under which its value is kept; none where it is not.
    fn name(&self) -> Option<Named>;

    /// Notes what its value depends on, or that there is none.
    fn note(&self, value: Option<&Value>, dependencies: &mut Dependencies);

    /// Notes what a value depends on while it is kept: also what it holds that not every answer shows.
    fn note_kept(&self, value: &Value, dependencies: &mut Dependencies) {
        self.note(Some(value), dependencies);
    }

    /// About how many bytes a value takes.
    fn bytes(value: &Value) -> usize;

    /// Whether it hangs on an article, and may have been read beside it.
    const HANGS_ON_AN_ARTICLE: bool = false;

    /// Its value, where it was read beside its article.
    fn beside(&self, companions: &Companions) -> Option<Value> {
        let _ = companions;
        None
    }
}

/// The name of something that is kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Named {
    Publication,
    Article(ArticleId),
    ArticleWithSlug(Slug),
    Section(SectionId),
    SectionWithSlug(Slug),
    AllSections,
    Contributor(ContributorId),
    ContributorWithSlug(Slug),
    ContributorPage(PageRequest<String>),
    Topic(TopicId),
    TopicWithSlug(Slug),
    TopicPage(PageRequest<String>),
    MagazineIssue(MagazineIssueId),
    IssueNumbered(IssueNumbered),
    IssuePage(IssuePage),
    IssueList(IssueListKey),
    IssueCount(IssueCountOf),
    MagazineVolume(MagazineVolumeId),
    VolumePage(VolumePage),
    Bylines(ArticleId),
    Topics(ArticleId),
    TopicIds(ArticleId),
    Corrections(ArticleId),
    Chosen(ArticleId),
    List(ListKey),
    Count(CountKey),
    ArchivePage(Box<ArchivePage>),
    ArchiveCount(Box<ArticleFilter>),
    CountOf(CountOf),
    Part(Box<PartName>),
}

impl Named {
    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Part(_) => size_of::<PartName>() + 64,
                Self::ArchivePage(_) | Self::ArchiveCount(_) => size_of::<ArchivePage>(),
                _ => 32,
            }
    }
}

fn length(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}

fn article_bytes(article: &Article) -> usize {
    size_of::<Article>()
        + article.headline.len()
        + article.slug.as_ref().len()
        + length(article.kicker.as_ref())
        + length(article.standfirst.as_ref())
        + length(article.dateline.as_ref())
        + article.lead_image.as_ref().map_or(0, |image| {
            image.url.as_str().len()
                + length(image.alt.as_ref())
                + length(image.caption.as_ref())
                + length(image.credit.as_ref())
        })
}

fn articles_bytes(page: &Page<Shown>) -> usize {
    page.rows
        .iter()
        .chain(&page.beyond)
        .map(|article| article_bytes(article))
        .sum()
}

fn issue_bytes(issue: &MagazineIssue) -> usize {
    size_of::<MagazineIssue>() + issue.series.len() + 200
}

fn page_bytes<Row>(page: &Page<Arc<Row>>, row: impl Fn(&Row) -> usize) -> usize {
    page.rows
        .iter()
        .chain(&page.beyond)
        .map(|one| row(one))
        .sum()
}

fn topic_bytes(topic: &Topic) -> usize {
    size_of::<Topic>() + topic.name.len()
}

fn contributor_bytes(one: &Contributor) -> usize {
    size_of::<Contributor>() + one.name.len() + length(one.biography.as_ref()) + 40
}

/// Of a page of articles: the part of the list that it shows, and each of its rows.
fn note_page(
    page: Option<&Arc<Page<Shown>>>,
    request: &PageRequest,
    order: ArticleOrder,
    list: ListOf,
    dependencies: &mut Dependencies,
) {
    let beyond = page.and_then(|page| page.beyond.as_ref());
    let edge = beyond.map(|article| order.position(article));
    let (from, to) = match request.end {
        End::First => (request.after, edge.or(request.before)),
        End::Last => (edge.or(request.after), request.before),
    };
    let (low, high) = match order {
        ArticleOrder::OldestFirst => (from, to),
        ArticleOrder::NewestFirst | ArticleOrder::RecentlyModified => (to, from),
    };
    dependencies.list(PartOfList {
        list,
        order,
        low: low.unwrap_or(Position::MIN),
        high: high.unwrap_or(Position::MAX),
    });
    for article in page
        .into_iter()
        .flat_map(|page| page.rows.iter().chain(&page.beyond))
    {
        dependencies.node(NodeId::Article(article.id));
    }
}

/// A list or a lookup by a slug depends on which section, contributor or topic has that slug.
fn note_slugs(filter: &ArticleFilter, dependencies: &mut Dependencies) {
    for (slug, kind) in [
        (&filter.section, Kind::Section),
        (&filter.contributor, Kind::Contributor),
        (&filter.topic, Kind::Topic),
    ] {
        if slug.is_some() {
            dependencies.kind(kind);
        }
    }
}

/// An issue bears its volume's series and number, and a volume the dates of its issues.
fn note_magazine(dependencies: &mut Dependencies) {
    dependencies.kind(Kind::MagazineIssue);
    dependencies.kind(Kind::MagazineVolume);
}

macro_rules! depending {
    ($($key:ty => $value:ty, |$this:ident, $found:ident, $noted:ident| {
        name: $name:expr, note: $note:expr, bytes: $bytes:expr $(, beside: |$companions:ident| $there:expr)?
    })*) => {$(
        impl Depending<$value> for $key {
            #[allow(unused_variables, reason = "what is not kept has no name")]
            fn name(&self) -> Option<Named> {
                let $this = self;
                $name
            }

            #[allow(unused_variables, reason = "not every kind needs all of them")]
            fn note(&self, $found: Option<&$value>, $noted: &mut Dependencies) {
                let $this = self;
                $note;
            }

            fn bytes($found: &$value) -> usize {
                $bytes
            }

            $(
                const HANGS_ON_AN_ARTICLE: bool = true;

                fn beside(&self, $companions: &Companions) -> Option<$value> {
                    let $this = self;
                    $there.cloned()
                }
            )?
        }
    )*};
}

/// What articles are filed under. Which ones these are depends on the article alone; what they are called is noted
/// of an answer where it shows them ([`Loaders::credits`](super::Loaders::credits),
/// [`Loaders::topics`](super::Loaders::topics)).
macro_rules! filed_under {
    ($($key:ty => $value:ident, $named:ident, $companions:ident, $bytes:expr;)*) => {$(
        impl Depending<Vec<Arc<$value>>> for $key {
            fn name(&self) -> Option<Named> {
                Some(Named::$named(self.0))
            }

            fn note(&self, _found: Option<&Vec<Arc<$value>>>, noted: &mut Dependencies) {
                noted.node(NodeId::Article(self.0));
            }

            fn note_kept(&self, found: &Vec<Arc<$value>>, noted: &mut Dependencies) {
                noted.node(NodeId::Article(self.0));
                for one in found {
                    noted.node(NodeId::$value(one.id));
                }
            }

            fn bytes(found: &Vec<Arc<$value>>) -> usize {
                found.iter().map(|one| size_of::<Arc<$value>>() + $bytes(one)).sum()
            }

            const HANGS_ON_AN_ARTICLE: bool = true;

            fn beside(&self, companions: &Companions) -> Option<Vec<Arc<$value>>> {
                companions.$companions.get(&self.0).cloned()
            }
        }
    )*};
}

filed_under! {
    BylinesOf => Contributor, Bylines, credits, contributor_bytes;
    TopicsOf => Topic, Topics, topics, topic_bytes;
}

depending! {
    // A body is large, and stands on one page, which is kept itself.
    BodyOf => Arc<Body>, |key, body, noted| {
        name: None,
        note: noted.node(NodeId::Article(key.0)),
        bytes: size_of_val(body),
        beside: |companions| companions.bodies.get(&key.0)
    }
    TopicIdsOf => Vec<TopicId>, |key, found, noted| {
        name: Some(Named::TopicIds(key.0)),
        note: noted.node(NodeId::Article(key.0)),
        bytes: size_of_val(found.as_slice()),
        beside: |companions| companions.topic_ids.get(&key.0)
    }
    CorrectionsOf => Arc<Vec<Correction>>, |key, found, noted| {
        name: Some(Named::Corrections(key.0)),
        note: noted.node(NodeId::Article(key.0)),
        bytes: found.iter().map(|one| size_of::<Correction>() + one.text.len()).sum(),
        beside: |companions| companions.corrections.get(&key.0)
    }
    ThePublication => Arc<Publication>, |_key, publication, noted| {
        name: Some(Named::Publication),
        note: noted.node(NodeId::Publication),
        bytes: size_of::<Publication>() + publication.title.len() + 500
    }
    ArticleId => Shown, |id, article, noted| {
        name: Some(Named::Article(*id)),
        note: noted.node(NodeId::Article(*id)),
        bytes: article_bytes(article)
    }
    ArticleWithSlug => Shown, |key, article, noted| {
        name: Some(Named::ArticleWithSlug(key.slug.clone())),
        note: match article {
            Some(article) => noted.node(NodeId::Article(article.id)),
            None => noted.missed_slug(key.slug.as_ref()),
        },
        bytes: article_bytes(article)
    }
    SectionId => Arc<Section>, |id, section, noted| {
        name: Some(Named::Section(*id)),
        note: noted.node(NodeId::Section(*id)),
        bytes: size_of::<Section>() + section.name.len(),
        beside: |companions| companions.sections.get(id)
    }
    SectionWithSlug => Arc<Section>, |key, section, noted| {
        name: Some(Named::SectionWithSlug(key.0.clone())),
        note: match section {
            Some(section) => noted.node(NodeId::Section(section.id)),
            None => noted.kind(Kind::Section),
        },
        bytes: size_of::<Section>() + section.name.len()
    }
    AllSections => Arc<Vec<Arc<Section>>>, |_key, sections, noted| {
        name: Some(Named::AllSections),
        note: noted.kind(Kind::Section),
        bytes: sections.iter().map(|one| size_of::<Section>() + one.name.len()).sum()
    }
    ContributorId => Arc<Contributor>, |id, one, noted| {
        name: Some(Named::Contributor(*id)),
        note: noted.node(NodeId::Contributor(*id)),
        bytes: contributor_bytes(one)
    }
    ContributorWithSlug => Arc<Contributor>, |key, one, noted| {
        name: Some(Named::ContributorWithSlug(key.0.clone())),
        note: match one {
            Some(one) => noted.node(NodeId::Contributor(one.id)),
            None => noted.kind(Kind::Contributor),
        },
        bytes: contributor_bytes(one)
    }
    ContributorPage => Arc<Page<Arc<Contributor>>>, |key, page, noted| {
        name: Some(Named::ContributorPage(key.0.clone())),
        note: noted.kind(Kind::Contributor),
        bytes: page_bytes(page, contributor_bytes)
    }
    TopicId => Arc<Topic>, |id, topic, noted| {
        name: Some(Named::Topic(*id)),
        note: noted.node(NodeId::Topic(*id)),
        bytes: topic_bytes(topic)
    }
    TopicWithSlug => Arc<Topic>, |key, topic, noted| {
        name: Some(Named::TopicWithSlug(key.0.clone())),
        note: match topic {
            Some(topic) => noted.node(NodeId::Topic(topic.id)),
            None => noted.kind(Kind::Topic),
        },
        bytes: topic_bytes(topic)
    }
    TopicPage => Arc<Page<Arc<Topic>>>, |key, page, noted| {
        name: Some(Named::TopicPage(key.0.clone())),
        note: noted.kind(Kind::Topic),
        bytes: page_bytes(page, topic_bytes)
    }
    MagazineIssueId => Arc<MagazineIssue>, |id, issue, noted| {
        name: Some(Named::MagazineIssue(*id)),
        note: {
            noted.node(NodeId::MagazineIssue(*id));
            noted.kind(Kind::MagazineVolume);
        },
        bytes: issue_bytes(issue),
        beside: |companions| companions.magazine_issues.get(id)
    }
    IssueNumbered => Arc<MagazineIssue>, |key, issue, noted| {
        name: Some(Named::IssueNumbered(key.clone())),
        note: note_magazine(noted),
        bytes: issue_bytes(issue)
    }
    IssuePage => Arc<Page<Arc<MagazineIssue>>>, |key, page, noted| {
        name: Some(Named::IssuePage(key.clone())),
        note: note_magazine(noted),
        bytes: page_bytes(page, issue_bytes)
    }
    IssueListKey => Arc<Page<Arc<MagazineIssue>>>, |key, page, noted| {
        name: Some(Named::IssueList(key.clone())),
        note: note_magazine(noted),
        bytes: page_bytes(page, issue_bytes)
    }
    IssueCountOf => u64, |key, count, noted| {
        name: Some(Named::IssueCount(*key)),
        note: note_magazine(noted),
        bytes: size_of_val(count)
    }
    MagazineVolumeId => Arc<MagazineVolume>, |id, volume, noted| {
        name: Some(Named::MagazineVolume(*id)),
        note: {
            noted.node(NodeId::MagazineVolume(*id));
            noted.kind(Kind::MagazineIssue);
        },
        bytes: size_of::<MagazineVolume>() + volume.series.len()
    }
    VolumePage => Arc<Page<Arc<MagazineVolume>>>, |key, page, noted| {
        name: Some(Named::VolumePage(key.clone())),
        note: note_magazine(noted),
        bytes: page_bytes(page, |volume| size_of::<MagazineVolume>() + volume.series.len())
    }
    ChosenFor => Arc<Vec<Shown>>, |key, chosen, noted| {
        name: Some(Named::Chosen(key.0)),
        note: {
            noted.node(NodeId::Article(key.0));
            // Also those that cannot be seen yet, whose identities are nobody's to know.
            noted.list(PartOfList {
                list: ListOf::ChosenFor(key.0),
                order: ArticleOrder::NewestFirst,
                low: Position::MIN,
                high: Position::MAX,
            });
            for article in chosen.iter().flat_map(|chosen| chosen.iter()) {
                noted.node(NodeId::Article(article.id));
            }
        },
        bytes: chosen.iter().map(|article| article_bytes(article)).sum(),
        beside: |companions| companions.chosen.get(&key.0)
    }
    ListKey => Arc<Page<Shown>>, |key, page, noted| {
        name: Some(Named::List(key.clone())),
        note: for parent in &key.parents {
            let list = match key.membership {
                Membership::Contributor => ListOf::Contributor(ContributorId::from_number(*parent)),
                Membership::Section => ListOf::Section(SectionId::from_number(*parent)),
                Membership::Topic => ListOf::Topic(TopicId::from_number(*parent)),
                Membership::MagazineIssue => ListOf::MagazineIssue(MagazineIssueId::from_number(*parent)),
            };
            note_page(page, &key.page, ArticleOrder::NewestFirst, list, noted);
        },
        bytes: articles_bytes(page),
        beside: |companions| companions.lists.get(key)
    }
    CountKey => u64, |key, count, noted| {
        name: Some(Named::Count(key.clone())),
        note: noted.kind(Kind::Article),
        bytes: size_of_val(count)
    }
    ArchivePage => Arc<Page<Shown>>, |key, page, noted| {
        name: Some(Named::ArchivePage(Box::new(key.clone()))),
        note: {
            note_slugs(&key.filter, noted);
            let list = ListOf::Archive(Arc::new(key.filter.clone()));
            note_page(page, &key.page, key.order, list, noted);
        },
        bytes: articles_bytes(page)
    }
    ArchiveCount => u64, |key, count, noted| {
        name: Some(Named::ArchiveCount(Box::new(key.0.clone()))),
        note: {
            note_slugs(&key.0, noted);
            noted.kind(Kind::Article);
        },
        bytes: size_of_val(count)
    }
    CountOf => u64, |key, count, noted| {
        name: Some(Named::CountOf(key.clone())),
        note: match key {
            CountOf::Contributors => noted.kind(Kind::Contributor),
            CountOf::Topics => noted.kind(Kind::Topic),
            CountOf::Volumes | CountOf::Issues(_) => note_magazine(noted),
        },
        bytes: size_of_val(count)
    }
    RevisionsOf => Arc<Page<Revision>>, |_key, page, noted| {
        name: None,
        note: noted.everything(),
        bytes: page.rows.len()
    }
    RevisionCountOf => u64, |_key, count, noted| {
        name: None,
        note: noted.everything(),
        bytes: size_of_val(count)
    }
    StoryAt => Arc<Story>, |_key, story, noted| {
        name: None,
        note: noted.everything(),
        bytes: size_of_val(story)
    }
    AllPartners => Arc<Vec<Arc<Partner>>>, |_key, partners, noted| {
        name: None,
        note: noted.everything(),
        bytes: partners.len()
    }
    PartnerWithId => Arc<Partner>, |_key, partner, noted| {
        name: None,
        note: noted.everything(),
        bytes: size_of_val(partner)
    }
    TokensOfPartner => Arc<Vec<PartnerToken>>, |_key, tokens, noted| {
        name: None,
        note: noted.everything(),
        bytes: tokens.len()
    }
    ReceiptsOf => Arc<Vec<WithdrawalReceipt>>, |_key, receipts, noted| {
        name: None,
        note: noted.everything(),
        bytes: receipts.len()
    }
    UsageBetween => Arc<Vec<DailyUsage>>, |_key, used, noted| {
        name: None,
        note: noted.everything(),
        bytes: used.len()
    }
    WebhooksOf => Arc<Vec<Arc<KeptWebhook>>>, |_key, webhooks, noted| {
        name: None,
        note: noted.everything(),
        bytes: webhooks.len()
    }
    WebhookWithId => Arc<KeptWebhook>, |_key, webhook, noted| {
        name: None,
        note: noted.everything(),
        bytes: size_of_val(webhook)
    }
    DeliveriesOf => Arc<Vec<WebhookDelivery>>, |_key, deliveries, noted| {
        name: None,
        note: noted.everything(),
        bytes: deliveries.len()
    }
    WithdrawalOf => Arc<WithdrawnArticle>, |key, article, noted| {
        name: None,
        note: noted.node(NodeId::Article(key.0)),
        bytes: size_of::<WithdrawnArticle>() + article.withdrawal.reason.len()
    }
    PublicStandingOf => Arc<Standing>, |_key, standing, noted| {
        name: None,
        note: noted.everything(),
        bytes: size_of_val(standing)
    }
    LatestWithdrawals => Arc<Vec<(ArticleId, DateTime<Utc>)>>, |_key, withdrawals, noted| {
        name: None,
        note: noted.kind(Kind::Article),
        bytes: size_of_val(withdrawals.as_slice())
    }
    ChangesAfter => Arc<ChangePage>, |_key, page, noted| {
        name: None,
        note: noted.everything(),
        bytes: page.changes.len()
    }
}
