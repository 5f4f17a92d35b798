//! Requests to every route, as bytes: by the grammar of HTTP and of the interface, and against it.

use std::sync::Mutex;

use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::json::{damage, deep, mutate, text, value};
use super::{Figures, Plan, Pulse, honest, random, side_by_side};
use crate::client::send;
use crate::duckduckgo::{DuckDuckGo, article};
use crate::laws;
use crate::loopback::Served;
use crate::script::says;
use crate::stack::Setup;
use crate::stream::take_frames;
use crate::wait::within;

const START: &str = "/api/chat/orchestrator/stream";
/// Bytes of a response that are read.
const MAX_READ_BYTES: usize = 16 << 20;
/// Codes of the interface with their statuses.
const CODES: [(&str, u16); 11] = [
    ("invalid_request", 400),
    ("unauthorized", 401),
    ("budget_exceeded", 402),
    ("forbidden", 403),
    ("not_found", 404),
    ("method_not_allowed", 405),
    ("conflict", 409),
    ("too_large", 413),
    ("unsupported_media_type", 415),
    ("rate_limited", 429),
    ("unavailable", 503),
];
/// What the HTTP library refuses by itself, without a body.
const UNREAD: [u16; 3] = [400, 414, 431];

/// Which runs there are.
struct Runs {
    honest: watch::Receiver<String>,
    /// Those that cases have started, and that have ended.
    spent: Mutex<Vec<String>>,
}

/// A request as it is sent.
struct Sent {
    bytes: Vec<u8>,
    /// It says that more would come than does.
    is_open: bool,
    /// Its stream may be the honest run's, which does not end before the cases do.
    may_go_on: bool,
}

pub(super) async fn carry_out(plan: Plan) -> Figures {
    let pulse = Pulse::default();
    let models = Served::start(honest::models(&pulse, |_| says("Yes."))).await;
    let search =
        DuckDuckGo::saying(&article("Six", "Six times seven.", "https://example.org")).await;
    let stack = Setup::with_models_at(&models.address).search(&search);
    let stack = stack.start().await;
    let now = watch::Sender::new(String::new());
    let runs = Runs {
        honest: now.subscribe(),
        spent: Mutex::default(),
    };
    let host = stack
        .client
        .address
        .trim_start_matches("http://")
        .to_owned();
    let case = async |number: u64| {
        let mut random = random(plan.seed, number);
        let sent = request(&mut random, &runs, &host);
        let cut = random
            .random_bool(0.03)
            .then(|| random.random_range(0..sent.bytes.len()));
        let Some(response) = exchange(&host, &sent, cut).await else {
            return "left".to_owned();
        };
        let judged = judge(&response, &runs);
        let outcome = judged.unwrap_or_else(|fault| {
            let [sent, response] = [&sent.bytes, &response].map(|it| String::from_utf8_lossy(it));
            let [sent, response] =
                [&sent, &response].map(|it| it.chars().take(3000).collect::<String>());
            panic!("{fault}\n--- sent\n{sent}\n--- answered\n{response}")
        });
        if number.is_multiple_of(64) {
            tidy(&runs, &stack.client, &outcome).await;
        }
        outcome
    };
    side_by_side(
        plan,
        &pulse,
        honest::runs(&stack.client, &pulse, &now),
        case,
    )
    .await
}

/// Holds that the service still answers, and forgets the oldest runs.
async fn tidy(runs: &Runs, client: &crate::client::Client, before: &str) {
    let health = client.get("/health").await;
    assert_eq!(health.status(), 200, "after {before}");
    let old: Vec<String> = {
        let mut spent = runs.spent.lock().unwrap();
        let surplus = spent.len().saturating_sub(20);
        spent.drain(..surplus).collect()
    };
    for run_id in old {
        let path = format!("/api/runs/{run_id}");
        let deleted = send(client.request(Method::DELETE, &path)).await;
        assert!([204, 404].contains(&deleted.status().as_u16()));
    }
}

fn request(random: &mut impl Rng, runs: &Runs, host: &str) -> Sent {
    let (mut method, mut target, mut may_go_on) = place(random, runs);
    let mut body = Vec::new();
    let mut headers = vec![("host".to_owned(), host.to_owned())];
    if method == "POST" || random.random_bool(0.05) {
        body = start_body(random);
        let types = [
            "text/plain",
            "application/json; charset=utf-16",
            "application/jsonx",
            "",
        ];
        let media_type = match random.random_range(0..20) {
            0 => types.choose(random).unwrap(),
            _ => "application/json",
        };
        headers.push(("content-type".to_owned(), media_type.to_owned()));
        if random.random_bool(0.1) {
            let key = random.random_range(0..4).to_string();
            headers.push(("idempotency-key".to_owned(), key));
        }
    }
    if random.random_bool(0.05) {
        let odd = [
            "PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "get", "G T", "", "DELETED",
        ];
        (*odd.choose(random).unwrap()).clone_into(&mut method);
        may_go_on = true;
    }
    if random.random_bool(0.05) {
        let others = ["evil.example", host, "", "127.0.0.1", "a@b", "[::1"];
        let other = others.choose(random).unwrap();
        target = format!("http://{other}{target}");
    }
    for _ in 0..random.random_range(0..3) {
        headers.push(header(random, host));
    }
    let mut is_open = false;
    let length = match random.random_range(0..40) {
        0 => {
            is_open = true;
            Some(format!("{}", body.len() + 10))
        }
        1 => Some(text(random)),
        2 => Some("18446744073709551616".to_owned()),
        3 => {
            let chunked = ["5\r\n", "zz\r\n", "0\r\n\r\n", "ffffffffffffffff1\r\n"]
                .choose(random)
                .unwrap();
            body.splice(0..0, chunked.bytes());
            headers.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
            is_open = true;
            None
        }
        _ if body.is_empty() => None,
        _ => Some(body.len().to_string()),
    };
    headers.extend(length.map(|length| ("content-length".to_owned(), length)));
    headers.push(("connection".to_owned(), "close".to_owned()));
    let mut bytes = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if random.random_bool(0.05) {
        damage(random, &mut bytes);
        is_open = true;
    }
    bytes.extend_from_slice(&body);
    Sent {
        bytes,
        is_open,
        may_go_on,
    }
}

/// Method and target; and whether it may be a stream that goes on.
fn place(random: &mut impl Rng, runs: &Runs) -> (String, String, bool) {
    let honest = runs.honest.borrow().clone();
    // Drawn whether there is one to choose or not: a case that is tried alone is then the same.
    let drawn = random.random_range(0..usize::MAX);
    let spent = {
        let spent = runs.spent.lock().unwrap();
        spent
            .get(drawn.checked_rem(spent.len()).unwrap_or(0))
            .cloned()
    };
    let own = spent.unwrap_or_else(|| "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned());
    let any = |random: &mut _| encoded(&text(random));
    let (method, path) = match random.random_range(0..16) {
        0..4 => ("POST", START.to_owned()),
        4 => ("GET", "/api/runs".to_owned()),
        5 => ("GET", format!("/api/runs/{honest}")),
        6 => ("GET", format!("/api/runs/{own}")),
        7 => ("GET", format!("/api/runs/{own}/events")),
        8 => ("GET", format!("/api/runs/{honest}/events")),
        9 => (
            "GET",
            format!("/api/runs/{honest}/artifacts/{}", any(random)),
        ),
        10 => ("POST", format!("/api/runs/{own}/cancel")),
        11 => ("DELETE", format!("/api/runs/{own}")),
        12 => (
            "GET",
            ["/health", "/api/config", "/", "/orchestrator"]
                .choose(random)
                .unwrap()
                .to_string(),
        ),
        13 => ("GET", format!("/static/{}", any(random))),
        14 => ("GET", format!("/api/runs/{}/events", any(random))),
        _ => ("GET", format!("/{}", any(random))),
    };
    let mut target = path.clone();
    for place in 0..random.random_range(0..3) {
        let name = ["after", "limit", "cursor", "version", "q"]
            .choose(random)
            .unwrap();
        let value = match random.random_range(0..3) {
            0 => random.random_range(-1..30).to_string(),
            1 => any(random),
            _ => text(random).replace([' ', '\r', '\n', '\0'], ""),
        };
        let mark = if place == 0 { '?' } else { '&' };
        target = format!("{target}{mark}{name}={value}");
    }
    let is_honest = path.contains(&honest) && !honest.is_empty();
    (method.to_owned(), target, is_honest)
}

fn encoded(text: &str) -> String {
    let bytes = text.bytes().take(3000).map(|byte| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'%' => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    });
    bytes.collect()
}

fn header(random: &mut impl Rng, host: &str) -> (String, String) {
    let names = [
        "host",
        "origin",
        "sec-fetch-site",
        "sec-fetch-mode",
        "content-type",
        "last-event-id",
        "idempotency-key",
        "authorization",
        "accept",
        "accept-encoding",
        "expect",
        "upgrade",
        "x-a",
        "cookie",
        "range",
        "if-none-match",
        "x-forwarded-host",
        "content-encoding",
        "te",
    ];
    let origin = format!("http://{host}");
    let values = [
        "",
        "null",
        "cross-site",
        "same-origin",
        "navigate",
        "application/json",
        "application/json; charset=utf-16",
        "text/plain",
        "1",
        "-1",
        "99999999999999999999",
        "Bearer x",
        "100-continue",
        "websocket",
        "gzip",
        "bytes=0-1",
        "*",
        &origin,
    ];
    let name = (*names.choose(random).unwrap()).to_owned();
    let value = match random.random_range(0..4) {
        0 => text(random)
            .replace(['\r', '\n'], " ")
            .chars()
            .take(2000)
            .collect(),
        _ => (*values.choose(random).unwrap()).to_owned(),
    };
    (name, value)
}

/// A start that is right, or nearly.
fn start_body(random: &mut impl Rng) -> Vec<u8> {
    let mut body = json!({
        "query": "Go", "max_rounds": 2, "temperature": 0.5, "max_tokens": 64,
        "preferences": {"priority": "cost", "models": ["qwen"], "tools": {"deny": ["search"]}, "instructions": "Be brief."},
    });
    if random.random_bool(0.2) {
        body["query"] = text(random).into();
    }
    if random.random_bool(0.1) {
        body["previous_run_id"] = text(random).into();
    }
    let mut bytes = match random.random_range(0..12) {
        0..4 => body.to_string().into_bytes(),
        4..9 => {
            mutate(random, &mut body);
            body.to_string().into_bytes()
        }
        9 => value(random, 3).to_string().into_bytes(),
        10 => deep(random.random_range(1..100_000)).into_bytes(),
        _ => {
            let length = random.random_range(1_000_000..1_100_000);
            format!("{{\"query\":\"{}\"}}", "x".repeat(length)).into_bytes()
        }
    };
    if random.random_bool(0.1) {
        damage(random, &mut bytes);
    }
    bytes
}

/// Sends a request and reads what comes; `None` where the client leaves after `cut` bytes.
async fn exchange(host: &str, sent: &Sent, cut: Option<usize>) -> Option<Vec<u8>> {
    within("a response to bytes", async {
        let mut stream = TcpStream::connect(host).await.unwrap();
        if let Some(cut) = cut {
            // Who leaves does not care what became of it.
            let _left = stream.write_all(&sent.bytes[..cut]).await;
            return None;
        }
        let (mut reader, mut writer) = stream.split();
        let write = async {
            // A request that is refused early is not read to its end.
            let _refused = writer.write_all(&sent.bytes).await;
            if sent.is_open {
                let _closed = writer.shutdown().await;
            }
        };
        let read = async {
            let mut response = Vec::new();
            let mut part = vec![0; 1 << 16];
            while let Ok(1..) = reader
                .read(&mut part)
                .await
                .inspect(|&count| response.extend_from_slice(&part[..count]))
            {
                let is_stream = response.windows(17).any(|it| it == b"text/event-stream");
                if is_stream && sent.may_go_on || response.len() > MAX_READ_BYTES {
                    break;
                }
            }
            response
        };
        Some(tokio::join!(write, read).1)
    })
    .await
}

/// The outcome of a response, or what is wrong with it.
fn judge(response: &[u8], runs: &Runs) -> Result<String, String> {
    if response.is_empty() {
        return Ok("closed".to_owned());
    }
    let end = response
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .ok_or("no head")?;
    let head = std::str::from_utf8(&response[..end]).map_err(|_| "the head is no text")?;
    let head = head.to_ascii_lowercase();
    let body = &response[end + 4..];
    let status: u16 = head
        .split(' ')
        .nth(1)
        .and_then(|it| it.parse().ok())
        .ok_or("no status")?;
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value.to_owned())
            .next()
    };
    // What stands behind a body of its own length is read as another request, and answered so.
    let length = header("content-length").and_then(|it| it.parse().ok());
    let (body, more) = body.split_at(body.len().min(length.unwrap_or(body.len())));
    if !more.is_empty() {
        judge(more, runs)?;
    }
    if head.contains("x-evil") {
        return Err("a header that a request put in".to_owned());
    }
    if status == 100 {
        return Ok("100".to_owned());
    }
    let media_type = header("content-type").unwrap_or_default();
    if UNREAD.contains(&status) && media_type.is_empty() {
        return Ok(format!("{status}, unread"));
    }
    for (name, wanted) in [("x-content-type-options", "nosniff")] {
        if header(name).as_deref() != Some(wanted) {
            return Err(format!("{name} is not {wanted}"));
        }
    }
    if header("cache-control").is_none() {
        return Err("nothing is said of caches".to_owned());
    }
    if media_type.starts_with("text/event-stream") && status == 200 {
        return judge_stream(body, &header("x-run-id").unwrap_or_default(), runs);
    }
    match status {
        200 | 202 | 204 => Ok(status.to_string()),
        _ if body.is_empty() => Ok(format!("{status} to a head")),
        _ => {
            let said: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            let code = said["error"]["code"].as_str().unwrap_or_default();
            let fits = CODES.contains(&(code, status));
            let has_words = said["error"]["message"]
                .as_str()
                .is_some_and(|it| !it.is_empty());
            if fits && has_words && body.len() < 10_000 {
                Ok(format!("{status} {code}"))
            } else {
                Err(format!("an error outside the contract: {status}"))
            }
        }
    }
}

/// Holds the frames to the laws, where they are a whole run's.
fn judge_stream(body: &[u8], run_id: &str, runs: &Runs) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.windows(2).position(|it| it == b"\r\n") {
        let size = std::str::from_utf8(&rest[..at]).unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(|_| "no size of a chunk")?;
        let Some(chunk) = rest.get(at + 2..at + 2 + size) else {
            break;
        };
        bytes.extend_from_slice(chunk);
        rest = rest.get(at + 4 + size..).unwrap_or_default();
    }
    let frames = take_frames(&mut bytes);
    let ids: Vec<u64> = frames.iter().filter_map(|frame| frame.id).collect();
    if ids.windows(2).any(|pair| pair[1] != pair[0] + 1) {
        return Err(format!("ids have gaps: {ids:?}"));
    }
    let [Some(first), Some(last)] = [frames.first(), frames.last()] else {
        return Ok("a stream's head".to_owned());
    };
    if first.event() == "start" && last.event() == "complete" {
        laws::check(&frames);
        if !run_id.is_empty() {
            let id = run_id.to_ascii_uppercase();
            runs.spent.lock().unwrap().push(id);
        }
        return Ok(format!("a run: {}", last.data["summary"]["status"]));
    }
    Ok("a part of a run".to_owned())
}
