//! The folder that holds what must last, and the lock that keeps a second stack out of it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

const TABLE_FILE: &str = "table.sqlite";

/// A data directory that this process holds alone.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// Unlocked when it is closed, also by a crash.
    _lock: File,
}

impl DataDir {
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        fs::create_dir_all(path).with_context(|| {
            format!(
                "the data directory {shown} cannot be made or written: choose another one with --data-dir, or mend its permissions"
            )
        })?;
        let lock = File::create(path.join("lock")).with_context(|| {
            format!(
                "the data directory {shown} cannot be written: choose another one with --data-dir, or mend its permissions"
            )
        })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => bail!(
                "the data directory {shown} is in use by another stack: stop that one, or choose another directory with --data-dir"
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("lock the data directory {shown}"))
            }
        }
    }

    pub(crate) fn table_file(&self) -> PathBuf {
        self.path.join(TABLE_FILE)
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
