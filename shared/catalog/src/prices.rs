//! What a call costs: of a model by its tokens, of a tool by its calls and its time.

use run::{Cost, Usage};
use serde::Deserialize;

use crate::config_error::ConfigError;

/// Dollars for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    pub input: f64,
    pub output: f64,
    /// Of the part of the input that the server had read before; where it is left out, all input costs the same.
    pub cached_input: Option<f64>,
}

impl Prices {
    /// What a call cost.
    pub fn cost(self, usage: Usage) -> Cost {
        let cached = usage.cached_input_tokens.min(usage.input_tokens);
        [
            Cost::of_tokens(usage.input_tokens - cached, self.input),
            Cost::of_tokens(cached, self.cached_input.unwrap_or(self.input)),
            Cost::of_tokens(usage.output_tokens, self.output),
        ]
        .into_iter()
        .sum()
    }

    /// What it costs at most, whatever part of the input the server has read before.
    pub fn most(self, usage: Usage) -> Cost {
        let cached = self.cached_input.unwrap_or(self.input);
        [
            Cost::of_tokens(usage.input_tokens, self.input.max(cached)),
            Cost::of_tokens(usage.output_tokens, self.output),
        ]
        .into_iter()
        .sum()
    }

    pub(crate) fn check(self, path: &str) -> Result<(), ConfigError> {
        let all = [Some(self.input), Some(self.output), self.cached_input];
        check_amounts(path, all)
    }
}

/// Dollars for each call of a tool that is no model, and for each second that it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToolPrices {
    pub per_call: Option<f64>,
    pub per_second: Option<f64>,
}

impl ToolPrices {
    /// What a call cost that took so long; `None` where the tool has no price.
    pub fn cost(self, duration_ms: u64) -> Option<Cost> {
        let of_call = self.per_call.map(Cost::of_usd);
        let of_time = self
            .per_second
            .map(|price| Cost::of_time(duration_ms, price));
        let parts = [of_call, of_time].into_iter().flatten();
        parts.reduce(|sum, part| [sum, part].into_iter().sum())
    }

    pub(crate) fn check(self, path: &str) -> Result<(), ConfigError> {
        check_amounts(&format!("{path}.usd_per_call"), [self.per_call])?;
        check_amounts(&format!("{path}.usd_per_second"), [self.per_second])
    }
}

fn check_amounts(
    path: &str,
    amounts: impl IntoIterator<Item = Option<f64>>,
) -> Result<(), ConfigError> {
    let mut amounts = amounts.into_iter().flatten();
    if amounts.all(|amount| amount >= 0.0) {
        return Ok(());
    }
    Err(ConfigError::at(path, "expected prices of 0 or more"))
}
