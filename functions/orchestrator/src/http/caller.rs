//! Whose runs a request is about: the owner of the access key that it shows.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use run::Owner;

use super::ApiError;

/// Who sends a request: whose runs it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller(pub(super) Owner);

impl Caller {
    /// A run of another owner is reported as one that does not exist.
    pub(super) fn check(&self, owner: &Owner) -> Result<(), ApiError> {
        if self.0 == *owner {
            Ok(())
        } else {
            Err(ApiError::no_such_run())
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ApiError::unauthorized("The access key was not checked."))
    }
}
