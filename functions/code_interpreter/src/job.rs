//! What the engine is given to run.

use std::time::Duration;

use crate::arguments::Arguments;
use crate::files::InputFile;

/// What is to be run, and for how long.
#[derive(Debug)]
pub struct Job {
    pub arguments: Arguments,
    pub files: Vec<InputFile>,
    pub limit: Duration,
}
