//! A web that stands in for the internet: names, their public addresses, and one server that answers for all of them.
//!
//! The reader resolves, judges and connects as it does everywhere; only the way to a public address leads to this machine.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use futures_util::FutureExt as _;
use read_url::{Config, Network, Reader};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What a server says to a request.
pub type Answer = Arc<dyn Fn() -> Response<Body> + Send + Sync>;

/// An internet of some pages.
#[derive(Clone, Default)]
pub struct Web {
    /// By address without scheme: `example.org/page?q`.
    answers: BTreeMap<String, Answer>,
    /// Addresses of names, one list after another, the last one always again; other names have a public one.
    names: Arc<Mutex<BTreeMap<String, Vec<Vec<IpAddr>>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    resolved: Arc<Mutex<Vec<String>>>,
    headers: Arc<Mutex<Vec<HeaderMap>>>,
    connected: Arc<Mutex<Vec<IpAddr>>>,
}

pub const HTML: &str = "text/html; charset=utf-8";

/// Any public address: each of them leads to the stand-in.
pub const PUBLIC: &str = "93.184.216.34";

impl Web {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with(
        mut self,
        address: &str,
        answer: impl Fn() -> Response<Body> + Send + Sync + 'static,
    ) -> Self {
        self.answers.insert(address.to_owned(), Arc::new(answer));
        self
    }

    /// A page, found.
    pub fn page(self, address: &str, media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.with(address, move || {
            respond(200, &[("content-type", media_type)], body.clone())
        })
    }

    /// An answer that sends on.
    pub fn redirect(self, address: &str, status: u16, location: &str) -> Self {
        let location = location.to_owned();
        self.with(address, move || {
            respond(status, &[("location", &location)], "moved")
        })
    }

    /// What a name resolves to, each time it is asked for.
    pub fn name(self, name: &str, answers: &[&[&str]]) -> Self {
        let parsed = answers.iter().map(|list| {
            list.iter()
                .map(|address| address.parse().unwrap())
                .collect()
        });
        self.names
            .lock()
            .unwrap()
            .insert(name.to_owned(), parsed.rev().collect());
        self
    }

    /// Requests that arrived, as `example.org/path`, those for `robots.txt` left out.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap().clone();
        asked
            .into_iter()
            .filter(|asked| !asked.ends_with("/robots.txt"))
            .collect()
    }

    pub fn asked_for_rules(&self) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| asked.ends_with("/robots.txt"))
            .count()
    }

    pub fn resolved(&self) -> Vec<String> {
        self.resolved.lock().unwrap().clone()
    }

    /// Addresses that were to be connected to.
    pub fn connected(&self) -> Vec<String> {
        self.connected
            .lock()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    pub fn headers(&self) -> Vec<HeaderMap> {
        self.headers.lock().unwrap().clone()
    }

    pub async fn network(&self) -> Network {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stand_in = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let (web, connected) = (self.clone(), Arc::clone(&self.connected));
        let lookup = move |name: String| {
            let found = web.lookup(&name);
            async move { found }.boxed()
        };
        Network::routed(lookup, move |address: IpAddr| {
            connected.lock().unwrap().push(address);
            SocketAddr::new(stand_in.ip(), stand_in.port())
        })
    }

    fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.resolved.lock().unwrap().push(name.to_owned());
        let mut names = self.names.lock().unwrap();
        let Some(answers) = names.get_mut(name.trim_end_matches('.')) else {
            return Ok(vec![PUBLIC.parse().unwrap()]);
        };
        let now = answers.last().unwrap().clone();
        if answers.len() > 1 {
            answers.pop();
        }
        if now.is_empty() {
            return Err(io::Error::other("no such name"));
        }
        Ok(now)
    }

    pub async fn reader(&self) -> Reader {
        Reader::new(Config::new(self.network().await)).unwrap()
    }

    /// What a new reader gives for an address.
    pub async fn read(&self, url: &str) -> Value {
        call(&self.reader().await, url, 60_000).await
    }
}

async fn answer(State(web): State<Web>, request: Request) -> Response<Body> {
    let host = request.headers()["host"].to_str().unwrap().to_owned();
    let path = request.uri().path_and_query().unwrap().as_str();
    let address = format!("{host}{path}");
    web.asked.lock().unwrap().push(address.clone());
    if path != "/robots.txt" {
        web.headers.lock().unwrap().push(request.headers().clone());
    }
    match web.answers.get(&address) {
        Some(answer) => answer(),
        None => respond(404, &[("content-type", "text/html")], "<h1>Not found</h1>"),
    }
}

pub fn respond(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, value.as_bytes());
    }
    response.body(body.into()).unwrap()
}

pub async fn call(reader: &Reader, url: &str, time_ms: u64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let request = json!({
        "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "read_url",
        "arguments": {"url": url}, "deadline_ms": u64::try_from(now.as_millis()).unwrap() + time_ms,
        "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1,
    });
    let response = reader
        .handle(serde_json::from_value(request).unwrap())
        .await;
    serde_json::to_value(response).unwrap()
}

pub fn failed(code: &str, message: &str, retryable: bool) -> Value {
    json!({"ok": false, "error": {"code": code, "message": message, "retryable": retryable}})
}

/// What is told of a text without links.
pub fn read(url: &str, title: &str, text: &str) -> Value {
    json!({"ok": true, "result": {"url": url, "title": title, "text": text, "links": [], "truncated": false}})
}
