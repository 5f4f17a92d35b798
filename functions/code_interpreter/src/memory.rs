//! How much memory a program takes in all, while it runs. The kernel bounds each process for an ordinary user, not a program of
//! many, so its processes are looked at now and then: a program can overshoot its limit by what it takes in between.
//!
//! What it shares with the Python that it was forked from is not its own, and is allowed beside its limit once, however many
//! processes share it. Refuses to count a socket or a pipe as less than it may hold: what it holds is no process's memory.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use crate::config::Limits;
use crate::locks;
use crate::quota;
use crate::sandbox::{Level, tasks};

/// Between two looks, …
pub const INTERVAL: Duration = Duration::from_millis(50);
/// … and this many times what a look takes, up to [`MAX_REST`]: a machine of many processes must not be busy with looking.
const REST: u32 = 9;
/// A program that makes looks long must not gain time by that.
const MAX_REST: Duration = Duration::from_millis(200);

/// Between a look that took so long and the next one.
pub fn rest(took: Duration) -> Duration {
    took.saturating_mul(REST).clamp(INTERVAL, MAX_REST)
}

/// While processes come and go.
const MAX_LOOKS: u32 = 5;
const KB: u64 = 1 << 10;
const BLOCK_BYTES: u64 = 512;
/// Sixteen pages of what was written and not yet read; a program cannot change that.
const PIPE_BYTES: u64 = 64 * KB;
const DEFAULT_SOCKET_BYTES: u64 = 212_992;

/// A program's processes and what they may take.
#[derive(Clone, Debug)]
pub struct Meter {
    pub group: tasks::Group,
    /// What the Python that it was forked from takes.
    pub shared_bytes: u64,
    pub limits: Limits,
    /// Where the program writes: on some file systems that is memory.
    pub directory: PathBuf,
    pub level: Level,
}

impl Meter {
    /// Whether the program takes more than it may. Blocks. What was shared by few processes when the first was looked at, and
    /// by many at the last, counts too much: then it is looked at again.
    pub fn is_exceeded(&mut self) -> bool {
        let mut pids = self.group.members();
        for _ in 0..MAX_LOOKS {
            if !self.exceeds(&pids) {
                return false;
            }
            let earlier = std::mem::replace(&mut pids, self.group.members());
            if pids == earlier {
                return true;
            }
        }
        true
    }

    fn exceeds(&self, pids: &[i32]) -> bool {
        let allowed = self.limits.memory_bytes + self.shared_bytes;
        // Never between two looks at the processes, as it may take long: what they share moves between them.
        let locks = || locks::bytes(pids.iter().copied(), allowed);
        let processes: Vec<Process> = pids.iter().filter_map(|pid| Process::look(*pid)).collect();
        let files_are_memory = is_memory(&self.directory);
        // Most programs could not exceed it if all were their own and each descriptor a full socket.
        let at_most: u64 = processes.iter().map(Process::at_most).sum();
        let sees_all = !files_are_memory && self.level == Level::Strict;
        if sees_all && at_most <= allowed && at_most + locks() <= allowed {
            return false;
        }
        let mut seen = Seen::default();
        let mut taken: u64 = processes.iter().map(Process::own_bytes).sum();
        for process in &processes {
            taken += seen.add(process.pid, &self.limits);
        }
        if files_are_memory {
            taken += quota::bytes(&self.directory, &self.limits);
        }
        taken > allowed || taken + locks() > allowed
    }
}

/// What the kernel says of a process at once.
#[derive(Debug)]
struct Process {
    pid: i32,
    /// Anonymous and shared memory, and what of it is swapped out; also what others have a part in.
    resident: u64,
    /// For its page tables.
    tables: u64,
    /// As many descriptors it may have open without asking for more.
    slots: u64,
}

impl Process {
    /// `None` where it has ended.
    fn look(pid: i32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let field = |name| number_of(&status, name);
        let anonymous = field("RssAnon:").or_else(|| field("VmRSS:"));
        let resident = [anonymous, field("RssShmem:"), field("VmSwap:")];
        Some(Self {
            pid,
            resident: resident.into_iter().flatten().sum::<u64>() * KB,
            tables: field("VmPTE:").unwrap_or(0) * KB,
            slots: field("FDSize:").unwrap_or(0),
        })
    }

    fn at_most(&self) -> u64 {
        self.resident + self.tables + self.slots * *SOCKET_BYTES
    }

    /// Its part of what several processes share. The kernel does not tell that of one that runs a file it may not read; all
    /// counts then.
    fn own_bytes(&self) -> u64 {
        let part = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid)).ok();
        let part = part.and_then(|rollup| {
            let field = |name| number_of(&rollup, name);
            let memory = field("Pss_Anon:").or_else(|| field("Pss:"))?;
            let rest = [field("Pss_Shmem:"), field("SwapPss:")];
            Some((memory + rest.into_iter().flatten().sum::<u64>()) * KB)
        });
        part.unwrap_or(self.resident) + self.tables
    }
}

/// Descriptors of a program, by device and inode: what two processes have open is one thing, and two files of one name are two.
#[derive(Debug, Default)]
struct Seen(HashSet<(u64, u64)>);

impl Seen {
    /// What the sockets, pipes and nameless files of a process may hold, that no earlier one has open.
    fn add(&mut self, pid: i32, limits: &Limits) -> u64 {
        let folder = format!("/proc/{pid}/fd");
        let descriptors = match fs::read_dir(folder) {
            Ok(descriptors) => descriptors,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return limits.open_files * *SOCKET_BYTES;
            }
            // It has ended.
            Err(_) => return 0,
        };
        let links = descriptors.filter_map(Result::ok).map(|entry| entry.path());
        links.map(|link| self.add_one(&link)).sum()
    }

    fn add_one(&mut self, link: &Path) -> u64 {
        let (Ok(target), Ok(about)) = (fs::read_link(link), link.metadata()) else {
            return 0;
        };
        let target = target.to_string_lossy();
        let bytes = if target.starts_with("socket:") {
            *SOCKET_BYTES
        } else if target.starts_with("pipe:") {
            PIPE_BYTES
        } else if target.ends_with(" (deleted)") && is_memory(link) {
            about.blocks() * BLOCK_BYTES
        } else {
            return 0;
        };
        if self.0.insert((about.dev(), about.ino())) {
            bytes
        } else {
            0
        }
    }
}

/// What a socket may hold of what it has sent: the kernel's default, which a program cannot change, and half as much in the
/// last message.
static SOCKET_BYTES: LazyLock<u64> = LazyLock::new(|| {
    let default = fs::read_to_string("/proc/sys/net/core/wmem_default").ok();
    let default = default.and_then(|text| text.trim().parse().ok());
    default.unwrap_or(DEFAULT_SOCKET_BYTES) / 2 * 3
});

/// The number in the line that begins with `name`.
fn number_of(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Whether what lies there is kept in memory alone.
fn is_memory(path: &Path) -> bool {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58f6;
    #[cfg(target_os = "linux")]
    return rustix::fs::statfs(path)
        .is_ok_and(|about| matches!(about.f_type.cast_unsigned() & 0xffff_ffff, TMPFS | RAMFS));
    #[cfg(not(target_os = "linux"))]
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel_are_read_by_their_names() {
        let text =
            "FDSize:\t64\nVmRSS:\t   5120 kB\nRssAnon:\t     12 kB\nPss_Anon:           3 kB\n";
        let cases = [
            ("FDSize:", Some(64)),
            ("RssAnon:", Some(12)),
            ("Pss_Anon:", Some(3)),
            ("Anon:", None),
            ("RssShmem:", None),
        ];
        for (name, number) in cases {
            assert_eq!(number_of(text, name), number, "{name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_in_memory_is_told_from_one_on_a_disk() {
        assert!(!is_memory(Path::new(env!("CARGO_MANIFEST_DIR"))));
        let shared = Path::new("/dev/shm");
        assert!(!shared.is_dir() || is_memory(shared));
    }

    #[test]
    fn a_look_that_takes_long_is_not_followed_by_a_long_rest() {
        for (took_ms, rest_ms) in [
            (0, 50),
            (1, 50),
            (10, 90),
            (22, 198),
            (23, 200),
            (5_000, 200),
        ] {
            let took = Duration::from_millis(took_ms);
            assert_eq!(rest(took), Duration::from_millis(rest_ms), "{took_ms}");
        }
        assert_eq!(rest(Duration::MAX), MAX_REST);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nameless_files_of_one_name_count_each_and_what_is_open_twice_counts_once() {
        use std::io::Write as _;
        use std::os::fd::AsRawFd as _;

        let Ok(directory) = tempfile::tempdir_in("/dev/shm") else {
            println!("NOT RUN: there is no memory to keep files in");
            return;
        };
        let path = directory.path().join("same");
        let nameless = || {
            let mut file = fs::File::create_new(&path).unwrap();
            file.write_all(&[1; 8192]).unwrap();
            fs::remove_file(&path).unwrap();
            file
        };
        let (first, second) = (nameless(), nameless());
        let again = first.try_clone().unwrap();
        let mut seen = Seen::default();
        let mut add = |file: &fs::File| {
            let link = format!("/proc/self/fd/{}", file.as_raw_fd());
            seen.add_one(Path::new(&link))
        };
        assert_eq!([add(&first), add(&again), add(&second)], [8192, 0, 8192]);
    }
}
