//! Standard output.

use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

use super::text;

/// Prints at once: somebody may read along.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("write to standard output")
}

pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut json = text::json(value)?;
    json.push('\n');
    print(&json)
}
