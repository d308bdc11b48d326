//! How often clients may ask: by address without a token, by token with one, or together with all tokens of a partner that
//! has a rate of its own.
//!
//! An answer tells the client how they stand in `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10), where a limit applies. One request too many is answered
//! 429 with `Retry-After` (RFC 6585, section 4; RFC 9110, section 10.2.3), which says when the next one is let in.
//!
//! A request with a token is counted once it is known whose it is, where the caller is found out; one whose token is not
//! taken counts as its address's. Probes and the preflights of browsers are not counted.

mod limiter;
mod settings;

use std::{
    collections::HashMap,
    future::Future,
    hash::{BuildHasher as _, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, Method, header, request::Parts};
use http_body_util::BodyExt as _;
use masthead_domain::{identifier::PartnerId, partner::Partner, viewer::Caller};

use self::limiter::Limiter;
pub use self::settings::RateLimitSettings;
use super::{
    authentication::is_personal,
    client_address::{Peer, Proxies},
    problem::Problem,
};
use crate::{bookkeeping::Ledger, error_code::ErrorCode};

/// How many requests are left, and until when.
pub(crate) const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The limit that applies.
pub(crate) const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How many different rates of partners are counted by at a time.
const MOST_RATES: usize = 256;

/// The clients that are counted.
#[derive(Clone)]
pub(crate) struct RateLimits(Arc<Counters>);

struct Counters {
    proxies: Proxies,
    addresses: Option<Limiter<IpAddr>>,
    /// By a digest of the token: the token itself is not kept.
    tokens: Option<Limiter<u64>>,
    /// By their rates, of which there are few.
    partners: Mutex<HashMap<NonZeroU32, Arc<Limiter<PartnerId>>>>,
    digest: RandomState,
    ledger: Ledger,
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
    Partner,
}

impl Policy {
    const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Token => "token",
            Self::Partner => "partner",
        }
    }
}

/// Who a request with a token may turn out to be of. It stands in the request's extensions.
#[derive(Clone)]
pub(super) struct Account {
    limits: RateLimits,
    address: Option<IpAddr>,
    counted: Arc<Mutex<Counted>>,
}

/// What came of a request.
#[derive(Clone, Debug, Default)]
struct Counted {
    /// Whether it was found out whose it is.
    is_known: bool,
    /// How they stand, where a limit applies.
    standing: Option<(Policy, Standing)>,
    /// The partner whose it is.
    partner: Option<Arc<Partner>>,
}

/// A request that is refused before anything is done for it. It stands in the request's extensions, so that the layers
/// that log and write problems have their part in it.
#[derive(Clone)]
pub(crate) struct Refused(Problem);

impl RateLimits {
    pub(crate) fn new(settings: &RateLimitSettings, proxies: Proxies, ledger: Ledger) -> Self {
        let per_minute = NonZeroU32::new;
        Self(Arc::new(Counters {
            proxies,
            addresses: per_minute(settings.requests_per_minute_by_address).map(Limiter::new),
            tokens: per_minute(settings.requests_per_minute_by_token).map(Limiter::new),
            partners: Mutex::default(),
            digest: RandomState::new(),
            ledger,
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

    /// By the rate of its own where there is one, else by the token.
    fn count_caller(
        &self,
        caller: &Caller,
        authorization: Option<&HeaderValue>,
    ) -> Option<(Policy, Standing)> {
        match caller.partner().map(AsRef::as_ref) {
            Some(Partner {
                id,
                requests_per_minute: Some(rate),
                ..
            }) => Some((Policy::Partner, self.of_partners(*rate).count(*id))),
            _ => self.count_token(authorization),
        }
    }

    fn of_partners(&self, rate: NonZeroU32) -> Arc<Limiter<PartnerId>> {
        let mut limiters = self
            .0
            .partners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Whoever changes rates all day long begins to count anew.
        if limiters.len() >= MOST_RATES && !limiters.contains_key(&rate) {
            limiters.clear();
        }
        limiters
            .entry(rate)
            .or_insert_with(|| Arc::new(Limiter::new(rate)))
            .clone()
    }

    fn count_token(&self, authorization: Option<&HeaderValue>) -> Option<(Policy, Standing)> {
        // However the scheme before it is written (RFC 9110, section 11.1), it is the same token.
        let value = authorization?.as_bytes();
        let token = value
            .rsplit(|byte| *byte == b' ')
            .find(|part| !part.is_empty())?;
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

impl Account {
    /// Counts an operation on a connection that stays open: as a request of this caller's, else as one of the address's.
    ///
    /// # Errors
    /// When it is one too many.
    pub(super) fn count_operation(
        &self,
        caller: &Caller,
        authorization: Option<&HeaderValue>,
    ) -> Result<(), Problem> {
        let counted = if authorization.is_some() {
            self.limits.count_caller(caller, authorization)
        } else {
            self.limits.count_address(self.address)
        };
        let is_refused = counted.is_some_and(|(_, standing)| standing.is_refused);
        if let Some(partner) = caller.partner() {
            self.limits.0.ledger.requested(partner, is_refused);
        }
        match counted {
            Some((policy, standing)) if standing.is_refused => Err(too_many(policy, standing)),
            _ => Ok(()),
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
    let standing = match &caller {
        Ok(caller) => account
            .limits
            .count_caller(caller, parts.headers.get(header::AUTHORIZATION)),
        Err(_) => account.limits.count_address(account.address),
    };
    let partner = caller.as_ref().ok().and_then(Caller::partner).cloned();
    account.settle(standing, partner)?;
    caller
}

impl Account {
    /// Notes how whoever asks stands, and refuses one request too many.
    fn settle(
        &self,
        standing: Option<(Policy, Standing)>,
        partner: Option<Arc<Partner>>,
    ) -> Result<(), Problem> {
        *self.counted() = Counted {
            is_known: true,
            standing,
            partner,
        };
        match standing {
            Some((policy, standing)) if standing.is_refused => Err(too_many(policy, standing)),
            _ => Ok(()),
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RateLimits {
    /// Counts a request and has it answered; one too many is marked, and refused where answers are made.
    pub(crate) async fn count<Answering: Future<Output = Response>>(
        &self,
        request: Request,
        answer: impl FnOnce(Request) -> Answering,
    ) -> Response {
        if is_free(&request) {
            answer(request).await
        } else if is_personal(request.headers()) {
            self.count_with_token(request, answer).await
        } else if self.counts_addresses() || stays_open(&request) {
            self.count_without_token(request, answer).await
        } else {
            answer(request).await
        }
    }

    async fn count_without_token<Answering: Future<Output = Response>>(
        &self,
        mut request: Request,
        answer: impl FnOnce(Request) -> Answering,
    ) -> Response {
        let address = self.client(&request);
        let standing = self.count_address(address);
        if let Some((policy, standing)) = standing
            && standing.is_refused
        {
            let refused = Refused(too_many(policy, standing));
            request.extensions_mut().insert(refused);
        }
        if stays_open(&request) {
            let counted = Counted {
                is_known: true,
                standing,
                partner: None,
            };
            request.extensions_mut().insert(Account {
                limits: self.clone(),
                address,
                counted: Arc::new(Mutex::new(counted)),
            });
        }
        let mut response = answer(request).await;
        tell(&mut response, standing);
        response
    }

    async fn count_with_token<Answering: Future<Output = Response>>(
        &self,
        mut request: Request,
        answer: impl FnOnce(Request) -> Answering,
    ) -> Response {
        let account = Account {
            limits: self.clone(),
            address: self.client(&request),
            counted: Arc::default(),
        };
        request.extensions_mut().insert(account.clone());
        let mut response = answer(request).await;
        let Counted {
            standing, partner, ..
        } = account.counted().clone();
        tell(&mut response, standing);
        match partner {
            Some(partner) => self.note(&partner, standing, response),
            None => response,
        }
    }

    /// Notes what a partner was answered.
    fn note(
        &self,
        partner: &Arc<Partner>,
        standing: Option<(Policy, Standing)>,
        response: Response,
    ) -> Response {
        let ledger = &self.0.ledger;
        let is_refused = standing.is_some_and(|(_, standing)| standing.is_refused);
        ledger.requested(partner, is_refused);
        if let Some(bytes) = response.body().size_hint().exact() {
            ledger.sent(partner, bytes);
            return response;
        }
        let (ledger, partner) = (ledger.clone(), partner.clone());
        response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                if let Some(data) = frame.data_ref() {
                    ledger.sent(&partner, u64::try_from(data.len()).unwrap_or(0));
                }
                frame
            }))
        })
    }
}

/// Whether a request asks for a connection that stays open, on which each operation is counted.
fn stays_open(request: &Request) -> bool {
    request.headers().contains_key(header::UPGRADE)
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

/// The layer that answers what is refused.
///
/// A request with a token that nobody has looked at, since its path or a fault in it did not need to, is its address's: a
/// made-up token would be a way around the limit.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    if let Some(Refused(problem)) = request.extensions().get::<Refused>() {
        return problem.clone().into_response();
    }
    let account = request.extensions().get::<Account>().cloned();
    let response = next.run(request).await;
    let Some(account) = account.filter(|account| !account.counted().is_known) else {
        return response;
    };
    match account.settle(account.limits.count_address(account.address), None) {
        Ok(()) => response,
        Err(problem) => problem.into_response(),
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
        Policy::Partner => "All tokens of the partner together may make",
    };
    let mend = match policy {
        Policy::Address => " Ask the publication for a token to make more.",
        Policy::Token | Policy::Partner => "",
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
fn tell(response: &mut Response, standing: Option<(Policy, Standing)>) {
    let Some((policy, standing)) = standing else {
        return;
    };
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
