//! What a round costs in the first rounds of a run and after a thousand.
//!
//! The model request grows with the history: its time is the model's, and is taken off by sending the same bodies bare.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::parts;
use crate::report::{self, Samples, ms, number};
use crate::round::{Work, bare_post, product};
use crate::stand::{Stand, TOOL};

/// Rounds of a run, and how often such a run is repeated in each pass.
const RUNS: [(usize, usize); 4] = [(1, 40), (10, 8), (100, 2), (1000, 1)];
const PASSES: usize = 3;
/// How far from its value at 10 rounds something flat may be.
const TOLERANCE: f64 = 0.1;

pub async fn growth() {
    let mut grown = Vec::new();
    for (rounds, _) in RUNS {
        let models = parts::model_server(parts::calling(TOOL, &json!({}), rounds)).await;
        grown.push(Grown::new(Stand::start(models).await, rounds));
    }
    for pass in 0..=PASSES {
        for (grown, (_, times)) in grown.iter_mut().zip(RUNS) {
            for _ in 0..times {
                grown.measure(pass > 0).await;
            }
        }
    }
    let rows: Vec<_> = grown.iter().map(Grown::row).collect();
    let columns = [
        "rounds",
        "puts a round",
        "bytes stored a round",
        "ms a round",
        "of it the bare POST",
        "the rest",
        "the rest in the last tenth",
        "bytes of the last request",
    ];
    report::table("Growth: medians", &columns, &rows);
    let flat = |name: &str, value: fn(&Grown) -> f64| {
        let (at_10, at_1000) = (value(&grown[1]), value(&grown[3]));
        let change = at_1000 / at_10 - 1.0;
        let what = format!("{name} at 1,000 rounds within 10 % of those at 10");
        let found = format!("{:+.1} %", change * 100.0);
        report::goal(&what, change.abs() <= TOLERANCE, &found);
    };
    flat("puts a round", |grown| grown.puts.median());
    flat("bytes stored a round", |grown| grown.bytes.median());
    flat("ms a round without the model's", |grown| {
        grown.rest.median()
    });
}

/// What was seen of runs of one length.
struct Grown {
    stand: Stand,
    rounds: usize,
    puts: Samples,
    bytes: Samples,
    round: Samples,
    post: Samples,
    rest: Samples,
    last_rest: Samples,
    last_request: usize,
}

impl Grown {
    fn new(stand: Stand, rounds: usize) -> Self {
        Self {
            stand,
            rounds,
            puts: Samples::default(),
            bytes: Samples::default(),
            round: Samples::default(),
            post: Samples::default(),
            rest: Samples::default(),
            last_rest: Samples::default(),
            last_request: 0,
        }
    }

    async fn measure(&mut self, counts: bool) {
        let work = product(&self.stand, self.rounds).await;
        let mut posts = Vec::new();
        for post in &work.posts {
            let began = Instant::now();
            bare_post(&self.stand, &post.body).await;
            posts.push(began.elapsed());
        }
        self.stand.models.record.take();
        if counts {
            self.add(&work, &posts);
        }
    }

    fn add(&mut self, work: &Work, posts: &[Duration]) {
        let rounds = number(self.rounds);
        let post = ms(posts.iter().sum()) / rounds;
        let bytes: usize = work.puts.iter().map(item_bytes).sum();
        self.puts.add(number(work.puts.len()) / rounds);
        self.bytes.add(number(bytes) / rounds);
        self.round.add(ms(work.round));
        self.post.add(post);
        self.rest.add(ms(work.round) - post);
        let last = self.rounds - self.rounds.div_ceil(10);
        let took = work.posts[self.rounds - 1].at - work.posts[last].at;
        let gaps = self.rounds - 1 - last;
        if gaps > 0 {
            let bare: Duration = posts[last..self.rounds - 1].iter().sum();
            self.last_rest.add((ms(took) - ms(bare)) / number(gaps));
        }
        self.last_request = work.posts[self.rounds - 1].body.len();
    }

    fn row(&self) -> Vec<String> {
        let tenth = if self.rounds < 100 {
            "–".to_owned()
        } else {
            format!("{:.3}", self.last_rest.median())
        };
        vec![
            self.rounds.to_string(),
            format!("{:.1}", self.puts.median()),
            format!("{:.0}", self.bytes.median()),
            format!("{:.3}", self.round.median()),
            format!("{:.3}", self.post.median()),
            format!("{:.3}", self.rest.median()),
            tenth,
            self.last_request.to_string(),
        ]
    }
}

/// Size of an item as `DynamoDB` counts it: names and values.
fn item_bytes(item: &Value) -> usize {
    let attributes = item.as_object().unwrap().iter();
    let sizes = attributes.map(|(name, value)| {
        let text = value.get("S").or_else(|| value.get("N"));
        name.len() + text.and_then(Value::as_str).unwrap().len()
    });
    sizes.sum()
}
