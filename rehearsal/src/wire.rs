//! What goes back, written as llama-server writes it: one body, or a row of frames.

use serde_json::{Value, json};

/// The one model this server has.
pub const MODEL: &str = "rehearsal";
/// Characters that one token is taken for: an estimate, since there is no tokenizer here.
pub(crate) const CHARS_PER_TOKEN: usize = 4;
/// Characters of arguments in one delta.
const FRAGMENT_CHARS: usize = 16;

pub(crate) fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(CHARS_PER_TOKEN)
}

/// What the model gives back.
pub(crate) enum Output {
    Call {
        why: &'static str,
        id: String,
        tool: String,
        arguments: String,
    },
    Text {
        content: String,
        /// The text did not fit into `max_tokens`.
        cut: bool,
    },
}

impl Output {
    pub(crate) fn text(mut content: String, max_chars: usize) -> Self {
        let end = content.char_indices().nth(max_chars);
        if let Some((end, _)) = end {
            content.truncate(end);
        }
        let cut = end.is_some();
        Self::Text { content, cut }
    }

    fn finish_reason(&self) -> &'static str {
        match self {
            Self::Call { .. } => "tool_calls",
            Self::Text { cut: true, .. } => "length",
            Self::Text { cut: false, .. } => "stop",
        }
    }

    fn tokens(&self) -> usize {
        match self {
            Self::Call {
                why,
                tool,
                arguments,
                ..
            } => tokens(why) + tokens(tool) + tokens(arguments),
            Self::Text { content, .. } => tokens(content),
        }
    }

    fn deltas(&self) -> Vec<Value> {
        let (why, id, tool, arguments) = match self {
            Self::Text { content, .. } => {
                let words = content.split_inclusive(char::is_whitespace);
                return words.map(|word| json!({"content": word})).collect();
            }
            Self::Call {
                why,
                id,
                tool,
                arguments,
            } => (why, id, tool, arguments),
        };
        let open = json!({"index": 0, "id": id, "type": "function",
            "function": {"name": tool, "arguments": ""}});
        let chars: Vec<char> = arguments.chars().collect();
        let fragments = chars.chunks(FRAGMENT_CHARS).map(
            |fragment| json!({"index": 0, "function": {"arguments": String::from_iter(fragment)}}),
        );
        let calls = std::iter::once(open).chain(fragments);
        std::iter::once(json!({"reasoning_content": why}))
            .chain(calls.map(|call| json!({"tool_calls": [call]})))
            .collect()
    }
}

/// What every chunk of one completion has in common.
pub(crate) struct Head {
    pub(crate) id: String,
    /// Seconds since 1970.
    pub(crate) created: u64,
    pub(crate) prompt_tokens: usize,
}

impl Head {
    /// The body of an answer that is not streamed.
    pub(crate) fn whole(&self, output: &Output) -> Value {
        let message = match output {
            Output::Text { content, .. } => json!({"role": "assistant", "content": content}),
            Output::Call {
                why,
                id,
                tool,
                arguments,
            } => {
                let function = json!({"name": tool, "arguments": arguments});
                json!({"role": "assistant", "content": null, "reasoning_content": why,
                    "tool_calls": [{"id": id, "type": "function", "function": function}]})
            }
        };
        json!({
            "choices": [{"index": 0, "message": message, "finish_reason": output.finish_reason()}],
            "created": self.created, "id": self.id, "model": MODEL, "object": "chat.completion",
            "usage": self.usage(output),
        })
    }

    /// The first frame of a stream.
    pub(crate) fn role(&self) -> String {
        let choice = json!({"finish_reason": null, "index": 0,
            "delta": {"role": "assistant", "content": null}});
        self.frame(json!([choice]), None)
    }

    /// The frames after the first, `[DONE]` included.
    pub(crate) fn rest(&self, output: &Output, with_usage: bool) -> Vec<String> {
        let delta = |delta| json!([{"finish_reason": null, "index": 0, "delta": delta}]);
        let deltas = output.deltas().into_iter();
        let mut frames: Vec<_> = deltas.map(|it| self.frame(delta(it), None)).collect();
        let finish = json!({"finish_reason": output.finish_reason(), "index": 0, "delta": {}});
        frames.push(self.frame(json!([finish]), None));
        if with_usage {
            frames.push(self.frame(json!([]), Some(self.usage(output))));
        }
        frames.push("data: [DONE]\n\n".to_owned());
        frames
    }

    fn frame(&self, choices: Value, usage: Option<Value>) -> String {
        let mut chunk = json!({"choices": choices, "created": self.created, "id": self.id,
            "model": MODEL, "object": "chat.completion.chunk"});
        if let Some(usage) = usage {
            chunk["usage"] = usage;
        }
        format!("data: {chunk}\n\n")
    }

    fn usage(&self, output: &Output) -> Value {
        let completion = output.tokens();
        json!({"prompt_tokens": self.prompt_tokens, "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion})
    }
}
