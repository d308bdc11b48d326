//! How often clients may ask: by address without a token, by token with one.
//!
//! An answer tells the client how they stand in `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4), where a limit applies. One request too many is answered
//! 429 with `Retry-After` (RFC 6585, section 4; RFC 9110, section 10.2.3), which says when the next one is let in.
//!
//! A request with a token is counted once it is known whose it is, where the caller is found out; one whose token is not
//! taken counts as its address's. Probes and the preflights of browsers are not counted.

mod limiter;
mod settings;

use std::{
    hash::{BuildHasher as _, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use masthead_domain::viewer::Caller;

use self::limiter::Limiter;
pub use self::settings::RateLimitSettings;
use super::{
    authentication::is_personal,
    client_address::{Peer, Proxies},
    problem::Problem,
};
use crate::error_code::ErrorCode;

/// The header field of the draft's section 4.
pub(crate) const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The header field of the draft's section 3.
pub(crate) const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The clients that are counted.
#[derive(Clone)]
pub(crate) struct RateLimits(Arc<Counters>);

struct Counters {
    proxies: Proxies,
    addresses: Option<Limiter<IpAddr>>,
    /// By a digest of the token: the token itself is not kept.
    tokens: Option<Limiter<u64>>,
    digest: RandomState,
}

/// How a client stands after a request.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// How many requests they have in a minute.
    per_minute: u32,
    /// How many are left.
    remaining: u32,
    /// Until all of them are back; of one that is refused, until the next is let in.
    seconds: u64,
    is_refused: bool,
}

/// The name of a limit, as the header fields give it.
#[derive(Clone, Copy, Debug)]
enum Policy {
    Address,
    Token,
}

impl Policy {
    const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Token => "token",
        }
    }
}

/// Who a request with a token may turn out to be of. It stands in the request's extensions.
#[derive(Clone)]
struct Account {
    limits: RateLimits,
    address: Option<IpAddr>,
    standing: Arc<Mutex<Option<(Policy, Standing)>>>,
}

/// A request that is refused before anything is done for it. It stands in the request's extensions, so that the layers
/// that log and write problems have their part in it.
#[derive(Clone)]
pub(crate) struct Refused(Problem);

impl RateLimits {
    pub(crate) fn new(settings: &RateLimitSettings, proxies: Proxies) -> Self {
        let per_minute = NonZeroU32::new;
        Self(Arc::new(Counters {
            proxies,
            addresses: per_minute(settings.requests_per_minute_by_address).map(Limiter::new),
            tokens: per_minute(settings.requests_per_minute_by_token).map(Limiter::new),
            digest: RandomState::new(),
        }))
    }

    /// Whether requests without a token are counted: else they need not pass the layer.
    pub(crate) fn counts_addresses(&self) -> bool {
        self.0.addresses.is_some()
    }

    fn client(&self, request: &Request) -> Option<IpAddr> {
        // A request that came on no connection is one of a test.
        let Peer(peer) = request.extensions().get::<Peer>()?;
        Some(network(self.0.proxies.client(peer.ip(), request.headers())))
    }

    fn count_address(&self, address: Option<IpAddr>) -> Option<(Policy, Standing)> {
        let standing = self.0.addresses.as_ref()?.count(address?);
        Some((Policy::Address, standing))
    }

    fn count_token(&self, headers: &HeaderMap) -> Option<(Policy, Standing)> {
        let token = headers.get(header::AUTHORIZATION)?.as_bytes();
        let standing = self.0.tokens.as_ref()?.count(self.0.digest.hash_one(token));
        Some((Policy::Token, standing))
    }
}

/// The part of an address that one client has: with IPv6 they choose the rest as they like.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let bits = address.to_bits() & (u128::MAX << 64);
            Ipv6Addr::from_bits(bits).into()
        }
    }
}

/// Counts a request whose caller was looked for, and refuses one too many.
pub(super) fn count_caller(
    parts: &Parts,
    caller: Result<Caller, Problem>,
) -> Result<Caller, Problem> {
    let Some(account) = parts.extensions.get::<Account>() else {
        return caller;
    };
    let counted = if caller.is_ok() {
        account.limits.count_token(&parts.headers)
    } else {
        account.limits.count_address(account.address)
    };
    if let Some((policy, standing)) = counted {
        let mut told = account
            .standing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *told = Some((policy, standing));
        if standing.is_refused {
            return Err(too_many(policy, standing));
        }
    }
    caller
}

/// The layer that counts.
pub(crate) async fn count(
    State(limits): State<RateLimits>,
    mut request: Request,
    next: Next,
) -> Response {
    if is_free(&request) {
        return next.run(request).await;
    }
    let personal = is_personal(request.headers());
    if !personal && !limits.counts_addresses() {
        return next.run(request).await;
    }
    let address = limits.client(&request);
    let standing = if personal {
        None
    } else {
        limits.count_address(address)
    };
    if let Some((policy, standing)) = standing
        && standing.is_refused
    {
        let refused = Refused(too_many(policy, standing));
        request.extensions_mut().insert(refused);
    }
    let standing = Arc::new(Mutex::new(standing));
    if personal {
        request.extensions_mut().insert(Account {
            limits,
            address,
            standing: standing.clone(),
        });
    }
    let mut response = next.run(request).await;
    let standing = *standing.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((policy, standing)) = standing {
        tell(&mut response, policy, standing);
    }
    response
}

/// Whether a request is not counted: a probe, or a browser's question whether it may ask.
fn is_free(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        || matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics")
}

/// Whether a request was refused on its way here.
pub(crate) fn is_refused(request: &Request) -> bool {
    request.extensions().get::<Refused>().is_some()
}

/// The layer that answers what was refused.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    match request.extensions().get::<Refused>() {
        Some(Refused(problem)) => problem.clone().into_response(),
        None => next.run(request).await,
    }
}

fn too_many(policy: Policy, standing: Standing) -> Problem {
    let Standing {
        per_minute,
        seconds,
        ..
    } = standing;
    let whose = match policy {
        Policy::Address => "One address may make",
        Policy::Token => "One token may make",
    };
    let mend = match policy {
        Policy::Address => " Ask the publication for a token to make more.",
        Policy::Token => "",
    };
    let unit = if seconds == 1 { "second" } else { "seconds" };
    Problem::new(
        ErrorCode::TooManyRequests,
        format!(
            "{whose} {per_minute} requests a minute, and this is one more. The next is answered in {seconds} {unit}.{mend}"
        ),
    )
    .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
}

/// Says in a response how the client stands.
fn tell(response: &mut Response, policy: Policy, standing: Standing) {
    let name = policy.name();
    let Standing {
        per_minute,
        remaining,
        seconds,
        ..
    } = standing;
    let fields = [
        (RATELIMIT_POLICY, format!("\"{name}\";q={per_minute};w=60")),
        (RATELIMIT, format!("\"{name}\";r={remaining};t={seconds}")),
    ];
    for (field, value) in fields {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(field, value);
        }
    }
}
