//! What a host's name leads to: only to where deliveries may go.
//!
//! It is asked at each connection, and the connection is made to what it answers. So a name that leads to a public address
//! when it is checked and to a private one when it is used ('DNS rebinding') leads nowhere.

use std::{fmt, net::SocketAddr, sync::Arc};

use futures_util::future::BoxFuture;
use masthead_domain::target::{TargetError, TargetPolicy};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How the addresses of a name are asked for.
type Lookup = dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> + Send + Sync;

/// A resolver that answers only with addresses to which deliveries may go.
#[derive(Clone)]
pub(super) struct CheckedResolver {
    policy: Arc<TargetPolicy>,
    lookup: Arc<Lookup>,
}

impl fmt::Debug for CheckedResolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CheckedResolver")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl CheckedResolver {
    /// One that asks the system.
    pub(super) fn new(policy: Arc<TargetPolicy>) -> Self {
        Self::asking(policy, |name| {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
        })
    }

    pub(super) fn asking(
        policy: Arc<TargetPolicy>,
        lookup: impl Fn(String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            policy,
            lookup: Arc::new(lookup),
        }
    }

    /// The addresses of those a name has to which deliveries may go.
    fn admitted(&self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, TargetError> {
        let mut refused = None;
        let mut admitted = Vec::with_capacity(found.len());
        for address in found {
            match self.policy.admits(address.ip()) {
                Ok(()) => admitted.push(address),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if admitted.is_empty() => Err(error),
            _ => Ok(admitted),
        }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let found = (resolver.lookup)(name.as_str().to_owned()).await?;
            let admitted = resolver.admitted(found)?;
            let addresses: Addrs = Box::new(admitted.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[tokio::test]
    async fn a_name_leads_only_to_where_deliveries_may_go() {
        let resolver = |found: &'static [&'static str]| {
            CheckedResolver::asking(Arc::default(), move |name| {
                assert_eq!(name, "partner.example");
                let found = found.iter().map(|text| text.parse().unwrap()).collect();
                Box::pin(async move { Ok(found) })
            })
        };
        let resolve = |found| async move {
            let name: Name = "partner.example".parse().unwrap();
            match resolver(found).resolve(name).await {
                Ok(addresses) => Ok(addresses
                    .map(|address| address.to_string())
                    .collect::<Vec<_>>()),
                Err(error) => Err(error.downcast_ref::<TargetError>().cloned()),
            }
        };
        let some = resolve(&["10.0.0.1:0", "8.8.8.8:0", "[fe80::1]:0"]).await;
        assert_eq!(some, Ok(vec!["8.8.8.8:0".to_owned()]));
        let none = resolve(&["127.0.0.1:0"]).await;
        assert_eq!(none, Err(Some(TargetError::Closed("loopback"))));
    }
}
