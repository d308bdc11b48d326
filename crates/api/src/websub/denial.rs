//! Tells a callback that its feed is no more (WebSub, section 5.2): its subscription ends with that.

use bytes::Bytes;
use http::{HeaderMap, Method};
use masthead_persistence::{WebsubOutcome, WebsubSubscription};
use metrics::counter;
use url::Url;

use super::Hub;

/// What the subscriber is told why.
const REASON: &str = "There is no such feed any more.";

impl Hub {
    /// Tells it. One that is not reached is told later, as of a change; where that is given up, its subscription ends as well.
    pub(super) async fn deny(
        &self,
        subscription: &WebsubSubscription,
        base: &str,
    ) -> WebsubOutcome {
        let Ok(mut url) = Url::parse(&subscription.callback) else {
            return WebsubOutcome::Ended;
        };
        url.query_pairs_mut()
            .append_pair("hub.mode", "denied")
            .append_pair("hub.topic", &format!("{base}{}", subscription.topic))
            .append_pair("hub.reason", REASON);
        let sent = self
            .outgoing
            .send(Method::GET, &url, HeaderMap::new(), Bytes::new())
            .await;
        let (name, outcome) = self.outcome(&sent, subscription.failures, "denied");
        let outcome = match outcome {
            again @ WebsubOutcome::Again(_) => again,
            WebsubOutcome::Settled | WebsubOutcome::Ended => WebsubOutcome::Ended,
        };
        counter!("websub_deliveries_total", "outcome" => name).increment(1);
        outcome
    }
}
