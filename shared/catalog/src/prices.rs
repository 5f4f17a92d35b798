//! What a call of a model costs.

use run::{Cost, Usage};
use serde::Deserialize;

/// Dollars for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    pub input: f64,
    pub output: f64,
}

impl Prices {
    /// What a call cost.
    pub fn cost(self, usage: Usage) -> Cost {
        [
            Cost::of_tokens(usage.input_tokens, self.input),
            Cost::of_tokens(usage.output_tokens, self.output),
        ]
        .into_iter()
        .sum()
    }
}
