//! Inner steps: they stand within an open call, end before it, and tell in its place what it took.

use std::collections::BTreeMap;

use serde_json::Value;

use super::string;
use super::text::Text;

#[derive(Debug, Default)]
pub(super) struct Steps {
    /// The call that each step stands within, with its tool.
    within: BTreeMap<String, (String, String)>,
    /// What the steps that brought an object brought.
    brought: BTreeMap<String, Value>,
}

/// Fields that tell what was taken of a model's text for a tool.
const TAKEN: [&str; 2] = ["query", "code"];

impl Steps {
    pub(super) fn open(&mut self, step: &str, whole: &Value, data: &Value) {
        assert!(whole["within"].is_null(), "a step within a step: {data}");
        let whole = (string(&whole["call_id"]), string(&whole["tool"]));
        self.within.insert(step.to_owned(), whole);
    }

    /// A call ends, `open` are those that have not.
    pub(super) fn close(
        &mut self,
        call: &str,
        data: &Value,
        open: &BTreeMap<String, Value>,
        texts: &BTreeMap<String, Text>,
    ) {
        if self.within.contains_key(call) && data["ok"] == true {
            self.brought.insert(call.to_owned(), data["result"].clone());
        }
        let steps = self.within.iter();
        let mut steps = steps.filter(|(_, (whole, _))| whole == call).peekable();
        if steps.peek().is_none() {
            return;
        }
        assert!(
            data["usage"].is_null() && data["cost_usd"].is_null(),
            "{data}"
        );
        let steps: Vec<_> = steps.map(|(step, _)| step).collect();
        for step in &steps {
            assert!(!open.contains_key(*step), "{step} ends after its call");
        }
        if data["ok"] == true && data["result"].get("content").is_none() {
            let mut brought = steps.iter().filter_map(|step| self.brought.get(*step));
            let is_of_step = brought.any(|brought| is_with_taken(&data["result"], brought));
            assert!(is_of_step, "what no step has brought: {data}");
        } else if data["ok"] == true {
            let content = data["result"]["content"].as_str().unwrap();
            let mut wrote = steps.iter().filter_map(|step| texts.get(*step));
            let is_of_step = wrote.any(|text| {
                let whole = text.whole();
                whole == content
                    || content
                        .strip_suffix('…')
                        .is_some_and(|cut| whole.starts_with(cut))
            });
            assert!(is_of_step, "what no step has written: {data}");
        }
    }

    /// Whether a call is a step by which its tool does its own work.
    pub(super) fn is_part_of_tool(&self, call: &Value) -> bool {
        let step = string(&call["call_id"]);
        let whole = self.within.get(&step);
        whole.is_some_and(|(_, tool)| call["tool"] == tool.as_str())
    }
}

/// Whether a result is what a step brought, but for what that was called with.
fn is_with_taken(whole: &Value, brought: &Value) -> bool {
    let mut whole = whole.clone();
    let Some(fields) = whole.as_object_mut() else {
        return false;
    };
    fields.retain(|name, _| brought.get(name).is_some() || !TAKEN.contains(&name.as_str()));
    whole == *brought
}
