//! Names of a day's attributes.
//!
//! A kind, a name of it and a figure, as in `model#qwen#calls`; figures of all runs stand alone.

pub(super) const STATUS: &str = "status";
pub(super) const MODEL: &str = "model";
pub(super) const TOOL: &str = "tool";
pub(super) const RATING: &str = "rating";
pub(super) const CALLS: &str = "calls";
pub(super) const INPUT_TOKENS: &str = "input_tokens";
pub(super) const OUTPUT_TOKENS: &str = "output_tokens";
pub(super) const CACHED_INPUT_TOKENS: &str = "cached_input_tokens";
/// What is spent, and set aside for runs that have not ended.
pub(super) const COMMITTED_NANO_USD: &str = "committed_nano_usd";
/// Requests that a chat page makes for itself, each answered by one call of a model.
pub(super) const TASKS: &str = "tasks";
/// Requests that joined a run that was under way.
pub(super) const JOINED: &str = "joined";
/// Runs some of whose tokens were reckoned.
pub(super) const ESTIMATED: &str = "estimated";
pub(super) const COST_NANO_USD: &str = "cost_nano_usd";
pub(super) const DURATION_MS: &str = "duration_ms";
