//! What the operator decides about running Python: which one, how isolated, and within which limits.
//!
//! Refuses a number outside its bounds by the name of its variable.

use std::env;
use std::path::PathBuf;

use thiserror::Error;
use tool::{MAX_ARTIFACT_BYTES, MAX_ARTIFACTS};

const PYTHON: &str = "PYTHON";
const DEFAULT_PYTHON: &str = "python3";
const ISOLATION: &str = "CODE_INTERPRETER_ISOLATION";
const SINGLE_USE: &str = "CODE_INTERPRETER_SINGLE_USE";

const MB: u64 = 1 << 20;
/// Of what a program hands over: the orchestrator keeps no more.
const ARTIFACT_KB: (u64, u64) = (0, MAX_ARTIFACT_BYTES as u64 / 1_000);
const ARTIFACTS: (u64, u64) = (0, MAX_ARTIFACTS as u64);

/// Which Python runs, where, how isolated, and how much it may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// A path, or a name: then the first Python of that name in `PATH` that programs can use.
    pub python: PathBuf,
    /// Where each program gets a directory of its own for as long as it runs. Where this process is root, every user must
    /// be able to pass through it.
    pub scratch_root: PathBuf,
    pub isolation: Isolation,
    /// Whether a function's process ends after one answer, so that Lambda gives each program a fresh machine.
    pub single_use: bool,
    pub limits: Limits,
    /// As if the kernel had no newer Landlock: for tests of what older kernels get.
    pub landlock_abi_at_most: Option<u32>,
}

/// How little isolation the operator accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// `strict`, or `lambda` inside Lambda; else nothing runs.
    Required,
    /// A process with limits, which can reach the network and whatever this user can: asked for by name.
    Process,
}

/// Hard limits. Those of processes hold for each process of a program, the others for the program as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest time-out that may be asked for.
    pub seconds: u64,
    /// Address space of a process, above what Python and its packages take before the program begins.
    pub memory_bytes: u64,
    /// Processor time of a process.
    pub cpu_seconds: u64,
    /// Processes and threads at once.
    pub processes: u64,
    /// Of one file.
    pub file_bytes: u64,
    /// Of all files together.
    pub disk_bytes: u64,
    /// Files and directories.
    pub files: u64,
    /// Open files of a process.
    pub open_files: u64,
    /// What is kept of each output stream: half of it from its beginning, half from its end.
    pub output_bytes: u64,
    /// Of all files that a program hands back, and of all that it is handed.
    pub artifact_bytes: u64,
    /// Files that a program hands back.
    pub artifacts: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            seconds: 30,
            memory_bytes: 256 * MB,
            cpu_seconds: 60,
            processes: 64,
            file_bytes: 64 * MB,
            disk_bytes: 256 * MB,
            files: 10_000,
            open_files: 256,
            output_bytes: 16 << 10,
            artifact_bytes: MAX_ARTIFACT_BYTES as u64,
            artifacts: MAX_ARTIFACTS as u64,
        }
    }
}

/// A variable of one limit.
struct Bounded {
    variable: &'static str,
    /// How many of the limit's own unit one of the variable's is.
    unit: u64,
    min: u64,
    max: u64,
    limit: fn(&mut Limits) -> &mut u64,
}

const fn bounded(
    variable: &'static str,
    unit: u64,
    (min, max): (u64, u64),
    limit: fn(&mut Limits) -> &mut u64,
) -> Bounded {
    Bounded {
        variable,
        unit,
        min,
        max,
        limit,
    }
}

const BOUNDED: [Bounded; 11] = [
    bounded("CODE_INTERPRETER_SECONDS", 1, (1, 600), |l| &mut l.seconds),
    bounded("CODE_INTERPRETER_MEMORY_MB", MB, (32, 8192), |l| {
        &mut l.memory_bytes
    }),
    bounded("CODE_INTERPRETER_CPU_SECONDS", 1, (1, 3600), |l| {
        &mut l.cpu_seconds
    }),
    bounded("CODE_INTERPRETER_PROCESSES", 1, (1, 1024), |l| {
        &mut l.processes
    }),
    bounded("CODE_INTERPRETER_FILE_MB", MB, (1, 4096), |l| {
        &mut l.file_bytes
    }),
    bounded("CODE_INTERPRETER_DISK_MB", MB, (1, 8192), |l| {
        &mut l.disk_bytes
    }),
    bounded("CODE_INTERPRETER_FILES", 1, (10, 1_000_000), |l| {
        &mut l.files
    }),
    bounded("CODE_INTERPRETER_OPEN_FILES", 1, (16, 4096), |l| {
        &mut l.open_files
    }),
    bounded("CODE_INTERPRETER_OUTPUT_KB", 1 << 10, (1, 64), |l| {
        &mut l.output_bytes
    }),
    bounded("CODE_INTERPRETER_ARTIFACT_KB", 1_000, ARTIFACT_KB, |l| {
        &mut l.artifact_bytes
    }),
    bounded("CODE_INTERPRETER_ARTIFACTS", 1, ARTIFACTS, |l| {
        &mut l.artifacts
    }),
];

/// A variable whose value cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{variable} must be {expected}, got `{given}`")]
pub struct BadVariable {
    variable: &'static str,
    expected: String,
    given: String,
}

impl Config {
    /// Reads `PYTHON`, the interpreter's path or name, and the variables `CODE_INTERPRETER_…`; empty counts as not set.
    pub fn from_env() -> Result<Self, BadVariable> {
        Self::read(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, BadVariable> {
        let bad = |variable, expected: &str, given| BadVariable {
            variable,
            expected: expected.to_owned(),
            given,
        };
        let isolation = match variable(ISOLATION) {
            None => Isolation::Required,
            Some(asked) if asked == "process" => Isolation::Process,
            Some(given) => return Err(bad(ISOLATION, "`process` or unset", given)),
        };
        let single_use = match variable(SINGLE_USE) {
            None => false,
            Some(asked) if asked == "1" => true,
            Some(asked) if asked == "0" => false,
            Some(given) => return Err(bad(SINGLE_USE, "0 or 1", given)),
        };
        Ok(Self {
            python: variable(PYTHON).unwrap_or(DEFAULT_PYTHON.into()).into(),
            scratch_root: env::temp_dir(),
            isolation,
            single_use,
            limits: Limits::read(variable)?,
            landlock_abi_at_most: None,
        })
    }
}

impl Limits {
    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, BadVariable> {
        let mut limits = Self::default();
        for bounded in BOUNDED {
            let Some(given) = variable(bounded.variable) else {
                continue;
            };
            let number = given.parse().ok();
            let within = number.filter(|number| (bounded.min..=bounded.max).contains(number));
            let Some(number) = within else {
                return Err(BadVariable {
                    variable: bounded.variable,
                    expected: format!("a number from {} to {}", bounded.min, bounded.max),
                    given,
                });
            };
            *(bounded.limit)(&mut limits) = number * bounded.unit;
        }
        Ok(limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Config, String> {
        let variable = |name: &str| {
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::read(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn every_limit_is_read_in_its_unit_and_kept_within_its_bounds() {
        let config = read(&[
            ("CODE_INTERPRETER_MEMORY_MB", "512"),
            ("CODE_INTERPRETER_OUTPUT_KB", "32"),
            ("CODE_INTERPRETER_PROCESSES", "8"),
        ]);
        let limits = Limits {
            memory_bytes: 512 * MB,
            output_bytes: 32 << 10,
            processes: 8,
            ..Limits::default()
        };
        assert_eq!(config.unwrap().limits, limits);
        for bounded in BOUNDED {
            let variable = bounded.variable;
            for given in ["-1", "many", &(bounded.max + 1).to_string()] {
                let (min, max) = (bounded.min, bounded.max);
                let expected =
                    format!("{variable} must be a number from {min} to {max}, got `{given}`");
                assert_eq!(read(&[(variable, given)]), Err(expected));
            }
            assert!(read(&[(variable, &bounded.max.to_string())]).is_ok());
            let default = *(bounded.limit)(&mut Limits::default()) / bounded.unit;
            assert!((bounded.min..=bounded.max).contains(&default), "{variable}");
        }
    }

    #[test]
    fn less_isolation_is_only_for_who_asks_by_name() {
        assert_eq!(read(&[]).unwrap().isolation, Isolation::Required);
        let process = read(&[(ISOLATION, "process")]).unwrap();
        assert_eq!(process.isolation, Isolation::Process);
        let error = "CODE_INTERPRETER_ISOLATION must be `process` or unset, got `none`";
        assert_eq!(read(&[(ISOLATION, "none")]), Err(error.to_owned()));
    }
}
