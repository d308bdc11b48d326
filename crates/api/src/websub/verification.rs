//! Asks a callback whether it wants what was asked for in its name (WebSub, section 5.3).

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use masthead_persistence::WebsubRequest;
use url::Url;

use super::Hub;
use crate::{digest::hexadecimal, outgoing::OutgoingError};

/// How long to wait before a callback that gave no answer is asked again. After the last it is not.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(30)];

/// What a callback answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It wants it.
    Confirmed,
    /// It does not, or will not answer.
    Refused,
    /// It did not answer; it is asked again after so long.
    Again(Duration),
}

impl Answer {
    /// Its name in the metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Again(_) => "again",
        }
    }
}

impl Hub {
    pub(super) async fn ask(&self, request: &WebsubRequest, base: &str) -> Answer {
        let challenge = hexadecimal(&rand::random::<[u8; 24]>());
        let Ok(mut url) = Url::parse(&request.callback) else {
            return Answer::Refused;
        };
        let mode = if request.subscribes {
            "subscribe"
        } else {
            "unsubscribe"
        };
        url.query_pairs_mut()
            .append_pair("hub.mode", mode)
            .append_pair("hub.topic", &format!("{base}{}", request.topic))
            .append_pair("hub.challenge", &challenge);
        if request.subscribes {
            url.query_pairs_mut()
                .append_pair("hub.lease_seconds", &request.lease_seconds.to_string());
        }
        let attempts = usize::try_from(request.attempts).unwrap_or(usize::MAX);
        let again = AGAIN_AFTER
            .get(attempts)
            .map_or(Answer::Refused, |wait| Answer::Again(*wait));
        let sent = self
            .outgoing
            .send(Method::GET, &url, HeaderMap::new(), Bytes::new())
            .await;
        match sent {
            Ok(answer) if answer.status.is_success() && answer.body == challenge.as_bytes() => {
                Answer::Confirmed
            }
            Ok(answer)
                if answer.status.is_server_error()
                    || answer.status == StatusCode::TOO_MANY_REQUESTS =>
            {
                again
            }
            // Another text than the challenge is no yes (section 5.3.1).
            Ok(_) | Err(OutgoingError::Target(_)) => Answer::Refused,
            Err(_) => again,
        }
    }
}
