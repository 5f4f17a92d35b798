//! The whole tool against an internet that stands in for the real one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod encodings;
mod internet;
mod pages;
mod private;
