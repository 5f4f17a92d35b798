//! How much a tool may hand over: files and bytes of one call.

/// Files of one call.
pub const MAX_ARTIFACTS: usize = 32;
/// Bytes of all files of one call together: an invocation carries 6 MB, and base64 makes four bytes of three.
pub const MAX_ARTIFACT_BYTES: usize = 4_000_000;
