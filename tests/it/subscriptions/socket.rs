//! A client of `graphql-transport-ws`.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tungstenite::{
    Error, Message, WebSocket, client::IntoClientRequest as _, protocol::CloseFrame,
};

use crate::harness::Server;

const PATIENCE: Duration = Duration::from_secs(20);

/// A WebSocket connection, and how many pings came on it.
pub(crate) struct Socket(WebSocket<TcpStream>, usize);

impl Socket {
    pub(crate) fn open(server: &Server) -> Self {
        Self::open_with(server, Some("graphql-transport-ws"), &[]).unwrap()
    }

    /// Connects; the error is the status of an answer that refuses it.
    pub(crate) fn open_with(
        server: &Server,
        subprotocol: Option<&str>,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let address = server.address().strip_prefix("http://").unwrap();
        let mut request = format!("ws://{address}/graphql")
            .into_client_request()
            .unwrap();
        if let Some(subprotocol) = subprotocol {
            request
                .headers_mut()
                .insert("sec-websocket-protocol", subprotocol.parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket, 0)),
            Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects with a token or without one, as far as the acknowledgement.
    pub(crate) fn acknowledged(server: &Server, token: Option<&str>) -> Self {
        let mut socket = Self::open(server);
        match token {
            Some(token) => {
                socket.init(&json!({ "Authorization": format!("Bearer {token}") }));
            }
            None => socket.send_text(r#"{"type":"connection_init"}"#),
        }
        assert_eq!(socket.message(), json!({ "type": "connection_ack" }));
        socket
    }

    pub(crate) fn init(&mut self, payload: &Value) {
        let init = json!({ "type": "connection_init", "payload": payload });
        self.send_text(&init.to_string());
    }

    pub(crate) fn subscribe(&mut self, id: &str, document: &str, variables: Value) {
        let payload = json!({ "query": document, "variables": variables });
        let message = json!({ "id": id, "type": "subscribe", "payload": payload });
        self.send_text(&message.to_string());
    }

    pub(crate) fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    pub(crate) fn send_binary(&mut self, bytes: &[u8]) {
        self.0.send(Message::binary(bytes.to_vec())).unwrap();
    }

    /// The next message.
    #[track_caller]
    pub(crate) fn message(&mut self) -> Value {
        self.message_within(PATIENCE)
            .unwrap_or_else(|| panic!("no message came"))
    }

    /// The next message, if one comes in this time.
    #[track_caller]
    pub(crate) fn message_within(&mut self, time: Duration) -> Option<Value> {
        match self.next(time)? {
            Message::Text(text) => Some(serde_json::from_str(text.as_str()).unwrap()),
            other => panic!("{other:?} in place of a message"),
        }
    }

    /// With which code and for which reason the server closes the connection, whatever else it says before.
    #[track_caller]
    pub(crate) fn closed(&mut self) -> (u16, String) {
        loop {
            match self.next(PATIENCE) {
                Some(Message::Close(Some(CloseFrame { code, reason }))) => {
                    return (code.into(), reason.as_str().to_owned());
                }
                Some(Message::Close(None)) => panic!("closed without a code"),
                Some(_) => {}
                None => panic!("the connection stays open"),
            }
        }
    }

    /// How many pings came.
    pub(crate) fn pings(&self) -> usize {
        self.1
    }

    fn next(&mut self, time: Duration) -> Option<Message> {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            self.0.get_ref().set_read_timeout(Some(left)).unwrap();
            match self.0.read() {
                // The library answers it.
                Ok(Message::Ping(_)) => self.1 += 1,
                Ok(Message::Pong(_)) => {}
                Ok(message) => return Some(message),
                Err(Error::Io(error))
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) =>
                {
                    return None;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}
