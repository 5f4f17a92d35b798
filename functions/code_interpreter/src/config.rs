//! What the operator decides about running Python.

use std::env;
use std::path::PathBuf;

const PYTHON: &str = "PYTHON";
const DEFAULT_PYTHON: &str = "python3";

/// Which Python runs, where, and how much it may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// A path, or a name that is looked up in `PATH`.
    pub python: PathBuf,
    /// Where each program gets a directory of its own for as long as it runs.
    pub scratch_root: PathBuf,
    pub limits: Limits,
}

/// Hard limits of each process of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Address space. numpy needs 96 MB, pandas 192 MB.
    pub memory_bytes: u64,
    /// Of one file.
    pub file_bytes: u64,
    pub open_files: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 1 << 30,
            file_bytes: 64 << 20,
            open_files: 256,
        }
    }
}

impl Config {
    /// Reads `PYTHON`, the interpreter's path or name; empty counts as not set.
    pub fn from_env() -> Self {
        let python = env::var_os(PYTHON).filter(|python| !python.is_empty());
        Self {
            python: python.unwrap_or(DEFAULT_PYTHON.into()).into(),
            scratch_root: env::temp_dir(),
            limits: Limits::default(),
        }
    }
}
