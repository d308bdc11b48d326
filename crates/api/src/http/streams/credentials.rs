//! Whether the token with which a stream began is still good.
//!
//! A request is asked once for its token; a stream goes on for hours. So each token that has streams open is asked for
//! again every second, once for all of them: it may have expired, been revoked, or give other rights than it did. Where
//! streams are open with very many tokens, each is asked for less often, so that no database is kept busy by that alone.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, header};
use masthead_domain::viewer::Caller;
use tokio::sync::watch;

use crate::{
    error_code::ErrorCode,
    http::{Authenticator, problem::Problem},
};

/// How often a token is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(800);
/// How much time there is between two questions for any tokens, taken together.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(2);

/// The tokens that have streams open.
#[derive(Clone)]
pub(super) struct Credentials {
    authenticator: Arc<dyn Authenticator>,
    watched: Arc<Mutex<HashMap<HeaderValue, Watched>>>,
}

struct Watched {
    caller: Caller,
    ended: Weak<watch::Sender<Option<Arc<str>>>>,
}

/// Tells when a token ends.
pub(crate) struct TokenEnd(Option<watch::Receiver<Option<Arc<str>>>>);

impl TokenEnd {
    /// That of a client without one.
    pub(super) const NEVER: Self = Self(None);

    /// Waits until it has ended; answers why.
    pub(super) async fn wait(&mut self) -> Arc<str> {
        if let Some(ended) = &mut self.0
            && let Ok(ended) = ended.wait_for(Option::is_some).await
            && let Some(why) = &*ended
        {
            return why.clone();
        }
        std::future::pending().await
    }
}

impl Credentials {
    pub(super) fn new(authenticator: Arc<dyn Authenticator>) -> Self {
        Self {
            authenticator,
            watched: Arc::default(),
        }
    }

    /// Who bears a token, and when it ends; anyone, without one.
    pub(super) async fn caller(
        &self,
        authorization: &[HeaderValue],
    ) -> Result<(Caller, TokenEnd), Problem> {
        let Some(token) = authorization.first() else {
            return Ok((Caller::Public, TokenEnd::NEVER));
        };
        let mut headers = HeaderMap::new();
        for value in authorization {
            headers.append(header::AUTHORIZATION, value.clone());
        }
        let caller = self.authenticator.authenticate(&headers).await?;
        let end = self.watch(token, headers, &caller);
        Ok((caller, end))
    }

    fn watch(&self, token: &HeaderValue, headers: HeaderMap, caller: &Caller) -> TokenEnd {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = watched.get(token)
            && known.caller == *caller
            && let Some(ended) = known.ended.upgrade()
            && ended.borrow().is_none()
        {
            return TokenEnd(Some(ended.subscribe()));
        }
        let (sender, receiver) = watch::channel(None);
        let sender = Arc::new(sender);
        let known = Watched {
            caller: caller.clone(),
            ended: Arc::downgrade(&sender),
        };
        watched.insert(token.clone(), known);
        tokio::spawn(
            self.clone()
                .ask_again(token.clone(), headers, caller.clone(), sender),
        );
        TokenEnd(Some(receiver))
    }

    fn ask_again_after(&self) -> Duration {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = u32::try_from(watched.len()).unwrap_or(u32::MAX);
        ASK_AGAIN.max(BETWEEN_QUESTIONS.saturating_mul(tokens))
    }

    /// Asks for a token until it has ended, or nobody wants to know any more.
    async fn ask_again(
        self,
        token: HeaderValue,
        headers: HeaderMap,
        caller: Caller,
        ended: Arc<watch::Sender<Option<Arc<str>>>>,
    ) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.ask_again_after()) => {}
                () = ended.closed() => {
                    let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
                    // Under the lock nobody comes: whoever has come meanwhile is waited for.
                    if ended.receiver_count() == 0 {
                        if watched.get(&token).is_some_and(|known| known.is(&ended)) {
                            watched.remove(&token);
                        }
                        return;
                    }
                }
            }
            let why: Arc<str> = match self.authenticator.authenticate(&headers).await {
                Ok(now) if now == caller => continue,
                Ok(_) => {
                    "The token gives other rights than when the stream began: begin it anew.".into()
                }
                Err(problem) if is_refusal(&problem) => problem.detail().into(),
                // Where it cannot be found out, nothing can be read either.
                Err(_) => continue,
            };
            let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
            if watched.get(&token).is_some_and(|known| known.is(&ended)) {
                watched.remove(&token);
            }
            drop(watched);
            ended.send_replace(Some(why));
            return;
        }
    }
}

impl Watched {
    fn is(&self, ended: &Arc<watch::Sender<Option<Arc<str>>>>) -> bool {
        std::ptr::eq(self.ended.as_ptr(), Arc::as_ptr(ended))
    }
}

fn is_refusal(problem: &Problem) -> bool {
    matches!(
        problem.code(),
        ErrorCode::Unauthenticated | ErrorCode::Forbidden
    )
}
