//! Who holds a data directory, and where that stack is reached, for other programs of its user.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;

use crate::data_dir::LOCK_FILE;

/// Who holds a data directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Nobody,
    /// A stack with the address that it told; empty while it is starting.
    Stack(String),
}

/// Who holds a data directory, which need not be there.
pub(crate) fn holder(path: &Path) -> anyhow::Result<Holder> {
    let file = path.join(LOCK_FILE);
    let mut lock = match File::open(&file) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Holder::Nobody),
        Err(error) => {
            return Err(error).with_context(|| format!("open the lock {}", file.display()));
        }
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(Holder::Nobody),
        Err(TryLockError::WouldBlock) => {
            let mut address = String::new();
            let read = lock.read_to_string(&mut address);
            read.with_context(|| format!("read the lock {}", file.display()))?;
            Ok(Holder::Stack(address))
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("look at the lock {}", file.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_dir::DataDir;

    #[test]
    fn a_directory_says_who_holds_it_and_nothing_of_who_has_left_it() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("data");
        assert_eq!(holder(&path).unwrap(), Holder::Nobody);
        for address in ["http://127.0.0.1:8080", "http://127.0.0.1:1"] {
            let directory = DataDir::open(&path).unwrap();
            assert_eq!(holder(&path).unwrap(), Holder::Stack(String::new()));
            directory.tell_address(address).unwrap();
            assert_eq!(holder(&path).unwrap(), Holder::Stack(address.to_owned()));
            assert!(DataDir::open(&path).is_err());
            drop(directory);
            assert_eq!(holder(&path).unwrap(), Holder::Nobody);
        }
    }
}
