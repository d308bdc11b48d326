//! What can be asked for.

use async_graphql::{Context, ID, Object};
use masthead_domain::{node_id::NodeId, slug::Slug};
use masthead_persistence::{ArticleFilter as Filter, ArticleOrder as Order};

use super::{
    article::Article,
    article_filter::{ArticleFilter, ArticleOrder, normal_language},
    beside,
    changes::ChangeConnection,
    classification::{Contributor, Section, Topic},
    connection::{Connection, PageArguments, loaders},
    error::{QueryError, Result},
    lists::{ArticleList, ContributorList, IssueList, TopicList, VolumeList},
    loaders::{
        AllSections, ArticleWithSlug, ContributorWithSlug, IssueNumbered, SectionWithSlug,
        TopicWithSlug,
    },
    magazine::MagazineIssue,
    node::{Node, node},
    office::Office,
    partners::{Partner, partners},
    parts::Part,
    plain::{Rows, Written},
    publication::Publication,
    receipts::{WithdrawalReceipt, withdrawal_receipts},
    scalars::Date,
    usage::{PartnerUsage, usage},
    viewer::Viewer,
    webhooks::{Webhook, WebhookDeliveryConnection, deliveries, webhooks},
    withdrawal::Withdrawal,
    withdrawn::WithdrawnArticle,
};

/// The most identities that one `nodes` takes.
const MOST_NODES: usize = 100;

/// What can be asked for.
pub struct Query;

/// What can be asked for.
#[Object]
impl Query {
    /// Anything by its identity; null if there is no such thing, or none that may be seen.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The `id` of an answer.")] id: ID,
    ) -> Option<Result<Node>> {
        node(context, &id).await.transpose()
    }

    /// What everyone may know of an article that has been taken down, by its identity; null of any other.
    async fn withdrawal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The `id` of an article.")] id: ID,
    ) -> Option<Result<Withdrawal>> {
        let Ok(NodeId::Article(id)) = NodeId::decode(&id) else {
            return None;
        };
        async { Withdrawal::of(loaders(context)?, id).await }
            .await
            .transpose()
    }

    /// Many things by their identities, in the same order, null where there is none.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Up to 100 identities.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        if ids.len() > MOST_NODES {
            return Err(QueryError::BadInput(format!(
                "'ids' has {}: ask for {MOST_NODES} at most",
                ids.len()
            )));
        }
        let nodes = ids
            .iter()
            .map(|id| async { node(context, id).await.transpose() });
        Ok(futures_util::future::join_all(nodes).await)
    }

    /// The magazine whose archive this is.
    async fn publication(&self, context: &Context<'_>) -> Result<Part<Written<Publication>>> {
        let read = async { Ok(Written(Publication(loaders(context)?.publication().await?))) };
        Part::of(context, read).await
    }

    /// An article by its slug. A slug that it once had still finds it: it then carries its present slug.
    async fn article(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name in the URL.")] slug: String,
    ) -> Option<Result<Part<Written<Article>>>> {
        let slug = Slug::parse(&slug).ok()?;
        let found = Part::of(context, async {
            let loaders = loaders(context)?;
            let around = beside::page(context, loaders);
            let found = loaders.load(ArticleWithSlug { slug, around }).await?;
            Ok(found.map(Article).map(Written))
        });
        async { Ok(found.await?.found(loaders(context)?)) }
            .await
            .transpose()
    }

    /// The archive, filtered and ordered as wanted.
    #[allow(clippy::too_many_arguments, reason = "they are the contract's")]
    async fn articles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which articles; all that are published without it.")] filter: Option<
            ArticleFilter,
        >,
        #[graphql(
            default_with = "ArticleOrder::NewestFirst",
            desc = "What the list is ordered by."
        )]
        order: ArticleOrder,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Part<Connection<ArticleList>>> {
        let list = match filter.unwrap_or_default().read(context)? {
            Some(filter) => ArticleList::Archive(filter, order.into()),
            None => ArticleList::Empty,
        };
        Part::of(
            context,
            Connection::of(
                list,
                context,
                &PageArguments {
                    first,
                    after,
                    last,
                    before,
                },
            ),
        )
        .await
    }

    /// The latest feed: published articles, newest first, stable while new ones arrive.
    #[allow(clippy::too_many_arguments, reason = "they are the contract's")]
    async fn latest(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of the section with this slug.")] section: Option<String>,
        #[graphql(desc = "Only credited to the contributor with this slug.")] contributor: Option<
            String,
        >,
        #[graphql(desc = "Only about the topic with this slug.")] topic: Option<String>,
        #[graphql(desc = "Only in this language (BCP 47 tag).")] language: Option<String>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Part<Connection<ArticleList>>> {
        let language = language.map(|tag| normal_language(&tag));
        let filter = Filter {
            section,
            contributor,
            topic,
            language,
            ..Filter::default()
        };
        let list = ArticleList::Archive(filter, Order::NewestFirst);
        Part::of(
            context,
            Connection::of(
                list,
                context,
                &PageArguments {
                    first,
                    after,
                    last,
                    before,
                },
            ),
        )
        .await
    }

    /// A section by its slug.
    async fn section(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name in the URL.")] slug: String,
    ) -> Option<Result<Section>> {
        let slug = Slug::parse(&slug).ok()?;
        async { loaders(context)?.load(SectionWithSlug(slug)).await }
            .await
            .map(|section| section.map(Section))
            .transpose()
    }

    /// The articles that were taken down last, the latest first: for those who hold articles and do not follow `changes`. A
    /// partner is told of those of its sections.
    async fn withdrawals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if it is not given.")] first: Option<i32>,
    ) -> Result<Vec<WithdrawnArticle>> {
        WithdrawnArticle::latest(context, first).await
    }

    /// All sections, by slug.
    async fn sections(&self, context: &Context<'_>) -> Result<Part<Rows<Written<Section>>>> {
        let read = async {
            let sections = loaders(context)?.load(AllSections).await?;
            let sections = sections.iter().flat_map(|sections| sections.iter());
            Ok(Rows(sections.cloned().map(Section).map(Written).collect()))
        };
        Part::of(context, read).await
    }

    /// A contributor by their slug.
    async fn contributor(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Their name in the URL.")] slug: String,
    ) -> Option<Result<Contributor>> {
        let slug = Slug::parse(&slug).ok()?;
        async { loaders(context)?.load(ContributorWithSlug(slug)).await }
            .await
            .map(|contributor| contributor.map(Contributor))
            .transpose()
    }

    /// The contributors, by slug.
    async fn contributors(
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
    ) -> Result<Part<Connection<ContributorList>>> {
        Part::of(
            context,
            Connection::of(
                ContributorList,
                context,
                &PageArguments {
                    first,
                    after,
                    last,
                    before,
                },
            ),
        )
        .await
    }

    /// A topic by its slug.
    async fn topic(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name in the URL.")] slug: String,
    ) -> Option<Result<Topic>> {
        let slug = Slug::parse(&slug).ok()?;
        async { loaders(context)?.load(TopicWithSlug(slug)).await }
            .await
            .map(|topic| topic.map(Topic))
            .transpose()
    }

    /// The topics, by slug.
    async fn topics(
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
    ) -> Result<Part<Connection<TopicList>>> {
        Part::of(
            context,
            Connection::of(
                TopicList,
                context,
                &PageArguments {
                    first,
                    after,
                    last,
                    before,
                },
            ),
        )
        .await
    }

    /// An issue by its numbers; either number of a double issue finds it. Where two series have the same
    /// volume and number and none is named: the newer.
    async fn magazine_issue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its volume's number.")] volume: i32,
        #[graphql(desc = "Its number within the volume.")] number: i32,
        #[graphql(desc = "The title as registered.")] series: Option<String>,
    ) -> Option<Result<MagazineIssue>> {
        async {
            loaders(context)?
                .load(IssueNumbered {
                    series,
                    volume,
                    number,
                })
                .await
        }
        .await
        .map(|issue| issue.map(MagazineIssue))
        .transpose()
    }

    /// The issues, newest cover date first.
    async fn magazine_issues(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of volumes with this number.")] volume: Option<i32>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Part<Connection<IssueList>>> {
        let list = IssueList::Numbered(volume);
        Part::of(
            context,
            Connection::of(
                list,
                context,
                &PageArguments {
                    first,
                    after,
                    last,
                    before,
                },
            ),
        )
        .await
    }

    /// The volumes, by the cover date of their latest issue, newest first.
    async fn magazine_volumes(
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
    ) -> Result<Part<Connection<VolumeList>>> {
        Part::of(
            context,
            Connection::of(
                VolumeList,
                context,
                &PageArguments {
                    first,
                    after,
                    last,
                    before,
                },
            ),
        )
        .await
    }

    /// Everything that changed after a cursor, oldest first, as far as its reader may know: how an app or a
    /// partner stays in step. Start without a cursor and with nothing; then go on from `endCursor`, keep what
    /// is `UPSERTED` and drop what is `REMOVED`. A cursor from before what is kept answers `START_AGAIN`. Where the
    /// publication has closed it to the public, it needs a token with the scope `changes:read`.
    async fn changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only what came after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, 0 to 100; 20 if it is not given.")] first: Option<i32>,
    ) -> Result<ChangeConnection> {
        let office = Office::of(context)?;
        if !office.access.changes {
            // Those who may and those who may not see the same archive otherwise: none is given another's answer.
            loaders(context)?.personal();
        }
        office
            .caller
            .may_follow_changes(office.access)
            .map_err(QueryError::NotPermitted)?;
        ChangeConnection::after(context, after, first).await
    }

    /// The partners, by name. Needs an administrator.
    async fn partners(&self, context: &Context<'_>) -> Result<Vec<Partner>> {
        partners(context).await
    }

    /// How much each partner asked for on each day, the latest day first; what it was in the last second may be missing. It
    /// is kept for thirteen months. Needs an administrator.
    async fn usage(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first day, in UTC.")] from: Date,
        #[graphql(desc = "The last day, in UTC.")] to: Date,
        #[graphql(desc = "Of this partner alone.")] partner: Option<ID>,
    ) -> Result<Vec<PartnerUsage>> {
        usage(context, (from.0, to.0), partner).await
    }

    /// Who has been told that an article was withdrawn, and who has not: each partner that is told of its section, by name,
    /// then the magazine's own webhooks. Null where it is not withdrawn. Needs an editor.
    async fn withdrawal_receipts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The article.")] article: ID,
    ) -> Result<Option<Vec<WithdrawalReceipt>>> {
        withdrawal_receipts(context, &article).await
    }

    /// The webhooks, the oldest first: a partner's own, for an administrator all. Needs the scope `webhooks:write` of a
    /// partner's token, or an administrator.
    async fn webhooks(&self, context: &Context<'_>) -> Result<Vec<Webhook>> {
        webhooks(context).await
    }

    /// What was delivered to a webhook, the latest first; null where there is no such. Needs whoever may keep it.
    async fn webhook_deliveries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The webhook's identity.")] webhook: ID,
        #[graphql(desc = "How many, 0 to 100; 20 if it is not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Option<Result<WebhookDeliveryConnection>> {
        deliveries(context, &webhook, first, after.as_deref())
            .await
            .transpose()
    }

    /// Who the request's token speaks for; null without one.
    async fn viewer(&self, context: &Context<'_>) -> Option<Viewer> {
        loaders(context).ok()?.personal();
        let office = Office::of(context).ok()?;
        office.caller.viewer().cloned().map(Viewer)
    }
}
