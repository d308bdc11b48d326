//! What an article says, as a person hands it in.

use masthead_domain::{
    article::Story, body::Body, image::Image, language::LanguageTag, node_id::NodeId, slug::Slug,
    web_url::WebUrl,
};
use masthead_formats::{html, markdown, plain_text};
use masthead_persistence::Transaction;

use crate::{
    desk::WriteError,
    input::{Edit, FaultCode, Faults},
};

const HEADLINE: usize = 500;
const KICKER: usize = 200;
const STANDFIRST: usize = 2_000;
const DATELINE: usize = 200;
const IMAGE_TEXT: usize = 2_000;
const MOST_BYLINES: usize = 50;
const MOST_TOPICS: usize = 50;

/// What an article says: of a new one all that there is, of a known one what is to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleContent {
    /// The headline; it cannot be empty.
    pub headline: Edit<String>,
    /// Its name in URLs; made from the headline of a new article where it is not given.
    pub slug: Edit<String>,
    /// The short line above the headline.
    pub kicker: Edit<String>,
    /// The lines under the headline.
    pub standfirst: Edit<String>,
    /// Where it was written.
    pub dateline: Edit<String>,
    /// The text.
    pub body: Edit<BodyText>,
    /// Who is credited: slugs of contributors, in printed order.
    pub bylines: Edit<Vec<String>>,
    /// The slug of its section.
    pub section: Edit<String>,
    /// What it is about: slugs of topics.
    pub topics: Edit<Vec<String>>,
    /// The language; of a new article, told from its script where it is not given.
    pub language: Edit<String>,
    /// The identity of the issue it was printed in.
    pub magazine_issue: Edit<String>,
    /// The picture that stands for it.
    pub lead_image: Edit<ImageInput>,
}

/// A text in one of the ways in which it can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyText {
    /// As HTML: what could harm a reader is left out.
    Html(String),
    /// As Markdown (`CommonMark`).
    Markdown(String),
    /// As plain text, paragraphs separated by an empty line.
    Text(String),
}

impl BodyText {
    /// The blocks that it says.
    pub fn read(&self) -> Body {
        match self {
            Self::Html(text) => html::read(text),
            Self::Markdown(text) => markdown::read(text),
            Self::Text(text) => plain_text::read(text),
        }
    }
}

/// A picture, as a person hands it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageInput {
    /// Where it is.
    pub url: String,
    /// What it shows, for those who do not see it.
    pub alt: Option<String>,
    /// The line under it.
    pub caption: Option<String>,
    /// Whose it is.
    pub credit: Option<String>,
    /// Its width in pixels.
    pub width: Option<i32>,
    /// Its height in pixels.
    pub height: Option<i32>,
}

impl ArticleContent {
    /// An article with this content in place of what it said.
    pub(super) async fn applied(
        &self,
        transaction: &Transaction,
        before: &Story,
    ) -> Result<Story, WriteError> {
        let mut faults = Faults::default();
        let mut story = before.clone();
        self.apply_text(&mut faults, &mut story);
        self.apply_slug(transaction, &mut faults, &mut story)
            .await?;
        self.apply_filing(transaction, &mut faults, &mut story)
            .await?;
        Ok(faults.none_or(story)?)
    }

    /// What needs nothing but itself to be checked.
    fn apply_text(&self, faults: &mut Faults, story: &mut Story) {
        let article = &mut story.article;
        match &self.headline {
            Edit::Set(text) => article.headline = faults.line("headline", text, HEADLINE),
            Edit::Clear => drop(faults.line("headline", "", HEADLINE)),
            Edit::Keep => {}
        }
        for (field, edit, target, most) in [
            ("kicker", &self.kicker, &mut article.kicker, KICKER),
            ("dateline", &self.dateline, &mut article.dateline, DATELINE),
        ] {
            match edit {
                Edit::Set(text) => *target = faults.optional_line(field, text, most),
                Edit::Clear => *target = None,
                Edit::Keep => {}
            }
        }
        match &self.standfirst {
            Edit::Set(text) => {
                article.standfirst = faults.optional_text("standfirst", text, STANDFIRST);
            }
            Edit::Clear => article.standfirst = None,
            Edit::Keep => {}
        }
        match &self.language {
            Edit::Set(tag) => match LanguageTag::parse(tag) {
                Ok(tag) => article.language = tag,
                Err(error) => faults.add(FaultCode::Invalid, "language", error.to_string()),
            },
            Edit::Clear => faults.add(
                FaultCode::Required,
                "language",
                "an article has a language: name it, for example 'en'",
            ),
            Edit::Keep => {}
        }
        match &self.lead_image {
            Edit::Set(image) => article.lead_image = picture(faults, "leadImage", image),
            Edit::Clear => article.lead_image = None,
            Edit::Keep => {}
        }
        match &self.body {
            Edit::Set(text) => story.body = text.read(),
            Edit::Clear => story.body = Body::default(),
            Edit::Keep => {}
        }
        story.article.word_count = story.body.word_count();
    }

    async fn apply_slug(
        &self,
        transaction: &Transaction,
        faults: &mut Faults,
        story: &mut Story,
    ) -> Result<(), WriteError> {
        let Edit::Set(text) = &self.slug else {
            if self.slug == Edit::Clear && story.article.slug != Slug::from_title("") {
                faults.add(
                    FaultCode::Required,
                    "slug",
                    "an article has a slug: leave it out to keep the one it has",
                );
            }
            return Ok(());
        };
        match Slug::parse(text) {
            Err(error) => faults.add(FaultCode::Invalid, "slug", error.to_string()),
            Ok(slug) => {
                let holder = transaction.slug_holder(&slug).await?;
                if holder.is_some_and(|holder| holder != story.article.id) {
                    faults.add(
                        FaultCode::Taken,
                        "slug",
                        format!("another article has or had the slug '{slug}': choose another"),
                    );
                } else {
                    story.article.slug = slug;
                }
            }
        }
        Ok(())
    }

    /// What names other things: bylines, section, topics and issue.
    async fn apply_filing(
        &self,
        transaction: &Transaction,
        faults: &mut Faults,
        story: &mut Story,
    ) -> Result<(), WriteError> {
        let reader = transaction.reader();
        match &self.bylines {
            Edit::Set(slugs) => {
                faults.check_count("bylines", slugs.len(), MOST_BYLINES);
                story.bylines.clear();
                for (index, text) in slugs.iter().take(MOST_BYLINES).enumerate() {
                    let found = match Slug::parse(text) {
                        Ok(slug) => reader.contributor_by_slug(&slug).await?,
                        Err(_) => None,
                    };
                    let found = found.map(|contributor| contributor.id);
                    file(faults, "bylines", index, text, found, &mut story.bylines);
                }
            }
            Edit::Clear => story.bylines.clear(),
            Edit::Keep => {}
        }
        match &self.topics {
            Edit::Set(slugs) => {
                faults.check_count("topics", slugs.len(), MOST_TOPICS);
                story.topics.clear();
                for (index, text) in slugs.iter().take(MOST_TOPICS).enumerate() {
                    let found = match Slug::parse(text) {
                        Ok(slug) => reader.topic_by_slug(&slug).await?,
                        Err(_) => None,
                    };
                    let found = found.map(|topic| topic.id);
                    file(faults, "topics", index, text, found, &mut story.topics);
                }
            }
            Edit::Clear => story.topics.clear(),
            Edit::Keep => {}
        }
        match &self.section {
            Edit::Set(text) => {
                let found = match Slug::parse(text) {
                    Ok(slug) => reader.section_by_slug(&slug).await?,
                    Err(_) => None,
                };
                match found {
                    Some(section) => story.article.section = Some(section.id),
                    None => faults.add(
                        FaultCode::NotFound,
                        "section",
                        format!("there is no section '{text}': save it first"),
                    ),
                }
            }
            Edit::Clear => story.article.section = None,
            Edit::Keep => {}
        }
        match &self.magazine_issue {
            Edit::Set(text) => {
                let found = match NodeId::decode(text) {
                    Ok(NodeId::MagazineIssue(id)) => {
                        reader.magazine_issues_by_id(&[id]).await?.pop()
                    }
                    _ => None,
                };
                match found {
                    Some(issue) => story.article.magazine_issue = Some(issue.id),
                    None => faults.add(
                        FaultCode::NotFound,
                        "magazineIssue",
                        "there is no issue with this identity: use the 'id' of an issue as it is",
                    ),
                }
            }
            Edit::Clear => story.article.magazine_issue = None,
            Edit::Keep => {}
        }
        Ok(())
    }
}

/// Files an article under one more contributor or topic.
fn file<Id: PartialEq>(
    faults: &mut Faults,
    field: &str,
    index: usize,
    slug: &str,
    found: Option<Id>,
    filed: &mut Vec<Id>,
) {
    let place = index.to_string();
    match found {
        None => faults.add_at(
            FaultCode::NotFound,
            &[field, place.as_str()],
            format!("there is none with the slug '{slug}': save it first"),
        ),
        Some(id) if filed.contains(&id) => faults.add_at(
            FaultCode::Invalid,
            &[field, place.as_str()],
            format!("'{slug}' is named twice: leave it out once"),
        ),
        Some(id) => filed.push(id),
    }
}

/// A picture, checked.
pub(crate) fn picture(faults: &mut Faults, field: &str, image: &ImageInput) -> Option<Image> {
    let url = match WebUrl::parse(&image.url) {
        Ok(url) => url,
        Err(error) => {
            faults.add_at(FaultCode::Invalid, &[field, "url"], error.to_string());
            return None;
        }
    };
    let mut line = |text: &Option<String>| {
        text.as_deref()
            .and_then(|text| faults.optional_line(field, text, IMAGE_TEXT))
    };
    let (alt, caption, credit) = (line(&image.alt), line(&image.caption), line(&image.credit));
    let mut pixels = |name: &str, side: Option<i32>| match side.map(u32::try_from) {
        Some(Ok(side)) if side > 0 => Some(side),
        None => None,
        Some(_) => {
            faults.add_at(
                FaultCode::Invalid,
                &[field, name],
                "write the number of pixels, or leave it out",
            );
            None
        }
    };
    Some(Image {
        url,
        alt,
        caption,
        credit,
        width: pixels("width", image.width),
        height: pixels("height", image.height),
    })
}
