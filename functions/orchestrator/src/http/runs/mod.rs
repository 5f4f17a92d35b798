//! Runs that are there: seen, followed, listed, cancelled, deleted.

pub(super) mod cancel;
pub(super) mod delete;
pub(super) mod events;
pub(super) mod list;
pub(super) mod show;
pub(super) mod tails;

use run::RunId;

use super::ApiError;

/// The run that an address names; a malformed name is no other mistake than an unknown one.
fn parse_id(text: &str) -> Result<RunId, ApiError> {
    text.parse().map_err(|_| ApiError::no_such_run())
}
