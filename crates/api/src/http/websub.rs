//! `/websub`: where subscriptions to feeds are asked for (WebSub, section 5.1).

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    routing::post,
};
use url::form_urlencoded;

use super::{
    asking::Asking, body, feeds::subscribable, problem::Problem, problems::internal_error,
};
use crate::{
    error_code::ErrorCode,
    websub::{Hub, RequestError, Requested},
};

/// The largest request, in bytes: two addresses and a secret.
const LARGEST_REQUEST: usize = 16 * 1024;
/// The longest secret, in bytes (section 5.1: less than 200).
const LONGEST_SECRET: usize = 199;

/// What the route asks, and by what way.
#[derive(Clone)]
struct Websub {
    hub: Arc<Hub>,
    asking: Asking,
    read_timeout: Duration,
}

/// The route.
pub(super) fn routes(hub: &Arc<Hub>, asking: &Asking, read_timeout: Duration) -> Router {
    let websub = Websub {
        hub: hub.clone(),
        asking: asking.clone(),
        read_timeout,
    };
    Router::new()
        .route("/websub", post(take))
        .with_state(websub)
}

/// Takes down a request: that it is taken is all that is said, the rest is asked of the callback.
async fn take(State(websub): State<Websub>, request: Request) -> Result<StatusCode, Problem> {
    let (parts, body) = request.into_parts();
    // Whoever names a token is its bearer or is refused, here as everywhere; no token is needed.
    let bare = Request::from_parts(parts.clone(), axum::body::Body::empty());
    websub.asking.inquire(bare).await?;
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(is_form) {
        return Err(Problem::new(
            ErrorCode::UnsupportedMediaType,
            "Send application/x-www-form-urlencoded (WebSub, section 5.1).",
        ));
    }
    let body = body::read(body, LARGEST_REQUEST, websub.read_timeout).await?;
    let requested = read(&body)?;
    match websub.hub.take_down(requested).await {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(RequestError::Failed(error)) => {
            tracing::error!(%error, "a subscription could not be taken down");
            Err(internal_error())
        }
        Err(error) => Err(Problem::new(code_of(&error), error.to_string())),
    }
}

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn code_of(error: &RequestError) -> ErrorCode {
    match error {
        RequestError::Callback(_) | RequestError::Topic(_) => ErrorCode::BadUserInput,
        RequestError::HostFull(_) => ErrorCode::Forbidden,
        RequestError::Full => ErrorCode::ServiceUnavailable,
        RequestError::Failed(_) => ErrorCode::InternalServerError,
    }
}

/// Reads a form. Fields that the recommendation does not know are passed over (section 5.1).
fn read(body: &[u8]) -> Result<Requested, Problem> {
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let field = |name: &str| {
        let mut named = fields.iter().filter(|(known, _)| known == name);
        let value = named.next().map(|(_, value)| value.to_string());
        value.filter(|value| !value.is_empty())
    };
    let wrong = |message: &str| Problem::new(ErrorCode::BadUserInput, message.to_owned());
    let subscribes = match field("hub.mode").as_deref() {
        Some("subscribe") => true,
        Some("unsubscribe") => false,
        _ => return Err(wrong("hub.mode: write 'subscribe' or 'unsubscribe'.")),
    };
    let topic = field("hub.topic").ok_or_else(|| wrong("hub.topic: name the feed."))?;
    let callback = field("hub.callback")
        .ok_or_else(|| wrong("hub.callback: name the address to deliver to."))?;
    let path = topic.rfind("/feeds/").and_then(|start| topic.get(start..));
    let path = path.filter(|path| subscribable(path)).ok_or_else(|| {
        wrong(
            "hub.topic: this is none of the feeds here. Write the address that a feed names as its own (rel=\"self\"), of \
             its newest page.",
        )
    })?;
    let secret = field("hub.secret");
    if secret
        .as_ref()
        .is_some_and(|secret| secret.len() > LONGEST_SECRET)
    {
        return Err(wrong("hub.secret: it has to be shorter than 200 bytes."));
    }
    let lease_seconds = field("hub.lease_seconds")
        .map(|text| text.parse().ok().filter(|seconds| *seconds > 0))
        .map(|read| {
            read.ok_or_else(|| {
                wrong("hub.lease_seconds: write a whole number of seconds, 1 or more.")
            })
        })
        .transpose()?;
    Ok(Requested {
        subscribes,
        path: path.to_owned(),
        callback,
        secret,
        lease_seconds,
        topic,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    const RIGHT: &str = "hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2Ffeeds%2Flatest.rss&hub.callback=https%3A%2F%2Fb.example";

    #[test]
    fn a_request_is_read_and_what_nobody_knows_is_passed_over() {
        let form = format!("{RIGHT}&hub.secret=s%20e&hub.lease_seconds=60&hub.other=x");
        let requested = read(form.as_bytes()).unwrap();
        assert!(requested.subscribes);
        assert_eq!(requested.topic, "https://a.example/feeds/latest.rss");
        assert_eq!(requested.path, "/feeds/latest.rss");
        assert_eq!(requested.callback, "https://b.example");
        assert_eq!(requested.secret.as_deref(), Some("s e"));
        assert_eq!(requested.lease_seconds, Some(60));
    }

    #[test]
    fn what_cannot_be_asked_for_is_refused_by_its_name() {
        let secret = format!("{RIGHT}&hub.secret={}", "s".repeat(200));
        let others = [
            ("hub.mode", "hub.mode=publish"),
            ("hub.topic", "hub.mode=subscribe"),
            (
                "hub.topic",
                "hub.mode=subscribe&hub.callback=https://b.example&hub.topic=https://a.example/news",
            ),
            // An archived page, and another spelling.
            (
                "hub.topic",
                "hub.mode=subscribe&hub.callback=https://b.example&hub.topic=https://a.example/feeds/latest/2024-06/1.rss",
            ),
            (
                "hub.topic",
                "hub.mode=subscribe&hub.callback=https://b.example&hub.topic=https://a.example/feeds/latest.rss?a",
            ),
            (
                "hub.callback",
                "hub.mode=subscribe&hub.topic=https://a.example/feeds/latest.rss",
            ),
        ];
        let refused = |form: &str| match read(form.as_bytes()) {
            Ok(_) => panic!("{form}"),
            Err(problem) => format!("{problem:?}"),
        };
        for (field, form) in others {
            assert!(refused(form).contains(field), "{form}");
        }
        assert!(refused(&secret).contains("hub.secret"));
        for seconds in ["0", "-1", "1.5", "soon"] {
            let form = format!("{RIGHT}&hub.lease_seconds={seconds}");
            assert!(refused(&form).contains("hub.lease_seconds"), "{seconds}");
        }
    }
}
