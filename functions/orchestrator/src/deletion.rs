//! Deleting a run. Here and not where runs are driven: the function that goes on with runs has no right to it.

use std::sync::Arc;

use drive::{Services, close_ended, now_ms};
use run::RunId;
use store::{Head, StoreError};

/// Deletes a run that has ended; false where it goes on.
pub(crate) async fn delete(services: &Services, head: &Head) -> Result<bool, StoreError> {
    let store = &services.store;
    if store.delete(head).await? {
        return Ok(true);
    }
    // The head may lag behind a log that has its end already.
    close_ended(services, head).await?;
    match store.head(head.run_id, now_ms()).await? {
        Some(head) => store.delete(&head).await,
        None => Ok(true),
    }
}

/// Deletes a run that nobody is to keep, once its answer was told; what follows it still does that then.
pub(crate) async fn forget(services: Arc<Services>, run_id: RunId) {
    let forgotten = async {
        let store = &services.store;
        match store.head(run_id, now_ms()).await? {
            Some(head) if !store.is_watched(run_id, now_ms()).await? => {
                delete(&services, &head).await
            }
            Some(_) | None => Ok(true),
        }
    };
    match forgotten.await {
        Ok(true) => {}
        Ok(false) => tracing::warn!(%run_id, "a run that is to be forgotten has not ended"),
        Err(error) => tracing::warn!(%run_id, %error, "a run could not be forgotten at once"),
    }
}
