//! A directory for one program: `work/`, where it runs and finds its input files, `tmp/`, and beside them what the harness
//! needs.
//!
//! Where the program has a user of its own, that user owns no more than these; other users see nothing of them. Refuses to outlive its program, whatever that did to permissions, names or depth.

use std::ffi::{CStr, CString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, Dir, DirEntry, Mode, OFlags, chmodat, openat, renameat, unlinkat};
use rustix::io::Errno;

use crate::files::InputFile;

const CODE: &str = "code.py";
const REPORT: &str = "report.json";

/// After this a directory that something keeps filling is left and logged.
const MAX_REMOVAL_TIME: Duration = Duration::from_secs(30);

/// Removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    directory: PathBuf,
    code: File,
    report: File,
    uid: Option<u32>,
}

impl Scratch {
    /// For a program that will run as `uid`, or as this process's user.
    pub fn create(root: &Path, uid: Option<u32>) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("code-").tempdir_in(root)?;
        let new = |name| {
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create_new(true).mode(0o600);
            options.open(directory.path().join(name))
        };
        let scratch = Self {
            code: new(CODE)?,
            report: new(REPORT)?,
            directory: directory.keep(),
            uid,
        };
        let mut own = DirBuilder::new();
        let own = own.mode(0o700);
        own.create(scratch.work())?;
        own.create(scratch.tmp())?;
        if uid.is_some() {
            fs::set_permissions(&scratch.directory, fs::Permissions::from_mode(0o711))?;
            for path in [
                scratch.work(),
                scratch.tmp(),
                scratch.code(),
                scratch.report_path(),
            ] {
                chown(path, uid, uid)?;
            }
        }
        Ok(scratch)
    }

    /// Puts a program and its files in. Once, and before any of it runs, so that every path is what it seems.
    pub fn fill(&self, code: &str, files: &[InputFile]) -> io::Result<()> {
        (&self.code).write_all(code.as_bytes())?;
        for file in files {
            let path = self.work().join(file.name.as_str());
            let mut options = OpenOptions::new();
            let options = options.write(true).create(true).truncate(true).mode(0o600);
            options.open(&path)?.write_all(&file.data)?;
            chown(path, self.uid, self.uid)?;
        }
        Ok(())
    }

    /// The user that the program will run as, where that is not this process's.
    pub fn uid(&self) -> Option<u32> {
        self.uid
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn work(&self) -> PathBuf {
        self.directory.join("work")
    }

    pub fn tmp(&self) -> PathBuf {
        self.directory.join("tmp")
    }

    pub fn code(&self) -> PathBuf {
        self.directory.join(CODE)
    }

    /// Where the harness finds the report.
    pub fn report_path(&self) -> PathBuf {
        self.directory.join(REPORT)
    }

    /// The report itself, whatever the program has put in its place since.
    pub fn report(&self) -> &File {
        &self.report
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match remove(&self.directory) {
            Ok(()) => {}
            // While it waited for its program, somebody else has cleared up.
            Err(_) if !self.directory.exists() => {}
            Err(error) => {
                let directory = self.directory.display();
                tracing::error!(%directory, %error, "a program's directory could not be removed");
            }
        }
    }
}

/// Removes a tree with two directories open and no recursion, however deep it is: what stands two levels down is moved
/// up to the first. Names are resolved from open directories, so that no link leads out.
pub fn remove(root: &Path) -> io::Result<()> {
    fs::set_permissions(root, fs::Permissions::from_mode(0o700))?;
    let top = rustix::fs::open(root, DIRECTORY, Mode::empty())?;
    let end = Instant::now() + MAX_REMOVAL_TIME;
    let mut lifted = 0;
    loop {
        let mut empty = true;
        for name in names(&top)? {
            empty = false;
            remove_or_lift(&top, &name?, &mut lifted)?;
        }
        if empty {
            return fs::remove_dir(root);
        }
        if Instant::now() > end {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
}

pub const DIRECTORY: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Removes one entry of `top`; directories in it move to `top`.
fn remove_or_lift(top: &OwnedFd, name: &CStr, lifted: &mut u64) -> rustix::io::Result<()> {
    if is_removed(top, name)? {
        return Ok(());
    }
    chmodat(top, name, Mode::RWXU, AtFlags::empty())?;
    let inner = openat(top, name, DIRECTORY, Mode::empty())?;
    for below in names(&inner)? {
        let below = below?;
        if is_removed(&inner, &below)? {
            continue;
        }
        // Only who may write into a directory may move it.
        chmodat(&inner, &below, Mode::RWXU, AtFlags::empty())?;
        loop {
            *lifted += 1;
            match renameat(&inner, &below, top, format!(".lifted-{lifted}")) {
                Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
                moved => break moved?,
            }
        }
    }
    match unlinkat(top, name, AtFlags::REMOVEDIR) {
        // Filled again meanwhile: the next pass sees to it.
        Err(Errno::NOTEMPTY) => Ok(()),
        removed => removed,
    }
}

/// Removes a file, a link or an empty directory; false for a directory that holds something.
fn is_removed(directory: &OwnedFd, name: &CStr) -> rustix::io::Result<bool> {
    let removed = match unlinkat(directory, name, AtFlags::empty()) {
        // What Linux and what others say of a directory.
        Err(Errno::ISDIR | Errno::PERM) => unlinkat(directory, name, AtFlags::REMOVEDIR),
        other => other,
    };
    match removed {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(Errno::NOTEMPTY) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a directory holds, but for itself and its parent.
pub fn names(
    directory: &OwnedFd,
) -> rustix::io::Result<impl Iterator<Item = rustix::io::Result<CString>>> {
    let named = |entry: rustix::io::Result<DirEntry>| match entry {
        Ok(entry) if matches!(entry.file_name().to_bytes(), b"." | b"..") => None,
        Ok(entry) => Some(Ok(entry.file_name().to_owned())),
        Err(error) => Some(Err(error)),
    };
    Ok(Dir::read_from(directory)?.filter_map(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::mkdirat;
    use std::os::unix::fs::symlink;

    fn scratch(root: &Path) -> Scratch {
        Scratch::create(root, None).unwrap()
    }

    #[test]
    fn nothing_is_left_of_it_and_nothing_else_is_touched() {
        let root = tempfile::tempdir().unwrap();
        let bystander = root.path().join("bystander");
        fs::create_dir(&bystander).unwrap();
        fs::write(bystander.join("file"), "kept").unwrap();

        let scratch = scratch(root.path());
        let work = scratch.work();
        fs::create_dir_all(work.join("a/b/c")).unwrap();
        fs::write(work.join("a/b/c/file"), "").unwrap();
        fs::write(work.join("-rf *\n"), "").unwrap();
        fs::create_dir_all(work.join("../.lifted-1/full")).unwrap();
        fs::write(work.join("../.lifted-2"), "").unwrap();
        symlink(&bystander, work.join("link")).unwrap();
        symlink(&bystander, work.join("a/b/link")).unwrap();
        let shut = fs::Permissions::from_mode(0o000);
        for path in ["a/b/c", "a/b", "a", "."] {
            fs::set_permissions(work.join(path), shut.clone()).unwrap();
        }
        drop(scratch);

        let left: Vec<_> = fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(left, std::slice::from_ref(&bystander));
        assert_eq!(fs::read_to_string(bystander.join("file")).unwrap(), "kept");
    }

    #[test]
    fn depth_is_no_hiding_place() {
        let root = tempfile::tempdir().unwrap();
        let scratch = scratch(root.path());
        let mut deepest = rustix::fs::open(scratch.work(), DIRECTORY, Mode::empty()).unwrap();
        for _ in 0..3_000 {
            mkdirat(&deepest, "deep", Mode::RWXU).unwrap();
            deepest = openat(&deepest, "deep", DIRECTORY, Mode::empty()).unwrap();
        }
        drop(scratch);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
