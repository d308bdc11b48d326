//! What the messages of a connection mean (graphql-ws, PROTOCOL.md), without any I/O: a message comes in, and what is to
//! be done about it comes out.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{Name, ServerError, Value, indexmap::IndexMap};
use serde_json::json;

use crate::http::graphql::Parameters;

/// The longest reason that a close frame has room for (RFC 6455, section 5.5).
const LONGEST_REASON: usize = 123;
/// The longest part of a client's own words that an answer repeats.
const LONGEST_ECHO: usize = 60;

/// Why the server closes a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// The server stops.
    GoingAway,
    /// The client takes nothing of what is sent to it.
    TooSlow,
    /// Whose the token is cannot be found out now.
    TryAgain,
    /// A message is none of the protocol.
    BadMessage(String),
    /// Something was asked for before the connection was acknowledged.
    Unauthorized,
    /// The token is not taken, or no longer.
    Forbidden(String),
    /// The client speaks another subprotocol.
    SubprotocolNotAcceptable,
    /// No `connection_init` came in time.
    InitTimeout,
    /// An operation with this identity runs already.
    SubscriberExists(Arc<str>),
    /// A second `connection_init` came.
    TooManyInits,
}

impl Closing {
    /// The close code.
    pub(super) const fn code(&self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            // Clients connect again after it, and go on from their cursor.
            Self::TooSlow | Self::TryAgain => 1013,
            Self::BadMessage(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden(_) => 4403,
            Self::SubprotocolNotAcceptable => 4406,
            Self::InitTimeout => 4408,
            Self::SubscriberExists(_) => 4409,
            Self::TooManyInits => 4429,
        }
    }

    /// The reason, as long as a close frame has room for.
    pub(super) fn reason(&self) -> String {
        let reason = match self {
            Self::GoingAway => "The server stops: connect again".to_owned(),
            Self::TooSlow => {
                "Nothing of what was sent was read for too long: connect again, and go on from the last cursor".to_owned()
            }
            Self::TryAgain => "Whose the token is cannot be found out now: connect again shortly".to_owned(),
            Self::BadMessage(reason) => reason.clone(),
            Self::Unauthorized => "Unauthorized".to_owned(),
            Self::Forbidden(reason) => format!("Forbidden: {reason}"),
            Self::SubprotocolNotAcceptable => "Subprotocol not acceptable: speak graphql-transport-ws".to_owned(),
            Self::InitTimeout => "Connection initialisation timeout".to_owned(),
            Self::SubscriberExists(id) => format!("Subscriber for {id} already exists"),
            Self::TooManyInits => "Too many initialisation requests".to_owned(),
        };
        shortened(&reason, LONGEST_REASON)
    }
}

/// At most so many bytes of a text.
fn shortened(text: &str, bytes: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut end = bytes.saturating_sub(MARK.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MARK}", text.get(..end).unwrap_or_default())
}

/// What is to be done about a message.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Nothing.
    Nothing,
    /// This is to be sent.
    Send(String),
    /// It is to be found out who connects, by this value for `Authorization`, or by that of the handshake; then
    /// [`Protocol::acknowledge`].
    Authenticate(Option<String>),
    /// This operation is to be executed.
    Begin(Arc<str>, Box<Parameters>),
    /// This operation is to be stopped, without a word.
    Stop(Arc<str>),
    /// The connection is to be closed.
    Close(Closing),
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opened,
    Initialising,
    Acknowledged,
}

/// What a connection knows of itself.
#[derive(Debug)]
pub(super) struct Protocol {
    state: State,
    /// The identities of the operations that run.
    running: HashSet<Arc<str>>,
    max_operations: usize,
}

/// The message of the protocol that a client's text is.
enum Message {
    Init(Option<Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe(Arc<str>, Value),
    Complete(Arc<str>),
}

impl Protocol {
    /// That of a new connection, on which so many operations may run at a time.
    pub(super) fn new(max_operations: usize) -> Self {
        Self {
            state: State::Opened,
            running: HashSet::new(),
            max_operations,
        }
    }

    /// Whether `connection_init` is still to come.
    pub(super) fn awaits_init(&self) -> bool {
        self.state == State::Opened
    }

    /// What a text message asks for.
    pub(super) fn receive(&mut self, text: &str) -> Step {
        let message = match Message::read(text) {
            Ok(message) => message,
            Err(reason) => return Step::Close(Closing::BadMessage(reason)),
        };
        match message {
            Message::Init(payload) => self.initialise(payload),
            Message::Ping(payload) => Step::Send(message_text("pong", payload)),
            Message::Pong => Step::Nothing,
            Message::Subscribe(id, payload) => self.subscribe(id, payload),
            Message::Complete(id) => {
                if self.running.remove(&id) {
                    Step::Stop(id)
                } else {
                    // It has ended just now: the two messages met.
                    Step::Nothing
                }
            }
        }
    }

    /// What a message asks for that is not text.
    pub(super) fn receive_binary() -> Step {
        Step::Close(Closing::BadMessage(
            "Messages are JSON in text frames".to_owned(),
        ))
    }

    fn initialise(&mut self, payload: Option<Value>) -> Step {
        if self.state != State::Opened {
            return Step::Close(Closing::TooManyInits);
        }
        self.state = State::Initialising;
        match authorization(payload) {
            Ok(token) => Step::Authenticate(token),
            Err(reason) => Step::Close(Closing::BadMessage(reason)),
        }
    }

    /// Who connects is known: what is to be sent.
    pub(super) fn acknowledge(&mut self) -> String {
        self.state = State::Acknowledged;
        message_text("connection_ack", None)
    }

    fn subscribe(&mut self, id: Arc<str>, payload: Value) -> Step {
        if self.state != State::Acknowledged {
            return Step::Close(Closing::Unauthorized);
        }
        if self.running.contains(&id) {
            return Step::Close(Closing::SubscriberExists(id));
        }
        let parameters = match Parameters::from_value(payload, "payload") {
            Ok(parameters) => parameters,
            Err(problem) => {
                return Step::Close(Closing::BadMessage(problem.detail().to_owned()));
            }
        };
        if self.running.len() >= self.max_operations {
            let message = format!(
                "At most {} operations run at a time on one connection: complete one first.",
                self.max_operations
            );
            let error = crate::http::graphql::errors::error(
                crate::error_code::ErrorCode::TooManyStreams,
                message,
            );
            return Step::Send(error_text(&id, &[error]));
        }
        self.running.insert(id.clone());
        Step::Begin(id, Box::new(parameters))
    }

    /// An operation has come to its end by itself.
    pub(super) fn ended(&mut self, id: &str) {
        self.running.remove(id);
        if self.running.is_empty() {
            // Of a connection that does nothing, nothing is kept.
            self.running = HashSet::new();
        }
    }
}

impl Message {
    /// Reads a message; the error is a reason for closing the connection.
    fn read(text: &str) -> Result<Self, String> {
        let value = serde_json::from_str::<Value>(text)
            .map_err(|error| format!("The message is not JSON: {error}"))?;
        let Value::Object(mut fields) = value else {
            return Err("A message is a JSON object".to_owned());
        };
        let Some(Value::String(kind)) = fields.swap_remove("type") else {
            return Err("The message has no 'type'".to_owned());
        };
        Ok(match kind.as_str() {
            "connection_init" => Self::Init(payload(&mut fields, &kind)?),
            "ping" => Self::Ping(payload(&mut fields, &kind)?),
            "pong" => {
                payload(&mut fields, &kind)?;
                Self::Pong
            }
            "subscribe" => {
                let id = identity(&mut fields, &kind)?;
                match payload(&mut fields, &kind)? {
                    Some(payload) => Self::Subscribe(id, payload),
                    None => return Err("'subscribe' has no 'payload'".to_owned()),
                }
            }
            "complete" => Self::Complete(identity(&mut fields, &kind)?),
            other => {
                let other = shortened(other, LONGEST_ECHO);
                return Err(format!("'{other}' is no type of message for a server"));
            }
        })
    }
}

fn payload(fields: &mut IndexMap<Name, Value>, kind: &str) -> Result<Option<Value>, String> {
    match fields.swap_remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(payload @ Value::Object(_)) => Ok(Some(payload)),
        Some(_) => Err(format!("The 'payload' of '{kind}' is no object")),
    }
}

fn identity(fields: &mut IndexMap<Name, Value>, kind: &str) -> Result<Arc<str>, String> {
    match fields.swap_remove("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.into()),
        _ => Err(format!("'{kind}' has no 'id': a text that is not empty")),
    }
}

/// The value for `Authorization` in the payload of `connection_init`, where there is one, under its name in any case.
fn authorization(payload: Option<Value>) -> Result<Option<String>, String> {
    let Some(Value::Object(fields)) = payload else {
        return Ok(None);
    };
    let mut found = None;
    for (name, value) in fields {
        if !name.eq_ignore_ascii_case("authorization") {
            continue;
        }
        match value {
            Value::Null => {}
            Value::String(value) if found.is_none() => found = Some(value),
            Value::String(_) => {
                return Err("'Authorization' stands twice in the payload".to_owned());
            }
            _ => return Err("'Authorization' in the payload is no text".to_owned()),
        }
    }
    Ok(found)
}

fn message_text(kind: &str, payload: Option<Value>) -> String {
    match payload {
        Some(payload) => json!({ "type": kind, "payload": payload }),
        None => json!({ "type": kind }),
    }
    .to_string()
}

/// The message that brings a result of an operation, which is JSON.
pub(super) fn next_text(id: &str, result: &[u8]) -> Vec<u8> {
    let id = serde_json::to_vec(id).unwrap_or_default();
    [
        b"{\"id\":",
        id.as_slice(),
        b",\"type\":\"next\",\"payload\":",
        result,
        b"}",
    ]
    .concat()
}

/// The message that ends an operation with errors.
pub(super) fn error_text(id: &str, errors: &[ServerError]) -> String {
    json!({ "id": id, "type": "error", "payload": errors }).to_string()
}

/// The message that ends an operation.
pub(super) fn complete_text(id: &str) -> String {
    json!({ "id": id, "type": "complete" }).to_string()
}
