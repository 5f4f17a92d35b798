//! How many processes and threads a user has: the kernel's limit counts them all, not those of one program.
//!
//! Where there is no `/proc` to count in, it counts none.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

/// Those that are there now. What ends meanwhile is not counted.
pub fn of_user(uid: u32) -> u64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0;
    };
    let is_process = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_process))
        .filter(|entry| entry.metadata().is_ok_and(|it| it.uid() == uid))
        .filter_map(|entry| fs::read_dir(entry.path().join("task")).ok())
        .map(|tasks| tasks.count() as u64)
        .sum()
}
