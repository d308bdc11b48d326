//! A client of Server-Sent Events (HTML standard, section 9.2).

use std::io::{BufRead as _, BufReader};

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::harness::Server;

/// An event stream.
pub(super) struct EventSource {
    lines: BufReader<Response>,
    last_id: String,
}

/// An event.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) data: Value,
}

impl EventSource {
    pub(super) fn open(
        server: &Server,
        document: &str,
        variables: &Value,
        headers: &[(&str, &str)],
    ) -> Self {
        let mut request = Client::builder()
            .timeout(None)
            .build()
            .unwrap()
            .post(format!("{}/graphql", server.address()))
            .header("accept", "text/event-stream")
            .json(&json!({ "query": document, "variables": variables }));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().unwrap();
        assert_eq!(response.status().as_u16(), 200);
        Self {
            lines: BufReader::new(response),
            last_id: String::new(),
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.lines.get_ref().headers()[name].to_str().unwrap()
    }

    /// The next event that has data.
    #[track_caller]
    pub(super) fn next_event(&mut self) -> Event {
        self.read().unwrap_or_else(|| panic!("the stream is over"))
    }

    /// Whether it ends without another event.
    pub(super) fn is_over(&mut self) -> bool {
        self.read().is_none()
    }

    fn read(&mut self) -> Option<Event> {
        let (mut kind, mut data) = ("message".to_owned(), None);
        loop {
            let mut line = String::new();
            match self.lines.read_line(&mut line) {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
            let line = line.trim_end_matches('\n');
            if line.is_empty() {
                if let Some(data) = data.take() {
                    let data: String = data;
                    return Some(Event {
                        id: self.last_id.clone(),
                        kind,
                        data: serde_json::from_str(&data).unwrap_or(Value::Null),
                    });
                }
                "message".clone_into(&mut kind);
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            match field {
                "id" => self.last_id = value,
                "event" => kind = value,
                "data" => data = Some(value),
                _ => {}
            }
        }
    }
}
