//! The directory of one process of the tool: all that it makes lies there, and a lock on it shows that the process lives. Those
//! who clear temporary directories by age, as `systemd-tmpfiles` does, pass over one that is locked, with all that is in it.
//!
//! What a process that was killed has left is removed by the next one that begins. Refuses to touch what a lock is held on, what
//! belongs to another user, and any process that does not show that it comes from there.

use std::collections::HashSet;
use std::fs::{self, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::fs::Mode;
use rustix::process::geteuid;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::sandbox::Level;
use crate::sandbox::tasks::{self, About};
use crate::scratch;

const PREFIX: &str = "code_interpreter-";
/// Until its lock is held; nobody takes it for one that was left before …
const UNFINISHED: &str = ".code_interpreter-";
/// … so much time has passed.
const MAX_CREATION_TIME: Duration = Duration::from_mins(10);
const LAUNCHER: &str = "launcher";
/// How long processes that were left may take to be dead.
const MAX_DEATH_TIME: Duration = Duration::from_secs(5);
const DEATH_POLL: Duration = Duration::from_millis(10);

/// Where programs have their directories.
#[derive(Debug)]
pub enum Root {
    /// In Lambda, where all that lies there is removed after each program.
    Whole(PathBuf),
    /// In a directory of this process, made when the first is needed.
    Own {
        root: PathBuf,
        home: Mutex<Option<Home>>,
    },
}

impl Root {
    /// What killed processes have left there is removed, while nobody waits for that.
    pub fn new(level: Level, root: &Path) -> Self {
        let root = root.to_owned();
        match level {
            Level::Lambda => Self::Whole(root),
            Level::Strict | Level::Process => {
                let place = root.clone();
                spawn_blocking(move || clear_abandoned(&place));
                Self::Own {
                    root,
                    home: Mutex::default(),
                }
            }
        }
    }

    /// The directory, made where it is not there yet, or not any more: then it is another one.
    pub async fn directory(&self) -> io::Result<PathBuf> {
        let (root, home) = match self {
            Self::Whole(root) => return Ok(root.clone()),
            Self::Own { root, home } => (root, home),
        };
        let mut home = home.lock().await;
        if let Some(home) = home.as_ref() {
            if home.is_there() {
                return Ok(home.directory.clone());
            }
            tracing::warn!("the directory of all programs has been removed; another one is made");
        }
        Ok(home.insert(Home::create(root)?).directory.clone())
    }
}

/// Removed when dropped.
#[derive(Debug)]
pub struct Home {
    directory: PathBuf,
    /// The directory itself, opened.
    lock: File,
}

impl Home {
    /// Where this process is root, programs have other users, who pass through it and see nothing of it.
    fn create(root: &Path) -> io::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(root)?;
        let lock = opened(directory.path())?;
        lock.lock()?;
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        fs::set_permissions(directory.path(), Permissions::from_mode(mode))?;
        let name = directory.path().file_name().unwrap_or_default();
        let finished = root.join(name.to_string_lossy().trim_start_matches('.'));
        fs::rename(directory.path(), &finished)?;
        // Its old name is nobody's any more.
        drop(directory.keep());
        Ok(Self {
            directory: finished,
            lock,
        })
    }

    /// Whether it stands under its name.
    fn is_there(&self) -> bool {
        let number = |about: Metadata| (about.dev(), about.ino());
        let named = self.directory.symlink_metadata().map(number);
        named.is_ok_and(|named| self.lock.metadata().is_ok_and(|own| number(own) == named))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = scratch::remove(&self.directory)
            && error.kind() != io::ErrorKind::NotFound
        {
            let directory = self.directory.display();
            tracing::warn!(%directory, %error, "the directory of all programs could not be removed");
        }
    }
}

/// Writes into the directory of a Python whose session all its programs are in.
pub fn record_launcher(directory: &Path, pid: u32) -> io::Result<()> {
    let begun = tasks::about(pid.cast_signed()).map_or(0, |about| about.begun);
    fs::write(
        directory.join(LAUNCHER),
        format!("{pid} {begun} {}", boot()),
    )
}

/// Removes what processes that live no more have left in `root`. Blocks; what cannot be removed is logged.
fn clear_abandoned(root: &Path) {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) => return tracing::warn!(%error, "what was left cannot be looked for"),
    };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let Some(_lock) = abandoned(&path) else {
            continue;
        };
        let ended = end_processes(&path);
        let directory = path.display();
        match scratch::remove(&path) {
            Ok(()) => tracing::info!(%directory, ended, "what a killed process left is removed"),
            Err(error) => tracing::warn!(%directory, %error, "what a killed process left remains"),
        }
    }
}

/// This user's, and nobody holds its lock: then this process does, until it is removed.
fn abandoned(path: &Path) -> Option<File> {
    let about = path.symlink_metadata().ok()?;
    let name = path.file_name()?.to_string_lossy();
    let is_unfinished = name.starts_with(UNFINISHED) && is_old(&about);
    let is_named = name.starts_with(PREFIX) || is_unfinished;
    if !is_named || !about.is_dir() || about.uid() != geteuid().as_raw() {
        return None;
    }
    let lock = opened(path).ok()?;
    lock.try_lock().is_ok().then_some(lock)
}

fn is_old(about: &Metadata) -> bool {
    let age = about.modified().map(|time| time.elapsed());
    // A time to come says nothing.
    matches!(age, Ok(Ok(age)) if age > MAX_CREATION_TIME)
}

fn opened(directory: &Path) -> io::Result<File> {
    let opened = rustix::fs::open(directory, scratch::DIRECTORY, Mode::empty())?;
    Ok(File::from(opened))
}

/// Kills what is left of the sessions of its launchers, and gives the number of processes.
fn end_processes(home: &Path) -> usize {
    let pythons = fs::read_dir(home).into_iter().flatten();
    let records = pythons
        .filter_map(Result::ok)
        .filter_map(|entry| fs::read_to_string(entry.path().join(LAUNCHER)).ok());
    let launchers: Vec<Launcher> = records
        .filter_map(|record| Launcher::parse(&record))
        .collect();
    let mut ended = HashSet::new();
    let end = Instant::now() + MAX_DEATH_TIME;
    loop {
        let left: Vec<i32> = tasks::all()
            .filter(|pid| launchers.iter().any(|it| it.has(*pid, home)))
            .collect();
        if left.is_empty() || Instant::now() > end {
            return ended.len();
        }
        for pid in left {
            ended.insert(pid);
            if let Err(error) = kill(Pid::from_raw(pid), Signal::SIGKILL) {
                tracing::debug!(pid, %error, "a process has ended meanwhile");
            }
        }
        sleep(DEATH_POLL);
    }
}

/// The first process of a session, in this boot of the machine.
#[derive(Debug, PartialEq, Eq)]
struct Launcher {
    pid: i32,
    begun: u64,
}

impl Launcher {
    fn parse(record: &str) -> Option<Self> {
        let mut words = record.split(' ');
        let pid = words.next()?.parse().ok()?;
        let begun = words.next()?.parse().ok()?;
        let is_of_this_boot = words.next()? == boot() && words.next().is_none();
        (is_of_this_boot && pid > 1 && begun > 0).then_some(Self { pid, begun })
    }

    /// Whether a process is of its session. The number of a session that has ended may come again, so that alone says nothing:
    /// the process began here, or is held as programs are.
    fn has(&self, pid: i32, home: &Path) -> bool {
        let Some(About {
            session,
            begun,
            is_dead,
        }) = tasks::about(pid)
        else {
            return false;
        };
        if session != self.pid || is_dead || begun < self.begun {
            return false;
        }
        let first = tasks::about(self.pid);
        if first.is_some_and(|first| first.begun != self.begun) {
            return false;
        }
        tasks::is_held(pid) || tasks::began_in(pid, home)
    }
}

fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}
