//! What crawlers ask for: `/sitemap.xml`, the sitemaps that it names, `/sitemap-news.xml` and `/robots.txt`.
//!
//! A sitemap is a part of a month: its n-th [`PART`] articles from the oldest on. So a new article changes the last part of the
//! present month alone, and no part comes near what a sitemap may have.

mod documents;
mod making;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, DurationRound as _, SecondsFormat, TimeDelta, Utc};
use masthead_domain::clock::Clock;
use masthead_formats::robots;

use self::{
    documents::Documents,
    making::{Making, SitemapPart},
};
use super::{
    asking::{Answers, Asking},
    month::Month,
    problem::Problem,
    public_address::PublicAddress,
    representation::Representation,
};
use crate::{error_code::ErrorCode, limits::LimitError};

const XML: &str = "application/xml; charset=utf-8";

/// For how long an article is news (Google: two days).
const NEWS: TimeDelta = TimeDelta::hours(48);

/// What the routes ask, by what way, and by what clock.
#[derive(Clone)]
struct Sitemaps {
    asking: Asking,
    documents: Documents,
    addresses: Arc<PublicAddress>,
    clock: Clock,
}

/// The routes.
pub(super) fn routes(
    asking: &Asking,
    addresses: &Arc<PublicAddress>,
    clock: Clock,
) -> Result<Router, LimitError> {
    let sitemaps = Sitemaps {
        asking: asking.clone(),
        documents: Documents::read()?,
        addresses: addresses.clone(),
        clock,
    };
    Ok(Router::new()
        .route("/sitemap.xml", get(show_index))
        .route("/sitemaps/{month}/{number}", get(show_part))
        .route("/sitemap-news.xml", get(show_news))
        .route("/robots.txt", get(show_robots))
        .with_state(sitemaps))
}

impl Sitemaps {
    fn making<'a>(&'a self, answers: &'a Answers) -> Making<'a> {
        Making {
            answers,
            documents: &self.documents,
            addresses: &self.addresses,
        }
    }

    /// The instant from which articles are news: a full hour, so that it is the same for all who ask within one.
    fn news_from(&self) -> DateTime<Utc> {
        let from = self.clock.now() - NEWS;
        from.duration_trunc(TimeDelta::hours(1)).unwrap_or(from)
    }
}

async fn show_index(
    State(sitemaps): State<Sitemaps>,
    request: Request,
) -> Result<Response, Problem> {
    let inquiry = sitemaps.asking.inquire(request).await?;
    let sitemaps = &sitemaps;
    let response = inquiry.represent("/sitemap.xml", "", |answers| async move {
        let bytes = sitemaps.making(&answers).index().await?;
        Ok(Representation::new(XML, bytes))
    });
    Ok(response.await)
}

async fn show_part(
    State(sitemaps): State<Sitemaps>,
    Path((month, number)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let Some(part) = SitemapPart::read(&month, &number) else {
        return Err(nothing());
    };
    let inquiry = sitemaps.asking.inquire(request).await?;
    let sitemaps = &sitemaps;
    let path = part.path();
    let response = inquiry.represent(&path, "", |answers| async move {
        let bytes = sitemaps.making(&answers).part(part).await?;
        Ok(Representation::new(XML, bytes))
    });
    Ok(response.await)
}

async fn show_news(
    State(sitemaps): State<Sitemaps>,
    request: Request,
) -> Result<Response, Problem> {
    let inquiry = sitemaps.asking.inquire(request).await?;
    let sitemaps = &sitemaps;
    // Another hour is another question: what is kept does not know that time passes.
    let from = &sitemaps
        .news_from()
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    let response = inquiry.represent("/sitemap-news.xml", from, |answers| async move {
        let bytes = sitemaps.making(&answers).news(from).await?;
        Ok(Representation::new(XML, bytes))
    });
    Ok(response.await)
}

async fn show_robots(
    State(sitemaps): State<Sitemaps>,
    request: Request,
) -> Result<Response, Problem> {
    let inquiry = sitemaps.asking.inquire(request).await?;
    let sitemaps = &sitemaps;
    let response = inquiry.represent("/robots.txt", "", |answers| async move {
        let making = sitemaps.making(&answers);
        let website = making.website().await?;
        let index = sitemaps.addresses.of("/sitemap.xml", &website);
        let news = sitemaps.addresses.of("/sitemap-news.xml", &website);
        let text = robots::write([&*index, &*news], sitemaps.addresses.license());
        Ok(Representation::new("text/plain; charset=utf-8", text))
    });
    Ok(response.await)
}

fn nothing() -> Problem {
    Problem::new(
        ErrorCode::NotFound,
        "There is no such sitemap. /sitemap.xml names those that there are.",
    )
}
