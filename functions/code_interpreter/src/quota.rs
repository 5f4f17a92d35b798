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
    let Ok(opened) = rustix::fs::open(directory, DIRECTORY, Mode::empty()) else {
        return false;
    };
    let mut left = Left {
        files: limits.files,
        bytes: limits.disk_bytes,
    };
    left.take(&opened, 1).is_none()
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
    /// `None` where nothing is left. What vanishes or is shut meanwhile is passed over: the program is at work.
    fn take(&mut self, directory: &OwnedFd, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let Ok(names) = names(directory) else {
            return Some(());
        };
        for name in names {
            let Ok(name) = name else {
                return Some(());
            };
            self.files = self.files.checked_sub(1)?;
            let stat = match statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::NOENT) => continue,
                Err(_) => return Some(()),
            };
            let blocks = u64::try_from(stat.st_blocks).unwrap_or(0);
            self.bytes = self.bytes.checked_sub(blocks.saturating_mul(BLOCK_BYTES))?;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory
                && let Ok(inner) = openat(directory, &name, DIRECTORY, Mode::empty())
            {
                self.take(&inner, depth + 1)?;
            }
        }
        Some(())
    }
}
