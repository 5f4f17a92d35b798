//! A whole run as a client was told it, in a form that can be compared.

use serde_json::{Value, json};

use crate::stream::Frame;

/// A run that has ended.
#[derive(Clone, Debug)]
pub struct Told {
    pub run_id: String,
    pub frames: Vec<Frame>,
}

impl Told {
    /// Stored frames with their ids.
    pub fn stored(&self) -> Vec<Frame> {
        let stored = self.frames.iter().filter(|frame| frame.is_stored());
        stored.cloned().collect()
    }

    /// The stored events of one kind.
    pub fn of(&self, event: &str) -> Vec<Value> {
        let stored = self.frames.iter().filter(|frame| frame.is_stored());
        stored
            .filter(|frame| frame.event() == event)
            .map(|frame| frame.data.clone())
            .collect()
    }

    pub fn summary(&self) -> &Value {
        &self.frames.last().unwrap().data["summary"]
    }

    pub fn status(&self) -> &str {
        self.summary()["status"].as_str().unwrap()
    }

    pub fn tools_used(&self) -> Vec<&str> {
        let names = self.summary()["tools_used"].as_array().unwrap();
        names.iter().map(|name| name.as_str().unwrap()).collect()
    }

    /// The text of the answer, which must be there.
    pub fn answer(&self) -> &str {
        self.summary()["final_answer"].as_str().unwrap()
    }

    /// All events from the first to the last, without what differs from run to run: ids (the laws hold them), the run's id,
    /// times. How a call's text was cut depends on the speed of the machine, so it stands here once, whole, right before
    /// the event that ends the call.
    pub fn story(&self) -> Vec<Value> {
        let mut texts: Vec<(String, Value)> = Vec::new();
        let mut story = Vec::new();
        for frame in self.stored() {
            let mut event = frame.data;
            match event["event"].as_str().unwrap() {
                "delta" => {
                    gather(&mut texts, event);
                    continue;
                }
                "orchestrator_thinking" | "round_decided" => {
                    let call = format!("r{}.orchestrator", event["round"]);
                    story.extend(take(&mut texts, &call));
                }
                "tool_result" => {
                    let call = event["call_id"].as_str().unwrap();
                    story.extend(take(&mut texts, call));
                }
                "error" => story.extend(texts.drain(..).map(|(_, text)| text)),
                _ => {}
            }
            steady(&mut event);
            story.push(event);
        }
        assert_eq!(texts, [], "text of a call that never ended");
        story
    }
}

/// Replaces what differs from run to run.
pub fn steady(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match name.as_str() {
                    "run_id" => *value = json!("RUN"),
                    "created_at" => *value = json!("TIME"),
                    "duration_ms" => {
                        assert!(value.is_u64() || value.is_null(), "{name}: {value}");
                        if value.is_u64() {
                            *value = json!(0);
                        }
                    }
                    _ => steady(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(steady),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn gather(texts: &mut Vec<(String, Value)>, delta: Value) {
    let call = delta["call_id"].as_str().unwrap().to_owned();
    match texts.iter_mut().find(|(known, _)| *known == call) {
        Some((_, text)) => {
            let more = delta["content"].as_str().unwrap();
            text["content"] = json!(format!("{}{more}", text["content"].as_str().unwrap()));
        }
        None => texts.push((call, delta)),
    }
}

fn take(texts: &mut Vec<(String, Value)>, call: &str) -> Option<Value> {
    let at = texts.iter().position(|(known, _)| known == call)?;
    Some(texts.remove(at).1)
}
