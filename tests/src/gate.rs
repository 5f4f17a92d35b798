//! A gate in the middle of what a fake server does: it stays there until the test opens the gate.
//!
//! With gates an order of events is proved without a clock.

use std::sync::Arc;

use tokio::sync::watch;

use crate::wait::within;

/// Shut at first; opened once.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Sides>);

#[derive(Debug)]
struct Sides {
    reached: watch::Sender<bool>,
    open: watch::Sender<bool>,
}

impl Gate {
    pub fn shut() -> Self {
        Self(Arc::new(Sides {
            reached: watch::Sender::new(false),
            open: watch::Sender::new(false),
        }))
    }

    /// Waits until the server stands before it.
    pub async fn reached(&self) {
        let mut reached = self.0.reached.subscribe();
        within("a server to reach its gate", reached.wait_for(|it| *it))
            .await
            .unwrap();
    }

    pub fn is_reached(&self) -> bool {
        *self.0.reached.borrow()
    }

    pub fn open(&self) {
        self.0.open.send_replace(true);
    }

    /// The server's side: says that it is there, and stays until the gate is open.
    pub async fn pass(&self) {
        self.0.reached.send_replace(true);
        let mut open = self.0.open.subscribe();
        open.wait_for(|it| *it).await.unwrap();
    }
}
