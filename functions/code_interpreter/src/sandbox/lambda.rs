//! The level `lambda`: the function's virtual machine holds a program, and this process removes all that is left of it.
//!
//! Lambda gives a function no means to confine a process further. So after each run everything in the machine but this
//! process and the first one is killed, in one system call that nothing can outrun, and the scratch directory is emptied.
//! That call would be a disaster anywhere else. Refuses, therefore, to take a machine for Lambda where anything stands
//! that the call could hit: before the first program runs there must be no other process that this one may signal.

use std::fs;
use std::io;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::scratch;

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
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let entries = fs::read_dir("/proc").map_err(|error| format!("/proc: {error}"))?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("/proc: {error}"))?;
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        if pid != 1 && pid != own && kill(Pid::from_raw(pid), None).is_ok() {
            return Err(format!("process {pid} is within this one's reach"));
        }
    }
    Ok(Alone(()))
}

/// Kills every process that this one may signal, but itself and the first one.
pub fn kill_all(_: Alone) {
    match kill(Pid::from_raw(-1), Signal::SIGKILL) {
        Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
        Err(error) => tracing::error!(%error, "what a program left could not be killed"),
    }
}

/// Removes all that lies in `root`.
pub fn wipe(_: Alone, root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.symlink_metadata()?.is_dir() {
            scratch::remove(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
