//! The objects of OpenAI's chat completions.

use run::{Problem, Usage};
use serde_json::{Value, json};

use crate::sse::encode::telling::{Citation, FinishReason};

const CHUNK: &str = "chat.completion.chunk";

/// What all frames of an answer begin with.
#[derive(Clone, Debug)]
pub(crate) struct ChatHead {
    /// Without its prefix.
    pub(crate) id: String,
    /// What was asked for as the model.
    pub(crate) model: String,
    /// Seconds since 1970.
    pub(crate) created: u64,
    /// Whether a stream ends with what it took.
    pub(crate) includes_usage: bool,
}

impl ChatHead {
    /// What stands before the delta of a chunk, and behind it.
    pub(super) fn around_delta(&self) -> (String, String) {
        let before = format!(r#"{}[{{"index":0,"delta":"#, self.begin(CHUNK));
        let usage = if self.includes_usage {
            r#","usage":null"#
        } else {
            ""
        };
        let behind = format!(r#","logprobs":null,"finish_reason":null}}]{usage}}}"#);
        (before, behind)
    }

    /// The chunk that says why the answer ends.
    pub(super) fn last_chunk(&self, reason: FinishReason) -> String {
        let (before, behind) = self.around_delta();
        let reason = format!(r#""finish_reason":"{}""#, reason.as_str());
        format!(
            "{before}{{}}{}",
            behind.replacen(r#""finish_reason":null"#, &reason, 1)
        )
    }

    /// The chunk with what it took.
    pub(super) fn usage_chunk(&self, usage: Usage) -> String {
        let head = self.begin(CHUNK);
        format!(r#"{head}[],"usage":{}}}"#, used(usage))
    }

    /// A whole answer.
    pub(super) fn completion(&self, message: &Value, finish_reason: &str, usage: Usage) -> String {
        let head = self.begin("chat.completion");
        let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason});
        format!(r#"{head}[{choice}],"usage":{}}}"#, used(usage))
    }

    /// An object up to its choices.
    fn begin(&self, object: &str) -> String {
        let Self {
            id, created, model, ..
        } = self;
        let model = Value::from(&**model);
        format!(
            r#"{{"id":"chatcmpl-{id}","object":"{object}","created":{created},"model":{model},"choices":"#
        )
    }
}

/// The message of a whole answer.
pub(super) fn message(content: &str) -> Value {
    json!({"role": "assistant", "content": content, "refusal": null, "annotations": []})
}

/// A citation, in a text that stands behind so many code points of others.
pub(super) fn annotation(citation: &Citation, before: usize) -> Value {
    json!({"type": "url_citation", "url_citation": {
        "start_index": before + citation.start,
        "end_index": before + citation.end,
        "title": citation.source.title,
        "url": citation.source.url,
    }})
}

/// An error of the service, as it stands in a body or in a stream.
pub(crate) fn failure(problem: &Problem) -> Value {
    let message = format!("{} {}", problem.message, problem.remedy);
    json!({"error": {"message": message.trim(), "type": "server_error", "param": null, "code": problem.code}})
}

fn used(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total(),
        "prompt_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": 0},
    })
}

/// What is told where a connection cannot last until the run's end.
pub(in super::super) fn interrupted(run_id: &str) -> Problem {
    Problem {
        code: "run_continues".to_owned(),
        message: format!("This connection ends here, and the run {run_id} goes on."),
        remedy: "Send the same request again to join it, or read GET /api/runs/ID.".to_owned(),
    }
}
