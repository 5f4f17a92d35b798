//! The examples: their own tests, the stand-in for Lambda's Invoke API, and what puts an entry into a catalogue.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod add;
mod invoke;
mod python;
mod runs;

use std::path::{Path, PathBuf};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}
