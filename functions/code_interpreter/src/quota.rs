//! How much a program has written, while it runs. No kernel counts that for an ordinary user, so the directory is walked
//! now and then: a program can overshoot its quota by what it writes in between.
//!
//! Refuses to spend more on a walk than the quota itself allows to stand there.

use std::path::Path;
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, FileType, Mode, openat, statat};
use rustix::io::Errno;

use crate::config::Limits;
use crate::scratch::{DIRECTORY, names};

/// Between two walks.
pub const INTERVAL: Duration = Duration::from_millis(250);
/// Deeper, nothing is counted, and nobody needs it.
const MAX_DEPTH: u32 = 32;
const BLOCK_BYTES: u64 = 512;
/// What must be left on the file system: deleted files that are still open stand in no directory.
const MIN_FREE_BYTES: u64 = 128 << 20;

/// Whether what lies in `directory` is more than `limits` allow.
pub fn is_exceeded(directory: &Path, limits: &Limits) -> bool {
    if is_full(directory) {
        return true;
    }
    let opened = match rustix::fs::open(directory, DIRECTORY, Mode::empty()) {
        Ok(opened) => opened,
        Err(error) => return !is_gone(error),
    };
    let mut left = Left {
        files: limits.files,
        bytes: limits.disk_bytes,
    };
    left.take(&opened, 1).is_none()
}

/// What lies in `directory`, as far as `limits` allow it to be there.
pub fn bytes(directory: &Path, limits: &Limits) -> u64 {
    let mut left = Left {
        files: limits.files,
        bytes: limits.disk_bytes,
    };
    let opened = rustix::fs::open(directory, DIRECTORY, Mode::empty());
    let is_within = opened.map(|opened| left.take(&opened, 1).is_some());
    match is_within {
        Ok(true) => limits.disk_bytes - left.bytes,
        Ok(false) => limits.disk_bytes,
        Err(_) => 0,
    }
}

fn is_full(directory: &Path) -> bool {
    rustix::fs::statvfs(directory)
        .is_ok_and(|stat| stat.f_bavail.saturating_mul(stat.f_frsize) < MIN_FREE_BYTES)
}

struct Left {
    files: u64,
    bytes: u64,
}

impl Left {
    /// `None` where nothing is left. What vanishes meanwhile is passed over: the program is at work. What it has shut against
    /// being looked at counts as too much, or anything could be written there.
    fn take(&mut self, directory: &OwnedFd, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let names = match names(directory) {
            Ok(names) => names,
            Err(error) if is_gone(error) => return Some(()),
            Err(_) => return None,
        };
        for name in names {
            let Ok(name) = name else {
                return Some(());
            };
            self.files = self.files.checked_sub(1)?;
            let stat = match statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(error) if is_gone(error) => continue,
                Err(_) => return None,
            };
            let blocks = u64::try_from(stat.st_blocks).unwrap_or(0);
            self.bytes = self.bytes.checked_sub(blocks.saturating_mul(BLOCK_BYTES))?;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                match openat(directory, &name, DIRECTORY, Mode::empty()) {
                    Ok(inner) => self.take(&inner, depth + 1)?,
                    Err(error) if is_gone(error) => {}
                    Err(_) => return None,
                }
            }
        }
        Some(())
    }
}

/// Whether what stood under a name stands there no more, or is no directory any more.
fn is_gone(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::LOOP)
}
