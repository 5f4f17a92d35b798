//! What a call over MCP adds to a tool's own time on loopback: `cargo bench -p mcp`.
//!
//! The tool does nothing. Beside a call, each round times one POST of the same request by a bare client, on a new connection as the call has.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "../tests/wire/client.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod client;
#[path = "../tests/wire/stand.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod stand;

use std::time::{Duration, Instant};

use serde_json::json;

use client::{PATIENT, server};
use stand::{Era, Stand, tool};

const WARM: usize = 200;
const ROUNDS: usize = 2_000;

#[tokio::main]
async fn main() {
    println!("| era | call p50 ms | p99 | bare POST p50 ms | added p50 ms |");
    println!("|---|---|---|---|---|");
    for era in [Era::Old, Era::New] {
        let stand = Stand::start(era, json!([tool("walk")])).await;
        let server = server(&stand.url);
        let bare = &client::http_client();
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "walk", "arguments": {"to": "Bern"}}});
        let arguments = request["params"]["arguments"].as_object().unwrap();
        let (mut calls, mut posts) = (Vec::new(), Vec::new());
        for round in 0..WARM + ROUNDS {
            let began = Instant::now();
            server
                .call("walk", arguments.clone(), false, PATIENT)
                .await
                .unwrap();
            let called = began.elapsed();
            let began = Instant::now();
            let answer = bare.post(&stand.url).json(&request).send().await.unwrap();
            answer.bytes().await.unwrap();
            if round >= WARM {
                calls.push(called);
                posts.push(began.elapsed());
            }
        }
        let (call, slow) = (at(&mut calls, 50), at(&mut calls, 99));
        let post = at(&mut posts, 50);
        println!(
            "| {era:?} | {call:.2} | {slow:.2} | {post:.2} | {:.2} |",
            call - post
        );
    }
}

/// The time below which so many in a hundred are, in milliseconds.
fn at(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    times[times.len() * percent / 100].as_secs_f64() * 1_000.0
}
