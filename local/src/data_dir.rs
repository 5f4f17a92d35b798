//! The folder that holds what must last, and the lock that keeps a second stack out of it.
//!
//! What people asked and were answered lies here: it is open to the user of the stack alone. Refuses to shut a folder that
//! holds other things, too, as one that many use: there the files alone are shut, and a line says so.

mod lock;

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rustix::fs::OFlags;

/// Where the embedded table is, unless somebody says otherwise.
pub(crate) const DEFAULT: &str = ".local";
pub(crate) const LOCK_FILE: &str = "lock";
const TABLE_FILE: &str = "table.sqlite";
/// All that a stack keeps there; the last ones are `SQLite`'s own, beside its file and as open as that is.
const FILES: [&str; 5] = [
    LOCK_FILE,
    TABLE_FILE,
    "table.sqlite-wal",
    "table.sqlite-shm",
    "table.sqlite-journal",
];
const OWN_DIRECTORY: u32 = 0o700;
const OWN_FILE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// A data directory that this process holds alone.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// What was open to other users of this machine, for people.
    pub(crate) notes: Vec<String>,
    /// Unlocked when it is closed, also by a crash.
    lock: File,
}

impl DataDir {
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        make_directory(path)?;
        let lock = open_own(&path.join(LOCK_FILE)).with_context(|| {
            format!(
                "the data directory {shown} cannot be written: choose another one with --data-dir, or mend its permissions"
            )
        })?;
        match lock::take(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "the data directory {shown} is in use by another stack: stop that one, or choose another directory with --data-dir"
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("lock the data directory {shown}"));
            }
        }
        let notes = shut(path)
            .with_context(|| format!("read who may look into the data directory {shown}"))?;
        make_table_file(path)?;
        Ok(Self {
            path: path.to_owned(),
            notes,
            lock,
        })
    }

    /// Tells where the stack that holds the directory is reached, to other programs of its user.
    pub(crate) fn tell_address(&self, address: &str) -> anyhow::Result<()> {
        let mut lock = &self.lock;
        let written = lock.write_all(address.as_bytes());
        written.with_context(|| format!("write the lock in {}", self.path.display()))
    }

    pub(crate) fn table_file(&self) -> PathBuf {
        self.path.join(TABLE_FILE)
    }
}

/// Makes a directory for its user alone; one that is there is left as it is.
fn make_directory(path: &Path) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    let builder = builder.recursive(true).mode(OWN_DIRECTORY);
    builder.create(path).with_context(|| {
        format!(
            "the data directory {} cannot be made or written: choose another one with --data-dir, or mend its permissions",
            path.display()
        )
    })
}

/// Makes the table's file where it is missing, so that it is never open, not even for a moment; an empty file is an empty table.
fn make_table_file(directory: &Path) -> anyhow::Result<PathBuf> {
    let table = directory.join(TABLE_FILE);
    if !table.exists() {
        open_own(&table).with_context(|| format!("make the table in {}", directory.display()))?;
    }
    Ok(table)
}

/// A process that is being started from this one has all that is open here until it becomes another program: closing alone would leave the
/// directory locked until then.
impl Drop for DataDir {
    fn drop(&mut self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the data directory stays locked until this process ends");
        }
    }
}

/// Opens a file that only its owner may read, and makes it where it is missing. Follows no link that somebody put there.
fn open_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let flags = OFlags::NOFOLLOW.bits().cast_signed();
    options.mode(OWN_FILE).custom_flags(flags).open(path)
}

/// Shuts what an earlier version, or somebody by hand, has left open to others. Gives a line for each thing of note.
fn shut(directory: &Path) -> io::Result<Vec<String>> {
    let mut notes = Vec::new();
    let mut holds_others_things = false;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if !FILES.iter().any(|own| name == *own) {
            holds_others_things = true;
        } else if is_open(&entry.path())? {
            notes.push(shut_one(&entry.path(), OWN_FILE));
        }
    }
    // Where the directory itself is a link, what it leads to is what was named.
    if fs::metadata(directory)?.mode() & OTHERS == 0 {
        return Ok(notes);
    }
    if holds_others_things {
        notes.push(format!(
            "{} holds other things, too, so that other users can still see what is there; the table's files are shut",
            directory.display()
        ));
    } else {
        notes.push(shut_one(directory, OWN_DIRECTORY));
    }
    Ok(notes)
}

/// Whether other users may do anything with what lies in the directory. What a link there leads to is not the directory's.
fn is_open(path: &Path) -> io::Result<bool> {
    let about = path.symlink_metadata()?;
    Ok(!about.is_symlink() && about.mode() & OTHERS != 0)
}

fn shut_one(path: &Path, mode: u32) -> String {
    let shown = path.display();
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Ok(()) => format!("{shown} was open to other users of this machine and is shut now"),
        Err(error) => format!(
            "{shown} is open to other users of this machine and cannot be shut ({error}): give it to the user of this stack"
        ),
    }
}

/// Whether a directory that may be another process's holds a table.
pub(crate) fn has_table(path: &Path) -> anyhow::Result<bool> {
    let there = path.join(TABLE_FILE).try_exists();
    there.with_context(|| format!("look into the data directory {}", path.display()))
}

/// The table's file in a directory that may be another process's; makes nothing.
pub(crate) fn table_file_in(path: &Path) -> anyhow::Result<PathBuf> {
    if !has_table(path)? {
        bail!(
            "no stack has kept anything in the data directory {}: name that of your stack with --data-dir, or set \
             AWS_ENDPOINT_URL_DYNAMODB and TABLE_NAME for a table elsewhere",
            path.display()
        );
    }
    Ok(path.join(TABLE_FILE))
}

/// The same, made for its user alone where it is missing. Takes no lock: another process may work there.
pub(crate) fn make_table_file_in(path: &Path) -> anyhow::Result<PathBuf> {
    make_directory(path)?;
    make_table_file(path)
}

#[cfg(test)]
mod tests;
