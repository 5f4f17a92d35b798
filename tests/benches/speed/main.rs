//! How fast the product is, each time beside the least that the same work can cost through the same clients.
//!
//! `cargo bench -p tests --bench speed -- NAME`; the names stand in [`BENCHES`]. Each prints Markdown. Refuses to compare
//! with numbers of another run: product and baseline take turns in one process.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod bare;
mod cloud;
mod cold_start;
mod fake_lambda;
mod fallback;
mod growth;
mod held;
mod http_tool;
mod launch;
mod many;
mod parts;
mod report;
mod resume;
mod round;
mod schema;
mod stand;
mod start;
mod stored;
mod tokens;
mod watchers;

use std::process::ExitCode;

const BENCHES: [&str; 13] = [
    "round",
    "start",
    "tokens",
    "cold_start",
    "fallback",
    "growth",
    "http_tool",
    "many",
    "stored",
    "resume",
    "schema",
    "takeover",
    "watchers",
];

fn main() -> ExitCode {
    // Cargo itself adds `--bench`.
    let asked: Vec<_> = std::env::args()
        .skip(1)
        .filter(|it| it != "--bench")
        .collect();
    let is_known = |name: &String| name == "all" || BENCHES.contains(&&**name);
    if asked.is_empty() || !asked.iter().all(is_known) {
        eprintln!("name at least one of: {}, all", BENCHES.join(", "));
        return ExitCode::FAILURE;
    }
    report::machine();
    for name in BENCHES {
        if asked.iter().any(|it| it == name || it == "all") {
            run(name);
        }
    }
    ExitCode::SUCCESS
}

/// Each benchmark has a runtime of its own, so that nothing of one is left over in the next.
fn run(name: &'static str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async move {
        // In a task, as the product is: the thread that blocks would have to be woken from the others.
        let bench = tokio::spawn(async move {
            match name {
                "round" => round::round().await,
                "start" => start::start().await,
                "tokens" => tokens::tokens().await,
                "cold_start" => cold_start::cold_start().await,
                "fallback" => fallback::fallback().await,
                "growth" => growth::growth().await,
                "http_tool" => http_tool::http_tool().await,
                "many" => many::many().await,
                "stored" => stored::stored().await,
                "resume" => resume::resume().await,
                "schema" => schema::schema().await,
                "takeover" => resume::takeover().await,
                "watchers" => watchers::watchers().await,
                other => unreachable!("{other} is in the list of names"),
            }
        });
        bench.await.unwrap();
    });
}
