//! The level `lambda`: the function's virtual machine holds a program, and this process removes all that is left of it.
//!
//! Lambda gives a function no means to confine a process further. So after each run everything in the machine but this
//! process and the first one is killed, in one system call that nothing can outrun, and the scratch directory is emptied.
//! That call would be a disaster anywhere else. Refuses, therefore, to take a machine for Lambda where anything stands
//! that the call could hit: before the first program runs there must be no other process that this one may signal.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::scratch;

/// How long killed processes may take to be dead before an answer goes out without them, …
pub const MAX_DEATH_TIME: Duration = Duration::from_millis(500);
/// … and before no other program is run beside them.
pub const LONGEST_DEATH_TIME: Duration = Duration::from_secs(10);
const DEATH_POLL: Duration = Duration::from_millis(2);
/// Where segments of shared memory lie.
const SHARED_MEMORY: &str = "/dev/shm";

/// Proof that this process is alone; nothing else can make one.
#[derive(Clone, Copy, Debug)]
pub struct Alone(());

/// Whether nothing but this process and the first one could be hit, and if not, why.
pub fn is_alone() -> Result<(), String> {
    alone().map(|_| ())
}

/// Asked again by who wants to kill, before the first program runs.
pub fn alone() -> Result<Alone, String> {
    if rustix::process::geteuid().is_root() {
        return Err("this process is root".to_owned());
    }
    match first_in_reach() {
        Ok(None) => Ok(Alone(())),
        Ok(Some(pid)) => Err(format!("process {pid} is within this one's reach")),
        Err(error) => Err(format!("/proc: {error}")),
    }
}

/// A living process that this one may signal, but itself and the first one.
fn first_in_reach() -> io::Result<Option<i32>> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if pid != 1 && pid != own && kill(Pid::from_raw(pid), None).is_ok() && is_living(pid) {
            return Ok(Some(pid));
        }
    }
    Ok(None)
}

/// Not a mere entry that nobody has collected yet.
fn is_living(pid: i32) -> bool {
    // pid (name) state: a name may hold anything, but it ends with the last bracket.
    let state = |stat: String| {
        stat.rsplit_once(") ")
            .map(|(_, rest)| rest.starts_with('Z'))
    };
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    !stat.ok().and_then(state).unwrap_or(true)
}

/// Kills every process that this one may signal, but itself and the first one, and waits until they are dead. Blocks.
///
/// # Errors
/// Something lives on after this time.
pub fn kill_all(_: Alone, within: Duration) -> io::Result<()> {
    match kill(Pid::from_raw(-1), Signal::SIGKILL) {
        Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
        Err(error) => return Err(error.into()),
    }
    let end = Instant::now() + within;
    while first_in_reach()?.is_some() {
        if Instant::now() > end {
            return Err(io::Error::other("a killed process does not die"));
        }
        sleep(DEATH_POLL);
    }
    Ok(())
}

/// Removes all that lies in `root`, and this user's shared memory. Goes on past what cannot be removed, and gives the first
/// error then.
pub fn wipe(_: Alone, root: &Path) -> io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    let mut wiped = Ok(());
    for entry in fs::read_dir(root)? {
        wiped = wiped.and(entry.and_then(|entry| remove(&entry.path())));
    }
    let shared = match fs::read_dir(SHARED_MEMORY) {
        Ok(shared) => shared,
        // Lambda has none.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return wiped,
        Err(error) => return wiped.and(Err(error)),
    };
    for entry in shared {
        let removed = entry.and_then(|entry| match entry.path().symlink_metadata() {
            Ok(about) if about.uid() == own => remove(&entry.path()),
            // Somebody else's, or gone already.
            Ok(_) | Err(_) => Ok(()),
        });
        wiped = wiped.and(removed);
    }
    wiped
}

/// What is gone already, a program's directory on its way or what killed processes have still removed, needs nothing.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(about) if about.is_dir() => scratch::remove(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
