//! Who may read a run: its owner, or whoever shows its share link.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use drive::now_ms;
use futures_util::future::BoxFuture;
use run::RunId;
use store::Head;

use super::{ApiError, App, Caller};

/// The parameter that holds the token of a share link.
pub(super) const SHARE: &str = "share";

/// Whoever shows a share link.
#[derive(Clone, Debug)]
pub(super) struct Guest(pub(super) String);

/// Who may read a run: its owner, or whoever shows its share link.
#[derive(Clone, Debug)]
pub(super) enum Reader {
    Caller(Caller),
    Guest(Guest),
}

impl Reader {
    pub(super) const fn is_guest(&self) -> bool {
        matches!(self, Self::Guest(_))
    }

    /// The head of a run that it may read.
    pub(super) fn head<'a>(
        &'a self,
        app: &'a App,
        run_id: RunId,
    ) -> BoxFuture<'a, Result<Head, ApiError>> {
        // Of no type of its own, so that it stands in the binary once and not in each route.
        Box::pin(async move {
            let head = app.services.store.head(run_id, now_ms()).await?;
            let head = head.ok_or_else(ApiError::no_such_run)?;
            let is_theirs = |shown| head.share.as_ref().is_some_and(|token| token.is(shown));
            match self {
                Self::Caller(caller) => caller.check(&head.owner)?,
                Self::Guest(Guest(shown)) if is_theirs(shown) => {}
                Self::Guest(_) => return Err(ApiError::no_such_run()),
            }
            Ok(head)
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match parts.extensions.get::<Guest>().cloned() {
            Some(guest) => Ok(Self::Guest(guest)),
            None => Ok(Self::Caller(
                Caller::from_request_parts(parts, state).await?,
            )),
        }
    }
}
