//! A stand-in for the web: every provider's interface on one loopback port, each with the answer that a test gives it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use futures_util::stream;
use search::{Config, Search};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const JSON: &str = "application/json";
pub const HTML: &str = "text/html; charset=UTF-8";

/// Where each provider is asked.
pub const TAVILY: &str = "/tavily/search";
pub const SEARXNG: &str = "/searxng/search";
pub const BRAVE: &str = "/brave/res/v1/web/search";
pub const SERPER: &str = "/serper/search";
pub const INSTANT: &str = "/duckduckgo/";
pub const PAGE: &str = "/duckduckgo/html/";
pub const WIKIPEDIA: &str = "/wikipedia/w/api.php";

pub mod pages {
    pub const ARTICLE: &str = include_str!("../web/duckduckgo-article.json");
    pub const NOTHING: &str = include_str!("../web/duckduckgo-nothing.json");
    pub const RESULTS: &str = include_str!("../web/duckduckgo-results.html");
    pub const EMPTY: &str = include_str!("../web/duckduckgo-empty.html");
    pub const CHALLENGE: &str = include_str!("../web/duckduckgo-challenge.html");
    pub const TAVILY: &str = include_str!("../web/tavily.json");
    pub const SEARXNG: &str = include_str!("../web/searxng.json");
    pub const SEARXNG_NOTHING: &str = include_str!("../web/searxng-nothing.json");
    pub const SEARXNG_UNRESPONSIVE: &str = include_str!("../web/searxng-unresponsive.json");
    pub const BRAVE: &str = include_str!("../web/brave.json");
    pub const SERPER: &str = include_str!("../web/serper.json");
    pub const WIKIPEDIA: &str = include_str!("../web/wikipedia.json");
    pub const WIKIPEDIA_NOTHING: &str = include_str!("../web/wikipedia-nothing.json");
}

/// What a server does when it is asked.
#[derive(Clone, Debug)]
pub enum Answer {
    Says(u16, Vec<(&'static str, String)>, Bytes),
    /// No head of an answer ever comes.
    Silent,
    /// The head comes, and then nothing.
    Stalled,
    /// It breaks off behind its first bytes.
    Broken,
}

impl Answer {
    pub fn of(status: u16, media_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", media_type.to_owned())];
        Self::Says(status, headers, body.into())
    }

    pub fn json(body: &'static str) -> Self {
        Self::of(200, JSON, body)
    }

    pub fn html(body: &'static str) -> Self {
        Self::of(200, HTML, body)
    }

    pub fn status(status: u16) -> Self {
        Self::of(status, HTML, "<html><body>no</body></html>")
    }

    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Says(status, mut headers, body) => {
                headers.push((name, value.into()));
                Self::Says(status, headers, body)
            }
            other => other,
        }
    }

    /// The challenge, with the query in its title and its fields as the service repeats it.
    pub fn challenge(status: u16) -> Self {
        Self::of(
            status,
            HTML,
            pages::CHALLENGE.replace("QUERY", "no-results result__a"),
        )
    }

    fn response(self) -> Option<Response<Body>> {
        let body = match self {
            Self::Says(status, headers, body) => {
                let response = Response::builder().status(status);
                let response = headers
                    .into_iter()
                    .fold(response, |response, (name, value)| {
                        response.header(name, value)
                    });
                return Some(response.body(Body::from(body)).unwrap());
            }
            Self::Silent => return None,
            Self::Stalled => Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()),
            Self::Broken => {
                let half = Bytes::from_static(b"{\"results\": [");
                Body::from_stream(stream::iter([Ok(half), Err(io::Error::other("gone"))]))
            }
        };
        Some(Response::new(body))
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    /// Of the address, or of the form.
    pub fields: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone, Default)]
struct Desk {
    answers: Arc<Mutex<BTreeMap<&'static str, Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The web, and the tool that searches it.
pub struct Stand {
    desk: Desk,
    search: Search,
}

impl Stand {
    /// Asks these providers, in order; all have their keys.
    pub async fn of(providers: &str) -> Self {
        Self::with(&[("SEARCH_PROVIDERS", providers)]).await
    }

    /// The same with further variables, which count before those of the stand.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let desk = Desk::default();
        let app = Router::new().fallback(answer).with_state(desk.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let find = |name: &str| {
            let set = variables.iter().find(|(known, _)| *known == name);
            let set = set.map(|(_, value)| (*value).to_owned());
            let own = match name {
                "TAVILY_API_KEY" | "BRAVE_API_KEY" | "SERPER_API_KEY" => {
                    Some(format!("secret-{name}"))
                }
                name => name
                    .strip_suffix("_URL")
                    .map(|it| format!("{address}/{}", it.to_lowercase())),
            };
            set.or(own).map(Into::into)
        };
        let search = Search::new(&Config::read(find).unwrap()).unwrap();
        let stand = Self { desk, search };
        stand.answer(INSTANT, Answer::json(pages::NOTHING));
        stand
    }

    /// Says from now on what is answered at an interface.
    pub fn answer(&self, path: &'static str, answer: Answer) {
        self.desk.answers.lock().unwrap().insert(path, answer);
    }

    /// Calls the tool, which gets so much time.
    pub async fn call(&self, arguments: Value, time_ms: u64) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now: u64 = now.as_millis().try_into().unwrap();
        let request = json!({
            "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "search",
            "arguments": arguments, "deadline_ms": now + time_ms,
            "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1,
        });
        let response = self
            .search
            .handle(serde_json::from_value(request).unwrap())
            .await;
        serde_json::to_value(response).unwrap()
    }

    pub async fn search(&self, query: &str) -> Value {
        self.call(json!({"query": query, "num_results": 5}), 60_000)
            .await
    }

    /// The requests since the last time that somebody looked.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.desk.asked.lock().unwrap())
    }

    /// Where they went.
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.asked().into_iter().map(|asked| asked.path).collect();
        paths.sort();
        paths
    }
}

async fn answer(State(desk): State<Desk>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = head.uri.path().to_owned();
    let form = head
        .headers
        .get("content-type")
        .is_some_and(|it| it == "application/x-www-form-urlencoded");
    let fields = if form {
        &body
    } else {
        head.uri.query().unwrap_or_default().as_bytes()
    };
    let asked = Asked {
        fields: form_urlencoded::parse(fields).into_owned().collect(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        headers: head.headers,
        path: path.clone(),
    };
    desk.asked.lock().unwrap().push(asked);
    let answer = desk.answers.lock().unwrap().get(&*path).cloned();
    let answer = answer.unwrap_or_else(|| Answer::status(404));
    match answer.response() {
        Some(response) => response,
        None => std::future::pending().await,
    }
}

/// A result of the tool.
pub fn found(query: &str, provider: &str, results: &Value, tried: &Value) -> Value {
    let num_results = results.as_array().unwrap().len();
    json!({"ok": true, "result": {
        "query": query, "num_results": num_results, "results": results, "provider": provider, "tried": tried,
    }})
}

/// A search that nobody has answered.
pub fn failed(code: &str, said: &str, retryable: bool) -> Value {
    let message = format!(
        "No search provider has answered: {said}. The operator can add a provider by setting TAVILY_API_KEY (a key of Tavily) or SEARXNG_URL (a SearXNG server)."
    );
    json!({"ok": false, "error": {"code": code, "message": message, "retryable": retryable}})
}
