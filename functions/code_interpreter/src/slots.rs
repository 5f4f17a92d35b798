//! The permits of programs that run at once, and the numbers by which programs get users of their own.
//!
//! There are more numbers than permits: a process that waits for its program has one already.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug)]
pub struct Slots {
    permits: Arc<Semaphore>,
    free: Mutex<Vec<u32>>,
}

/// A permit among the programs that run at once; free again when the last copy is dropped.
#[derive(Clone, Debug)]
pub struct Permit {
    _permit: Arc<OwnedSemaphorePermit>,
}

/// A number that no other program has; free again when it is dropped.
#[derive(Debug)]
pub struct SlotNumber {
    pub value: u32,
    slots: Arc<Slots>,
}

impl Slots {
    /// For `permits` programs that run at once and `waiting` processes beside them.
    pub fn new(permits: u32, waiting: u32) -> Arc<Self> {
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(permits as usize)),
            free: Mutex::new((0..permits + waiting).rev().collect()),
        })
    }

    /// Waits for a permit.
    pub async fn permit(&self) -> io::Result<Permit> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        Ok(Permit {
            _permit: Arc::new(permit.map_err(io::Error::other)?),
        })
    }

    pub fn number(self: &Arc<Self>) -> io::Result<SlotNumber> {
        let free = self.free().pop();
        Ok(SlotNumber {
            value: free.ok_or_else(|| io::Error::other("every number is taken"))?,
            slots: Arc::clone(self),
        })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<u32>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SlotNumber {
    fn drop(&mut self) {
        self.slots.free().push(self.value);
    }
}
