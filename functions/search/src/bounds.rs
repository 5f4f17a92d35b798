//! How long a search may take, and how much the service may answer with.

use std::time::Duration;

use body::Bounds;

/// One search takes no longer than this, however late its deadline is.
pub const MAX_SEARCH_TIME: Duration = Duration::from_secs(10);
/// What is left of a deadline for the answer's way back.
pub const REPLY_MARGIN: Duration = Duration::from_millis(250);
/// What the service may answer with.
pub const RESPONSE: Bounds = Bounds {
    bytes: 1 << 20,
    time: MAX_SEARCH_TIME,
};
