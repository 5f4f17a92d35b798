//! Processes held to a part of a core, as a function's memory pays for: by a control group of the kernel's, of either version.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::launch::worked;

/// What [`Held::share`] watches.
const WATCHED: Duration = Duration::from_millis(500);

/// A control group; it is removed with this value, by when its processes must have ended.
pub struct Held {
    folder: PathBuf,
    version: Version,
}

#[derive(Clone, Copy, Debug)]
enum Version {
    One,
    Two,
}

/// How much processes of a group may work.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// In each of these.
    pub period: Duration,
    pub quota: Duration,
}

impl Held {
    /// Makes a group.
    ///
    /// # Errors
    /// Why there can be none here.
    pub fn new(bound: Bound) -> Result<Self, String> {
        let mounts = fs::read_to_string("/proc/self/mounts").map_err(|error| error.to_string())?;
        let (root, version) =
            place(&mounts).ok_or("no control groups of the processor are mounted")?;
        let folder = root.join(format!("speed-{}", std::process::id()));
        let fails = |error: io::Error| {
            format!(
                "no control group can be made in {}: {error}",
                root.display()
            )
        };
        fs::create_dir(&folder).map_err(fails)?;
        let held = Self { folder, version };
        held.bound(&root, bound).map_err(fails)?;
        Ok(held)
    }

    fn bound(&self, root: &Path, bound: Bound) -> io::Result<()> {
        let (period, quota) = (bound.period.as_micros(), bound.quota.as_micros());
        match self.version {
            Version::One => {
                fs::write(self.folder.join("cpu.cfs_period_us"), period.to_string())?;
                fs::write(self.folder.join("cpu.cfs_quota_us"), quota.to_string())
            }
            Version::Two => {
                fs::write(root.join("cgroup.subtree_control"), "+cpu")?;
                fs::write(self.folder.join("cpu.max"), format!("{quota} {period}"))
            }
        }
    }

    /// Holds a process from now on, with all its threads.
    pub fn hold(&self, child: &Child) {
        let processes = self.folder.join("cgroup.procs");
        fs::write(processes, child.id().to_string()).unwrap();
    }

    /// The part of a core that a process gets that never rests.
    pub fn share(&self) -> f64 {
        let mut busy = Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        self.hold(&busy);
        let (began, before) = (Instant::now(), worked(&busy));
        sleep(WATCHED);
        let share =
            worked(&busy).saturating_sub(before).as_secs_f64() / began.elapsed().as_secs_f64();
        busy.kill().unwrap();
        busy.wait().unwrap();
        share
    }

    /// How long its processes have been kept from working so far, where they would have.
    pub fn throttled(&self) -> Duration {
        let said = fs::read_to_string(self.folder.join("cpu.stat")).unwrap();
        let field = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().trim().parse().unwrap()
        };
        match self.version {
            Version::One => Duration::from_nanos(field("throttled_time")),
            Version::Two => Duration::from_micros(field("throttled_usec")),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir(&self.folder) {
            eprintln!("{} stays: {error}", self.folder.display());
        }
    }
}

/// The root of the groups that share out the processor.
fn place(mounts: &str) -> Option<(PathBuf, Version)> {
    mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (root, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        let root = PathBuf::from(root);
        let has_cpu = match kind {
            "cgroup" => options.split(',').any(|option| option == "cpu"),
            "cgroup2" => {
                let controllers = fs::read_to_string(root.join("cgroup.controllers")).ok()?;
                controllers.split_whitespace().any(|name| name == "cpu")
            }
            _ => false,
        };
        let version = if kind == "cgroup" {
            Version::One
        } else {
            Version::Two
        };
        has_cpu.then_some((root, version))
    })
}
