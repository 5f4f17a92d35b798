//! The rules of each gateway, and the words in which it refuses.

mod anthropic;
mod azure;
mod bedrock;
mod dashscope;
mod gemini;
mod groq;
mod mistral;
mod template;
mod unverified;

use anthropic::anthropic;
use azure::azure;
use bedrock::bedrock;
use dashscope::dashscope;
use gemini::gemini;
use groq::groq;
use mistral::mistral;
use serde_json::Value;
use template::template;
use unverified::unverified;

use super::conversation::{error, has_arguments, turns};
use super::{Refusal, Strictness};

type Judged = Result<(), Refusal>;

/// The longest reply of Bedrock's and of Groq's model here, in tokens.
const LONGEST_REPLY: u64 = 1000;
const STREAM_OPTIONS: &str = "stream_options";
const FIELDS: [&str; 6] = [
    "model",
    "messages",
    "tools",
    "temperature",
    "max_tokens",
    "stream",
];

impl Strictness {
    /// Refuses what this gateway does not take.
    pub(super) fn judge(self, request: &Value) -> Judged {
        let turns = turns(request);
        let offers = request["tools"].as_array().map_or(0, Vec::len);
        if request.get("tools").is_some() && offers == 0 {
            return Err(Refusal::fault(400, error("[] is too short - 'tools'")));
        }
        let calls = turns.iter().flat_map(|turn| turn.calls);
        if calls.into_iter().any(|call| !has_arguments(call)) {
            return Err(Refusal::fault(400, error("arguments are no JSON object")));
        }
        match self {
            Self::Mistral => mistral(request, &turns),
            Self::Anthropic => anthropic(request, &turns),
            Self::Bedrock => bedrock(request, &turns),
            Self::Gemini => gemini(request, &turns),
            Self::Azure => azure(request, &turns),
            Self::Groq => groq(request, &turns),
            Self::DashScope => dashscope(request, &turns),
            Self::Template => template(request, &turns),
            Self::Unverified => unverified(request),
        }
    }
}
