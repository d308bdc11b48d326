//! A connection: receives, has done what the protocol says, and sends.
//!
//! What an operation has to say is made when the connection can take it, so nothing waits here but the one message that
//! is being sent.

use std::{pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderValue, Method, Request, Uri, request::Parts};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use masthead_domain::viewer::Caller;
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_websockets::{CloseCode, Message, WebSocketStream};

use super::{
    super::{
        CutOff, LAST_WORDS, Place,
        credentials::TokenEnd,
        operations::{Operation, Reply, of_problem},
    },
    counted::Counted,
    protocol::{Closing, Protocol, Step, complete_text, error_text, next_text},
    running::Running,
};
use crate::{
    error_code::ErrorCode,
    http::{Problem, graphql::GraphqlService, rate_limits::Account, request_id::RequestId},
};

/// How long the client has to answer the close frame.
const CLOSING: Duration = Duration::from_secs(2);

pub(super) type Socket = WebSocketStream<Counted<TokioIo<Upgraded>>>;

/// A connection.
pub(super) struct Connection {
    socket: Socket,
    service: Arc<GraphqlService>,
    /// The values of `Authorization` that came with the handshake.
    authorization: Vec<HeaderValue>,
    account: Option<Account>,
    request_id: RequestId,
    place: Place,
    protocol: Protocol,
    running: Running,
    caller: Caller,
    token_end: TokenEnd,
    /// What stands for the head of an operation's request.
    head: Arc<Parts>,
}

/// How a connection ends.
enum End {
    /// The server closes it.
    Closed(Closing),
    /// The client has, or is gone.
    Gone,
}

impl Connection {
    pub(super) fn new(
        socket: Socket,
        service: Arc<GraphqlService>,
        authorization: Vec<HeaderValue>,
        account: Option<Account>,
        request_id: RequestId,
        place: Place,
    ) -> Self {
        let max_operations = service.streams.settings().max_operations;
        Self {
            socket,
            service,
            authorization,
            account,
            request_id,
            place,
            protocol: Protocol::new(max_operations),
            running: Running::default(),
            caller: Caller::Public,
            token_end: TokenEnd::NEVER,
            head: Arc::new(head()),
        }
    }

    /// Speaks with the client, to the end.
    pub(super) async fn run(mut self) {
        match self.converse().await {
            End::Gone => {}
            End::Closed(closing) => self.close(closing).await,
        }
    }

    async fn converse(&mut self) -> End {
        let streams = self.service.streams.clone();
        let init_timeout = Duration::from_secs(streams.settings().init_timeout_seconds);
        let mut init_timeout = pin!(sleep(init_timeout));
        let keep_alive = streams.keep_alive();
        let mut ticks = interval_at(Instant::now() + keep_alive, keep_alive);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut has_spoken = true;
        loop {
            let done = tokio::select! {
                received = self.socket.next() => {
                    has_spoken = true;
                    let Some(Ok(message)) = received else {
                        // The library has told the client what was wrong with its frames.
                        drop(timeout(CLOSING, self.socket.flush()).await);
                        return End::Gone;
                    };
                    self.receive(&message).await
                }
                () = &mut init_timeout, if self.protocol.awaits_init() => {
                    return End::Closed(Closing::InitTimeout);
                }
                (id, reply) = self.running.next() => self.reply(&id, reply).await,
                why = self.token_end.wait() => return self.token_ended(&why),
                () = streams.0.stop.streams_end() => return End::Closed(Closing::GoingAway),
                _ = ticks.tick() => {
                    if has_spoken {
                        has_spoken = false;
                        self.send(Message::ping(Bytes::new())).await
                    } else {
                        self.place.cut_off(CutOff::Gone);
                        return End::Gone;
                    }
                }
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn receive(&mut self, message: &Message) -> Result<(), End> {
        let step = if let Some(text) = message.as_text() {
            self.protocol.receive(text)
        } else if message.is_binary() {
            Protocol::receive_binary()
        } else if message.is_ping() {
            // Its answer waits to be sent: whoever asks on and on and reads nothing does not pile them up here.
            return self.flush().await;
        } else {
            Step::Nothing
        };
        match step {
            Step::Nothing => Ok(()),
            Step::Send(text) => self.send(Message::text(text)).await,
            Step::Authenticate(token) => self.authenticate(token).await,
            Step::Begin(id, parameters) => {
                if let Some(refusal) = self.count() {
                    self.protocol.ended(&id);
                    let errors = [of_problem(&refusal)];
                    return self.send(Message::text(error_text(&id, &errors))).await;
                }
                let operation = Operation {
                    service: self.service.clone(),
                    parts: self.head.clone(),
                    caller: self.caller.clone(),
                    request_id: self.request_id.clone(),
                };
                self.running.add(id, operation.replies(*parameters));
                Ok(())
            }
            Step::Stop(id) => {
                self.running.stop(&id);
                Ok(())
            }
            Step::Close(closing) => Err(End::Closed(closing)),
        }
    }

    /// Counts an operation as a request of its client's; answers one too many with the refusal.
    fn count(&self) -> Option<Problem> {
        self.account
            .as_ref()?
            .count_operation(&self.caller, self.authorization.first())
            .err()
    }

    async fn authenticate(&mut self, token: Option<String>) -> Result<(), End> {
        if let Some(token) = token {
            let value = HeaderValue::try_from(token).map_err(|_| {
                let reason = "'Authorization' in the payload cannot be used";
                End::Closed(Closing::Forbidden(reason.to_owned()))
            })?;
            self.authorization = vec![value];
        }
        let credentials = self.service.streams.0.credentials.clone();
        match credentials.caller(&self.authorization).await {
            Ok((caller, token_end)) => {
                self.caller = caller;
                self.token_end = token_end;
                let text = self.protocol.acknowledge();
                self.send(Message::text(text)).await
            }
            Err(problem) => Err(End::Closed(match problem.code() {
                ErrorCode::Unauthenticated | ErrorCode::Forbidden => {
                    Closing::Forbidden(problem.detail().to_owned())
                }
                // It cannot be found out now: the client is to try again.
                _ => Closing::TryAgain,
            })),
        }
    }

    fn token_ended(&self, why: &str) -> End {
        self.place.cut_off(CutOff::TokenEnded);
        // Not 4401, after which clients give up: after this one they connect again, and may bring another token.
        End::Closed(Closing::Forbidden(why.to_owned()))
    }

    async fn reply(&mut self, id: &Arc<str>, reply: Option<Reply>) -> Result<(), End> {
        let message = match reply {
            Some(Reply::Next { json, .. }) => {
                self.place.sent();
                Message::text(next_text(id, &json))
            }
            Some(Reply::Error(errors)) => {
                self.end(id);
                Message::text(error_text(id, &errors))
            }
            None => {
                self.end(id);
                Message::text(complete_text(id))
            }
        };
        self.send(message).await
    }

    fn end(&mut self, id: &str) {
        self.running.stop(id);
        self.protocol.ended(id);
    }

    /// Sends a message, for as long as the client takes anything of it.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        if let Some(partner) = self.caller.partner() {
            let bytes = u64::try_from(message.as_payload().len()).unwrap_or(0);
            self.service.ledger.sent(partner, bytes);
        }
        if self.socket.feed(message).await.is_err() {
            return Err(End::Gone);
        }
        self.flush().await
    }

    /// Sends what waits, for as long as the client takes anything of it.
    async fn flush(&mut self) -> Result<(), End> {
        let streams = self.service.streams.clone();
        loop {
            let written = self.socket.get_ref().written();
            tokio::select! {
                flushed = timeout(streams.stalled(), self.socket.flush()) => match flushed {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(_)) => return Err(End::Gone),
                    Err(_) if self.socket.get_ref().written() > written => {}
                    Err(_) => {
                        self.place.cut_off(CutOff::Stalled);
                        return Err(End::Closed(Closing::TooSlow));
                    }
                },
                () = streams.0.stop.streams_end() => return Err(End::Closed(Closing::GoingAway)),
                why = self.token_end.wait() => return Err(self.token_ended(&why)),
            }
        }
    }

    /// Closes the connection (RFC 6455, section 7.1.2).
    pub(super) async fn close(mut self, closing: Closing) {
        // Nothing more is made for it.
        self.running = Running::default();
        let code = CloseCode::try_from(closing.code()).ok();
        let message = Message::close(code, &closing.reason());
        if let Ok(Ok(())) = timeout(LAST_WORDS, self.socket.send(message)).await {
            let answered = async { while let Some(Ok(_)) = self.socket.next().await {} };
            drop(timeout(CLOSING, answered).await);
        }
    }
}

/// The head of a request that stands for each operation: it comes by POST, and asks for nothing in particular.
fn head() -> Parts {
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    // Under it stands what a partner has been told of.
    *request.uri_mut() = Uri::from_static("/graphql");
    request.into_parts().0
}
