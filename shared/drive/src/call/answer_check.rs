//! Whether what a model wrote fits the schema of the answer.

use catalog::check_answer;
use run::{AnswerSchema, InvalidAnswer, MAX_INVALID_ANSWER_BYTES, answer_json};
use serde_json::Value;

/// Most that is told of what does not fit, in bytes.
const MAX_FAULTS_BYTES: usize = 2048;

/// Nothing where it fits. A schema can be such that checking takes long: that is kept from the workers of other runs.
pub(super) async fn invalid_answer(
    schema: &AnswerSchema,
    text: &str,
    is_cut: bool,
) -> Option<InvalidAnswer> {
    let schema = schema.schema.clone();
    let written = text.to_owned();
    let checked = tokio::task::spawn_blocking(move || faults(&schema, &written, is_cut)).await;
    let faults = checked.unwrap_or_else(|_| Some("it cannot be checked".to_owned()))?;
    Some(InvalidAnswer {
        text: beginning(text, MAX_INVALID_ANSWER_BYTES),
        faults: beginning(&faults, MAX_FAULTS_BYTES),
    })
}

fn faults(schema: &Value, text: &str, is_cut: bool) -> Option<String> {
    let Some((_, object)) = answer_json(text) else {
        let said = if is_cut {
            "it was cut at the limit of a reply, so write it shorter"
        } else {
            "it is not one whole JSON object"
        };
        return Some(said.to_owned());
    };
    check_answer(schema, &Value::Object(object)).err()
}

fn beginning(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}
