//! Server-Sent Events: GraphQL over SSE, in distinct connections mode (graphql-sse, PROTOCOL.md; the format of the
//! stream is that of the HTML standard, section 9.2).
//!
//! Each event bears the cursor of its place as its `id`, so whoever connects again with `Last-Event-ID`, as browsers do,
//! goes on from there. The stream of a server that stops ends without `complete`: clients then connect to another.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::ServerError;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderName, HeaderValue, header};
use tokio::{
    sync::mpsc,
    time::{Duration, Instant, MissedTickBehavior, interval_at, timeout},
};

use super::{
    CutOff, Place, Streams, Transport,
    credentials::TokenEnd,
    operations::{Replies, Reply, of_outcome},
};
use crate::{
    error_code::ErrorCode,
    http::{
        StopFlag,
        graphql::{Outcome, errors},
        problem::Problem,
        problems::IsGraphql,
        request_id::RequestId,
    },
};

/// A comment (HTML standard, section 9.2.7): it keeps the connection open.
const KEEP_ALIVE: &[u8] = b":\n\n";
/// With data, if empty: browsers tell of no event without.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

/// The response that sends what comes of a subscription.
///
/// # Errors
/// When too many streams are open.
pub(crate) fn event_stream(
    streams: &Streams,
    outcome: Outcome,
    token_end: TokenEnd,
    request_id: RequestId,
) -> Result<Response, Problem> {
    let place = streams.place(Transport::EventStream)?;
    let start = match &outcome {
        Outcome::Events(events) => events.start.clone(),
        _ => None,
    };
    let (sender, receiver) = mpsc::channel(1);
    let last_words = LastWords::default();
    let sending = Sending {
        replies: of_outcome(outcome, request_id),
        frames: sender,
        last_words: last_words.clone(),
        token_end,
        stop: streams.0.stop.clone(),
        stalled: streams.stalled(),
        keep_alive: streams.keep_alive(),
        place,
    };
    tokio::spawn(sending.run(start));
    let frames = stream::unfold((receiver, last_words), |(mut receiver, last)| async move {
        let frame = match receiver.recv().await {
            Some(frame) => frame,
            None => last.take()?,
        };
        Some((Ok::<_, std::convert::Infallible>(frame), (receiver, last)))
    });
    Ok(response(Body::from_stream(frames)))
}

/// The response to an operation that has one result, or was not executed, for a client that takes nothing but events.
pub(crate) async fn single_event(outcome: Outcome, request_id: RequestId) -> Response {
    let mut replies = of_outcome(outcome, request_id);
    let mut body = Vec::new();
    while let Some(reply) = replies.next().await {
        body.extend_from_slice(&frame(reply));
    }
    body.extend_from_slice(COMPLETE);
    response(Body::from(body))
}

fn response(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    // Nobody between here and the client keeps it, packs it, or waits until there is more of it.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-transform"),
    );
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response.extensions_mut().insert(IsGraphql);
    response
}

/// A reply as an event.
fn frame(reply: Reply) -> Bytes {
    match reply {
        Reply::Next { cursor, json } => next(cursor.as_deref(), &json),
        Reply::Error(errors) => next(None, &errors_json(&errors)),
    }
}

fn next(cursor: Option<&str>, json: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(json.len() + 80);
    if let Some(cursor) = cursor {
        frame.extend_from_slice(b"id: ");
        frame.extend_from_slice(cursor.as_bytes());
        frame.push(b'\n');
    }
    // JSON as it is written here has no line breaks.
    frame.extend_from_slice(b"event: next\ndata: ");
    frame.extend_from_slice(json);
    frame.extend_from_slice(b"\n\n");
    frame.into()
}

fn errors_json(errors: &[ServerError]) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({ "errors": errors })).unwrap_or_default()
}

/// What is sent last, in place of all that cannot be sent any more.
#[derive(Clone, Default)]
struct LastWords(Arc<Mutex<Option<Bytes>>>);

impl LastWords {
    fn set(&self, words: Bytes) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
    }

    fn take(&self) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Sends what comes of an operation, one event at a time.
struct Sending {
    replies: Replies,
    /// Taken from by the connection, when it has room.
    frames: mpsc::Sender<Bytes>,
    last_words: LastWords,
    token_end: TokenEnd,
    stop: StopFlag,
    stalled: Duration,
    keep_alive: Duration,
    place: Place,
}

impl Sending {
    async fn run(mut self, start: Option<String>) {
        if let Some(start) = start {
            // An event without data: none is told of, and its `id` is remembered.
            let frame = Bytes::from(format!("id: {start}\n\n"));
            if self.send(frame).await.is_none() {
                return;
            }
        }
        let mut ticks = interval_at(Instant::now() + self.keep_alive, self.keep_alive);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (frame, is_last) = tokio::select! {
                () = self.frames.closed() => return,
                () = self.stop.streams_end() => return,
                why = self.token_end.wait() => return self.end_with_token(&why),
                reply = self.replies.next() => match reply {
                    Some(reply @ Reply::Next { .. }) => {
                        self.place.sent();
                        (frame(reply), false)
                    }
                    Some(reply @ Reply::Error(_)) => ([&frame(reply)[..], COMPLETE].concat().into(), true),
                    None => (Bytes::from_static(COMPLETE), true),
                },
                _ = ticks.tick() => (Bytes::from_static(KEEP_ALIVE), false),
            };
            if self.send(frame).await.is_none() || is_last {
                return;
            }
        }
    }

    /// Hands a frame to the connection, once that has taken the one before; none where the stream is at its end.
    async fn send(&mut self, frame: Bytes) -> Option<()> {
        tokio::select! {
            sent = timeout(self.stalled, self.frames.send(frame)) => if let Ok(sent) = sent {
                sent.ok()
            } else {
                self.place.cut_off(CutOff::Stalled);
                let error = errors::error(
                    ErrorCode::ReaderTooSlow,
                    "Nothing of what was sent has been read for too long: connect again, and go on from the last event.",
                );
                self.last_words.set(next(None, &errors_json(&[error])));
                None
            },
            () = self.stop.streams_end() => None,
            why = self.token_end.wait() => {
                self.end_with_token(&why);
                None
            }
        }
    }

    fn end_with_token(&self, why: &str) {
        self.place.cut_off(CutOff::TokenEnded);
        let error = errors::error(ErrorCode::Unauthenticated, why);
        let words = [&next(None, &errors_json(&[error]))[..], COMPLETE].concat();
        self.last_words.set(words.into());
    }
}
