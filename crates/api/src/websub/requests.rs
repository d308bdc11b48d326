//! What is asked of the hub (WebSub, section 5.1), taken down until its intent is verified.

use masthead_persistence::{PersistenceError, WebsubRequest};
use thiserror::Error;
use url::Url;

use super::{Hub, HubError};

/// The most requests that wait to be verified. Each waits for a minute at most.
const MOST_REQUESTS: i64 = 1_000;

/// A request as it was read: the form is right, nothing of it is looked up yet.
#[derive(Clone)]
pub(crate) struct Requested {
    pub(crate) subscribes: bool,
    /// The feed's path.
    pub(crate) path: String,
    /// The feed's address as it was written.
    pub(crate) topic: String,
    pub(crate) callback: String,
    pub(crate) secret: Option<String>,
    pub(crate) lease_seconds: Option<u64>,
}

/// Why a request is not taken. The message tells what to mend.
#[derive(Debug, Error)]
pub(crate) enum RequestError {
    /// The callback cannot be delivered to.
    #[error("hub.callback: {0}")]
    Callback(String),
    /// There is no such feed, or its address is another.
    #[error("hub.topic: {0}")]
    Topic(String),
    /// So many are taken of one host.
    #[error(
        "There are {0} subscriptions with callbacks of this host, which is as many as are taken. End some first."
    )]
    HostFull(u32),
    /// So many are taken in all.
    #[error("The hub takes no more subscriptions for now. Try again later, or read the feed.")]
    Full,
    /// The server failed.
    #[error("a request could not be taken down: {0}")]
    Failed(String),
}

impl From<PersistenceError> for RequestError {
    fn from(error: PersistenceError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<HubError> for RequestError {
    fn from(error: HubError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Hub {
    /// Takes down a request.
    ///
    /// # Errors
    /// When it asks for what there is not, or too much is asked for already.
    pub(crate) async fn take_down(&self, requested: Requested) -> Result<(), RequestError> {
        let policy = self.outgoing.policy();
        let callback = policy
            .parse(&requested.callback)
            .map_err(|error| RequestError::Callback(error.to_string()))?;
        let delivered = self.digest_of(&requested).await?;
        let longest = self.settings.lease_seconds;
        let lease_seconds = requested.lease_seconds.unwrap_or(longest).min(longest);
        let request = WebsubRequest {
            id: i64::try_from(rand::random::<u64>() >> 1).unwrap_or_default(),
            subscribes: requested.subscribes,
            topic: requested.path,
            callback_host: host(&callback),
            callback: callback.into(),
            secret: requested.secret,
            lease_seconds: i64::try_from(lease_seconds).unwrap_or(i64::MAX),
            delivered,
            attempts: 0,
        };
        let transaction = self.write().await?;
        transaction.end_expired_websub_subscriptions().await?;
        // Counted under the writer's lock: two that come at once are not both the last.
        let counts = transaction
            .reader()
            .websub_counts(&request.topic, &request.callback, &request.callback_host)
            .await?;
        let refused = if counts.requests >= MOST_REQUESTS {
            Some(RequestError::Full)
        } else if !request.subscribes {
            None
        } else if counts.subscriptions >= i64::from(self.settings.subscriptions) {
            Some(RequestError::Full)
        } else if counts.of_host >= i64::from(self.settings.subscriptions_per_host) {
            Some(RequestError::HostFull(self.settings.subscriptions_per_host))
        } else {
            None
        };
        if let Some(refused) = refused {
            transaction.roll_back().await?;
            return Err(refused);
        }
        transaction.add_websub_request(&request).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The digest of the feed as it is now, where its address is written as it is. Of a feed that is no more only
    /// unsubscribing is taken.
    async fn digest_of(&self, requested: &Requested) -> Result<String, RequestError> {
        let feed = self.feed(&requested.path).await?;
        let Some(feed) = feed else {
            if !requested.subscribes
                && requested.topic == format!("{}{}", self.base().await?, requested.path)
            {
                return Ok(String::new());
            }
            return Err(RequestError::Topic("there is no such feed".to_owned()));
        };
        match feed.address() {
            Some(address) if address == requested.topic => Ok(feed.digest),
            Some(address) => Err(RequestError::Topic(format!(
                "the address of this feed is {address}: write it so"
            ))),
            None => Err(RequestError::Failed("a feed has no address".to_owned())),
        }
    }
}

/// A callback's host, whatever the port: what is bounded is how often one place is asked.
fn host(callback: &Url) -> String {
    callback.host_str().unwrap_or_default().to_owned()
}
