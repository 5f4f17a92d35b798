//! The hostile programs where the kernel holds them.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hostile;
mod kit;

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use hostile::{PROGRAMS, Program, faults};
use kit::Bench;
use serde_json::json;

/// Programs at once: more than cores, so that they are in each other's way.
const AT_ONCE: usize = 4;
/// What the machine may take beyond a program's own time, with others beside it.
const WATCHDOG: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_program_ends_as_it_must_and_spoils_nothing() {
    let bench = Bench::new();
    let failed: Vec<String> = stream::iter(PROGRAMS)
        .map(|program| run(&bench, program))
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(bench.left(), 0);
    // The launcher and the zygote.
    assert_eq!(bench.living(), 2);
}

/// What is wrong with what became of a program.
async fn run(bench: &Bench, program: &Program) -> Option<String> {
    let begun = Instant::now();
    let response = bench.respond(program.arguments(), 60_000).await;
    let mut wrong = faults(&response, program.strict);
    if begun.elapsed() > Duration::from_secs(program.seconds) + WATCHDOG {
        wrong.push(format!("it took {:?}", begun.elapsed()));
    }
    if response["result"]["isolation"] != "strict" {
        wrong.push("it was not isolated".to_owned());
    }
    if let Some((code, value)) = program.next {
        let next = bench.respond(json!({"code": code}), 60_000).await;
        if next["result"]["value"].as_str().unwrap_or_default() != value {
            wrong.push(format!("then {next}"));
        }
    }
    let told = response.to_string();
    let told: String = told.chars().take(1500).collect();
    let Program { number, name, .. } = program;
    (!wrong.is_empty()).then(|| format!("{number} {name}: {}: {told}", wrong.join(", ")))
}
