//! A driver's time-limited hold on its run. The lease saves work; the conditional append is the safety.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use store::{FencingToken, StoreError};
use tokio::time::Instant;

use crate::clock::{millis, now_ms};
use crate::services::Services;

/// A run that cannot be read is tried again after this long, by then perhaps with a newer version.
const UNREADABLE_FOR: Duration = Duration::from_mins(15);

/// All copies of a lease see its renewals.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    length: Duration,
    /// Milliseconds since 1970.
    until_ms: Arc<AtomicU64>,
    renew_at: Instant,
}

impl Lease {
    /// A lease whose end is written in the head already.
    pub(crate) fn held_until(until_ms: u64, length: Duration) -> Self {
        Self {
            length,
            until_ms: Arc::new(AtomicU64::new(until_ms)),
            renew_at: Instant::now() + length / 3,
        }
    }

    /// Whether this driver may still act.
    pub(crate) fn is_held(&self) -> bool {
        now_ms() < self.until_ms.load(Ordering::Relaxed)
    }

    pub(crate) const fn renew_at(&self) -> Instant {
        self.renew_at
    }

    /// The end that a renewal asks for now.
    pub(crate) fn next_end_ms(&self) -> u64 {
        end_ms(self.length)
    }

    /// Puts the next renewal off while one is under way.
    pub(crate) fn renewing(&mut self) {
        self.renew_at = Instant::now() + self.length / 3;
    }

    pub(crate) fn renewed(&self, until_ms: u64) {
        self.until_ms.store(until_ms, Ordering::Relaxed);
    }
}

/// When a lease that is taken now ends, in milliseconds since 1970.
pub(crate) fn end_ms(length: Duration) -> u64 {
    now_ms().saturating_add(millis(length))
}

/// Prevents that a run that cannot be read is taken over again and again.
pub(crate) async fn put_off(services: &Services, token: &FencingToken, error: &StoreError) {
    if !matches!(error, StoreError::Unreadable { .. }) {
        return;
    }
    let until_ms = end_ms(UNREADABLE_FOR);
    if let Err(error) = services.store.renew(token, until_ms).await {
        tracing::warn!(%error, "a run that cannot be read could not be put off");
    }
}
