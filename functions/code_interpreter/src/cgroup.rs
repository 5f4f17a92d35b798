//! A control group of the kernel for each program, where this process has been given a part of their tree to divide: a
//! container's own, or a unit's with `Delegate=yes`. There the kernel itself bounds the memory and the processes of a program, what
//! it keeps for them of its own among that.
//!
//! Refuses a part that others live in, or that nobody has given away: the processes there are not this one's to move. Where
//! anything fails, the program runs as where there is none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::config::Limits;

const TOOL: &str = "tool";
const PROGRAM: &str = "program-";
/// Memory first: where it cannot be had, processes alone must not be asked for, or the group takes no others any more.
const CONTROLLERS: &str = "+memory +pids";
const MAX_REMOVALS: u32 = 50;
const REMOVAL_POLL: Duration = Duration::from_millis(10);

/// The part that this process divides.
#[derive(Debug)]
pub struct Tree {
    directory: PathBuf,
    made: AtomicU32,
}

/// That of one program; removed when dropped, with all that lives in it.
#[derive(Debug)]
pub struct Group {
    directory: PathBuf,
}

impl Tree {
    /// `None` where there is none to have.
    pub fn find() -> Option<Self> {
        let directory = given()?;
        match Self::take(&directory) {
            Ok(tree) => tree,
            Err(error) => {
                tracing::debug!(%error, "programs get no control groups");
                None
            }
        }
    }

    fn take(directory: &Path) -> io::Result<Option<Self>> {
        let words = |file: &str| fs::read_to_string(directory.join(file));
        let has_memory = |text: String| text.split_whitespace().any(|word| word == "memory");
        let is_domain = words("cgroup.type")?.trim() == "domain";
        if !is_domain || !has_memory(words("cgroup.controllers")?) {
            return Ok(None);
        }
        if !has_memory(words("cgroup.subtree_control")?) {
            let own = process::id().to_string();
            if words("cgroup.procs")?.trim() != own {
                return Ok(None);
            }
            divide(directory, &own)?;
        }
        let tree = Self {
            directory: directory.to_owned(),
            made: AtomicU32::new(0),
        };
        tree.clear_abandoned();
        Ok(Some(tree))
    }

    /// For a program that shares so many bytes with others, and that has not begun.
    pub fn group(&self, pid: i32, limits: &Limits, shared_bytes: u64) -> io::Result<Group> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PROGRAM}{}-{number}", process::id());
        let directory = self.directory.join(name);
        fs::create_dir(&directory)?;
        let group = Group { directory };
        let memory = limits.memory_bytes + shared_bytes;
        group.set("memory.max", memory)?;
        group.set("memory.oom.group", 1)?;
        // Without swap, or where processes are not counted, there is no such file.
        for (file, limit) in [("memory.swap.max", 0), ("pids.max", limits.processes)] {
            if group.directory.join(file).exists() {
                group.set(file, limit)?;
            }
        }
        group.set("cgroup.procs", pid.unsigned_abs().into())?;
        Ok(group)
    }

    /// Those of processes that live no more.
    fn clear_abandoned(&self) {
        let entries = fs::read_dir(&self.directory).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let made_by = name
                .strip_prefix(PROGRAM)
                .and_then(|rest| rest.split('-').next());
            let is_left = made_by.is_some_and(|pid| !Path::new("/proc").join(pid).exists());
            if is_left {
                drop(Group {
                    directory: entry.path(),
                });
            }
        }
    }
}

impl Group {
    fn set(&self, file: &str, value: u64) -> io::Result<()> {
        fs::write(self.directory.join(file), value.to_string())
    }

    fn is_out_of_memory(&self) -> bool {
        let events = fs::read_to_string(self.directory.join("memory.events")).unwrap_or_default();
        let killed = events
            .lines()
            .find_map(|line| line.strip_prefix("oom_kill "));
        killed.is_some_and(|times| times.trim() != "0")
    }
}

/// That of a program that runs, where it has one. Its end takes time: a thread that may wait sees to it when this is dropped.
#[derive(Debug)]
pub struct Bound(pub Option<Group>);

impl Bound {
    /// Whether the kernel has ended the program for its memory.
    pub fn is_out_of_memory(&self) -> bool {
        self.0.as_ref().is_some_and(Group::is_out_of_memory)
    }

    /// For who may wait until it is gone.
    pub fn take(mut self) -> Option<Group> {
        self.0.take()
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        if let Some(group) = self.0.take() {
            spawn_blocking(move || drop(group));
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Linux 5.14; before, what lives in it ends with its process group.
        if self.directory.join("cgroup.kill").exists()
            && let Err(error) = self.set("cgroup.kill", 1)
        {
            tracing::debug!(%error, "a control group cannot be ended");
        }
        for _ in 0..MAX_REMOVALS {
            match fs::remove_dir(&self.directory) {
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => sleep(REMOVAL_POLL),
                Ok(()) => return,
                Err(error) => return tracing::warn!(%error, "a control group remains"),
            }
        }
    }
}

/// Makes room: a group that bounds others holds no process itself. Undone where it cannot be finished.
fn divide(directory: &Path, own: &str) -> io::Result<()> {
    let leaf = directory.join(TOOL);
    match fs::create_dir(&leaf) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let divided = fs::write(leaf.join("cgroup.procs"), own)
        .and_then(|()| fs::write(directory.join("cgroup.subtree_control"), CONTROLLERS));
    if let Err(error) = divided {
        fs::write(directory.join("cgroup.procs"), own)?;
        fs::remove_dir(&leaf)?;
        return Err(error);
    }
    Ok(())
}

/// This process's own group, where it is given away: by a mark, or because it is the first that can be seen, as in a
/// container. That its files can be written says nothing: a desktop's groups are its user's, and its manager's to divide.
fn given() -> Option<PathBuf> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let (path, directory) = own_directory(&groups, &mounts)?;
    (path == "/" || is_marked(&directory)).then_some(directory)
}

/// As systemd marks a unit's group with `Delegate=yes`.
fn is_marked(directory: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return ["user.delegate", "trusted.delegate"].iter().any(|name| {
        let mut value = [0; 8];
        let read = rustix::fs::getxattr(directory, *name, &mut value);
        read.is_ok_and(|length| value[..length] == *b"1")
    });
    #[cfg(not(target_os = "linux"))]
    false
}

/// The path in the tree, and where that is.
fn own_directory(groups: &str, mounts: &str) -> Option<(String, PathBuf)> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    if path.split('/').any(|part| part == "..") {
        return None;
    }
    let mount = mounts.lines().find_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        let mut fields = place.split(' ').skip(3);
        let is_whole = fields.next()? == "/";
        (is_whole && kind.starts_with("cgroup2 ")).then(|| fields.next())?
    })?;
    Some((format!("/{path}"), Path::new(mount).join(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "22 1 0:21 / /proc rw - proc proc rw\n30 23 0:26 /part /elsewhere rw shared:4 - cgroup2 cgroup2 rw\n31 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn the_own_group_is_found_where_its_tree_is_mounted() {
        let found = |groups: &str, mounts: &str| own_directory(groups, mounts).map(|(_, at)| at);
        let unit = "0::/user.slice/run.scope\n";
        let at = PathBuf::from("/sys/fs/cgroup/user.slice/run.scope");
        assert_eq!(found(unit, MOUNTS), Some(at.clone()));
        assert_eq!(found(&format!("4:memory:/x\n{unit}"), MOUNTS), Some(at));
        assert_eq!(found("0::/\n", MOUNTS), Some("/sys/fs/cgroup/".into()));
        assert_eq!(found("4:memory:/x\n", MOUNTS), None);
        assert_eq!(found("0::/../other\n", MOUNTS), None);
        assert_eq!(found(unit, "22 1 0:21 / /proc rw - proc proc rw\n"), None);
    }

    /// A directory with the files of a group. What the kernel would answer to a write is not tried.
    fn group(controllers: &str, processes: &str) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("cgroup.type", "domain\n"),
            ("cgroup.controllers", controllers),
            ("cgroup.subtree_control", ""),
            ("cgroup.procs", processes),
        ] {
            fs::write(directory.path().join(file), text).unwrap();
        }
        directory
    }

    fn text(directory: &Path, file: &str) -> String {
        fs::read_to_string(directory.join(file)).unwrap()
    }

    #[test]
    fn a_group_with_others_in_it_or_without_memory_is_left_alone() {
        let own = process::id();
        let alone = format!("{own}\n");
        for (controllers, processes) in [
            ("cpu pids\n", alone.clone()),
            ("memory pids\n", format!("1\n{own}\n")),
            ("memory pids\n", String::new()),
        ] {
            let directory = group(controllers, &processes);
            assert!(Tree::take(directory.path()).unwrap().is_none());
            assert_eq!(text(directory.path(), "cgroup.subtree_control"), "");
            assert!(!directory.path().join(TOOL).exists());
        }
    }

    #[test]
    fn a_program_gets_a_group_with_its_limits_before_it_begins() {
        let own = process::id().to_string();
        let directory = group("cpu memory pids\n", &own);
        fs::create_dir(directory.path().join("program-0-1")).unwrap();
        let tree = Tree::take(directory.path()).unwrap().unwrap();
        assert_eq!(text(directory.path(), "tool/cgroup.procs"), own);
        assert_eq!(
            text(directory.path(), "cgroup.subtree_control"),
            CONTROLLERS
        );
        assert!(!directory.path().join("program-0-1").exists(), "nobody's");

        let group = tree.group(4711, &Limits::default(), 1 << 20).unwrap();
        let set = ["memory.max", "memory.oom.group", "cgroup.procs"];
        let set = set.map(|file| text(&group.directory, file));
        assert_eq!(set, ["269484032", "1", "4711"]);
        for (events, is_out) in [
            ("low 0\noom 3\noom_kill 0\n", false),
            ("oom 1\noom_kill 12\noom_group_kill 1\n", true),
        ] {
            fs::write(group.directory.join("memory.events"), events).unwrap();
            assert_eq!(group.is_out_of_memory(), is_out, "{events}");
        }
    }
}
