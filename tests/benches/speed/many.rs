//! Many runs at once in the whole local stack, as `cargo run` starts it: page, table on a file, tools and drivers in one
//! process, beside the model server, the search service and the clients of the benchmark.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::stack::Setup;

use crate::parts;
use crate::report::{self, Samples, ms, number};
use crate::stand::START;

/// Rounds that search, before the one that answers.
const ROUNDS: usize = 4;
/// Runs at once, and how often.
const LOADS: [(usize, usize); 4] = [(1, 100), (10, 20), (100, 4), (500, 3)];

pub async fn many() {
    let arguments = json!({"query": "How many are there?"});
    let models = parts::model_server(parts::calling("search", &arguments, ROUNDS)).await;
    let found = article("Seven", "There are seven.", "https://example.org/seven");
    let search = DuckDuckGo::saying(&found).await;
    let setup = Setup::new().model("qwen", &models.address).search(&search);
    let stack = setup.lease(Duration::from_mins(30)).start().await;
    let url = format!("{}{START}", stack.client.address);
    let http = host::http::direct_client().unwrap();
    for _ in 0..20 {
        follow(http.clone(), url.clone()).await;
    }
    let mut rows = Vec::new();
    for (at_once, times) in LOADS {
        let mut load = Load::default();
        report::forget_peak();
        for _ in 0..times {
            load.run(&http, &url, at_once).await;
            models.record.take();
        }
        rows.push(load.row(at_once));
    }
    let columns = [
        "at once",
        "runs/s",
        "rounds/s",
        "first event p50",
        "p99",
        "round p50",
        "p99",
        "MB resident",
        "peak",
        "not completed",
    ];
    let title = format!("Many: ms, runs of {ROUNDS} searches and an answer");
    report::table(&title, &columns, &rows);
}

/// What was seen with so many at once.
#[derive(Default)]
struct Load {
    runs: Samples,
    first: Samples,
    round: Samples,
    failed: usize,
}

impl Load {
    async fn run(&mut self, http: &reqwest::Client, url: &str, at_once: usize) {
        let began = Instant::now();
        let followed = (0..at_once).map(|_| tokio::spawn(follow(http.clone(), url.to_owned())));
        let followed = join_all(followed).await;
        self.runs
            .add(number(at_once) / began.elapsed().as_secs_f64());
        for run in followed {
            let run = run.unwrap();
            self.first.add(ms(run.first));
            for rounds in run.rounds.windows(2) {
                self.round.add(ms(rounds[1] - rounds[0]));
            }
            self.failed += usize::from(!run.completed);
        }
    }

    fn row(&self, at_once: usize) -> Vec<String> {
        let quantile = |samples: &Samples, part| format!("{:.1}", samples.quantile(part));
        let (resident, peak) = report::memory_mb();
        let runs = self.runs.median();
        vec![
            at_once.to_string(),
            format!("{runs:.0}"),
            format!("{:.0}", runs * number(ROUNDS + 1)),
            quantile(&self.first, 0.5),
            quantile(&self.first, 0.99),
            quantile(&self.round, 0.5),
            quantile(&self.round, 0.99),
            format!("{resident:.0}"),
            format!("{peak:.0}"),
            self.failed.to_string(),
        ]
    }
}

/// One run as its client saw it.
struct Followed {
    first: Duration,
    /// When each round was told to have begun.
    rounds: Vec<Instant>,
    completed: bool,
}

async fn follow(http: reqwest::Client, url: String) -> Followed {
    let began = Instant::now();
    let request = http
        .post(url)
        .json(&json!({"query": "How many are there?"}));
    let mut response = request.send().await.unwrap().error_for_status().unwrap();
    let mut text = String::new();
    let mut rounds = Vec::new();
    let mut first = None;
    while let Some(chunk) = response.chunk().await.unwrap() {
        first.get_or_insert_with(|| began.elapsed());
        // Frames of this run hold nothing but ASCII, so that no character is cut.
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        let seen = text.matches(r#""event":"round_start""#).count();
        rounds.resize(seen, Instant::now());
    }
    Followed {
        first: first.unwrap(),
        rounds,
        completed: text.contains(r#""status":"completed""#),
    }
}
