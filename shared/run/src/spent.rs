//! What attempts take: tokens, money and time.

use serde::{Deserialize, Serialize};

use crate::{Cost, PromptDigest};

/// Tokens of one attempt or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// A part of the input: what the server had read before. Older logs do not tell it.
    #[serde(default)]
    pub cached_input_tokens: u64,
    /// Some of it was reckoned from the length of texts, as a server did not count.
    #[serde(default)]
    pub estimated: bool,
}

impl Usage {
    pub const fn total(self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        let cached = self.cached_input_tokens;
        self.cached_input_tokens = cached.saturating_add(other.cached_input_tokens);
        self.estimated = self.estimated || other.estimated;
    }
}

/// What an attempt took, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    #[serde(default)]
    pub duration_ms: u64,
    /// Absent where no model was asked, or its server did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Of one attempt at which a model was asked: what it took this for. Sums have none, and older logs do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<PromptDigest>,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.duration_ms = self.duration_ms.saturating_add(other.duration_ms);
        if let Some(usage) = other.usage {
            *self.usage.get_or_insert_default() += usage;
        }
        if let Some(cost) = other.cost {
            *self.cost.get_or_insert_default() += cost;
        }
    }
}
