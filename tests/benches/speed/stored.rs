//! What the table holds of a run, beside what there is to hold: each text, argument and result once.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, reasoning, says, sse};
use tests::stack::Setup;
use tests::stream::Frame;
use tests::table::Item;

use crate::report::{self, number};

/// What may be stored for each byte that there is to hold.
const MOST: f64 = 1.3;
const QUESTION: &str =
    "How many are there, and why? Show the steps, and say what you are not sure of.";

pub async fn stored() {
    let prose = |words: usize| "Seven of them are there. ".repeat(words / 5);
    let found = article("Seven", &prose(400), "https://example.org/seven");
    let reason = || {
        call(
            "enhance_reasoning",
            json!({"model": "reasoner-1", "problem": prose(60)}),
        )
    };
    let search = || call("search", json!({"query": "how many are there"}));
    let runs = [
        (
            "a direct answer of 300 words",
            vec![says(&prose(300))],
            vec![],
        ),
        (
            "a search, reasoning and an answer",
            vec![
                calls([search()]),
                calls([reason()]),
                calls([answer("answer-1")]),
            ],
            vec![prose(600), prose(400)],
        ),
        (
            "six rounds: reasoning of 800 words, thoughts of 100",
            (0..5)
                .map(|_| {
                    sse([
                        reasoning(&prose(100)),
                        reason(),
                        tests::script::finish("tool_calls"),
                    ])
                })
                .chain([calls([answer("answer-1")])])
                .collect(),
            (0..6).map(|_| prose(800)).collect(),
        ),
    ];
    let mut rows = Vec::new();
    let mut last = 0.0;
    for (name, orchestrator, experts) in runs {
        let models = ModelServer::start().await;
        models.orchestrator(orchestrator);
        models.experts(experts.iter().map(|text| says(text)));
        let service = DuckDuckGo::saying(&found).await;
        let setup = Setup::with_models(&models).search(&service);
        let stack = setup.start_counted().await;
        let told = stack.client.question(QUESTION).await;
        stack.table.until(tests::table::Operation::ends_run).await;
        let items = stack.table.items().await;
        let stored: usize = items.iter().map(bytes).sum();
        let payload = payload(&told.frames);
        let ratio = number(stored) / number(payload);
        last = ratio;
        rows.push(vec![
            name.to_owned(),
            items.len().to_string(),
            stored.to_string(),
            payload.to_string(),
            format!("{ratio:.2}"),
        ]);
    }
    let columns = ["run", "items", "bytes stored", "bytes of payload", "ratio"];
    report::table("Stored", &columns, &rows);
    let what =
        format!("at most {MOST} bytes stored for each byte of payload in a run of some length");
    report::goal(&what, last <= MOST, &format!("{last:.2} in the longest"));
}

/// Size of an item as `DynamoDB` counts it: names and values.
fn bytes(item: &Item) -> usize {
    let sizes = item.iter().map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string().len(), str::len);
        name.len() + value
    });
    sizes.sum()
}

/// Bytes of a run's question, arguments, results, thoughts and texts, each counted once.
fn payload(frames: &[Frame]) -> usize {
    let mut bytes = QUESTION.len();
    let mut streamed = BTreeSet::new();
    for frame in frames.iter().filter(|frame| frame.is_stored()) {
        let data = &frame.data;
        let call = data["call_id"].to_string();
        bytes += match frame.event() {
            "delta" => {
                streamed.insert(call);
                text(&data["content"])
            }
            "tool_call" => data["arguments"].to_string().len(),
            "tool_result" if !streamed.contains(&call) => data["result"].to_string().len(),
            "orchestrator_thinking" => text(&data["content"]),
            _ => 0,
        };
    }
    bytes
}

fn text(value: &Value) -> usize {
    value.as_str().map_or(0, str::len)
}
