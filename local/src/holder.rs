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
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Barrier, Mutex};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::data_dir::DataDir;

    const THREADS: usize = 8;

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

    fn come_and_go(path: &Path, stack: usize, left: &AtomicUsize) -> anyhow::Result<()> {
        let directory = DataDir::open(path)?;
        directory.tell_address(&stack.to_string())?;
        let seen = holder(path)?;
        anyhow::ensure!(seen == Holder::Stack(stack.to_string()), "{seen:?}");
        drop(directory);
        left.store(stack + 1, Ordering::SeqCst);
        Ok(())
    }

    #[test]
    fn whoever_looks_disturbs_no_start_and_is_told_of_no_stack_that_has_left() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("data");
        // Stacks that have come, and those that have left again.
        let (left, is_done) = (AtomicUsize::new(0), AtomicBool::new(false));
        let look = || {
            let mut told = 0;
            while !is_done.load(Ordering::SeqCst) {
                let left = left.load(Ordering::SeqCst);
                if let Holder::Stack(address) = holder(&path).unwrap()
                    && !address.is_empty()
                {
                    let stack: usize = address.parse().unwrap();
                    assert!(stack >= left, "{stack} has left, as {left} have");
                    told += 1;
                }
                // Far more often than any command looks, and not so that there is always one of them who does.
                thread::sleep(Duration::from_micros(100));
            }
            told
        };
        let told: usize = thread::scope(|scope| {
            let lookers: Vec<_> = (0..THREADS).map(|_| scope.spawn(look)).collect();
            let come_and_gone = (0..200).try_for_each(|stack| come_and_go(&path, stack, &left));
            is_done.store(true, Ordering::SeqCst);
            come_and_gone.unwrap();
            lookers.into_iter().map(|it| it.join().unwrap()).sum()
        });
        assert!(told > 0);
    }

    #[test]
    fn of_stacks_that_start_at_once_one_holds_the_directory() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("data");
        for _ in 0..50 {
            let (barrier, held) = (Barrier::new(THREADS), Mutex::new(Vec::new()));
            thread::scope(|scope| {
                for number in 0..THREADS {
                    let (barrier, held, path) = (&barrier, &held, &path);
                    scope.spawn(move || {
                        barrier.wait();
                        match DataDir::open(path) {
                            Ok(directory) => {
                                directory.tell_address(&number.to_string()).unwrap();
                                held.lock().unwrap().push((number, directory));
                            }
                            Err(error) => {
                                assert!(error.to_string().contains("is in use"), "{error:#}");
                            }
                        }
                    });
                }
            });
            let held = held.into_inner().unwrap();
            let [(number, _)] = &held[..] else {
                panic!("held by {}", held.len());
            };
            assert_eq!(holder(&path).unwrap(), Holder::Stack(number.to_string()));
        }
    }
}
