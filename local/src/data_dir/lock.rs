//! The lock of a data directory, beside those who look whether it is held.

use std::fs::{File, TryLockError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a start waits for those who look at the lock: one may be stopped in the middle of it.
const LOOKED_AT_FOR: Duration = Duration::from_secs(5);
/// Longer than a look takes.
const LOOK_TAKES: Duration = Duration::from_micros(50);

/// Takes the lock, unless a stack holds it. Those who look whether one does hold it together, each for a moment, and are waited for.
pub(super) fn take(lock: &File) -> Result<(), TryLockError> {
    let until = Instant::now() + LOOKED_AT_FOR;
    loop {
        // Refused where a stack holds it, and not by those who look.
        lock.try_lock_shared()?;
        // An address that is told there is that of an earlier stack: nobody is to read it once this one holds the lock.
        let emptied = lock.set_len(0).and_then(|()| lock.unlock());
        emptied.map_err(TryLockError::Error)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => sleep(LOOK_TAKES),
            taken => return taken,
        }
    }
}
