//! A server, and the session that this process has with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::connect::connect;
use crate::era::Era;
use crate::problem::Problem;
use crate::session::Session;

/// Calls that a server is sent at once; more wait.
const MAX_CALLS_AT_ONCE: usize = 8;
/// A session that nobody has used for this long is closed.
const IDLE: Duration = Duration::from_mins(5);

/// A server. Sessions are begun when they are needed.
#[derive(Debug)]
pub struct Server {
    pub(crate) address: Address,
    era: Mutex<Option<Era>>,
    session: tokio::sync::Mutex<Option<Arc<Session>>>,
    pub(crate) places: Semaphore,
}

impl Server {
    pub fn new(address: Address) -> Arc<Self> {
        Arc::new(Self {
            address,
            era: Mutex::default(),
            session: tokio::sync::Mutex::default(),
            places: Semaphore::new(MAX_CALLS_AT_ONCE),
        })
    }

    /// What it is sent with each request.
    pub fn headers(&self) -> &HeaderMap {
        &self.address.headers
    }

    /// Its query may hold a secret, too.
    pub const fn url(&self) -> &Url {
        &self.address.url
    }

    /// The session with the server; a new one where there is none. Who comes meanwhile waits for it.
    pub(crate) async fn session(self: &Arc<Self>) -> Result<Arc<Session>, Problem> {
        let mut session = self.session.lock().await;
        if let Some(known) = session.as_ref().filter(|known| known.is_open()) {
            known.touch();
            return Ok(Arc::clone(known));
        }
        let known = *self.era.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = match connect(&self.address, known).await {
            // What is remembered may be of another server that stood at the address.
            Err(problem) if known.is_some() && problem.is_of_protocol() => {
                connect(&self.address, None).await
            }
            begun => begun,
        };
        let begun = Arc::new(begun?);
        *self.era.lock().unwrap_or_else(PoisonError::into_inner) = Some(begun.era());
        *session = Some(Arc::clone(&begun));
        self.close_when_idle(&begun);
        Ok(begun)
    }

    /// Forgets a session that the server does not know any more.
    pub(crate) async fn forget(&self, lost: &Arc<Session>) {
        let mut session = self.session.lock().await;
        if session
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, lost))
        {
            *session = None;
        }
    }

    fn close_when_idle(self: &Arc<Self>, session: &Arc<Session>) {
        let (server, session) = (Arc::downgrade(self), Arc::downgrade(session));
        tokio::spawn(async move {
            loop {
                let Some(left) = session.upgrade().map(|known| known.idle_left(IDLE)) else {
                    return;
                };
                if let Some(left) = left {
                    tokio::time::sleep(left).await;
                    continue;
                }
                if let (Some(server), Some(session)) = (server.upgrade(), session.upgrade()) {
                    server.forget(&session).await;
                }
                return;
            }
        });
    }
}
