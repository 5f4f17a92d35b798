//! Locks that processes hold on parts of files: memory of the kernel that belongs to no process, and that no limit bounds.
//!
//! Refuses to look at each descriptor while the whole machine has few locks.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

/// Of the kernel's record, rounded up.
const LOCK_BYTES: u64 = 256;
/// Of the whole machine, which are not worth a look: 2.5 MB. To read on takes the kernel longer and longer.
const FEW: usize = 10_000;

/// What those of the processes take; where that is more than `max_bytes`, as many as show it are counted.
pub fn bytes(pids: impl Iterator<Item = i32>, max_bytes: u64) -> u64 {
    if are_few() {
        return 0;
    }
    let most = usize::try_from(max_bytes / LOCK_BYTES).unwrap_or(usize::MAX);
    let counted = pids.flat_map(held).take(most.saturating_add(1)).count();
    counted as u64 * LOCK_BYTES
}

fn are_few() -> bool {
    match File::open("/proc/locks") {
        Ok(file) => lines(file).take(FEW + 1).count() <= FEW,
        // A kernel without it has no locks; what may not be read may be long.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// A line for each that a process holds: it stands at the descriptor of its file.
fn held(pid: i32) -> impl Iterator<Item = Vec<u8>> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fdinfo"));
    // It has ended, or its descriptors are not told: then they count as full already.
    let descriptors = descriptors.into_iter().flatten().filter_map(Result::ok);
    descriptors.flat_map(|descriptor| at(&descriptor.path()))
}

fn at(descriptor: &Path) -> impl Iterator<Item = Vec<u8>> + use<> {
    let about = File::open(descriptor).into_iter().flat_map(lines);
    about.filter(|line| line.starts_with(b"lock:"))
}

fn lines(file: File) -> impl Iterator<Item = Vec<u8>> {
    BufReader::new(file).split(b'\n').map_while(Result::ok)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd as _;

    #[test]
    fn each_lock_counts_where_it_is_held() {
        let file = tempfile::tempfile().unwrap();
        let descriptor = format!("/proc/self/fdinfo/{}", file.as_raw_fd());
        let count = || at(Path::new(&descriptor)).count();
        assert_eq!(count(), 0);
        file.lock().unwrap();
        assert_eq!(count(), 1);
        assert!(held(std::process::id().cast_signed()).count() >= 1);
        file.unlock().unwrap();
        assert_eq!(count(), 0);
        assert_eq!(at(Path::new("/proc/self/fdinfo/none")).count(), 0);
    }
}
