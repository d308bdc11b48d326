//! A running server and questions to it.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, ExitStatus, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Masthead, SECRET, Store};

/// `masthead serve` on a free port of the loopback interface, killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    ready_line: String,
    address: String,
    errors: Option<JoinHandle<String>>,
    client: Client,
    _folder: TempDir,
}

/// How a server that was told to stop ended.
pub(crate) struct Stopped {
    /// How it exited.
    pub(crate) status: ExitStatus,
    /// All that it wrote to standard error.
    pub(crate) err: String,
}

/// An answer over HTTP with its body read as JSON.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Value,
}

impl Reply {
    #[track_caller]
    fn to(request: RequestBuilder) -> Self {
        let response = request.send().unwrap();
        Self {
            status: response.status().as_u16(),
            body: response.json().unwrap(),
        }
    }

    /// The data, where there are no errors.
    #[track_caller]
    fn data(mut self, document: &str) -> Value {
        assert!(
            self.body.get("errors").is_none(),
            "{document}\nanswered {:#}",
            self.body["errors"]
        );
        assert_eq!(self.status, 200, "{document}\nanswered {:#}", self.body);
        self.body["data"].take()
    }
}

impl Server {
    /// Serves a database.
    pub(crate) fn start(store: &Store) -> Self {
        Self::with(store, &[])
    }

    /// Serves a database and keeps nothing of it between requests: for tests that change it behind the product's
    /// back, of which no change log tells.
    pub(crate) fn forgetful(store: &Store) -> Self {
        let command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
            .on(store)
            .env("MASTHEAD_JWT_SECRET", SECRET)
            .env("MASTHEAD_CACHE_BYTES", "0");
        Self::run(command)
    }

    /// Waits until it has heard of what other processes have written: it may take a second.
    #[expect(
        clippy::unused_self,
        reason = "it is this server that has to hear of it"
    )]
    pub(crate) fn hear_of_other_processes(&self) {
        std::thread::sleep(Duration::from_secs(1));
    }

    /// Serves a database that the sample magazine has been put into.
    pub(crate) fn with_sample_content(store: &Store) -> Self {
        Self::with(store, &["--with-sample-content"])
    }

    /// Serves a database, with more arguments; it takes tokens that are signed with the tests' secret.
    pub(crate) fn with(store: &Store, arguments: &[&str]) -> Self {
        let mut command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
            .on(store)
            .env("MASTHEAD_JWT_SECRET", SECRET);
        for argument in arguments {
            command = command.arg(argument);
        }
        Self::run(command)
    }

    /// Serves a database with these settings in its environment, and delivers to whoever is on the loopback interface,
    /// where no server does without being told to.
    pub(crate) fn delivering(store: &Store, settings: &[(&str, &str)]) -> Self {
        let command = Masthead::new(["serve", "--listen", "127.0.0.1:0"])
            .on(store)
            .env("MASTHEAD_JWT_SECRET", SECRET)
            .env("MASTHEAD_OUTGOING_PLAIN_HTTP", "true")
            .env("MASTHEAD_OUTGOING_OPEN_NETWORKS", "127.0.0.0/8");
        let command = settings
            .iter()
            .fold(command, |command, (name, value)| command.env(name, value));
        Self::run(command)
    }

    /// Runs a command that serves, and waits until it says that it is ready.
    pub(crate) fn run(command: Masthead) -> Self {
        let (mut command, folder) = command.into_parts();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            drop(errors.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut ready_line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut ready_line)
            .unwrap();
        let ready_line = ready_line.trim_end().to_owned();
        let address = ready_line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .map(|address| address.trim_end_matches('/').to_owned());
        let Some(address) = address else {
            drop(child.kill());
            drop(child.wait());
            panic!(
                "the server said '{ready_line}' in place of where it listens: {}",
                errors.join().unwrap()
            );
        };
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self {
            child,
            ready_line,
            address,
            errors: Some(errors),
            client,
            _folder: folder,
        }
    }

    /// The line that it wrote when it was ready.
    pub(crate) fn ready_line(&self) -> &str {
        &self.ready_line
    }

    /// Where it listens, without a slash at the end: `http://127.0.0.1:49152`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The data that a query answers.
    ///
    /// # Panics
    /// With the errors, when it answers any.
    #[track_caller]
    pub(crate) fn query(&self, document: &str, variables: Value) -> Value {
        self.query_raw(document, variables).data(document)
    }

    /// The data that a query answers to the bearer of a token.
    ///
    /// # Panics
    /// With the errors, when it answers any.
    #[track_caller]
    pub(crate) fn query_as(&self, token: &str, document: &str, variables: Value) -> Value {
        self.query_raw_as(token, document, variables).data(document)
    }

    /// The whole answer to a query.
    #[track_caller]
    pub(crate) fn query_raw(&self, document: &str, variables: Value) -> Reply {
        Reply::to(self.request_of(document, variables))
    }

    /// The whole answer to a query by the bearer of a token.
    #[track_caller]
    pub(crate) fn query_raw_as(&self, token: &str, document: &str, variables: Value) -> Reply {
        Reply::to(self.request_of(document, variables).bearer_auth(token))
    }

    fn request_of(&self, document: &str, variables: Value) -> RequestBuilder {
        self.post("/graphql")
            .header("accept", "application/graphql-response+json")
            .json(&json!({ "query": document, "variables": variables }))
    }

    /// The code of the one error that a query answers.
    #[track_caller]
    pub(crate) fn error_code(&self, document: &str, variables: Value) -> String {
        let reply = self.query_raw(document, variables);
        let errors = reply.body["errors"].as_array().cloned().unwrap_or_default();
        let [error] = errors.as_slice() else {
            panic!("{document}\nanswered {reply:#?} in place of one error")
        };
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.len() > 10, "no message that helps: {error}");
        error["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code in {error}"))
            .to_owned()
    }

    /// Why a token is refused.
    ///
    /// # Panics
    /// When it is not, or not as RFC 6750 and RFC 9457 have it.
    #[track_caller]
    pub(crate) fn refusal(&self, token: &str) -> String {
        self.refusal_of(&[&format!("Bearer {token}")])
    }

    /// Why a request with these `Authorization` headers is refused.
    #[track_caller]
    pub(crate) fn refusal_of(&self, authorization: &[&str]) -> String {
        let mut request = self.request_of("{ latest { totalCount } }", json!({}));
        for value in authorization {
            request = request.header("authorization", *value);
        }
        let response = request.send().unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(response.status().as_u16(), 401, "{authorization:?}");
        assert_eq!(header("content-type"), "application/problem+json");
        assert_eq!(header("cache-control"), "no-store");
        let challenge = header("www-authenticate");
        let body: Value = response.json().unwrap();
        assert_eq!(body["code"], "UNAUTHENTICATED", "{body}");
        let detail = body["detail"].as_str().unwrap().to_owned();
        assert_eq!(
            challenge,
            format!("Bearer error=\"invalid_token\", error_description=\"{detail}\"")
        );
        assert!(detail.len() > 20, "no reason that helps: {detail}");
        detail
    }

    /// A page by GET.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Response {
        self.client
            .get(format!("{}{path}", self.address))
            .send()
            .unwrap()
    }

    /// A POST request to be completed.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.address))
    }

    /// Any request to be completed.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client
            .request(method.parse().unwrap(), format!("{}{path}", self.address))
    }

    /// Sends it the signal to stop.
    pub(crate) fn signal_stop(&self) {
        self.signal("TERM");
    }

    /// Kills it where it stands.
    pub(crate) fn signal_kill(&self) {
        self.signal("KILL");
    }

    fn signal(&self, name: &str) {
        let status = Command::new("sh")
            .args([
                "-c",
                "kill -\"$1\" \"$2\"",
                "kill",
                name,
                &self.child.id().to_string(),
            ])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Sends it the signal to stop and waits for its end.
    pub(crate) fn stop(mut self) -> Stopped {
        self.signal_stop();
        self.wait_for_its_end()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait_for_its_end(&mut self) -> Stopped {
        let deadline = Instant::now() + Duration::from_secs(30);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "the server has not stopped within 30 seconds"
            );
            std::thread::sleep(Duration::from_millis(10));
        };
        Stopped {
            status,
            err: self
                .errors
                .take()
                .expect("not stopped before")
                .join()
                .unwrap(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.errors.is_some() {
            drop(self.child.kill());
            drop(self.child.wait());
            // Shown by the test runner where the test fails.
            if let Some(errors) = self.errors.take()
                && std::thread::panicking()
            {
                eprintln!("the server said: {}", errors.join().unwrap_or_default());
            }
        }
    }
}
