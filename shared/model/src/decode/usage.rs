//! Tokens as servers count them, each in its own spelling.
//!
//! Two conventions are told apart: with OpenAI's names what was read from a cache is a part of the input, with Anthropic's it stands
//! beside it. Thoughts are output; some servers leave them out of the output and count them in the total alone.

use run::Usage;
use serde::Deserialize;

use super::lenient::{Count, Lenient};

/// The object `usage` of a reply.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireUsage {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Lenient<InputDetails>,
    /// Of Anthropic's interface, and of OpenAI's second one.
    input_tokens: Count,
    output_tokens: Count,
    input_tokens_details: Lenient<InputDetails>,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    /// Of Moonshot.
    cached_tokens: Count,
    /// Of `DeepSeek`.
    prompt_cache_hit_tokens: Count,
    prompt_cache_miss_tokens: Count,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct InputDetails {
    cached_tokens: Count,
}

/// Where llama.cpp tells its work; its `usage` may be left out.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Timings {
    #[serde(rename = "cache_n")]
    cached: Count,
    /// Beside what was cached.
    #[serde(rename = "prompt_n")]
    read: Count,
    #[serde(rename = "predicted_n")]
    written: Count,
}

/// An object that holds the usage.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WithUsage {
    pub(crate) usage: Lenient<WireUsage>,
}

/// What a server has counted so far; counts that it did not give are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// With what was read from a cache.
    input: Option<u64>,
    cached: Option<u64>,
    output: Option<u64>,
}

impl WireUsage {
    pub(crate) fn counted(self) -> Counted {
        let read = self.cache_read_input_tokens.0.unwrap_or(0);
        let beside = read.saturating_add(self.cache_creation_input_tokens.0.unwrap_or(0));
        let by_cache = self
            .prompt_cache_hit_tokens
            .0
            .zip(self.prompt_cache_miss_tokens.0);
        let by_cache = by_cache.map(|(hit, miss)| hit.saturating_add(miss));
        let details = self.prompt_tokens_details.0.or(self.input_tokens_details.0);
        let cached = [
            details.and_then(|details| details.cached_tokens.0),
            self.cache_read_input_tokens.0,
            self.prompt_cache_hit_tokens.0,
            self.cached_tokens.0,
        ];
        // A field of zero beside another spelling that says more is one that a gateway fills in.
        let cached = cached.into_iter().flatten().max();
        let told_output = self.completion_tokens.0.or(self.output_tokens.0);
        let rest = |input: u64| {
            let told = input.saturating_add(told_output.unwrap_or(0));
            self.total_tokens.0.unwrap_or(0).saturating_sub(told)
        };
        let input = match (self.prompt_tokens.0, self.input_tokens.0) {
            // Some gateways give OpenAI's names to Anthropic's counts: more was read from the cache than there was, or the total tells it.
            (Some(input), _) if read > input || rest(input) == beside => {
                Some(input.saturating_add(beside))
            }
            (Some(input), _) => Some(input),
            (None, Some(input)) => Some(input.saturating_add(beside)),
            (None, None) => by_cache,
        };
        // No question takes no token: the server did not count.
        let input = input.filter(|input| *input > 0);
        let unsaid = input.map_or(0, rest);
        Counted {
            input,
            cached,
            output: told_output
                .map(|output| output.saturating_add(unsaid))
                .or_else(|| {
                    // Only the total tells it.
                    (unsaid > 0).then_some(unsaid)
                }),
        }
    }
}

impl Timings {
    pub(crate) fn counted(self) -> Counted {
        let cached = self.cached.0;
        let read = self.read.0;
        Counted {
            input: read.map(|read| read.saturating_add(cached.unwrap_or(0))),
            cached,
            output: self.written.0,
        }
    }
}

impl Counted {
    /// Takes in what came later: counts grow, and a frame that leaves one out, or has zero in its place, changes nothing of it.
    pub(crate) fn join(&mut self, later: Self) {
        self.input = self.input.max(later.input);
        self.cached = self.cached.max(later.cached);
        self.output = self.output.max(later.output);
    }

    /// What it does not tell, as another count of the same tells it.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            input: self.input.or(other.input),
            cached: self.cached.or(other.cached),
            output: self.output.or(other.output),
        }
    }

    /// The same as usage. What was not counted is estimated by the lengths of the question and of what was written, in bytes.
    pub(crate) fn usage(self, prompt_bytes: usize, written_bytes: usize) -> Usage {
        let output = self
            .output
            .filter(|output| *output > 0 || written_bytes == 0);
        let input_tokens = self.input.unwrap_or_else(|| estimate(prompt_bytes));
        Usage {
            input_tokens,
            output_tokens: output.unwrap_or_else(|| estimate(written_bytes)),
            cached_input_tokens: self.cached.unwrap_or(0).min(input_tokens),
            estimated: self.input.is_none() || output.is_none() && written_bytes > 0,
        }
    }
}

/// Tokens of a text by its length, at 4 bytes each.
const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}

#[cfg(test)]
mod tests;
