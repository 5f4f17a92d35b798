//! Which processes there are: those of a group, whose they are, and how many, threads among them, a user has. The kernel's
//! limit counts all of a user, not those of one program.
//!
//! Where there is no `/proc` to look into, there are none.

use std::collections::HashSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Those that are there now. What ends meanwhile is not counted.
pub fn of_user(uid: u32) -> u64 {
    all()
        .map(|pid| format!("/proc/{pid}"))
        .filter(|path| fs::metadata(path).is_ok_and(|it| it.uid() == uid))
        .filter_map(|path| fs::read_dir(format!("{path}/task")).ok())
        .map(|tasks| tasks.count() as u64)
        .sum()
}

/// The processes of a group. Those of the machine that are in another one are remembered: on a busy machine it would take
/// long to ask each of them every time, and none changes into a group that is not of its session.
#[derive(Clone, Debug)]
pub struct Group {
    number: i32,
    strangers: HashSet<i32>,
    looks: u32,
}

/// After so many looks all are asked again: the number of a stranger that has ended may be another process's.
const FORGET_AFTER: u32 = 20;

impl Group {
    pub fn new(number: i32) -> Self {
        Self {
            number,
            strangers: HashSet::new(),
            looks: 0,
        }
    }

    /// Those that are there now, in the order of their numbers.
    pub fn members(&mut self) -> Vec<i32> {
        self.looks += 1;
        if self.looks.is_multiple_of(FORGET_AFTER) {
            self.strangers.clear();
        }
        let mut pids: Vec<_> = all().collect();
        pids.sort_unstable();
        let is_stranger =
            |pid: &i32| self.strangers.contains(pid) || group_of(*pid) != Some(self.number);
        let (strangers, members) = pids.into_iter().partition(is_stranger);
        // What is not there any more is forgotten.
        let strangers: Vec<i32> = strangers;
        self.strangers = strangers.into_iter().collect();
        members
    }
}

/// What the kernel says of a process to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    pub session: i32,
    /// In ticks since the machine began.
    pub begun: u64,
    /// Nothing is left of it but its number.
    pub is_dead: bool,
}

/// `None` where there is no such process.
pub fn about(pid: i32) -> Option<About> {
    let stat = stat(pid)?;
    let field = |at: usize| stat.split(' ').nth(at);
    Some(About {
        session: field(3)?.parse().ok()?,
        begun: field(19)?.parse().ok()?,
        is_dead: matches!(field(0)?, "Z" | "X"),
    })
}

/// Whether a process can gain no rights and is under a filter, as every program under `strict` is.
pub fn is_held(pid: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let has = |line: &str| status.lines().any(|it| it == line);
    has("NoNewPrivs:\t1") && has("Seccomp:\t2")
}

/// Whether a process has a directory in the environment that it began with.
pub fn began_in(pid: i32, directory: &Path) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let directory = directory.as_os_str().as_bytes();
    environment
        .windows(directory.len())
        .any(|it| it == directory)
}

fn group_of(pid: i32) -> Option<i32> {
    stat(pid)?.split(' ').nth(2)?.parse().ok()
}

/// State, parent, group, session and what follows them.
fn stat(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // A name may hold anything, but it ends with the last bracket.
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.to_owned())
}

/// Their numbers.
pub fn all() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    let name = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    entries.filter_map(Result::ok).filter_map(name)
}
