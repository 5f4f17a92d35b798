//! How much of an answer is read.

use std::time::Duration;

use body::Bounds;

/// What a provider may answer with; the time of a search is shorter.
pub const RESPONSE: Bounds = Bounds {
    bytes: 1 << 20,
    time: Duration::from_secs(15),
};
/// What is read of an answer that is no success.
pub const REFUSAL_BYTES: usize = 64 * 1024;
