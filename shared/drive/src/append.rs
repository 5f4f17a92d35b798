//! Appending a batch to the log, and reporting the outcome to the driver's task.

use std::sync::Arc;

use run::{Event, Seq};
use store::{Appended, FencingToken};
use tokio::sync::mpsc;

use crate::clock::now_ms;
use crate::inbox::{AppendReport, Message};
use crate::lease::Lease;
use crate::services::Services;

/// Appends a batch, item after item, while the lease lasts; each is reported as it is stored.
pub(crate) async fn append_all(
    services: Arc<Services>,
    token: Arc<FencingToken>,
    lease: Lease,
    sender: mpsc::Sender<Message>,
    mut first: Seq,
    mut events: Vec<Event>,
) {
    while !events.is_empty() {
        if !lease.is_held() {
            return send(&sender, Message::Append(AppendReport::LeaseLost)).await;
        }
        let appended = services
            .store
            .append(&token, first, &events, now_ms())
            .await;
        let report = match appended {
            Ok(Appended::Stored { .. }) if !is_still_held(&services, &token, &events).await => {
                events.clear();
                AppendReport::LeaseLost
            }
            Ok(Appended::Stored { count }) => {
                let rest = events.split_off(count);
                first = Seq(first.0 + count as u64);
                AppendReport::Stored {
                    events: std::mem::replace(&mut events, rest),
                }
            }
            Ok(Appended::Collided {
                epoch,
                events: there,
            }) => {
                events.clear();
                AppendReport::Collided {
                    epoch,
                    events: there,
                }
            }
            Err(error) => {
                events.clear();
                AppendReport::Failed {
                    message: error.to_string(),
                }
            }
        };
        send(&sender, Message::Append(report)).await;
    }
}

/// After a takeover is in the log, and before anything is done, the head must still name this driver: another one may have
/// taken over in between.
async fn is_still_held(services: &Services, token: &FencingToken, stored: &[Event]) -> bool {
    if !matches!(stored.first(), Some(Event::Resumed { .. })) {
        return true;
    }
    match services.store.head(token.run_id, now_ms()).await {
        Ok(head) => head.is_some_and(|head| head.epoch == token.epoch),
        Err(error) => {
            tracing::error!(%error, "a takeover could not be confirmed");
            false
        }
    }
}

/// Reports to the driver's task. One that has left needs no report.
pub(crate) async fn send(sender: &mpsc::Sender<Message>, message: Message) {
    if sender.send(message).await.is_err() {
        tracing::trace!("the driver has left");
    }
}
