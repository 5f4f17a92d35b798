//! A session with a server, whichever era it speaks. It ends with the last that holds it; a server that keeps sessions is told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::ClientConfig;
use rmcp::service::{Peer, RunningService};
use tokio::time::Instant;

use crate::era::Era;

pub(crate) struct Session {
    service: RunningService<RoleClient, ClientConfig>,
    used: Mutex<Instant>,
    has_listed: AtomicBool,
}

impl Session {
    pub(crate) fn new(service: RunningService<RoleClient, ClientConfig>) -> Self {
        Self {
            service,
            used: Mutex::new(Instant::now()),
            has_listed: AtomicBool::new(false),
        }
    }

    pub(crate) fn peer(&self) -> &Peer<RoleClient> {
        self.service.peer()
    }

    pub(crate) fn era(&self) -> Era {
        let version = self
            .peer()
            .peer_info()
            .map(|info| info.protocol_version.clone());
        match version {
            Some(version) if !version.has_initialize() => Era::WithoutSessions,
            Some(_) | None => Era::WithSessions,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.service.is_closed() && !self.peer().is_transport_closed()
    }

    /// Whether all tools of the server have been listed in it.
    pub(crate) fn has_listed(&self) -> bool {
        self.has_listed.load(Ordering::Relaxed)
    }

    pub(crate) fn listed(&self) {
        self.has_listed.store(true, Ordering::Relaxed);
    }

    /// Notes that it is used now.
    pub(crate) fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// How long it may stay unused; `None` where that is over.
    pub(crate) fn idle_left(&self, most: Duration) -> Option<Duration> {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        most.checked_sub(used.elapsed())
            .filter(|left| !left.is_zero())
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
