//! What the harness is told of a level: filters and rulesets where the kernel holds programs, nothing elsewhere.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::level::{Level, landlock_abi};
use crate::config::Config;
use crate::python::{FIRST_UID, Python, UIDS};
use crate::scratch::Scratch;

/// A level with all that is needed to bring it about.
#[derive(Clone, Debug)]
pub struct Policy {
    pub level: Level,
    pub base_filters: Vec<String>,
    pub program_filters: Vec<String>,
    landlock_abi: u32,
    library: Vec<PathBuf>,
    /// Where each program gets a user of its own.
    first_user: Option<u32>,
}

impl Policy {
    pub fn new(level: Level, config: &Config, python: &Python) -> io::Result<Self> {
        let landlock_abi = landlock_abi(config, python);
        let first_user = match level {
            Level::Strict => first_user(),
            Level::Lambda | Level::Process => None,
        };
        let (base_filters, program_filters) = filters(level, landlock_abi, first_user.is_none())?;
        // A prefix of `/` would be everything.
        let is_some_folder = |path: &&PathBuf| path.parent().is_some();
        let mut library: Vec<_> = python
            .prefixes
            .iter()
            .filter(is_some_folder)
            .cloned()
            .collect();
        library.extend(python.executable.canonicalize());
        Ok(Self {
            level,
            base_filters,
            program_filters,
            landlock_abi,
            library,
            first_user,
        })
    }

    /// The zygote's ruleset; none where the level has none.
    pub fn base_ruleset(&self, own: &Path) -> io::Result<Option<OwnedFd>> {
        match self.level {
            Level::Strict => base(self.landlock_abi, own).map(Some),
            Level::Lambda | Level::Process => Ok(None),
        }
    }

    /// One program's ruleset.
    pub fn program_ruleset(&self, scratch: &Scratch) -> io::Result<Option<OwnedFd>> {
        match self.level {
            Level::Strict => program(self.landlock_abi, &self.library, scratch).map(Some),
            Level::Lambda | Level::Process => Ok(None),
        }
    }

    /// The user that a program gets.
    pub fn uid(&self, slot: u32) -> Option<u32> {
        self.first_user.map(|first| user(first, slot))
    }
}

#[cfg(target_os = "linux")]
fn filters(
    level: Level,
    landlock_abi: u32,
    shared_user: bool,
) -> io::Result<(Vec<String>, Vec<String>)> {
    use super::filter::{self, Kernel};

    if level != Level::Strict {
        return Ok((Vec::new(), Vec::new()));
    }
    let kernel = Kernel {
        landlock_abi,
        shared_user,
    };
    let base = filter::base().map_err(io::Error::other)?;
    Ok((base, filter::program(kernel).map_err(io::Error::other)?))
}

#[cfg(target_os = "linux")]
fn base(abi: u32, own: &Path) -> io::Result<OwnedFd> {
    super::landlock::base(abi, own)
}

#[cfg(target_os = "linux")]
fn program(abi: u32, library: &[PathBuf], scratch: &Scratch) -> io::Result<OwnedFd> {
    let places = super::landlock::Places {
        library,
        readable: &[scratch.code()],
        own: &[scratch.work(), scratch.tmp()],
        writable_file: &scratch.report_path(),
    };
    super::landlock::program(abi, &places)
}

#[cfg(not(target_os = "linux"))]
fn filters(_: Level, _: u32, _: bool) -> io::Result<(Vec<String>, Vec<String>)> {
    Ok((Vec::new(), Vec::new()))
}

#[cfg(not(target_os = "linux"))]
fn base(_: u32, _: &Path) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn program(_: u32, _: &[PathBuf], _: &Scratch) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Where the users of one engine's programs begin, counted from [`FIRST_UID`]; none where this process is not root. Apart
/// from those of other engines, most likely: the kernel counts a user's processes wherever they run.
fn first_user() -> Option<u32> {
    static ENGINES: AtomicU32 = AtomicU32::new(0);
    let engine = ENGINES.fetch_add(1, Ordering::Relaxed);
    let begin = std::process::id().wrapping_mul(101) % UIDS + engine.wrapping_mul(67) % UIDS;
    rustix::process::geteuid().is_root().then_some(begin)
}

/// The user that the program in this slot gets.
fn user(first: u32, slot: u32) -> u32 {
    FIRST_UID + first.wrapping_add(slot) % UIDS
}
