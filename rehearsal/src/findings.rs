//! What tools returned, read from a prompt and quoted in an answer.

use drive::SERVICE;
use serde::Deserialize;
use serde_json::Value;

/// The most characters quoted of one snippet, and of one longer text.
const MAX_SNIPPET_CHARS: usize = 300;
const MAX_QUOTE_CHARS: usize = 800;

/// Marks the block in which a reasoner shows what its program printed.
pub(crate) const OUTPUT: &str = "text";

/// What a reasoner says of a question that no rule covers. Nothing that stands in the question is picked out as a result.
pub(crate) const CANNOT: &str = "This question cannot be worked out here: the rehearsal model is a stand-in without weights, \
                                 and no rule of it covers the whole question.";

/// What every text of this model ends with.
pub(crate) const CLOSING: &str = "This is the rehearsal model, which follows rules and has no weights: set QWEN_API_URL, \
                       PHI_API_URL or LLAMA_API_URL to the address of a model server to use a real one.";

/// A text of this model without its closing sentence, for quoting it in another one.
pub(crate) fn opened(text: &str) -> &str {
    text.trim_end().trim_end_matches(CLOSING).trim_end()
}

/// What one tool call returned.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) tool: String,
    pub(crate) part: Part,
}

/// The results that the answerer knows how to quote.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Part {
    Failed {
        error: Failure,
    },
    Search {
        query: String,
        results: Vec<Hit>,
    },
    Code {
        success: bool,
        stdout: String,
        value: Option<String>,
        error: Option<String>,
        stderr: String,
    },
    Text {
        content: String,
    },
    Other(Value),
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Failure {
    message: String,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Hit {
    title: String,
    snippet: String,
    url: String,
}

impl Hit {
    fn say(&self) -> String {
        let Self {
            title,
            snippet,
            url,
        } = self;
        format!("- {title}: {} ({url})", cut(snippet, MAX_SNIPPET_CHARS))
    }
}

impl Finding {
    /// What the answer tells of it.
    pub(crate) fn quote(&self) -> String {
        self.part.quote(&self.tool)
    }

    /// `body` is the JSON text of a result, or of `{"error": {…}}`; on a line of its own the service may say something behind it.
    pub(crate) fn read(tool: &str, body: &str) -> Self {
        let body = body.split(SERVICE).next().unwrap_or(body);
        // What was cut on the way is no JSON any more, and still something that a tool returned.
        let part = serde_json::from_str(body).unwrap_or_else(|_| Part::Other(Value::from(body)));
        Self {
            tool: tool.to_owned(),
            part,
        }
    }
}

impl Part {
    fn quote(&self, tool: &str) -> String {
        match self {
            Self::Failed { error } => format!("{tool} failed: {}", error.message),
            Self::Search { query, results } if results.is_empty() => {
                format!("A search for \"{query}\" found nothing.")
            }
            Self::Search { query, results } => {
                let hits = results.iter().map(Hit::say);
                let hits: Vec<_> = hits.collect();
                format!("A search for \"{query}\" found:\n{}", hits.join("\n"))
            }
            Self::Code {
                success: true,
                stdout,
                value,
                ..
            } => {
                let mut text = if stdout.trim().is_empty() {
                    "The program ran and printed nothing.".to_owned()
                } else {
                    format!(
                        "The program printed:\n{}",
                        fenced("", &cut(stdout, MAX_QUOTE_CHARS))
                    )
                };
                if let Some(value) = value {
                    text.push_str("\nIts value: ");
                    text.push_str(&cut(value, MAX_QUOTE_CHARS));
                }
                text
            }
            Self::Code {
                success: false,
                error,
                stderr,
                ..
            } => {
                let last = stderr.lines().rfind(|line| !line.trim().is_empty());
                let why = error.as_deref().or(last).unwrap_or("no message");
                format!("The program failed: {}", cut(why, MAX_QUOTE_CHARS))
            }
            Self::Text { content } => match computed(content) {
                Some(output) => format!("The reasoning computed:\n{}", fenced("", output)),
                None if content.starts_with(CANNOT) => cut(opened(content), MAX_QUOTE_CHARS),
                None => format!("{tool} wrote: {}", cut(opened(content), MAX_QUOTE_CHARS)),
            },
            Self::Other(value) => {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                format!("{tool} returned: {}", cut(&text, MAX_QUOTE_CHARS))
            }
        }
    }
}

/// The block of output in a reasoner's text.
pub(crate) fn computed(content: &str) -> Option<&str> {
    let open = format!("```{OUTPUT}\n");
    let (_, after) = content.rsplit_once(&open)?;
    after.split_once("\n```").map(|(output, _)| output)
}

/// A block that keeps its text as it is.
pub(crate) fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```", text.trim_end())
}

/// The beginning of a text, in at most `max_chars` characters.
pub(crate) fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(2)).collect();
    format!("{} …", kept.trim_end())
}
