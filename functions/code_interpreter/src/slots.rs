//! The places of programs that run at once, and the numbers by which programs get users of their own.
//!
//! There are more numbers than places: a process that waits for its program has one already.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug)]
pub struct Slots {
    places: Arc<Semaphore>,
    free: Mutex<Vec<u32>>,
}

/// A place among the programs that run at once; free again when the last copy is dropped.
#[derive(Clone, Debug)]
pub struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
}

/// A number that no other program has; free again when it is dropped.
#[derive(Debug)]
pub struct Number {
    pub value: u32,
    slots: Arc<Slots>,
}

impl Slots {
    /// For `places` programs that run at once and `waiting` processes beside them.
    pub fn new(places: u32, waiting: u32) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places as usize)),
            free: Mutex::new((0..places + waiting).rev().collect()),
        })
    }

    /// Waits for a place.
    pub async fn place(&self) -> io::Result<Place> {
        let permit = Arc::clone(&self.places).acquire_owned().await;
        Ok(Place {
            _permit: Arc::new(permit.map_err(io::Error::other)?),
        })
    }

    pub fn number(self: &Arc<Self>) -> io::Result<Number> {
        let free = self.free().pop();
        Ok(Number {
            value: free.ok_or_else(|| io::Error::other("every number is taken"))?,
            slots: Arc::clone(self),
        })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<u32>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        self.slots.free().push(self.value);
    }
}
