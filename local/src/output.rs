//! Standard output.

use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

use crate::text;

/// Prints at once: somebody may read along.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("write to standard output")
}

pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut json = text::json(value)?;
    json.push('\n');
    print(&json)
}

/// Says something beside what is printed, on standard error. Whoever does not listen there misses nothing that counts.
pub(crate) fn note(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Whether whoever read standard output has read enough, as `head` does.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
