//! Who is asking, as the HTTP layer sees it.

use futures_util::future::BoxFuture;
use http::{HeaderMap, header};
use masthead_domain::viewer::Caller;

use super::problem::Problem;

/// Tells from a request's headers who is asking.
///
/// It is asked once for each HTTP request, and whom it tells of is the [`Caller`] in the data of each GraphQL request
/// in it. This is the one place where a request gets its caller; a problem refuses it.
pub trait Authenticator: Send + Sync + 'static {
    /// Who is asking.
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap)
    -> BoxFuture<'a, Result<Caller, Problem>>;
}

/// Whether a request says anything of who is asking, so that its answer is theirs alone.
pub(crate) fn is_personal(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
}
