//! The floor of the database: `GET /SLUG` is answered with an article page's whole content as JSON, which the database
//! itself writes, in one statement written by hand and prepared once.
//!
//! There is no GraphQL, no check of what may be seen but the statement's own, and nothing is kept from one request to
//! the next: what remains is what the database needs.

mod postgres;
mod sqlite;

use std::{
    env,
    io::{self, Write as _},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use masthead_benchmark_peers::{Failure, serve};

const USAGE: &str =
    "floor --database sqlite:FILE|postgres://USER@HOST:PORT/NAME, or floor --sqlite-version";

/// Where the page is read from.
enum Store {
    Sqlite(sqlite::Store),
    Postgres(postgres::Store),
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let address = match words.as_slice() {
        ["--database", address] => *address,
        ["--sqlite-version"] => {
            writeln!(io::stdout(), "{}", rusqlite::version())?;
            return Ok(());
        }
        _ => return Err(USAGE.into()),
    };
    let store = match address.split_once(':') {
        Some(("sqlite", path)) => Store::Sqlite(sqlite::Store::open(path)?),
        Some(("postgres", _)) => Store::Postgres(postgres::Store::open(address).await?),
        _ => return Err(USAGE.into()),
    };
    let router = Router::new().route("/{slug}", get(page));
    serve(router.with_state(Arc::new(store))).await
}

async fn page(State(store): State<Arc<Store>>, Path(slug): Path<String>) -> Response {
    let page = match store.as_ref() {
        Store::Sqlite(store) => store.page(&slug, now()),
        Store::Postgres(store) => store.page(&slug, now()).await,
    };
    match page {
        Ok(Some(page)) => {
            let kind = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, kind)], page).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The present instant in milliseconds since 1970-01-01T00:00:00Z, as the database keeps instants.
fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    })
}
