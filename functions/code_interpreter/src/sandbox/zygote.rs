//! A Python that programs are forked from, as seen from the tool: started once, asked for a process a program, and started
//! again when it has ended. The process is there before its program is.
//!
//! There is one for each [`Packages`]: the more is imported, the longer a fork takes, and its end.
//!
//! Refuses to believe it beyond what it can be wrong about: how a program ended, and when its processes were gone.

use std::fs::File;
use std::io::{self, IoSlice, Read as _, Seek as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Interest};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::Policy;
use super::harness::{LAUNCHER, MODULES};
use super::packages::{PACKAGES, Packages};
use crate::home;
use crate::python::Python;

/// A cold machine may take this long to read the packages from its disk.
const MAX_START_TIME: Duration = Duration::from_mins(1);
/// How long a process may take to be forked and to begin its program, others of its kind before it.
const MAX_BEGIN_TIME: Duration = Duration::from_secs(20);
const MAX_LINE_BYTES: u64 = 64 << 10;
/// What it is told at once, three streams, link, what it is told of its program, ruleset.
const MAX_DESCRIPTORS: usize = 7;

/// All that Python and programs see of an environment, besides a program's own directories.
pub const ENVIRONMENT: [(&str, &str); 7] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("LANG", "C.UTF-8"),
    ("MPLBACKEND", "Agg"),
    ("PYTHONHASHSEED", "0"),
    // Where there is no network, this says so at once.
    ("PIP_NO_INDEX", "1"),
    // Each thread of a numeric library reserves address space, and a program has little.
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
];

/// A Python that is ready to be forked. Ends, with all that it has forked, when this is dropped.
#[derive(Debug)]
pub struct Zygote {
    control: UnixStream,
    _launcher: Child,
    pub packages: Packages,
    /// Those of the packages that Python has, imported or not.
    pub installed: Vec<String>,
    /// What it takes of memory, which its programs share.
    pub resident_bytes: u64,
    home: TempDir,
}

#[derive(Deserialize)]
struct Ready {
    installed: Vec<String>,
    broken: Vec<String>,
    resident_bytes: u64,
}

/// What is said of one program: that it begins, by its own process before it does, and the rest by the zygote.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ZygoteReply {
    /// With the number of its first process, which waits for its program.
    Forked {
        forked: i32,
    },
    Started {
        started: bool,
    },
    Refused {
        refused: String,
    },
    Ended {
        exit: i32,
        gone: bool,
        cpu_ms: u64,
    },
}

/// The way back from one program. When it is shut, everything of the program is killed.
#[derive(Debug)]
pub struct Link(BufReader<UnixStream>);

/// The descriptors that a program gets.
#[derive(Debug)]
pub struct Descriptors {
    pub stdin: OwnedFd,
    pub stdout: OwnedFd,
    pub stderr: OwnedFd,
    /// Says, when its program is there, what bounds it.
    pub limits_pipe: OwnedFd,
    pub ruleset: Option<OwnedFd>,
}

impl Zygote {
    /// Starts Python under the policy, with those packages imported that are installed.
    pub async fn start(
        python: &Python,
        policy: &Policy,
        root: &Path,
        packages: Packages,
    ) -> io::Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("python-")
            .tempdir_in(root)?;
        let log = tempfile::tempfile_in(home.path())?;
        let (control, theirs) = std::os::unix::net::UnixStream::pair()?;
        control.set_nonblocking(true)?;
        let launcher = Command::new(&python.executable)
            .args(["-s", "-B", "-X", "utf8", "-c", LAUNCHER])
            .current_dir("/")
            .env_clear()
            .envs(ENVIRONMENT)
            // A thread's own heap reserves 64 MB of the address space, of which a program has little.
            .env("MALLOC_ARENA_MAX", "1")
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("MPLCONFIGDIR", home.path())
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(log.try_clone()?)
            .spawn()?;
        if let Some(pid) = launcher.id() {
            home::record_launcher(home.path(), pid)?;
        }
        let ruleset = policy.base_ruleset(root)?;
        let settings = json_file(&settings(policy, packages), home.path())?;
        let control = UnixStream::from_std(control)?;
        let descriptors = [Some(settings.as_fd()), ruleset.as_ref().map(OwnedFd::as_fd)];
        let descriptors: Vec<_> = descriptors.into_iter().flatten().collect();
        send(&control, &descriptors).await?;
        let mut zygote = Self {
            control,
            _launcher: launcher,
            packages,
            installed: Vec::new(),
            resident_bytes: 0,
            home,
        };
        let ready = timeout(MAX_START_TIME, zygote.ready()).await;
        match ready.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(ready) => {
                zygote.installed = ready.installed;
                zygote.resident_bytes = ready.resident_bytes;
            }
            Err(error) => return Err(with_log(error, log)),
        }
        Ok(zygote)
    }

    /// What it says when programs can be forked; fails where the zygote ended before that.
    async fn ready(&mut self) -> io::Result<Ready> {
        let mut line = String::new();
        let mut said = BufReader::new((&mut self.control).take(MAX_LINE_BYTES));
        said.read_line(&mut line).await?;
        let ready: Ready = serde_json::from_str(&line)?;
        for fault in &ready.broken {
            tracing::warn!(fault, "a package cannot be imported");
        }
        Ok(ready)
    }

    /// Forks a process and tells it `prepared`.
    pub async fn fork(&self, prepared: &Value, given: Descriptors) -> io::Result<Link> {
        let (link, theirs) = UnixStream::pair()?;
        let theirs = OwnedFd::from(theirs.into_std()?);
        let prepared = json_file(prepared, self.home.path())?;
        let descriptors = [
            Some(prepared.as_fd()),
            Some(given.stdin.as_fd()),
            Some(given.stdout.as_fd()),
            Some(given.stderr.as_fd()),
            Some(theirs.as_fd()),
            Some(given.limits_pipe.as_fd()),
            given.ruleset.as_ref().map(OwnedFd::as_fd),
        ];
        let descriptors: Vec<_> = descriptors.into_iter().flatten().collect();
        send(&self.control, &descriptors).await?;
        Ok(Link(BufReader::new(link)))
    }
}

impl Link {
    /// What is said next; `None` where the zygote has gone.
    pub async fn next(&mut self) -> io::Result<Option<ZygoteReply>> {
        let mut line = String::new();
        match (&mut self.0)
            .take(MAX_LINE_BYTES)
            .read_line(&mut line)
            .await
        {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(serde_json::from_str(&line)?)),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits until the program begins.
    pub async fn begun(&mut self) -> io::Result<Option<ZygoteReply>> {
        match timeout(MAX_BEGIN_TIME, self.next()).await {
            Ok(said) => said,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Has everything of the program killed.
    pub async fn shut(&mut self) {
        use tokio::io::AsyncWriteExt as _;
        if let Err(error) = self.0.get_mut().shutdown().await {
            tracing::debug!(%error, "a program's link is shut already");
        }
    }
}

fn settings(policy: &Policy, packages: Packages) -> Value {
    let modules: serde_json::Map<_, _> = MODULES
        .iter()
        .map(|(name, source)| ((*name).to_owned(), Value::from(*source)))
        .collect();
    json!({
        "level": policy.level,
        "modules": modules,
        "preload": packages.names(),
        "packages": PACKAGES,
        "base_filters": policy.base_filters,
        "program_filters": policy.program_filters,
    })
}

/// A file without a name that holds `value`, to be read from its beginning.
fn json_file(value: &Value, directory: &Path) -> io::Result<File> {
    let mut file = tempfile::tempfile_in(directory)?;
    file.write_all(value.to_string().as_bytes())?;
    file.rewind()?;
    Ok(file)
}

/// One byte, and the descriptors with it.
async fn send(control: &UnixStream, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let attempt = || {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(io::Error::other("too many descriptors for one message"));
        }
        let byte = [IoSlice::new(b"+")];
        sendmsg(control, &byte, &mut ancillary, SendFlags::NOSIGNAL)?;
        Ok(())
    };
    control.async_io(Interest::WRITABLE, attempt).await
}

/// The error, with what Python said of it.
fn with_log(error: io::Error, mut log: File) -> io::Error {
    let mut said = String::new();
    let read = log
        .rewind()
        .and_then(|()| (&mut log).take(MAX_LINE_BYTES).read_to_string(&mut said));
    if let Err(fault) = read {
        said = format!("what Python said of it cannot be read: {fault}");
    }
    io::Error::new(error.kind(), format!("{error}: {}", said.trim_end()))
}
