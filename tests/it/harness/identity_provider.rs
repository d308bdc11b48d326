//! A web server on the loopback interface that hands out a document, and counts how often.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

/// An identity provider, as far as it hands out its keys.
pub(crate) struct IdentityProvider {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    response: String,
    fetches: usize,
    delay: Duration,
}

impl IdentityProvider {
    /// One with these keys.
    pub(crate) fn with_keys(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, keys)
    }

    /// One that listens where it is told to.
    pub(crate) fn on(listener: TcpListener, keys: &[Value]) -> Self {
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            response: document(keys),
            fetches: 0,
            delay: Duration::ZERO,
        }));
        let shared = Arc::clone(&state);
        // Ends with the process, as the test does.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, &shared));
            }
        });
        Self { address, state }
    }

    /// Where its keys are.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/jwks.json", self.address)
    }

    /// Has other keys from now on.
    pub(crate) fn set_keys(&self, keys: &[Value]) {
        self.state.lock().unwrap().response = document(keys);
    }

    /// Answers like this from now on, head and all.
    pub(crate) fn set_response(&self, response: &str) {
        response.clone_into(&mut self.state.lock().unwrap().response);
    }

    /// Takes so long to answer from now on.
    pub(crate) fn set_delay(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    /// How often it has been asked.
    pub(crate) fn fetches(&self) -> usize {
        self.state.lock().unwrap().fetches
    }
}

fn document(keys: &[Value]) -> String {
    let body = json!({ "keys": keys }).to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let head = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .count();
    if head == 0 {
        return;
    }
    let (response, delay) = {
        let mut state = state.lock().unwrap();
        state.fetches += 1;
        (state.response.clone(), state.delay)
    };
    std::thread::sleep(delay);
    drop(stream.write_all(response.as_bytes()));
}
