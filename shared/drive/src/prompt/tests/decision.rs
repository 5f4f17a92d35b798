//! Decisions that are asked for by a schema.

use catalog::RequestedCall;
use model::{CallForm, ChatRequest, DecisionSchema};
use proptest::prelude::*;
use run::Mode;

use super::super::toolorchestra;
use super::*;

const SHIPPED: &str = include_str!("../../../../../tools_config.json");

const BY_SCHEMA: Form = Form {
    context_tokens: 32_768,
    calls: AskedBy::Schema,
    thinks_first: false,
};

fn schema(request: &ChatRequest) -> &DecisionSchema {
    match &request.calls {
        CallForm::Schema(decision) => decision,
        CallForm::Native | CallForm::Text => panic!("it is asked for by a schema"),
    }
}

fn branches(decision: &DecisionSchema) -> Vec<Value> {
    let branches = &decision.schema["properties"]["call"]["anyOf"];
    branches.as_array().unwrap().clone()
}

fn names(decision: &DecisionSchema) -> Vec<String> {
    let names = branches(decision).into_iter().map(|branch| {
        let name = &branch["properties"]["name"]["const"];
        name.as_str().unwrap().to_owned()
    });
    names.collect()
}

/// The run in a round, the last of which is the third.
fn in_round(number: u32, mode: Mode) -> Run {
    let mut start = Start::clone(&run_at_its_start().start);
    start.request.max_rounds = 3;
    start.request.preferences.mode = mode;
    let mut run = Run::begin(start);
    for number in 1..number {
        look(&mut run, number, 100);
    }
    run.apply(&Event::RoundStart {
        round: number,
        reserved: None,
    });
    run
}

#[test]
fn the_schema_is_the_same_in_all_rounds_and_in_the_last_one_only_answers_are_left() {
    let catalog = Catalog::parse(SHIPPED).unwrap();
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let tools = [
        "enhance_reasoning",
        "answer",
        "search",
        "code_interpreter",
        "read_url",
    ];
    let first = in_round(1, Mode::Auto);
    let mut conversation = Conversation::new(&first, &tool_set, BY_SCHEMA);
    let [one, two, last] =
        [1, 2, 3].map(|round| conversation.request(&in_round(round, Mode::Auto)));
    let mut all: Vec<_> = tools.map(str::to_owned).to_vec();
    all.push("answer_in_text".to_owned());
    assert!(all.iter().all(|name| names(schema(&one)).contains(name)));
    assert_eq!(
        schema(&one).schema.to_string(),
        schema(&two).schema.to_string()
    );
    assert_eq!(names(schema(&last)), ["answer", "answer_in_text"]);
    assert_eq!(schema(&one).answer.as_deref(), Some("answer_in_text"));
    let keys: Vec<_> = schema(&one).schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(
        keys,
        ["reason", "call"],
        "what is written first is thought first"
    );
    // A model that was trained to answer by a tool, and one that thinks by itself.
    let paper = toolorchestra(&first, &tool_set, BY_SCHEMA);
    assert!(!names(schema(&paper)).contains(&"answer_in_text".to_owned()));
    assert_eq!(schema(&paper).answer, None);
    let thinks = Form {
        thinks_first: true,
        ..BY_SCHEMA
    };
    let thinking = Conversation::new(&first, &tool_set, thinks).request(&first);
    assert!(
        schema(&thinking).schema["properties"]
            .get("reason")
            .is_none()
    );
    assert!(!thinking.messages[0].json().contains("reason`"));
}

#[test]
fn tools_are_told_in_words_with_the_form_and_one_example() {
    let catalog = Catalog::parse(SHIPPED).unwrap();
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let run = in_round(1, Mode::Auto);
    let request = Conversation::new(&run, &tool_set, BY_SCHEMA).request(&run);
    let system = request.messages[0].value()["content"]
        .as_str()
        .unwrap()
        .to_owned();
    for told in [
        "\n- `search`: Search the web for facts, above all for current ones.",
        "\n  - `query`: text. A few words, as typed into a search engine",
        "\n  - `num_results`: a whole number from 1 to 5, or null",
        "\n  - `model`: one of \"answer-1\", \"answer-2\", \"answer-3\"",
        "\n- `answer_in_text`: ",
        "\n{\"reason\":\"…\",\"call\":{\"name\":\"enhance_reasoning\",\"arguments\":{\"model\":\"reasoner-1\",\"problem\":null,\"reasoning_focus\":null}}}",
    ] {
        assert!(system.contains(told), "{told}\n{system}");
    }
}

#[test]
fn what_was_decided_is_told_as_it_was_asked_for() {
    let catalog = catalog(8192);
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let run = in_round(2, Mode::Auto);
    let told = messages(&mut Conversation::new(&run, &tool_set, BY_SCHEMA), &run);
    let decision: Value = serde_json::from_str(&told[2]).unwrap();
    assert_eq!(decision["role"], "assistant");
    let decision: Value = serde_json::from_str(decision["content"].as_str().unwrap()).unwrap();
    assert_eq!(decision["call"]["name"], "look");
    let brought: Value = serde_json::from_str(&told[3]).unwrap();
    assert_eq!(brought["role"], "user");
    assert!(
        brought["content"]
            .as_str()
            .unwrap()
            .starts_with("<tool_response>")
    );
}

/// A value that fits a grammar, as the choices fall.
fn fitting(schema: &Value, choices: &mut impl Iterator<Item = usize>) -> Value {
    let mut choose = |of: usize| choices.next().unwrap_or(0) % of.max(1);
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    for listed in ["enum", "anyOf"] {
        if let Some(Value::Array(all)) = schema.get(listed) {
            let one = &all[choose(all.len())];
            return if listed == "enum" {
                one.clone()
            } else {
                fitting(one, choices)
            };
        }
    }
    let kinds: Vec<_> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => vec!["string", "null", "integer"],
    };
    let bound = |name: &str, otherwise: i64| {
        schema
            .get(name)
            .and_then(Value::as_i64)
            .unwrap_or(otherwise)
    };
    match kinds[choose(kinds.len())] {
        "string" => Value::from("https://example.org/ ".repeat(1 + choose(3))),
        "integer" | "number" => Value::from(bound("minimum", 0).max(bound("maximum", 9) - 1)),
        "boolean" => Value::from(choose(2) == 0),
        "array" => json!([]),
        "null" => Value::Null,
        _ => {
            let members = schema.get("properties").and_then(Value::as_object);
            let members = members.into_iter().flatten();
            let members = members.map(|(name, schema)| (name.clone(), fitting(schema, choices)));
            Value::Object(members.collect())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Whatever a server makes of the schema, it is a call of an offered tool that is made or refused with a reason, or the answer.
    #[test]
    fn every_reply_that_fits_the_schema_is_a_decision(
        choices in prop::collection::vec(any::<usize>(), 0..30),
        narrowed in prop::sample::subsequence(vec!["enhance_reasoning", "answer", "search", "code_interpreter", "read_url"], 1..5),
        is_last: bool,
        discusses: bool,
    ) {
        let catalog = Catalog::parse(SHIPPED).unwrap();
        let preferences = Preferences {
            tools: run::ToolFilter::Allow(narrowed.into_iter().map(ToolName::new).collect()),
            ..Preferences::default()
        };
        let tool_set = catalog.tool_set(&preferences, |_| true);
        let mode = if discusses { Mode::Discussion } else { Mode::Auto };
        let run = in_round(if is_last { 3 } else { 1 }, mode);
        let request = Conversation::new(&run, &tool_set, BY_SCHEMA).request(&run);
        let decision = schema(&request);
        prop_assert!(!branches(decision).is_empty());
        let written = fitting(&decision.schema, &mut choices.into_iter());
        let call = &written["call"];
        let name = call["name"].as_str().unwrap();
        if decision.answer.as_deref() == Some(name) {
            prop_assert!(call["text"].is_string());
        } else {
            let asked = RequestedCall { tool: name.to_owned(), arguments: call["arguments"].to_string() };
            let checked = tool_set.check(&asked);
            match checked.role {
                Role::Work | Role::Answer => {}
                Role::Rejected { code, message } => prop_assert!(code == "invalid_arguments" && !message.is_empty(), "{code}: {message}"),
            }
        }
    }
}
