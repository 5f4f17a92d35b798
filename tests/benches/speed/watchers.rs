//! Many watchers of many runs in the whole local stack, which shares its process with the clients and the model server.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tests::stack::Setup;
use tokio::time::sleep;

use crate::parts;
use crate::report;
use crate::stand::START;

const RUNS: usize = 50;
const WATCHERS_A_RUN: usize = 10;
/// Pieces of a run's answer, and the pause before each.
const PIECES: usize = 200;
const PAUSE: Duration = Duration::from_millis(25);
const PIECE: &str = "token ";
/// Resident memory that all of it may take.
const MOST_MB: f64 = 300.0;

pub async fn watchers() {
    let models = parts::model_server(|_| slowly()).await;
    let setup = Setup::new().model("qwen", &models.address);
    let stack = setup.lease(Duration::from_mins(30)).start().await;
    let address = &stack.client.address;
    let http = host::http::direct_client().unwrap();
    let (before, _) = report::memory_mb();
    report::forget_peak();
    let mut streams = Vec::new();
    for _ in 0..RUNS {
        let question = http.post(format!("{address}{START}"));
        let question = question.json(&json!({"query": "How many are there?"}));
        let response = question.send().await.unwrap().error_for_status().unwrap();
        let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
        streams.push(tokio::spawn(read(response)));
        for _ in 0..WATCHERS_A_RUN {
            let events = http.get(format!("{address}/api/runs/{run_id}/events"));
            streams.push(tokio::spawn(async move {
                read(events.send().await.unwrap().error_for_status().unwrap()).await
            }));
        }
    }
    let seen = join_all(streams).await;
    let (_, peak) = report::memory_mb();
    let whole = seen.iter().filter(|it| it.as_ref().unwrap().is_whole());
    let (count, whole) = (seen.len(), whole.count());
    let rows = [vec![
        count.to_string(),
        whole.to_string(),
        format!("{before:.0}"),
        format!("{peak:.0}"),
    ]];
    let columns = ["streams", "of them whole", "MB before", "MB at most"];
    let title =
        format!("Watchers: {RUNS} live runs, each with its asker and {WATCHERS_A_RUN} watchers");
    report::table(&title, &columns, &rows);
    let found = format!("{whole} of {count}");
    report::goal("every watcher sees every event", whole == count, &found);
    let what = format!("at most {MOST_MB} MB for the whole process");
    report::goal(&what, peak <= MOST_MB, &format!("{peak:.0} MB"));
}

/// An answer that takes its time.
fn slowly() -> Body {
    let token = Bytes::from(parts::frame(&json!({"content": PIECE})));
    let pieces = stream::iter(0..PIECES).then(move |_| {
        let token = token.clone();
        async {
            sleep(PAUSE).await;
            Ok::<_, Infallible>(token)
        }
    });
    let end = stream::iter([Ok(Bytes::from(parts::end("stop")))]);
    Body::from_stream(pieces.chain(end))
}

/// What one stream brought.
#[derive(Default)]
struct Seen {
    ids: Vec<u64>,
    /// Pieces of the answer by their offset.
    text: BTreeMap<u64, String>,
    last: String,
}

impl Seen {
    /// Whether ids count from 1 to the end of the run and the text has no gap.
    fn is_whole(&self) -> bool {
        let mut end = 0;
        for (offset, piece) in &self.text {
            if *offset > end {
                return false;
            }
            end = end.max(offset + piece.len() as u64);
        }
        let is_gapless = (1..).zip(&self.ids).all(|(expected, id)| expected == *id);
        is_gapless && self.last == "complete" && end == (PIECES * PIECE.len()) as u64
    }
}

async fn read(mut response: reqwest::Response) -> Seen {
    let mut seen = Seen::default();
    let mut unread = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        unread.extend_from_slice(&chunk);
        while let Some(end) = unread.windows(2).position(|it| it == b"\n\n") {
            let block: Vec<u8> = unread.drain(..end + 2).collect();
            ingest(&mut seen, std::str::from_utf8(&block).unwrap());
        }
    }
    seen
}

fn ingest(seen: &mut Seen, block: &str) {
    for line in block.lines() {
        if let Some(id) = line.strip_prefix("id: ") {
            seen.ids.push(id.parse().unwrap());
        } else if let Some(data) = line.strip_prefix("data: ") {
            let data: Value = serde_json::from_str(data).unwrap();
            data["event"].as_str().unwrap().clone_into(&mut seen.last);
            if seen.last == "delta" {
                let offset = data["offset"].as_u64().unwrap();
                let content = data["content"].as_str().unwrap().to_owned();
                let longer = seen
                    .text
                    .get(&offset)
                    .is_none_or(|known| known.len() < content.len());
                if longer {
                    seen.text.insert(offset, content);
                }
            }
        }
    }
}
