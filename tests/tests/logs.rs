//! What the operator sees of runs: each line names what it is about, metrics are whole, and no word of a person is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, json};
use tests::logged::Log;
use tests::model_server::ModelServer;
use tests::script::{Part, Step, answer, call, calls, finish, json_body, says, sse, text};
use tests::stack::Setup;

/// Words of the person who asks, which servers repeat in their errors.
const SECRET: &str = "Where is the treasure of Aunt Agatha?";

/// A line; one that names a field twice is none.
#[derive(Clone, Debug)]
struct Line(Map<String, Value>);

/// The lines of a log.
fn lines(log: &Log) -> Vec<Line> {
    let text = log.text();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Line;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    let before = fields.insert(name.clone(), value);
                    assert_eq!(before, None, "{name} is named twice in {fields:?}");
                }
                Ok(Line(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl Line {
    fn is(&self, message: &str) -> bool {
        self.0["message"] == message
    }

    /// The line without what differs from run to run: its time, and how long things took.
    fn steady(&self) -> Value {
        let mut fields = self.0.clone();
        for (name, value) in &mut fields {
            if name.ends_with("_ms") {
                assert!(value.is_u64(), "{name}: {value}");
                *value = json!("some");
            }
        }
        for name in ["timestamp", "level", "target", "name", "_aws"] {
            fields.remove(name).unwrap();
        }
        Value::Object(fields)
    }

    /// The names of its metrics.
    fn metrics(&self) -> BTreeSet<&str> {
        let declared = self.0["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array();
        let names = declared.unwrap().iter();
        names.map(|it| it["Name"].as_str().unwrap()).collect()
    }
}

/// The same text for equal objects, whatever the order of their fields.
fn sorted_text(line: &Value) -> String {
    let fields: BTreeMap<_, _> = line.as_object().unwrap().iter().collect();
    format!("{fields:?}")
}

#[tokio::test]
async fn each_step_of_a_run_is_told_once_with_what_it_took() {
    let (log, _guard) = Log::begin();
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start_counted().await;
    models.orchestrator([
        calls([
            call("search", json!({"query": SECRET})),
            call("enhance_reasoning", json!({"model": "reasoner-2"})),
        ]),
        calls([answer("answer-1")]),
    ]);
    models.experts(["Under the oak.", "Dig."].map(says));
    let told = stack.client.question(SECRET).await;
    assert_eq!(told.answer(), "Dig.");
    models.assert_spent();

    let lines = lines(&log);
    let metrics = lines.iter().filter(|line| line.0["target"] == "metrics");
    let metrics: Vec<_> = metrics.collect();
    for line in &metrics {
        assert_eq!(line.0["run_id"], told.run_id);
        for name in line.metrics() {
            assert!(line.0[name].is_number(), "{name} of {line:?}");
        }
    }
    let run_id = &told.run_id;
    let about = |round: u32, call_id: &str, more: Value| {
        let mut line = json!({"run_id": run_id, "round": round, "call_id": call_id});
        line.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        line
    };
    let began = |model: &str| json!({"message": "a model has begun to answer", "model": model, "first_token_ms": "some"});
    let decided = json!({
        "message": "the orchestrator has decided", "model": "qwen", "finish_reason": "tool_calls", "decisions": 1,
        "decision_ms": "some", "input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 0, "cost_usd": 0.000_003,
    });
    let wrote = |tool: &str, model: &str, cost: f64| {
        json!({
            "message": "a call has ended", "tool": tool, "model": model, "calls": 1, "failed_calls": 0,
            "call_ms": "some", "input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 0, "cost_usd": cost,
        })
    };
    let failed = json!({
        "message": "a call has ended", "tool": "search", "code": "unreachable", "calls": 1, "failed_calls": 1,
        "call_ms": "some",
    });
    let round =
        json!({"message": "a round has ended", "run_id": run_id, "rounds": 1, "round_ms": "some"});
    let mut expected = vec![
        about(1, "r1.orchestrator", began("qwen")),
        about(1, "r1.orchestrator", decided.clone()),
        about(1, "r1.2", began("phi")),
        about(1, "r1.1", failed),
        round.clone(),
        about(2, "r2.orchestrator", began("qwen")),
        about(2, "r2.orchestrator", decided),
        about(2, "r2.1", began("qwen")),
        about(2, "r2.1", wrote("answer", "qwen", 0.000_003)),
        round,
        json!({
            "message": "the run has ended", "run_id": run_id, "status": "completed", "runs": 1, "failed_runs": 0,
            "run_ms": "some", "run_tokens": 60, "run_usd": 0.000_010_5,
        }),
        about(1, "r1.2", wrote("enhance_reasoning", "phi", 0.000_001_5)),
    ];
    let mut found: Vec<_> = metrics.into_iter().map(Line::steady).collect();
    // Calls of one round begin and end in any order.
    found.sort_by_key(sorted_text);
    expected.sort_by_key(sorted_text);
    assert_eq!(found, expected);
    assert!(!log.text().contains("Agatha"), "{}", log.text());
}

#[tokio::test]
async fn what_fails_is_told_without_the_words_of_a_person() {
    let (log, _guard) = Log::begin();
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start_counted().await;
    let error = json!({"message": format!("cannot read: {SECRET}"), "code": 400});
    models.orchestrator([json_body(400, &json!({"error": error}))]);
    let told = stack.client.question(SECRET).await;
    assert_eq!(told.status(), "failed");

    let lines = lines(&log);
    let of = |message: &str| {
        let mut found = lines.iter().filter(|line| line.is(message));
        let line = found.next().unwrap();
        assert!(found.next().is_none(), "{message}");
        line.steady()
    };
    let refused = json!({
        "message": "a model could not be asked", "run_id": told.run_id, "round": 1, "call_id": "r1.orchestrator",
        "model": "qwen", "code": "model_error", "error": "answered 400", "next": "GiveUp", "failed_requests": 1,
    });
    assert_eq!(of("a model could not be asked"), refused);
    let ended = json!({
        "message": "the run has ended", "run_id": told.run_id, "status": "failed", "code": "model_error", "runs": 1,
        "failed_runs": 1, "run_ms": "some", "run_tokens": 0, "run_usd": 0.0,
    });
    assert_eq!(of("the run has ended"), ended);
    assert!(!log.text().contains("Agatha"), "{}", log.text());
}

#[tokio::test]
async fn a_part_of_a_request_that_is_refused_is_told_once_by_its_name_and_without_the_words_of_a_person()
 {
    let (log, _guard) = Log::begin();
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start_counted().await;
    let refused = |message: &str| json_body(400, &json!({"error": {"message": message}}));
    models.orchestrator([
        refused(&format!(
            "Unsupported value: 'temperature' does not support 0 for `{SECRET}`."
        )),
        says("Dig."),
        says("Dig again."),
        refused("Unknown parameter: 'Agatha'."),
    ]);
    for answer in ["Dig.", "Dig again."] {
        assert_eq!(stack.client.question(SECRET).await.answer(), answer);
    }
    assert_eq!(stack.client.question(SECRET).await.status(), "failed");
    models.assert_spent();
    let asked = models.asked_of_orchestrator();
    let temperatures: Vec<_> = asked
        .iter()
        .map(|request| request.get("temperature"))
        .collect();
    assert_eq!(temperatures, [Some(&json!(0.0)), None, None, None]);

    let lines = lines(&log);
    let of = |message: &str| {
        let found = lines.iter().filter(|line| line.0["message"] == message);
        found.map(|line| line.0.clone()).collect::<Vec<_>>()
    };
    let told = of("a model's server does not take a part of the request, and is asked without it");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["model"], &told[0]["part"]),
        (&json!("qwen"), &json!("temperature"))
    );
    let failures = of("a model could not be asked");
    assert_eq!(
        failures.len(),
        1,
        "what was learned is no failure: {failures:?}"
    );
    assert_eq!(failures[0]["next"], "Adapt(Without(1 names))");
    assert!(!log.text().contains("Agatha"), "{}", log.text());
}

#[tokio::test]
async fn frames_that_are_passed_over_are_counted_and_nothing_of_them_is_told() {
    let (log, _guard) = Log::begin();
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let broken = format!("data: {{\"choices\": {SECRET}\n\n");
    models.orchestrator([sse([
        text("Under "),
        Part::Step(Step::Bytes(broken.into_bytes())),
        text("the oak."),
        finish("stop"),
    ])]);
    let told = stack.client.question("Where?").await;
    assert_eq!(told.answer(), "Under the oak.");
    let lines = lines(&log);
    let told_of: Vec<_> = lines
        .iter()
        .filter(|line| line.is("frames of a model's reply were passed over"))
        .map(|line| {
            (
                line.0["model"].clone(),
                line.0["passed_over_frames"].clone(),
            )
        })
        .collect();
    assert_eq!(told_of, [(json!("qwen"), json!(1))]);
    assert!(!log.text().contains(SECRET));
}

#[tokio::test]
async fn free_words_of_servers_tools_and_models_are_none_of_the_operators_lines() {
    let (log, _guard) = Log::begin();
    let models = ModelServer::start().await;
    let fails = |_| tool::Response::Failed(tool::Failure::new(SECRET, SECRET, false));
    let stack = Setup::with_models(&models).tool("search", fails);
    let stack = stack.start_counted().await;
    models.orchestrator([
        sse([
            call("search", json!({"query": "oak"})),
            call(SECRET, json!({SECRET: SECRET})),
            finish(SECRET),
        ]),
        sse([text("Dig."), finish("STOP")]),
    ]);
    let told = stack.client.question("Where?").await;
    models.assert_spent();
    // Whoever looks at the run is told what was said.
    let reasons = told.of("round_decided").into_iter();
    let reasons: Vec<_> = reasons.map(|it| it["finish_reason"].clone()).collect();
    assert_eq!(reasons, [json!(SECRET), json!("STOP")]);
    let results = told.of("tool_result").into_iter();
    let code = |result: Value| result["result"]["error"]["code"].to_string();
    let codes: BTreeSet<_> = results.map(code).collect();
    let expected = [json!(SECRET), json!("unknown_tool")].map(|code| code.to_string());
    assert_eq!(codes, BTreeSet::from(expected));

    let lines = lines(&log);
    let of = |message: &str, field: &str| {
        let found = lines.iter().filter(|line| line.is(message));
        found.map(|line| line.0[field].clone()).collect::<Vec<_>>()
    };
    let decided = of("the orchestrator has decided", "finish_reason");
    assert_eq!(decided, [json!("other"), json!("stop")]);
    assert_eq!(of("a call has ended", "code"), [json!("other")]);
    assert_eq!(of("a call has ended", "tool"), [json!("search")]);
    assert!(!log.text().contains("Agatha"), "{}", log.text());
}
