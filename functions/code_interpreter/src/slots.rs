//! The places of programs that run at once, each with a number of its own.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug)]
pub struct Slots {
    places: Arc<Semaphore>,
    free: Mutex<Vec<u32>>,
}

/// A place among the programs that run at once, and its number; free again when it is dropped.
#[derive(Debug)]
pub struct Slot {
    pub number: u32,
    slots: Arc<Slots>,
    _place: OwnedSemaphorePermit,
}

impl Slots {
    pub fn new(count: u32) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(count as usize)),
            free: Mutex::new((0..count).rev().collect()),
        })
    }

    /// Waits for a place.
    pub async fn take(self: &Arc<Self>) -> io::Result<Slot> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        let number = self.free().pop();
        let number = number.ok_or_else(|| io::Error::other("there are more places than slots"))?;
        Ok(Slot {
            number,
            slots: Arc::clone(self),
            _place: place,
        })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<u32>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.free().push(self.number);
    }
}
