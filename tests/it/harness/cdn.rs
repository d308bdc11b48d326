//! Where a CDN is told what to purge: a web server on the loopback interface that writes down what it is asked.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// A CDN, as far as it can be asked to purge.
pub(crate) struct Cdn {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    status: u16,
    retry_after: Option<String>,
    asked: Vec<Asked>,
}

/// What it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The method and the target.
    pub(crate) line: String,
    /// The headers, names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
    /// What it answered.
    pub(crate) status: u16,
    /// When that was.
    pub(crate) at: Instant,
}

impl Asked {
    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Whether it was to purge this tag.
    pub(crate) fn names(&self, tag: &str) -> bool {
        self.header("surrogate-key")
            .split(' ')
            .any(|one| one == tag)
    }
}

impl Cdn {
    /// One that answers with this status.
    pub(crate) fn answering(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Vec::new();
        let state = Arc::new(Mutex::new(State {
            status,
            retry_after: None,
            asked,
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

    /// Where it is told.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/service/magazine/purge", self.address)
    }

    /// Answers with another status from now on.
    pub(crate) fn answer_with(&self, status: u16) {
        self.state.lock().unwrap().status = status;
    }

    /// Asks with each answer to be left alone for so long, as `Retry-After` writes it.
    pub(crate) fn retry_after(&self, text: &str) {
        self.state.lock().unwrap().retry_after = Some(text.to_owned());
    }

    /// All that it was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Waits until it was asked this.
    ///
    /// # Panics
    /// When it is not within the time.
    #[track_caller]
    pub(crate) fn wait(&self, within: Duration, wanted: impl Fn(&Asked) -> bool) -> Asked {
        let deadline = Instant::now() + within;
        loop {
            let asked = self.asked();
            if let Some(one) = asked.iter().find(|one| wanted(one)) {
                return one.clone();
            }
            assert!(Instant::now() < deadline, "it was asked {asked:#?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The names, in small letters, and the values.
type Headers = Vec<(String, String)>;

/// A request, as it came: its line, its headers with names in small letters, and its body. None where it broke off.
pub(super) fn read_request(stream: &TcpStream) -> Option<(String, Headers, String)> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let mut head = head.into_iter();
    let line = head.next().unwrap_or_default();
    let headers: Vec<(String, String)> = head
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((line, headers, String::from_utf8_lossy(&body).into_owned()))
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let Some((line, headers, body)) = read_request(&stream) else {
        return;
    };
    let (status, retry_after) = {
        let mut state = state.lock().unwrap();
        let status = state.status;
        state.asked.push(Asked {
            line,
            headers,
            body,
            status,
            at: Instant::now(),
        });
        let retry_after = state.retry_after.as_ref();
        (
            status,
            retry_after.map_or_else(String::new, |text| format!("retry-after: {text}\r\n")),
        )
    };
    let response = format!(
        "HTTP/1.1 {status} told\r\n{retry_after}content-length: 2\r\nconnection: close\r\n\r\n{{}}"
    );
    drop(stream.write_all(response.as_bytes()));
}
