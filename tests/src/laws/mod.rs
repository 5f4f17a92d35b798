//! What holds for every stream of a run that is read from its first frame to its end, over however many connections, whatever
//! the run was and whatever was done to its drivers.

mod asked;
mod lifecycle;
mod steps;
mod tally;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::stream::Frame;
use asked::Asked;
use lifecycle::Lifecycle;
use steps::Steps;
use tally::{Tally, table};
use text::Text;

/// Codes of calls that were never made: refused, or not begun when the run ended. They stand in no total.
pub const NOT_CALLED: [&str; 4] = [
    "unknown_tool",
    "invalid_arguments",
    "too_many_calls",
    "not_run",
];

/// Panics where a stream breaks the contract.
pub fn check(frames: &[Frame]) {
    let ids: Vec<u64> = frames.iter().filter_map(|frame| frame.id).collect();
    let expected: Vec<u64> = (1..).take(ids.len()).collect();
    assert_eq!(ids, expected, "ids are 1, 2, 3, …");
    let first = frames.first().map(Frame::event);
    let last = frames.last().map(Frame::event);
    assert_eq!((first, last), (Some("start"), Some("complete")));
    let mut run = Run::default();
    for frame in frames {
        run.ingest(frame);
    }
    assert!(run.is_complete);
}

/// The run as the stream has told it so far.
#[derive(Debug, Default)]
struct Run {
    lifecycle: Lifecycle,
    max_rounds: u64,
    round: u64,
    /// The round that was decided last.
    decided: u64,
    calls_in_round: u64,
    open: BTreeMap<String, Value>,
    steps: Steps,
    texts: BTreeMap<String, Text>,
    /// The answer is only the best text that there was.
    is_partial: bool,
    /// What the orchestrator's call of this round took, once it is told, and by which model.
    decision: Option<(String, Tally)>,
    /// What attempts took that were given up, by call.
    given_up: BTreeMap<String, Tally>,
    asked: Asked,
    answer: Option<Value>,
    is_failed: bool,
    is_complete: bool,
    tools_used: Vec<Value>,
    totals: Tally,
    by_model: BTreeMap<String, Tally>,
    by_tool: BTreeMap<String, Tally>,
}

impl Run {
    fn ingest(&mut self, frame: &Frame) {
        let data = &frame.data;
        assert!(!self.is_complete, "an event after the end: {data}");
        let event = frame.event();
        if event == "suspended" && !frame.is_stored() {
            // The time of a watcher's stream is over, not the run.
            return assert_eq!(data["resume_after_ms"], 0);
        }
        let may_be_live = ["delta", "ping"].contains(&event);
        assert!(frame.is_stored() || may_be_live, "no id: {data}");
        self.lifecycle.ingest(event, data);
        match event {
            "start" => {
                assert_eq!(frame.id, Some(1));
                self.max_rounds = number(&data["max_rounds"]);
            }
            "round_start" => self.open_round(data),
            "orchestrator_thinking" => {
                assert_eq!(data["round"], self.round);
                assert_eq!(self.decided + 1, self.round, "thinking after the decision");
            }
            "round_decided" => self.decide(data),
            "tool_call" => self.open_call(data),
            "delta" => self.add_text(frame),
            "retry" => self.ask_again(data),
            "tool_result" => self.close_call(data),
            "final_answer" => self.take_answer(data),
            "error" => {
                assert!(!self.is_failed, "two fatal errors");
                self.is_failed = data["fatal"].as_bool().unwrap();
                for field in ["code", "message", "remedy"] {
                    assert_ne!(data["error"][field].as_str(), None, "{data}");
                }
            }
            "complete" => self.complete(&data["summary"]),
            "ping" => assert_eq!(frame.id, None),
            "suspended" | "resumed" | "cancel_requested" => {}
            other => panic!("this run has no reason for {other}: {data}"),
        }
    }

    fn open_round(&mut self, data: &Value) {
        assert_eq!(self.open, BTreeMap::new(), "calls without a result");
        assert_eq!(self.decided, self.round);
        self.count_decision();
        self.round += 1;
        self.calls_in_round = 0;
        assert_eq!(data["round"], self.round);
        assert!(self.round <= self.max_rounds, "{data}");
    }

    fn decide(&mut self, data: &Value) {
        assert_eq!(data["round"], self.round);
        assert_eq!(self.decided + 1, self.round, "a second decision");
        self.decided = self.round;
        let took = Tally::read(data);
        let before = self.given_up(&format!("r{}.orchestrator", self.round));
        assert!(took.holds(&before), "all attempts together: {data}");
        // One whose calls were lost is among the attempts of the next.
        self.decision = Some((string(&data["model"]), took));
    }

    fn count_decision(&mut self) {
        if let Some((model, took)) = self.decision.take() {
            self.totals.add(&took);
            self.by_model.entry(model).or_default().add(&took);
        }
    }

    fn given_up(&self, call: &str) -> Tally {
        self.given_up.get(call).cloned().unwrap_or_default()
    }

    fn open_call(&mut self, data: &Value) {
        assert_eq!(
            (number(&data["round"]), self.decided),
            (self.round, self.round)
        );
        self.calls_in_round += 1;
        let call = format!("r{}.{}", self.round, self.calls_in_round);
        assert_eq!(data["call_id"], call);
        assert!(data["arguments"].is_object(), "{data}");
        if let Some(within) = data["within"].as_str() {
            let whole = self.open.get(within);
            let whole = whole.unwrap_or_else(|| panic!("a step of a call that is over: {data}"));
            self.steps.open(&call, whole, data);
        }
        self.open.insert(call, data.clone());
    }

    fn add_text(&mut self, frame: &Frame) {
        let data = &frame.data;
        let call = string(&data["call_id"]);
        let deciding = format!("r{}.orchestrator", self.round);
        let is_open = self.open.contains_key(&call);
        let is_deciding = call == deciding && self.decided < self.round;
        assert!(
            is_open || is_deciding,
            "text of a call that is over: {data}"
        );
        let attempt = number(&data["attempt"]);
        let text = self.texts.entry(call).or_insert_with(|| Text::new(1));
        assert_eq!(attempt, text.attempt);
        text.add(frame);
    }

    /// The text of earlier attempts is void. What has its result is not asked for again; a decision whose calls were lost is.
    fn ask_again(&mut self, data: &Value) {
        let call = string(&data["call_id"]);
        if call == format!("r{}.orchestrator", self.round) {
            assert_eq!(self.calls_in_round, 0, "a decision asked for again: {data}");
            self.decided = self.round - 1;
        } else {
            assert!(
                self.open.contains_key(&call),
                "a result asked for again: {data}"
            );
        }
        let attempt = number(&data["attempt"]);
        let before = self.texts.get(&call).map_or(1, |text| text.attempt);
        assert_eq!(attempt, before + 1, "{data}");
        assert!(
            data["model"].is_null() || data["model"].is_string(),
            "{data}"
        );
        if let Some(open) = self.open.get_mut(&call) {
            // A model may be asked in the place of another, and of nothing else.
            assert_eq!(data["model"].is_null(), open["model"].is_null(), "{data}");
            let before = std::mem::replace(&mut open["model"], data["model"].clone());
            self.asked.end(&call, before.as_str(), data);
        } else {
            self.asked.end_decision(data);
        }
        assert_eq!(data["usage"].is_null(), data["cost_usd"].is_null());
        let given_up = self.given_up.entry(call.clone()).or_default();
        given_up.add(&Tally::read(data));
        self.texts.insert(call, Text::new(attempt));
    }

    fn take_answer(&mut self, data: &Value) {
        assert_eq!(
            self.open,
            BTreeMap::new(),
            "an answer before its siblings end"
        );
        assert_eq!(self.answer, None, "two answers");
        if let Some(call) = data["call_id"].as_str() {
            let text = self.texts.get(call).map(Text::whole);
            if let Some(json) = data.get("json") {
                // What the model set around the JSON is left out.
                let content = data["content"].as_str().unwrap();
                assert!(text.unwrap().contains(content), "{data}");
                assert_eq!(serde_json::from_str::<Value>(content).unwrap(), *json);
            } else {
                assert_eq!(text.as_deref(), data["content"].as_str());
            }
        } else {
            // The best text that there was when the run's money was used up.
            assert_eq!(data["model"], Value::Null, "{data}");
            let mut texts = self.texts.values().map(Text::whole);
            assert!(texts.any(|text| data["content"] == *text), "{data}");
            self.is_partial = true;
        }
        self.answer = Some(data["content"].clone());
    }

    fn close_call(&mut self, data: &Value) {
        let id = string(&data["call_id"]);
        let call = self.open.remove(&id);
        let call = call.unwrap_or_else(|| panic!("a result without an open call: {data}"));
        assert_eq!(
            (&data["tool"], &data["round"]),
            (&call["tool"], &call["round"])
        );
        let result = &data["result"];
        assert!(result.is_object(), "{data}");
        self.steps.close(&id, data, &self.open, &self.texts);
        let error = &result["error"];
        assert_eq!(
            data["ok"],
            json!(error.is_null() || error.is_string()),
            "{data}"
        );
        if data["ok"] == true && !call["model"].is_null() {
            let text = &self.texts[&id];
            assert_eq!(Some(text.whole().as_str()), result["content"].as_str());
            assert_eq!(result["model_id"], call["model"]);
            let tokens =
                number(&data["usage"]["input_tokens"]) + number(&data["usage"]["output_tokens"]);
            assert_eq!(result["tokens_used"], tokens);
        }
        if data["ok"] == false {
            let fields = error.as_object().unwrap().keys().map(String::as_str);
            let fields: BTreeSet<_> = fields.collect();
            assert_eq!(
                fields,
                BTreeSet::from(["code", "message", "retryable"]),
                "{data}"
            );
        }
        // A tool that was called may refuse arguments, too.
        let by_tool = error["code"] == "invalid_arguments" && data["called"] == true;
        let was_refused = !by_tool && NOT_CALLED.iter().any(|code| error["code"] == *code);
        assert_eq!(data["called"], json!(!was_refused), "{data}");
        if was_refused {
            return;
        }
        let took = Tally::read(data);
        assert!(
            took.holds(&self.given_up(&id)),
            "all attempts together: {data}"
        );
        self.count(&call, &took);
    }

    fn count(&mut self, call: &Value, took: &Tally) {
        // Results of parallel calls come in any order; the summary names the tools in the order of the calls.
        if call["within"].is_null() {
            self.tools_used.push(json!([call["call_id"], call["tool"]]));
        }
        self.totals.add(took);
        let tool = self.by_tool.entry(string(&call["tool"])).or_default();
        if self.steps.is_part_of_tool(call) {
            tool.add(&took.clone().of_step());
        } else {
            tool.add(took);
        }
        if let Some(model) = call["model"].as_str() {
            let call = string(&call["call_id"]);
            for (model, took) in self.asked.share(&call, model, took) {
                self.by_model.entry(model).or_default().add(&took);
            }
        }
    }

    /// What the orchestrator's call took that came to no decision is told by the summary alone: it is one call of one model.
    fn count_undecided(&mut self, summary: &Value) {
        let told = self.totals.clone();
        let Some(took) = Tally::of_summary(summary).without(&told) else {
            panic!("less than was told: {summary}");
        };
        let call = format!("r{}.orchestrator", self.round);
        assert!(took.holds(&self.given_up(&call)), "{summary}");
        let rows = summary["by_model"].as_object().unwrap();
        if self.asked.is_open() {
            self.asked.came_to_nothing();
            let mut sum = Tally::default();
            for (model, row) in rows {
                let told = self.by_model.entry(model.clone()).or_default();
                if let Some(rest) = Tally::of_row(row).without(told) {
                    told.add(&rest);
                    sum.add(&rest);
                }
            }
            assert!(took.holds(&sum) && sum.holds(&took), "{summary}");
            return self.totals.add(&sum);
        }
        let by_model = rows.iter().find_map(|(model, row)| {
            let told = self.by_model.get(model).cloned().unwrap_or_default();
            let rest = Tally::of_row(row).without(&told)?;
            rest.is_one_call().then(|| (model.clone(), rest))
        });
        if let Some((model, took)) = by_model {
            self.totals.add(&took);
            self.by_model.entry(model).or_default().add(&took);
        }
    }

    fn complete(&mut self, summary: &Value) {
        self.is_complete = true;
        assert_eq!(self.open, BTreeMap::new(), "calls without a result");
        let status = summary["status"].as_str().unwrap();
        if status == "over_budget" {
            assert!(self.answer.is_some() != self.is_failed, "{summary}");
        } else {
            assert_eq!(status == "completed", self.answer.is_some(), "{summary}");
            assert_eq!(status == "failed", self.is_failed, "{summary}");
            assert!(!self.is_partial, "{summary}");
        }
        let was_stopped = self.lifecycle.is_cancelled && self.answer.is_none() && !self.is_failed;
        assert_eq!(status == "cancelled", was_stopped, "{summary}");
        self.count_decision();
        if self.decided < self.round {
            self.count_undecided(summary);
        }
        self.tools_used.sort_by_key(|used| place(&used[0]));
        let names: Vec<_> = self.tools_used.iter().map(|used| &used[1]).collect();
        let expected = json!({
            "status": status,
            "total_rounds": self.round,
            "tools_used": names,
            "final_answer": self.answer,
            "duration_ms": number(&summary["duration_ms"]),
            "usage": self.totals.usage(),
            "cost_usd": self.totals.usd(),
            "by_model": self.asked.known(&self.by_model, &summary["by_model"]),
            "by_tool": table(&self.by_tool),
            "resumed": self.lifecycle.resumed,
        });
        assert_eq!(*summary, expected, "the totals of what was told");
    }
}

/// Round and index of a call id, for ordering.
fn place(call_id: &Value) -> (u64, u64) {
    let (round, index) = call_id.as_str().unwrap()[1..].split_once('.').unwrap();
    (round.parse().unwrap(), index.parse().unwrap())
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("no whole number: {value}"))
}

fn string(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}
