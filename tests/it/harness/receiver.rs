//! Whoever webhooks are delivered to: a web server on the loopback interface that writes down what it is told, and
//! answers as well or as badly as it is asked to.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::cdn::read_request;

/// How it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// With a status.
    Status(u16),
    /// With a redirect to there.
    See(String),
    /// With nothing, for so long.
    Nothing(Duration),
    /// That more comes than does.
    Lies,
    /// Without an end.
    Floods,
}

/// A receiver of deliveries.
pub(crate) struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    says: Says,
    received: Vec<Received>,
    /// How many deliveries it is answering now, and how many at a time it ever was.
    open: usize,
    most_open: usize,
}

/// What it was told.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The headers, names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
    /// What it answered.
    pub(crate) said: Says,
}

impl Received {
    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body, read.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What it tells.
    pub(crate) fn event(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether it was acknowledged.
    pub(crate) fn is_acknowledged(&self) -> bool {
        matches!(self.said, Says::Status(200..=299))
    }
}

impl Receiver {
    /// One that answers so.
    pub(crate) fn saying(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            says,
            received: Vec::new(),
            open: 0,
            most_open: 0,
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

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks/masthead", self.address)
    }

    /// Answers otherwise from now on.
    pub(crate) fn says(&self, says: Says) {
        self.state.lock().unwrap().says = says;
    }

    /// All that it was told.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    /// How many deliveries it was told at a time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state.lock().unwrap().most_open
    }

    /// Waits until it was told this.
    ///
    /// # Panics
    /// When it is not within the time.
    #[track_caller]
    pub(crate) fn wait(&self, within: Duration, wanted: impl Fn(&Received) -> bool) -> Received {
        let deadline = Instant::now() + within;
        loop {
            let received = self.received();
            if let Some(one) = received.iter().find(|one| wanted(one)) {
                return one.clone();
            }
            assert!(Instant::now() < deadline, "it was told {received:#?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let Some((_, headers, body)) = read_request(&stream) else {
        return;
    };
    let says = {
        let mut state = state.lock().unwrap();
        state.open += 1;
        state.most_open = state.most_open.max(state.open);
        let says = state.says.clone();
        state.received.push(Received {
            headers,
            body,
            said: says.clone(),
        });
        says
    };
    let text = match &says {
        Says::Status(status) => {
            format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        Says::See(url) => {
            format!(
                "HTTP/1.1 307 There\r\nlocation: {url}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
        }
        Says::Nothing(time) => {
            std::thread::sleep(*time);
            String::new()
        }
        Says::Lies => {
            "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\nconnection: close\r\n\r\nhello".to_owned()
        }
        Says::Floods => "HTTP/1.1 500 Broken\r\nconnection: close\r\n\r\n".to_owned(),
    };
    // Before the answer: whoever has it may tell of the next.
    state.lock().unwrap().open -= 1;
    drop(stream.write_all(text.as_bytes()));
    if says == Says::Floods {
        let some = vec![b'.'; 64 * 1024];
        while stream.write_all(&some).is_ok() {}
    }
}
