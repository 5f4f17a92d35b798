//! Runs one process and everything it starts in its group, for a limited time, with its streams read meanwhile.
//!
//! Refuses to leave the group running: it is killed when its first process ends, when time is up, and when the future
//! is dropped. A process that leaves the group with `setsid` escapes that; holding those is the launcher's part.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::FusedFuture as _;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use crate::capture::Capture;

/// How long streams are read on after the first process has ended, where something else still holds them open.
const MAX_DRAIN_TIME: Duration = Duration::from_millis(500);
/// How long a killed process may take to end.
const MAX_REAP_TIME: Duration = Duration::from_secs(1);

/// How a process ended, and what it wrote.
#[derive(Debug)]
pub struct Finished {
    pub end: End,
    pub stdout: Capture,
    pub stderr: Capture,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(i32),
    Signalled(i32),
    TimedOut,
}

/// Runs `command` with `stdin`, for at most `limit`. Fails only where it could not be started or waited for.
pub async fn run(command: &mut Command, stdin: &[u8], limit: Duration) -> io::Result<Finished> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let mut group = Group::led_by(&child);
    let (mut stdout, mut stderr) = (Capture::default(), Capture::default());
    let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(input), Some(output), Some(errors)) = streams else {
        return Err(io::Error::other("the process has no pipes"));
    };
    let end = {
        let pump =
            async { tokio::join!(feed(input, stdin), stdout.read(output), stderr.read(errors)) };
        let mut pump = pin!(pump.fuse());
        let ended = timeout(limit, async {
            loop {
                tokio::select! {
                    status = child.wait() => break status,
                    _ = &mut pump => {}
                }
            }
        })
        .await;
        group.kill();
        if !pump.is_terminated() && timeout(MAX_DRAIN_TIME, pump).await.is_err() {
            tracing::debug!("a process outside the group holds a program's streams");
        }
        if let Ok(status) = ended {
            End::from(status?)
        } else {
            if timeout(MAX_REAP_TIME, child.wait()).await.is_err() {
                tracing::warn!("a killed program has not ended yet");
            }
            End::TimedOut
        }
    };
    Ok(Finished {
        end,
        stdout,
        stderr,
    })
}

/// A program need not read what it is given.
async fn feed(mut pipe: ChildStdin, stdin: &[u8]) {
    match pipe.write_all(stdin).await {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => tracing::warn!(%error, "standard input could not be written"),
    }
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, signal) => Self::Signalled(signal.unwrap_or_default()),
        }
    }
}

/// A process group, killed at the latest when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn led_by(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// Once: later the number could be another group's.
    fn kill(&mut self) {
        let Some(leader) = self.0.take() else {
            return;
        };
        match kill_process_group(leader, Signal::KILL) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => tracing::error!(%error, "a program's processes could not be killed"),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
