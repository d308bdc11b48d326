//! Where feeds are delivered to: a web server on the loopback interface that confirms, refuses, stalls, fails or lies, and
//! writes down what it hears.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// How a subscriber behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It wants what is asked for in its name, and answers deliveries with this status.
    Confirming(u16),
    /// It wants nothing of it.
    Refusing,
    /// It says yes in words of its own.
    Lying,
    /// It answers nothing for longer than anybody waits.
    Stalling,
}

/// What it heard.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) target: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// A parameter's value, decoded; empty where there is none.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let url =
            reqwest::Url::parse(&format!("http://subscriber.example{}", self.target)).unwrap();
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, value)| value.into_owned())
    }
}

/// A subscriber.
pub(crate) struct Subscriber {
    address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Subscriber {
    pub(crate) fn behaving(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let subscriber = Self {
            address,
            manner: Arc::new(Mutex::new(manner)),
            heard: Arc::default(),
        };
        let (manner, heard) = (subscriber.manner.clone(), subscriber.heard.clone());
        // Ends with the process, as the test does.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manner, heard) = (manner.clone(), heard.clone());
                thread::spawn(move || answer(stream, &manner, &heard));
            }
        });
        subscriber
    }

    /// Where it is delivered to: an address with a query of its own.
    pub(crate) fn callback(&self) -> String {
        format!("http://{}/heard?of=magazine", self.address)
    }

    /// Behaves so from now on, and forgets what it heard before.
    pub(crate) fn behave(&self, manner: Manner) {
        let mut now = self.manner.lock().unwrap();
        self.heard.lock().unwrap().clear();
        *now = manner;
    }

    /// What it heard by a method.
    pub(crate) fn heard(&self, method: &str) -> Vec<Heard> {
        let heard = self.heard.lock().unwrap();
        let by_method = heard.iter().filter(|heard| heard.method == method);
        by_method.cloned().collect()
    }

    /// Waits until it has heard this.
    ///
    /// # Panics
    /// When it has not within the time.
    #[track_caller]
    pub(crate) fn wait(
        &self,
        method: &str,
        within: Duration,
        wanted: impl Fn(&Heard) -> bool,
    ) -> Heard {
        let deadline = Instant::now() + within;
        loop {
            let heard = self.heard(method);
            if let Some(one) = heard.iter().find(|one| wanted(one)) {
                return one.clone();
            }
            assert!(
                Instant::now() < deadline,
                "{} times {method} was heard, and not what was waited for",
                heard.len()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn answer(mut stream: TcpStream, manner: &Mutex<Manner>, heard: &Mutex<Vec<Heard>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let mut head = head.into_iter();
    let line = head.next().unwrap_or_default();
    let mut words = line.split(' ').map(str::to_owned);
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let headers: Vec<(String, String)> = head
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let mut one = Heard {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    one.body = vec![0; one.header("content-length").parse().unwrap_or(0)];
    if reader.read_exact(&mut one.body).is_err() {
        return;
    }
    let challenge = one.parameter("hub.challenge");
    let is_question = one.method == "GET";
    let manner = {
        let now = manner.lock().unwrap();
        heard.lock().unwrap().push(one);
        *now
    };
    let (status, body) = match manner {
        Manner::Confirming(_) if is_question => (200, challenge),
        Manner::Confirming(status) => (status, String::new()),
        Manner::Refusing => (404, challenge),
        Manner::Lying => (200, "yes".to_owned()),
        Manner::Stalling => {
            thread::sleep(Duration::from_secs(60));
            return;
        }
    };
    let response = format!(
        "HTTP/1.1 {status} heard\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    drop(stream.write_all(response.as_bytes()));
}
