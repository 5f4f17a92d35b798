//! Tools for a model whose server refuses them: described in words, called and answered in text, as Hermes and Qwen models are
//! trained to.

use run::{CallState, Round};
use serde_json::{Value, json};

use super::inert;
use super::observation::{observation, shorten};

/// What the system message says of the tools.
pub(super) fn tools(functions: &[Value]) -> String {
    let mut text =
        "\n\n# Tools\nYou may call these functions, which are described as JSON:\n<tools>"
            .to_owned();
    for function in functions {
        text.push('\n');
        text.push_str(&function.to_string());
    }
    text.push_str(
        "\n</tools>\nWrite each call as a JSON object with its name and arguments within tags of its own:\n\
         <tool_call>\n{\"name\": \"<name of a function>\", \"arguments\": {<its arguments>}}\n</tool_call>",
    );
    text
}

/// A round's decision as the model would have written it.
pub(super) fn decision(round: &Round) -> String {
    let mut text = inert::text(&round.text.text).into_owned();
    for call in round.asked_calls() {
        let call = json!({"name": call.spec.tool, "arguments": call.spec.arguments});
        text.push_str("\n<tool_call>\n");
        text.push_str(&inert::json(&call));
        text.push_str("\n</tool_call>");
    }
    text.trim_start().to_owned()
}

/// What the calls of a round brought, in one message: many templates want user and assistant to take turns.
pub(super) fn results(round: &Round, limit: impl Fn(&CallState) -> usize) -> String {
    let blocks = round.asked_calls().map(|call| {
        let brought = shorten(&inert::json(&observation(round, call)), limit(call));
        format!("<tool_response>\n{brought}\n</tool_response>")
    });
    blocks.collect::<Vec<_>>().join("\n")
}
