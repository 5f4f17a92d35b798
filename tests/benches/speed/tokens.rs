//! How many tokens a second go from the model server through the product to a client.
//!
//! The baseline is [`bare`]. Both answer on threads of their own, beside the model server and the clients.

use std::convert::Infallible;
use std::iter::repeat_n;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;

use crate::bare;
use crate::parts::{self, Apart};
use crate::report::{self, SPREAD, Samples, ms, number};
use crate::stand::{START, Stand};

/// Deltas of a reply.
const LENGTH: usize = 20_000;
/// Deltas of a short one and of one that is four times as long, to see how memory grows.
const LENGTHS: [usize; 2] = [10_000, 40_000];
const TOKEN: &str = "token ";
const WARM_UPS: usize = 2;
/// Runs at once, and pairs of measurements.
const LOADS: [(usize, usize); 2] = [(1, 15), (32, 5)];
/// Throughput that the product must keep.
const LEAST: f64 = 0.7;

pub async fn tokens() {
    let stand = &stand().await;
    let product = Side::start("product", stand.product()).await;
    let baseline = Side::start("bare", bare::router(&stand.models)).await;
    for (at_once, pairs) in LOADS {
        let (mut mine, mut other) = <(Measured, Measured)>::default();
        let mut ratio = Samples::default();
        for pair in 0..WARM_UPS + pairs {
            let first = product.pass(&stand.http, at_once).await;
            let second = baseline.pass(&stand.http, at_once).await;
            if pair >= WARM_UPS {
                mine.add(first);
                other.add(second);
                ratio.add(first.0 / second.0);
            }
            stand.models.record.take();
            stand.table.record.take();
        }
        let rows = [
            mine.throughput.row("product: 1,000 tokens/s", 0),
            other.throughput.row("bare handler: 1,000 tokens/s", 0),
            ratio.row("ratio of each pair", 2),
            mine.spent.row("product: µs of processor time a token", 2),
            other
                .spent
                .row("bare handler: µs of processor time a token", 2),
        ];
        let title = format!("Tokens: {at_once} at once, {LENGTH} deltas each, {pairs} pairs");
        report::table(&title, &SPREAD, &rows);
        let ratio = ratio.median();
        let what = format!("at least {LEAST} × the throughput of the bare handler");
        report::goal(&what, ratio >= LEAST, &format!("median ratio {ratio:.2}"));
    }
    as_model(stand, &product).await;
    memory(stand, &product.address).await;
    shape(&stand.http, &product.address).await;
}

/// The same run asked for by chat completions, beside the page's own stream of the same product: tokens a second, and the time until the
/// first byte.
async fn as_model(stand: &Stand, product: &Side) {
    let page = &product.address;
    let address = page.replace(START, "/v1/chat/completions");
    let (mut mine, mut other, mut ratio) = <(Samples, Samples, Samples)>::default();
    let (mut first_mine, mut first_other, mut first_ratio) =
        <(Samples, Samples, Samples)>::default();
    let pairs = LOADS[0].1;
    for pair in 0..WARM_UPS + pairs {
        let (of_model, first_of_model) = paced(chat(&stand.http, &address, LENGTH)).await;
        let (of_page, first_of_page) = paced(ask(&stand.http, page, LENGTH)).await;
        if pair >= WARM_UPS {
            mine.add(of_model / 1000.0);
            other.add(of_page / 1000.0);
            ratio.add(of_model / of_page);
            first_mine.add(first_of_model);
            first_other.add(first_of_page);
            first_ratio.add(first_of_model / first_of_page);
        }
        stand.models.record.take();
        stand.table.record.take();
    }
    let rows = [
        mine.row("chat completions: 1,000 tokens/s", 0),
        other.row("page: 1,000 tokens/s", 0),
        ratio.row("ratio of each pair", 2),
        first_mine.row("chat completions: ms to the first byte", 2),
        first_other.row("page: ms to the first byte", 2),
        first_ratio.row("ratio of each pair", 2),
    ];
    let title = format!("Tokens by chat completions: {LENGTH} deltas, {pairs} pairs");
    report::table(&title, &SPREAD, &rows);
    let (ratio, first) = (ratio.median(), first_ratio.median());
    let is_met = ratio >= 0.9 && first <= 1.1;
    let found = format!("median ratios {ratio:.2} and {first:.2}");
    report::goal(
        "tokens a second and first byte within 10 % of the page's stream",
        is_met,
        &found,
    );
}

/// Tokens a second of one answer, and milliseconds to its first byte.
async fn paced(asked: impl Future<Output = reqwest::Response>) -> (f64, f64) {
    let began = Instant::now();
    let mut response = asked.await;
    let mut first = None;
    while let Some(chunk) = response.chunk().await.unwrap() {
        if !chunk.is_empty() {
            first.get_or_insert_with(|| ms(began.elapsed()));
        }
    }
    let throughput = number(LENGTH) / began.elapsed().as_secs_f64();
    (throughput, first.unwrap())
}

async fn chat(http: &reqwest::Client, address: &str, length: usize) -> reqwest::Response {
    // An equal request would first look whether it is a repeat.
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let user = ASKED.fetch_add(1, Ordering::Relaxed).to_string();
    let messages = json!([{"role": "user", "content": length.to_string()}]);
    let body = json!({"model": "orchestrator", "stream": true, "max_rounds": 2, "user": user, "messages": messages});
    let response = http.post(address).json(&body).send().await.unwrap();
    response.error_for_status().unwrap()
}

/// One of the two servers, on threads of its own.
struct Side {
    threads: Apart,
    address: String,
}

impl Side {
    async fn start(name: &'static str, router: Router) -> Self {
        let threads = Apart::new(name);
        let address = threads.serve(router).await + START;
        Self { threads, address }
    }

    /// Tokens a second, and microseconds of processor time a token.
    async fn pass(&self, http: &reqwest::Client, at_once: usize) -> (f64, f64) {
        let before = self.threads.spent();
        let throughput = throughput(http, &self.address, at_once, LENGTH).await;
        let spent = ms(self.threads.spent().saturating_sub(before)) * 1000.0;
        (throughput, spent / number(at_once * LENGTH))
    }
}

#[derive(Default)]
struct Measured {
    throughput: Samples,
    spent: Samples,
}

impl Measured {
    fn add(&mut self, (throughput, spent): (f64, f64)) {
        self.throughput.add(throughput / 1000.0);
        self.spent.add(spent);
    }
}

/// Resident memory while replies of two lengths pass.
async fn memory(stand: &Stand, product: &str) {
    let mut rows = Vec::new();
    for (at_once, _) in LOADS {
        for length in LENGTHS {
            let (mut now, mut peak) = <(Samples, Samples)>::default();
            for _ in 0..3 {
                report::forget_peak();
                throughput(&stand.http, product, at_once, length).await;
                let (resident, highest) = report::memory_mb();
                now.add(resident);
                peak.add(highest);
                stand.models.record.take();
                stand.table.record.take();
            }
            rows.push(vec![
                at_once.to_string(),
                length.to_string(),
                format!("{:.1}", peak.median()),
                format!("{:.1}", now.median()),
            ]);
        }
    }
    let title =
        "Memory while tokens pass: MB of the whole process, model server and client included";
    report::table(title, &["at once", "deltas each", "peak", "after"], &rows);
}

/// How the text of one run reached its client.
async fn shape(http: &reqwest::Client, product: &str) {
    let response = ask(http, product, LENGTH).await;
    let text = response.text().await.unwrap();
    let (mut live, mut stored, mut text_bytes) = (0, 0, 0);
    for frame in text.split("\n\n") {
        if let Some(json) = frame.strip_prefix("data: {\"event\":\"delta\"") {
            live += 1;
            text_bytes += json.matches(TOKEN).count() * TOKEN.len();
        } else if frame.contains("data: {\"event\":\"delta\"") {
            stored += 1;
        }
    }
    println!(
        "One run: {live} live delta frames with {text_bytes} of {} bytes of text, {stored} frames of stored text.",
        LENGTH * TOKEN.len()
    );
}

async fn stand() -> Stand {
    let models = parts::model_server(|request| {
        let request: Asked = serde_json::from_slice(request).unwrap();
        let length = request.messages.last().unwrap().content.parse().unwrap();
        let delta = Bytes::from(parts::frame(&json!({"content": TOKEN})));
        let deltas = stream::iter(repeat_n(delta, length));
        let end = stream::iter([Bytes::from(parts::end("stop"))]);
        Body::from_stream(deltas.chain(end).map(Ok::<_, Infallible>))
    });
    Stand::start(models.await).await
}

/// What the model server reads of a request: the question is the length of the reply.
#[derive(Deserialize)]
struct Asked {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

/// Tokens a second of `at_once` requests, from the first byte sent to the last one read.
async fn throughput(http: &reqwest::Client, address: &str, at_once: usize, length: usize) -> f64 {
    let began = Instant::now();
    let readers =
        (0..at_once).map(|_| tokio::spawn(read(http.clone(), address.to_owned(), length)));
    for reader in join_all(readers).await {
        reader.unwrap();
    }
    number(at_once * length) / began.elapsed().as_secs_f64()
}

async fn read(http: reqwest::Client, address: String, length: usize) {
    let mut response = ask(&http, &address, length).await;
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes += chunk.len();
    }
    assert!(bytes > length * TOKEN.len(), "only {bytes} bytes came");
}

async fn ask(http: &reqwest::Client, address: &str, length: usize) -> reqwest::Response {
    // In its last round the product says so: with two rounds it asks the question alone.
    let body = json!({"query": length.to_string(), "max_rounds": 2});
    let response = http.post(address).json(&body).send().await.unwrap();
    response.error_for_status().unwrap()
}
