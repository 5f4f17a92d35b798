//! Where no program runs at all.

use std::io;

use crate::{PythonMissing, Refusal};

/// Why no program can be run here at all.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    #[error(transparent)]
    PythonMissing(#[from] PythonMissing),
    #[error(transparent)]
    NotIsolated(#[from] Refusal),
    #[error("the sandbox cannot be prepared: {0}")]
    Broken(#[from] io::Error),
}
