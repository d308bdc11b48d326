//! Makes a page of a feed.

use http::{HeaderValue, header};
use masthead_formats::feed::{Feed, Format, Pages, Removed};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    super::{
        asking::{Answers, OwnDocument},
        problem::Problem,
        problems::internal_error,
        public_address::PublicAddress,
        representation::Representation,
    },
    address::{ArchivePage, FeedAddress, Subject},
    answers::{Article, List, Named, Newest, Outline, Publication, Withdrawal, Withdrawals},
    documents::Documents,
    nothing,
    paging::{ASKED, Archived, Shelves, from_json},
};

/// How many tombstones the newest page has at most.
const TOMBSTONES: u32 = 50;

/// What a page is made with.
pub(super) struct Making<'a> {
    pub(super) answers: &'a Answers,
    pub(super) documents: &'a Documents,
    pub(super) addresses: &'a PublicAddress,
    /// Whether there is a hub that tells of changes (WebSub).
    pub(super) has_hub: bool,
    pub(super) address: &'a FeedAddress,
}

/// What a feed is of, and the newest of it.
struct Found<Row> {
    publication: Publication,
    named: Option<Named>,
    /// With the slug that it has now: one that it had before finds it, too.
    subject: Subject,
    list: List<Row>,
}

impl Making<'_> {
    /// Makes it.
    ///
    /// # Errors
    /// When there is no such feed or no such page, or nothing can be read.
    pub(super) async fn page(&self) -> Result<Representation, Problem> {
        let subject = &self.address.subject;
        match self.address.archive {
            None => {
                let found: Found<Article> = self.newest(self.documents.newest(subject)).await?;
                let shelves = self.shelves(&found.subject);
                let newest = &found.list.nodes;
                let cut = shelves.cut(newest).await?;
                let shown = cut.map_or(newest.len(), |cut| cut.shown);
                let is_all = shown >= newest.len() && !found.list.page_info.has_next_page;
                let older = match cut.filter(|_| !is_all) {
                    Some(cut) => shelves.older(cut.reached).await?,
                    None => None,
                };
                let rows = newest.get(..shown).unwrap_or(newest);
                let removed = self.removed().await?;
                let (publication, named) = (&found.publication, found.named.as_ref());
                self.write(publication, named, rows, older, None, removed)
            }
            Some(page) => {
                let found: Found<Outline> = self.newest(self.documents.outline(subject)).await?;
                let shelves = self.shelves(&found.subject);
                let cut = shelves.cut(&found.list.nodes).await?;
                let Archived { rows, older, newer } = shelves.archived(page, cut).await?;
                self.write(
                    &found.publication,
                    found.named.as_ref(),
                    &rows,
                    older,
                    newer,
                    Vec::new(),
                )
            }
        }
    }

    fn shelves<'a>(&'a self, subject: &'a Subject) -> Shelves<'a> {
        Shelves {
            answers: self.answers,
            documents: self.documents,
            subject,
        }
    }

    async fn newest<Row: DeserializeOwned>(
        &self,
        document: &OwnDocument,
    ) -> Result<Found<Row>, Problem> {
        let variables = match &self.address.subject {
            Subject::Latest => json!({ "first": ASKED }),
            Subject::Members(_, slug) => json!({ "first": ASKED, "slug": slug }),
        };
        let Newest {
            publication,
            subject,
            list,
        } = self.answers.ask(document, from_json(variables)).await?;
        let (named, list) = match (subject, list) {
            (Some(about), _) => (Some(about.named), about.list),
            (None, Some(list)) => (None, list),
            (None, None) => return Err(nothing()),
        };
        let slug = named.as_ref().map(|named| named.slug.as_str());
        Ok(Found {
            publication,
            subject: self.address.page(slug, None).subject,
            named,
            list,
        })
    }

    /// What has been taken down, in the one format that has a word for it. It is told in every feed, whether what was
    /// taken down stood in it or not: where it stands now is the newsroom's to know alone, and of an article that had
    /// moved its former feed has to tell as well. A reader passes over what it does not hold (RFC 6721, 5).
    async fn removed(&self) -> Result<Vec<Removed>, Problem> {
        if self.address.format != Format::Atom {
            return Ok(Vec::new());
        }
        let variables = from_json(json!({ "first": TOMBSTONES }));
        let document = &self.documents.withdrawals;
        let Withdrawals { withdrawals } = self.answers.ask(document, variables).await?;
        let removed = withdrawals.into_iter();
        Ok(removed
            .map(|Withdrawal { id, at }| Removed { id, at })
            .collect())
    }

    fn write(
        &self,
        publication: &Publication,
        named: Option<&Named>,
        rows: &[Article],
        older: Option<ArchivePage>,
        newer: Option<ArchivePage>,
        removed: Vec<Removed>,
    ) -> Result<Representation, Problem> {
        let website = &publication.url;
        let slug = named.map(|named| named.slug.as_str());
        let of = |address: FeedAddress| self.addresses.of(&address.to_string(), website);
        let page = |archive| of(self.address.page(slug, archive));
        let (this, current) = (page(self.address.archive), page(None));
        let (older, newer) = (
            older.map(|older| page(Some(older))),
            newer.map(|newer| page(Some(newer))),
        );
        let id = match named {
            Some(named) => named.id.uri(),
            // Every publication has the same identity among its own things, so it is no name in the world.
            None => of(FeedAddress {
                subject: Subject::Latest,
                archive: None,
                format: Format::Atom,
            }),
        };
        let title = match named {
            Some(named) => format!("{} – {}", named.name, publication.title),
            None => publication.title.clone(),
        };
        // Archived pages are not subscribed to.
        let hub = (self.has_hub && self.address.archive.is_none())
            .then(|| self.addresses.of("/websub", website));
        let about = named.and_then(|named| named.biography.as_deref());
        let feed = Feed {
            id: &id,
            title: &title,
            description: about.unwrap_or(&title),
            language: &publication.language,
            website,
            publisher: publication.publisher.as_ref().unwrap_or(&publication.title),
            license: self.addresses.license(),
            pages: Pages {
                this: &this,
                current: &current,
                older: older.as_deref(),
                newer: newer.as_deref(),
            },
            hub: hub.as_deref(),
            entries: rows.iter().map(Article::entry).collect(),
            removed,
        };
        let format = self.address.format;
        let bytes = feed.write(format).map_err(|error| {
            tracing::error!(%error, "a feed could not be written");
            internal_error()
        })?;
        let links = [
            ("self", Some(&*this)),
            ("hub", feed.hub),
            ("license", feed.license),
        ];
        let links = links
            .into_iter()
            .filter_map(|(relation, address)| Some(format!("<{}>; rel=\"{relation}\"", address?)));
        let links: Vec<String> = links.collect();
        let representation = Representation::new(format.media_type(), bytes);
        Ok(match HeaderValue::try_from(links.join(", ")) {
            Ok(links) => representation.with_header(header::LINK, links),
            // An address that no header can hold.
            Err(_) => representation,
        })
    }
}
