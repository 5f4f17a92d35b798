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
        let mut builder = DirBuilder::new();
        let builder = builder.recursive(true).mode(OWN_DIRECTORY);
        builder.create(path).with_context(|| {
            format!(
                "the data directory {shown} cannot be made or written: choose another one with --data-dir, or mend its permissions"
            )
        })?;
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
        // So that it is never open, not even for a moment; an empty file is an empty table.
        let table = path.join(TABLE_FILE);
        if !table.exists() {
            open_own(&table).with_context(|| format!("make the table in {shown}"))?;
        }
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

/// The table's file in a directory that may be another process's; makes nothing.
pub(crate) fn table_file_in(path: &Path) -> anyhow::Result<PathBuf> {
    let shown = path.display();
    let file = path.join(TABLE_FILE);
    let is_there = file
        .try_exists()
        .with_context(|| format!("look into the data directory {shown}"))?;
    if !is_there {
        bail!(
            "no stack has kept anything in the data directory {shown}: name that of your stack with --data-dir, or set \
             AWS_ENDPOINT_URL_DYNAMODB and TABLE_NAME for a table elsewhere"
        );
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    fn open_to_all(path: &Path, directory: u32) {
        fs::create_dir(path).unwrap();
        for name in FILES {
            fs::write(path.join(name), "").unwrap();
            fs::set_permissions(path.join(name), Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(path, Permissions::from_mode(directory)).unwrap();
    }

    #[test]
    fn what_it_makes_is_open_to_its_user_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("new/data");
        let directory = DataDir::open(&path).unwrap();
        let database = crate::table::open(&directory.table_file()).unwrap();
        assert_eq!(mode(&path), 0o700);
        for entry in fs::read_dir(&path).unwrap() {
            let file = entry.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
        assert_eq!(directory.notes, Vec::<String>::new());
        drop((database, directory));
        assert_eq!(DataDir::open(&path).unwrap().notes, Vec::<String>::new());
    }

    #[test]
    fn what_an_earlier_version_left_open_is_shut_and_said() {
        let root = tempfile::tempdir().unwrap();
        for before in [0o755, 0o750, 0o701, 0o777] {
            let path = root.path().join(before.to_string());
            open_to_all(&path, before);
            let directory = DataDir::open(&path).unwrap();
            assert_eq!(mode(&path), 0o700);
            for name in FILES {
                assert_eq!(mode(&path.join(name)), 0o600, "{name}");
            }
            assert_eq!(
                directory.notes.len(),
                FILES.len() + 1,
                "{:?}",
                directory.notes
            );
            let said = |note: &String| {
                note.ends_with("was open to other users of this machine and is shut now")
            };
            assert!(directory.notes.iter().all(said), "{:?}", directory.notes);
        }
    }

    /// As of a volume that is mounted elsewhere.
    #[test]
    fn a_directory_behind_links_is_shut_as_any() {
        let root = tempfile::tempdir().unwrap();
        let cases = [
            (0o755, None, 0o700, Some("is shut now")),
            (0o700, None, 0o700, None),
            (0o755, Some("else"), 0o755, Some("holds other things, too")),
        ];
        for (case, (before, other, after, said)) in cases.into_iter().enumerate() {
            let aim = root.path().join(format!("aim-{case}"));
            open_to_all(&aim, before);
            if let Some(other) = other {
                fs::write(aim.join(other), "").unwrap();
            }
            let near = root.path().join(format!("near-{case}"));
            let far = root.path().join(format!("far-{case}"));
            symlink(aim.file_name().unwrap(), &near).unwrap();
            symlink(&near, &far).unwrap();
            let notes = DataDir::open(&far).unwrap().notes.clone();
            assert_eq!(mode(&aim), after, "{notes:?}");
            assert_eq!(mode(&aim.join(TABLE_FILE)), 0o600);
            let of_directory = notes.get(FILES.len());
            assert_eq!(of_directory.is_some(), said.is_some(), "{notes:?}");
            if let (Some(note), Some(said)) = (of_directory, said) {
                assert!(note.contains(said), "{note}");
            }
        }
    }

    /// As when it is `/tmp`, or a home that others read.
    #[test]
    fn a_folder_with_other_things_stays_as_it_is_and_the_table_in_it_is_shut() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("shared");
        open_to_all(&path, 0o1777);
        fs::write(path.join("somebody's"), "").unwrap();
        fs::set_permissions(path.join("somebody's"), Permissions::from_mode(0o664)).unwrap();
        let directory = DataDir::open(&path).unwrap();
        assert_eq!(mode(&path), 0o777);
        assert_eq!(mode(&path.join("somebody's")), 0o664);
        assert_eq!(mode(&path.join(TABLE_FILE)), 0o600);
        let last = directory.notes.last().unwrap();
        assert!(last.contains("holds other things, too"), "{last}");
    }

    #[test]
    fn no_link_in_a_files_place_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let aim = root.path().join("aim");
        fs::write(&aim, "kept").unwrap();
        fs::set_permissions(&aim, Permissions::from_mode(0o644)).unwrap();
        let path = root.path().join("data");
        fs::create_dir(&path).unwrap();
        symlink(&aim, path.join(LOCK_FILE)).unwrap();
        let refused = format!("{:#}", DataDir::open(&path).unwrap_err());
        assert!(refused.contains("cannot be written"), "{refused}");
        assert_eq!(fs::read_to_string(&aim).unwrap(), "kept");
        assert_eq!(mode(&aim), 0o644);
    }
}
