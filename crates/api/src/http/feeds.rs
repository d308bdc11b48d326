//! Feeds: `/feeds/latest.rss`, `/feeds/sections/{slug}.atom`, `/feeds/topics/{slug}/2024-06/1.json` and so on, for readers.
//!
//! Each is made of answers to documents (`documents`), so a reader is shown what `/graphql` would show them and nothing
//! else, and written by [`masthead_formats::feed`]. What a page holds, and where its neighbours are, follows from the archive
//! alone (`paging`): an archived page is the same for as long as nothing that stands on it changes.

mod address;
mod answers;
mod documents;
mod making;
mod paging;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};

use self::{address::FeedAddress, documents::Documents, making::Making};
use super::{
    asking::{Answers, Asking},
    problem::Problem,
    public_address::PublicAddress,
};
use crate::{error_code::ErrorCode, limits::LimitError};

/// What the routes ask, and by what way.
#[derive(Clone)]
struct Feeds {
    asking: Asking,
    documents: Documents,
    addresses: Arc<PublicAddress>,
    /// Whether there is a hub that tells of changes.
    has_hub: bool,
}

/// The routes.
pub(super) fn routes(
    asking: &Asking,
    addresses: &Arc<PublicAddress>,
    has_hub: bool,
) -> Result<Router, LimitError> {
    let feeds = Feeds {
        asking: asking.clone(),
        documents: Documents::read()?,
        addresses: addresses.clone(),
        has_hub,
    };
    Ok(Router::new()
        .route("/feeds/{*path}", get(show))
        .with_state(feeds))
}

/// Answers with a page of a feed.
///
/// Parameters are not looked at: those who count their readers add some.
async fn show(
    State(feeds): State<Feeds>,
    Path(path): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let Some(address) = FeedAddress::read(&path) else {
        return Err(nothing());
    };
    let inquiry = feeds.asking.inquire(request).await?;
    let (feeds, address, path) = (&feeds, &address, address.to_string());
    let make = |answers| async move {
        let answers: &Answers = &answers;
        let making = Making {
            answers,
            documents: &feeds.documents,
            addresses: &feeds.addresses,
            has_hub: feeds.has_hub,
            address,
        };
        making.page().await
    };
    Ok(if address.archive.is_none() {
        inquiry.represent_newest(&path, "", make).await
    } else {
        inquiry.represent(&path, "", make).await
    })
}

/// Whether this is the path of a feed that one subscribes to: of its newest page.
pub(super) fn subscribable(path: &str) -> bool {
    path.strip_prefix("/feeds/")
        .and_then(FeedAddress::read)
        .is_some_and(|address| address.archive.is_none())
}

fn nothing() -> Problem {
    Problem::new(
        ErrorCode::NotFound,
        "There is no such feed, or it has no such page. There are /feeds/latest, /feeds/sections/{slug}, \
         /feeds/contributors/{slug} and /feeds/topics/{slug}, each with .rss, .atom or .json; begin with one of these and \
         follow its links to what is older.",
    )
}
