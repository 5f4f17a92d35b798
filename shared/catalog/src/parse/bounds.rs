//! What a tool may take: the cap of its results and its time. A result above its cap is shortened by `drive` when it arrives.

use crate::config_error::ConfigError;

/// Largest `max_result_bytes`: one event stays below the 200 KB at which items are cut.
pub(super) const MAX_RESULT_BYTES: u64 = 128 * 1024;
/// Largest `timeout_ms`: a Lambda function lives 15 minutes.
pub(super) const MAX_TIMEOUT_MS: u64 = 15 * 60 * 1000;

/// `max_result_bytes` where a tool sets none.
pub(super) const fn default_result_bytes() -> u64 {
    64 * 1024
}

pub(super) fn check_range(path: &str, value: u64, most: u64) -> Result<(), ConfigError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::at(
        path,
        format!("expected 1 to {most}, found {value}"),
    ))
}
