//! Reads and writes of the table beside the driver's task, which each of them reports to.

use std::sync::Arc;

use run::{Event, Seq};
use store::{Consistency, FencingToken};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tracing::Instrument as _;

use crate::append::{append_all, send};
use crate::clock::now_ms;
use crate::inbox::Message;
use crate::lease::Lease;
use crate::services::Services;

pub(crate) struct StoreTasks {
    services: Arc<Services>,
    token: Arc<FencingToken>,
    sender: mpsc::Sender<Message>,
    under_way: JoinSet<()>,
}

impl StoreTasks {
    pub(crate) fn new(
        services: Arc<Services>,
        token: Arc<FencingToken>,
        sender: mpsc::Sender<Message>,
    ) -> Self {
        Self {
            services,
            token,
            sender,
            under_way: JoinSet::new(),
        }
    }

    /// Waits until one is done; `None` when there is none. One that fails has panicked.
    pub(crate) async fn next_done(&mut self) -> Option<Result<(), JoinError>> {
        self.under_way.join_next().await
    }

    /// Stores events from this position on, while the lease lasts.
    pub(crate) fn append(&mut self, lease: Lease, first: Seq, events: Vec<Event>) {
        let services = Arc::clone(&self.services);
        let (token, sender) = (Arc::clone(&self.token), self.sender.clone());
        self.begin(append_all(services, token, lease, sender, first, events));
    }

    /// Reads what others may have written, from this position on.
    pub(crate) fn poll(&mut self, next: Seq) {
        let services = Arc::clone(&self.services);
        let (run_id, sender) = (self.token.run_id, self.sender.clone());
        self.begin(async move {
            let store = &services.store;
            let polled = store
                .read(run_id, next, Consistency::Strong, now_ms())
                .await;
            send(&sender, Message::Polled(polled)).await;
        });
    }

    /// Renews the lease until then, in milliseconds since 1970.
    pub(crate) fn renew(&mut self, until_ms: u64) {
        let services = Arc::clone(&self.services);
        let (token, sender) = (Arc::clone(&self.token), self.sender.clone());
        self.begin(async move {
            let result = services.store.renew(&token, until_ms).await;
            send(&sender, Message::Renewed { until_ms, result }).await;
        });
    }

    /// Breaks off what is under way.
    pub(crate) async fn shut_down(&mut self) {
        self.under_way.shutdown().await;
    }

    fn begin(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.under_way.spawn(task.in_current_span());
    }
}
