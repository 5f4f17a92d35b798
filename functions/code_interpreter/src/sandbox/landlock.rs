//! The Landlock rulesets: which files the zygote and each program may touch.
//!
//! A ruleset is made here and handed to the process that enters it, which has one system call left to make. Refuses a
//! kernel that cannot hold at least version 2; what newer versions add is used where the kernel has it.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath,
    PathFd, PathFdError, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, Scope,
};

/// The oldest version that refuses to move files across its borders: Linux 5.19.
pub const MIN_ABI: u32 = 2;
/// The newest version whose rights are used: signals stay within a program.
const MAX_ABI: u32 = 6;

/// What any program may read beside Python: the system's libraries and tools, what these read at their start, and how many
/// processors there are. None of it is anybody's own.
const SYSTEM: [&str; 17] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/timezone",
    "/dev/urandom",
    "/dev/random",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
];
const NULL: &str = "/dev/null";
/// Opened to be written it would be memory that no limit counts, where it is mapped.
const ZERO: &str = "/dev/zero";

/// What one program may touch.
#[derive(Debug)]
pub struct Places<'a> {
    /// To read and run: where Python and its packages are.
    pub library: &'a [PathBuf],
    /// To read.
    pub readable: &'a [PathBuf],
    /// To do with as it likes.
    pub own: &'a [PathBuf],
    /// To write into as it is.
    pub writable_file: &'a Path,
}

/// For the zygote: reads what its user can, writes only into `own`.
pub fn base(abi: u32, own: &Path) -> io::Result<OwnedFd> {
    let mut rules = Rules::new(abi)?;
    let (all, read) = (rules.all(), rules.read());
    rules.allow(Path::new("/"), read)?;
    for device in [NULL, ZERO] {
        rules.allow(Path::new(device), all)?;
    }
    rules.allow(own, all)?;
    rules.into_descriptor()
}

/// For one program.
pub fn program(abi: u32, places: &Places) -> io::Result<OwnedFd> {
    let mut rules = Rules::new(abi)?;
    let (all, read) = (rules.all(), rules.read());
    for path in SYSTEM.iter().map(Path::new) {
        rules.allow(path, read)?;
    }
    let read_and_write = AccessFs::ReadFile | AccessFs::WriteFile;
    rules.allow(Path::new(NULL), read_and_write)?;
    rules.allow(Path::new(ZERO), AccessFs::ReadFile.into())?;
    for path in places.library {
        rules.allow(path, read)?;
    }
    for path in places.readable {
        rules.allow(path, AccessFs::ReadFile.into())?;
    }
    for path in places.own {
        rules.allow(path, all & !(AccessFs::MakeChar | AccessFs::MakeBlock))?;
    }
    let write = AccessFs::WriteFile | AccessFs::Truncate;
    rules.allow(places.writable_file, write)?;
    rules.into_descriptor()
}

struct Rules {
    abi: ABI,
    ruleset: RulesetCreated,
}

impl Rules {
    fn new(abi: u32) -> io::Result<Self> {
        let version = abi.min(MAX_ABI);
        let abi = i32::try_from(version).map_or(ABI::Unsupported, ABI::from);
        let ruleset = Self::create(version, abi).map_err(io::Error::other)?;
        Ok(Self { abi, ruleset })
    }

    /// Every right of the version is asked for, and the kernel must hold them all.
    fn create(version: u32, abi: ABI) -> Result<RulesetCreated, landlock::RulesetError> {
        let mut ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(abi))?;
        if version >= 4 {
            ruleset = ruleset.handle_access(AccessNet::from_all(abi))?;
        }
        if version >= 6 {
            ruleset = ruleset.scope(Scope::from_all(abi))?;
        }
        ruleset.create()
    }

    fn all(&self) -> BitFlags<AccessFs> {
        AccessFs::from_all(self.abi)
    }

    fn read(&self) -> BitFlags<AccessFs> {
        AccessFs::from_read(self.abi)
    }

    /// What is not there, or not to be seen by this user, needs no rule.
    fn allow(&mut self, path: &Path, access: BitFlags<AccessFs>) -> io::Result<()> {
        let opened = match PathFd::new(path) {
            Ok(opened) => opened,
            Err(PathFdError::OpenCall { source, .. }) if is_out_of_reach(&source) => return Ok(()),
            Err(error) => return Err(io::Error::other(error)),
        };
        let of_kind = if path.is_dir() {
            self.all()
        } else {
            AccessFs::from_file(self.abi)
        };
        let rule = PathBeneath::new(opened, access & of_kind & self.all());
        let added = (&mut self.ruleset).add_rule(rule).map(|_| ());
        added.map_err(io::Error::other)
    }

    fn into_descriptor(self) -> io::Result<OwnedFd> {
        Option::<OwnedFd>::from(self.ruleset)
            .ok_or_else(|| io::Error::other("the kernel does not enforce Landlock"))
    }
}

fn is_out_of_reach(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
    )
}
