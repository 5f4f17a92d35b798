//! Tools for a model that is asked for its decision as one JSON object: described in words, with the form and one example, as no
//! server shows its model the schema; and the schema itself.
//!
//! Both are the same in all rounds of a run but the last, so that servers can reuse what they have read and made of it.

use std::sync::Arc;

use catalog::{ToolSet, grammar};
use model::{CallForm, DecisionSchema};
use run::Round;
use serde_json::{Map, Value, json};

use super::inert;
use super::observation::shorten;

/// What the answer is called where no tool is called so.
const ANSWER: &str = "answer_in_text";
/// Longest reason, in characters: servers unfold it.
const MAX_REASON_CHARS: usize = 300;
/// Longest list of values, and longest schema, that stands in the description of an argument, in bytes.
const MAX_TOLD_KIND: usize = 600;

/// How the decisions of a run are asked for.
#[derive(Debug)]
pub(super) struct Decisions {
    whole: Arc<DecisionSchema>,
    last: Arc<DecisionSchema>,
    /// What the system's message says of them.
    pub(super) told: String,
}

impl Decisions {
    /// `tools` as the system's message may describe them. `answers_beside`: the model may also answer where a tool could.
    /// `gives_reason`: it does not think before it writes.
    pub(super) fn of(
        tools: &[Value],
        tool_set: &ToolSet<'_>,
        answers_beside: bool,
        gives_reason: bool,
    ) -> Self {
        let functions: Vec<_> = tools.iter().filter_map(Function::of).collect();
        let ending: Vec<_> = tool_set.ending().collect();
        let answers = answers_beside || ending.is_empty();
        let answer = answers.then(|| free_name(&functions));
        let of = |branches: Vec<Value>| {
            let answer_branch = answer.as_deref().map(answer_branch);
            Arc::new(DecisionSchema {
                schema: schema(branches.into_iter().chain(answer_branch), gives_reason),
                answer: answer.clone(),
            })
        };
        let is_ending = |function: &&Function<'_>| ending.contains(&function.name);
        let last = functions.iter().filter(is_ending);
        Self {
            whole: of(functions.iter().map(Function::branch).collect()),
            last: of(last.map(Function::branch).collect()),
            told: told(&functions, &ending, answer.as_deref(), gives_reason),
        }
    }

    /// How the decision of a round is asked for; the last one may only answer.
    pub(super) fn form(&self, is_last: bool) -> CallForm {
        let decision = if is_last { &self.last } else { &self.whole };
        CallForm::Schema(Arc::clone(decision))
    }
}

/// A round's decision as the model would have written it.
pub(super) fn decision(round: &Round, gives_reason: bool) -> String {
    let reason = round
        .reasoning
        .last()
        .map(|text| shorten(text, MAX_REASON_CHARS));
    let reason = reason.filter(|_| gives_reason);
    let calls = round.asked_calls().map(|call| {
        let mut decision = Map::new();
        if let Some(reason) = &reason {
            decision.insert("reason".to_owned(), json!(reason));
        }
        let made = json!({"name": call.spec.tool, "arguments": call.spec.arguments});
        decision.insert("call".to_owned(), made);
        inert::json(&Value::Object(decision))
    });
    calls.collect::<Vec<_>>().join("\n")
}

/// A tool as it is told of.
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Map<String, Value>,
    grammar: Value,
}

impl<'a> Function<'a> {
    fn of(tool: &'a Value) -> Option<Self> {
        let function = tool.get("function")?;
        let parameters = function.get("parameters")?.as_object()?;
        let text = |name: &str| function.get(name).and_then(Value::as_str);
        Some(Self {
            name: text("name")?,
            description: text("description").unwrap_or_default(),
            parameters,
            grammar: grammar(parameters),
        })
    }

    fn branch(&self) -> Value {
        branch(self.name, "arguments", &self.grammar)
    }

    fn told(&self) -> String {
        let mut text = entry(self.name, self.description);
        for (name, kind) in self.members() {
            let description = self.parameters.get("properties");
            let description = description.and_then(|all| all.get(name)?.get("description"));
            let said = description.and_then(Value::as_str).unwrap_or_default();
            text.push_str(&argument(name, &told_kind(kind), said));
        }
        text
    }

    fn members(&self) -> impl Iterator<Item = (&String, &Value)> {
        let members = self.grammar.get("properties").and_then(Value::as_object);
        members.into_iter().flatten()
    }

    /// A call of it, with values that are plainly none.
    fn example(&self) -> Value {
        let arguments = self
            .members()
            .map(|(name, kind)| (name.clone(), example(kind)));
        let arguments: Map<String, Value> = arguments.collect();
        json!({"name": self.name, "arguments": arguments})
    }
}

fn schema(branches: impl Iterator<Item = Value>, gives_reason: bool) -> Value {
    let mut properties = Map::new();
    if gives_reason {
        let reason = json!({"type": "string", "maxLength": MAX_REASON_CHARS});
        properties.insert("reason".to_owned(), reason);
    }
    let branches: Vec<_> = branches.collect();
    properties.insert("call".to_owned(), json!({"anyOf": branches}));
    closed(properties)
}

fn branch(name: &str, member: &str, kind: &Value) -> Value {
    closed(Map::from_iter([
        ("name".to_owned(), json!({"type": "string", "const": name})),
        (member.to_owned(), kind.clone()),
    ]))
}

fn answer_branch(name: &str) -> Value {
    branch(name, "text", &json!({"type": "string"}))
}

/// An object with all these members and no others, in this order.
fn closed(properties: Map<String, Value>) -> Value {
    let required: Vec<_> = properties.keys().cloned().collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn free_name(functions: &[Function<'_>]) -> String {
    let is_taken = |name: &str| functions.iter().any(|function| function.name == name);
    let mut name = ANSWER.to_owned();
    while is_taken(&name) {
        name.push('_');
    }
    name
}

fn told(
    functions: &[Function<'_>],
    ending: &[&str],
    answer: Option<&str>,
    gives_reason: bool,
) -> String {
    let mut text =
        "\n\n# Tools\nIn each round you make one call. What you can call, each with its arguments:"
            .to_owned();
    for function in functions {
        text.push_str(&function.told());
    }
    if let Some(answer) = answer {
        text.push_str(&entry(
            answer,
            "Answer in your own words. This ends the work.",
        ));
        text.push_str(&argument("text", "text", "The whole answer"));
    }
    text.push_str("\n\nWrite your decision as one JSON object and nothing else: ");
    if gives_reason {
        text.push_str("first `reason`, one short sentence on why, then ");
    }
    text.push_str("`call`, with the `name` of what you call and its `arguments`, all of them; null stands for one that is left out.");
    if let Some(answer) = answer {
        text.push_str(" Of `");
        text.push_str(answer);
        text.push_str("` it has `name` and `text`.");
    }
    let mut work = functions
        .iter()
        .filter(|function| !ending.contains(&function.name));
    if let Some(function) = work.next().or(functions.first()) {
        let mut example = Map::new();
        if gives_reason {
            example.insert("reason".to_owned(), json!("…"));
        }
        example.insert("call".to_owned(), function.example());
        text.push_str(" For example:\n");
        text.push_str(&Value::Object(example).to_string());
    }
    text
}

fn entry(name: &str, description: &str) -> String {
    match description.trim() {
        "" => format!("\n- `{name}`"),
        said => format!("\n- `{name}`: {said}"),
    }
}

fn argument(name: &str, kind: &str, description: &str) -> String {
    match description.trim() {
        "" => format!("\n  - `{name}`: {kind}"),
        said => format!("\n  - `{name}`: {kind}. {said}"),
    }
}

/// What an argument may be, in words, where words are shorter than the schema.
fn told_kind(kind: &Value) -> String {
    let types: Vec<_> = match kind.get("type") {
        Some(Value::String(name)) => vec![&**name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => Vec::new(),
    };
    let or_null = if types.contains(&"null") {
        ", or null"
    } else {
        ""
    };
    if let Some(Value::Array(values)) = kind.get("enum") {
        let values = values.iter().filter(|value| !value.is_null());
        let listed = values.map(Value::to_string).collect::<Vec<_>>().join(", ");
        return format!("one of {}{or_null}", shorten(&listed, MAX_TOLD_KIND));
    }
    let bounds = ["minimum", "maximum"].map(|bound| kind.get(bound));
    let within = match bounds {
        [Some(least), Some(most)] => format!(" from {least} to {most}"),
        [Some(least), None] => format!(" of at least {least}"),
        [None, Some(most)] => format!(" of at most {most}"),
        [None, None] => String::new(),
    };
    let named: Vec<_> = types.into_iter().filter(|name| *name != "null").collect();
    match *named {
        ["string"] => format!("text{or_null}"),
        ["integer"] => format!("a whole number{within}{or_null}"),
        ["number"] => format!("a number{within}{or_null}"),
        ["boolean"] => format!("true or false{or_null}"),
        _ => format!(
            "as in the JSON Schema {}",
            shorten(&kind.to_string(), MAX_TOLD_KIND)
        ),
    }
}

fn example(kind: &Value) -> Value {
    let has_type = |name: &str| match kind.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(names)) => names.iter().any(|it| it == name),
        Some(_) | None => false,
    };
    if has_type("null") {
        return Value::Null;
    }
    if let Some(Value::Array(values)) = kind.get("enum") {
        return values.first().cloned().unwrap_or_default();
    }
    if has_type("string") {
        json!("…")
    } else if has_type("integer") || has_type("number") {
        kind.get("minimum").cloned().unwrap_or(json!(1))
    } else if has_type("boolean") {
        json!(true)
    } else if has_type("array") {
        json!([])
    } else {
        json!({})
    }
}

#[cfg(test)]
mod tests;
