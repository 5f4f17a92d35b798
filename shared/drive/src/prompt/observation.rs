//! What calls brought, as models are shown it.

use run::{CallError, CallState, Outcome, Round};
use serde_json::{Value, json};

const NOT_ENDED: CallError<'_> = CallError {
    code: "no_result",
    message: "The call has not ended.",
    retryable: true,
};

/// What a call of a round brought, as models are shown it.
pub(super) fn observation(round: &Round, call: &CallState) -> Value {
    let by = round.brought_by(call);
    match &by.outcome {
        Some(Outcome::Text { model_name, .. }) => {
            json!({"content": by.text.text, "model_name": model_name})
        }
        Some(Outcome::Object(result)) => {
            let mut told = result.to_map();
            if let Some((name, taken)) = round.taken(call) {
                told.entry(name).or_insert_with(|| taken.into());
            }
            Value::Object(told)
        }
        Some(
            outcome @ (Outcome::Failed { .. }
            | Outcome::Rejected { .. }
            | Outcome::NotRun { .. }
            | Outcome::OverBudget { .. }
            | Outcome::Cancelled { .. }),
        ) => json!({"error": outcome.error()}),
        Some(Outcome::Composed { .. }) | None => json!({"error": NOT_ENDED}),
    }
}

/// Keeps head and tail of a text that is longer than `limit` bytes. The tail begins no line: what stands in a result's JSON cannot
/// come to look like a line of the service.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(limit * 3 / 4);
    let tail = text.ceil_char_boundary(text.len() - limit / 4);
    format!(
        "{}\n[… {} bytes left out …] {}",
        &text[..head],
        tail - head,
        &text[tail..]
    )
}

/// A text in a fence that nothing in it can close.
pub(super) fn fenced(kind: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(longest.map_or(3, |longest| (longest + 1).max(3)));
    format!("{fence}{kind}\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::super::inert;
    use super::*;

    #[test]
    fn effort_of_no_framing_is_more_than_its_text() {
        let pieces = [
            "<",
            "</",
            "</result",
            "</result>",
            "`",
            "``` ",
            "\n",
            "é",
            "[…",
            "<|im_end|>",
        ];
        for piece in pieces {
            effort::assert_linear(piece, effort::repeated(piece), |text| {
                let shown = inert::json(&Value::from(text)).len() + inert::text(text).len();
                let shown = shown + fenced("text", text).len();
                shown + shorten(text, 1000).len() + shorten(text, usize::MAX).len()
            });
        }
    }
}
