//! Whatever a run does, its frames are numbered without a gap, each item that begins ends once, and from any frame on a stream is the rest of
//! the one from the first.

use std::collections::BTreeMap;

use proptest::prelude::*;
use run::{CallId, Event, Seq, Update};
use serde_json::{Value, json};

use super::{Moment, ResponseStream, WholeResponse};
use crate::sse::encode::{Encode, Standing};

/// A call of a round, as it is to go.
#[derive(Clone, Debug)]
struct Made {
    tool: &'static str,
    role: Value,
    /// What each attempt writes, in pieces.
    attempts: Vec<Vec<String>>,
    ends_well: bool,
}

#[derive(Clone, Debug)]
struct Story {
    echo: Value,
    rounds: Vec<(Option<String>, Vec<Made>)>,
    /// Whether a call of the last round gives the answer.
    is_answered: bool,
    status: &'static str,
    /// Where another driver takes over.
    takeovers: Vec<usize>,
}

fn made() -> impl Strategy<Value = Made> {
    let role = prop_oneof![
        4 => Just(json!("work")),
        4 => Just(json!("answer")),
        1 => Just(json!({"rejected": {"code": "unknown_tool", "message": "no"}})),
    ];
    let tool = prop_oneof![Just("search"), Just("code_interpreter"), Just("answer")];
    let piece = prop_oneof!["[ab]{1,3}", "[é😀七\u{2028}]{1,2}", " \\[1\\]"];
    let attempts = prop::collection::vec(prop::collection::vec(piece, 0..4), 1..4);
    (tool, role, attempts, any::<bool>()).prop_map(|(tool, role, attempts, ends_well)| Made {
        tool,
        role,
        attempts,
        ends_well,
    })
}

fn story() -> impl Strategy<Value = Story> {
    let thought = prop::option::of("[a-z]{1,9}");
    let rounds = prop::collection::vec((thought, prop::collection::vec(made(), 0..3)), 1..4);
    let status = prop_oneof![
        3 => Just("completed"),
        1 => Just("failed"),
        1 => Just("cancelled"),
        1 => Just("out_of_rounds"),
        1 => Just("over_budget"),
    ];
    let echo = prop_oneof![
        Just(Value::Null),
        Just(json!({"background": true, "code": true})),
        Just(json!({"store": false, "metadata": {"a": "b"}})),
    ];
    let takeovers = prop::collection::vec(0..40_usize, 0..3);
    (echo, rounds, any::<bool>(), status, takeovers).prop_map(
        |(echo, rounds, is_answered, status, takeovers)| Story {
            echo,
            rounds,
            is_answered,
            status,
            takeovers,
        },
    )
}

fn delta(call: CallId, attempt: usize, before: &str, piece: &str) -> Value {
    let offset = before.encode_utf16().count();
    json!({"event": "delta", "call_id": call, "attempt": attempt, "offset": offset, "content": piece})
}

impl Made {
    fn begin(&self, call: CallId) -> Value {
        json!({
            "event": "tool_call", "call_id": call, "tool": self.tool, "role": self.role, "repeatable": true, "sources": "results",
            "arguments": {"query": "what?", "code": "print(1)"},
        })
    }

    fn work(&self, call: CallId) -> Vec<Value> {
        let mut events = Vec::new();
        for (at, pieces) in self.attempts.iter().enumerate() {
            let attempt = at + 1;
            if at > 0 {
                events.push(json!({"event": "retry", "call_id": call, "attempt": attempt, "reason": "it broke off"}));
            }
            let mut written = String::new();
            for piece in pieces {
                events.push(delta(call, attempt, &written, piece));
                written.push_str(piece);
            }
        }
        let outcome = match (self.ends_well, self.role == "answer") {
            (true, true) => json!({"text": {"model_name": "m", "finish_reason": "stop"}}),
            (true, false) => {
                json!({"object": {"ok": true, "stdout": "1\n", "results": [{"title": "A", "url": "https://a.org/"}]}})
            }
            (false, _) => json!({"failed": {"code": "c", "message": "no", "retryable": false}}),
        };
        events.push(
            json!({"event": "tool_result", "call_id": call, "outcome": outcome, "duration_ms": 1}),
        );
        events
    }
}

impl Story {
    fn events(&self) -> Vec<Event> {
        let mut start = json!({
            "event": "start", "run_id": "01M8K4AJ05BNGM3D1X06X616GW", "created_at_ms": 1_795_938_404_357_u64,
            "request": {"query": "What?", "max_rounds": 5, "temperature": 0.7, "max_tokens": 512},
            "plan": {"time_limit_ms": 3_600_000},
        });
        if self.echo.is_object() {
            start["request"]["echo"] = self.echo.clone();
        }
        let mut events = vec![start];
        let mut answers = Vec::new();
        for ((thought, calls), round) in self.rounds.iter().zip(1..) {
            events.push(json!({"event": "round_start", "round": round}));
            if let Some(thought) = thought {
                let own = CallId::Orchestrator { round };
                events.push(delta(own, 1, "", thought));
                if !calls.is_empty() {
                    events.push(json!({"event": "orchestrator_thinking", "round": round, "thought": "streamed"}));
                }
                answers.push(own);
            }
            events.push(json!({"event": "round_decided", "round": round, "calls": calls.len(), "model": "m", "finish_reason": "stop"}));
            let ids = (1..).map(|index| CallId::Tool { round, index });
            let calls: Vec<_> = ids.zip(calls).collect();
            events.extend(calls.iter().map(|(id, call)| call.begin(*id)));
            for (id, call) in calls {
                events.extend(call.work(id));
                if call.ends_well && call.role == "answer" {
                    answers.push(id);
                }
            }
        }
        for at in &self.takeovers {
            let resumed =
                json!({"event": "resumed", "epoch": 2, "reason": "it was lost", "lost": true});
            events.insert((at + 1).min(events.len()), resumed);
        }
        let by = answers.last().filter(|_| self.is_answered);
        events.extend(by.map(|by| json!({"event": "final_answer", "call_id": by})));
        // What completes has an answer.
        let status = match (self.status, by) {
            ("completed", None) => "failed",
            (status, _) => status,
        };
        events.push(json!({"event": "complete", "status": status, "duration_ms": 7}));
        let read = |event: Value| serde_json::from_value(event.clone()).map_err(|it| (it, event));
        let events: Result<Vec<Event>, _> = events.into_iter().map(read).collect();
        events.unwrap()
    }
}

fn updates(events: &[Event]) -> Vec<Update> {
    let numbered = (1..).map(Seq).zip(events.iter().cloned());
    let stored = numbered.map(|(seq, event)| Update::Stored { seq, event });
    stored.collect()
}

/// What a client is sent that has seen the frames before a number.
fn told(updates: &[Update], first: u64) -> String {
    let mut encoder = ResponseStream::from(first);
    let mut out = String::new();
    for update in updates {
        encoder.encode(update, &mut out);
    }
    out
}

const DONE: &str = "data: [DONE]\n\n";

/// The frames, each as it is written and as it is read; `[DONE]` is the last where the run is over.
fn frames(out: &str, is_over: bool) -> Vec<(String, Value)> {
    let out = match out.strip_suffix(DONE) {
        Some(frames) if is_over => frames,
        None if !is_over => out,
        _ => panic!("the end and [DONE] do not fit: {out}"),
    };
    let frames = out.split_inclusive("\n\n").map(|frame| {
        let (name, data) = frame.trim_end().split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
        (frame.to_owned(), data)
    });
    frames.collect()
}

/// Follows a stream as clients do: the items as their frames say that they are.
fn follow(frames: &[(String, Value)]) -> BTreeMap<u64, Value> {
    let mut items = BTreeMap::<u64, Value>::new();
    let mut open = BTreeMap::<u64, String>::new();
    for (number, (_, frame)) in frames.iter().enumerate() {
        assert_eq!(frame["sequence_number"], number);
        let index = frame["output_index"].as_u64();
        let text = |name: &str| frame[name].as_str().unwrap().to_owned();
        match frame["type"].as_str().unwrap() {
            "response.output_item.added" => {
                assert_eq!(index, Some(items.len() as u64));
                open.insert(index.unwrap(), String::new());
                items.insert(index.unwrap(), frame["item"].clone());
            }
            "response.output_item.done" => {
                assert!(
                    open.remove(&index.unwrap()).is_some(),
                    "done twice: {frame}"
                );
                assert_eq!(items[&index.unwrap()]["id"], frame["item"]["id"]);
                assert_ne!(frame["item"]["status"], "in_progress");
                items.insert(index.unwrap(), frame["item"].clone());
            }
            "response.output_text.delta" => open
                .get_mut(&index.unwrap())
                .unwrap()
                .push_str(&text("delta")),
            "response.output_text.done" => assert_eq!(open[&index.unwrap()], text("text")),
            kind if index.is_some() => {
                assert!(open.contains_key(&index.unwrap()), "{kind} of no open item");
                assert_eq!(items[&index.unwrap()]["id"], frame["item_id"]);
            }
            _ => {}
        }
    }
    let last = &frames.last().unwrap().1;
    if last["response"]["usage"].is_object() {
        assert!(open.is_empty(), "not done: {open:?}");
    }
    items
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_stream_is_whole_numbered_and_the_same_from_any_frame_on(story in story()) {
        let events = story.events();
        let updates = updates(&events);
        let out = told(&updates, 0);
        let frames = frames(&out, true);
        let items: Vec<_> = follow(&frames).into_values().collect();
        let last = &frames.last().unwrap().1["response"];
        prop_assert_eq!(&last["output"], &Value::from(items.clone()));
        for cut in 0..=frames.len() {
            let rest: String = frames[cut..].iter().map(|(frame, _)| &**frame).collect();
            prop_assert_eq!(told(&updates, cut as u64), rest + DONE);
        }
        for end in 1..events.len() {
            let begun = told(&updates[..end], 0);
            prop_assert!(out.starts_with(&begun));
            follow(&self::frames(&begun, false));
        }
        let ends = frames.iter().filter(|(_, frame)| frame["response"]["usage"].is_object());
        prop_assert_eq!(ends.count(), 1);
        let status = last["status"].as_str().unwrap();
        prop_assert_ne!(status, "in_progress");
        let answer = items.iter().rev().find(|item| item["type"] == "message");
        if status == "completed" {
            let answer = answer.unwrap();
            let text = answer["content"][0]["text"].as_str().unwrap();
            let run = run::Run::fold(&events).unwrap();
            prop_assert!(text.starts_with(run.answer().unwrap()), "{}", text);
            prop_assert_eq!(answer["status"].as_str(), Some("completed"));
        }
    }

    #[test]
    fn text_that_is_not_stored_yet_changes_nothing_and_the_object_is_that_of_the_last_frame(story in story(), live in "[ab]{1,3}") {
        let updates = updates(&story.events());
        let (mut plain, mut noisy) = (ResponseStream::from(0), ResponseStream::from(0));
        let (mut expected, mut out) = (String::new(), String::new());
        for (update, round) in updates.iter().zip(1..) {
            let call_id = CallId::Tool { round: round % 3 + 1, index: 1 };
            let live = Update::Live { call_id, attempt: 1, offset: 0, content: live.clone() };
            noisy.encode(&live, &mut out);
            noisy.encode(update, &mut out);
            plain.encode(update, &mut expected);
        }
        prop_assert_eq!(&out, &expected);
        let frames = frames(&out, true);
        let mut object = String::new();
        let mut whole = WholeResponse::new(Moment::Answer);
        for update in &updates {
            prop_assert!(object.is_empty());
            whole.encode(update, &mut object);
        }
        let object: Value = serde_json::from_str(&object).unwrap();
        prop_assert_eq!(&object, &frames.last().unwrap().1["response"]);
        prop_assert_eq!(whole.has_failed(), object["status"] == "failed");
        prop_assert_eq!(plain.forgets(), story.echo["store"] == false);
        for end in 1..updates.len() {
            let mut now = WholeResponse::new(Moment::Now);
            let mut object = String::new();
            updates[..end].iter().for_each(|update| now.encode(update, &mut object));
            prop_assert!(object.is_empty() && now.standing() == Standing::Over);
            now.end(&mut object);
            let object: Value = serde_json::from_str(&object).unwrap();
            prop_assert!(object["usage"].is_null() && !now.forgets());
        }
    }
}
