//! Whose runs a request is about: the owner of the access key that it shows.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use run::Owner;
use store::{AccessKey, Account};

use super::ApiError;

/// Who sends a request: whose runs it is about, and what limits it has.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// As its runs name it.
    pub(super) owner: Owner,
    /// As people call it, where that is not the name of the owner.
    shown: Option<&'static str>,
    /// Whose limits hold for it; its own come first.
    pub(super) accounts: Arc<[Account]>,
}

impl Caller {
    /// Whoever shows the one key of a deployment's environment.
    pub(super) fn default_owner() -> Self {
        Self::unnamed("default")
    }

    /// Whoever reaches a laptop's loopback.
    pub(super) fn local() -> Self {
        Self::unnamed("local")
    }

    fn unnamed(shown: &'static str) -> Self {
        Self {
            owner: Owner::unnamed(),
            shown: Some(shown),
            accounts: Arc::default(),
        }
    }

    /// Somebody without a key; its own limits stand first.
    pub(super) fn visitor(owner: Owner, accounts: [Account; 2]) -> Self {
        Self {
            owner,
            shown: Some("visitor"),
            accounts: Arc::new(accounts),
        }
    }

    pub(super) fn of_key(key: &AccessKey) -> Self {
        Self {
            owner: key.owner.clone(),
            shown: None,
            accounts: Arc::new([Account {
                name: key.owner.clone(),
                limits: key.limits,
            }]),
        }
    }

    /// As people call it.
    pub(super) fn name(&self) -> &str {
        self.shown.unwrap_or_else(|| self.owner.as_str())
    }

    /// A run of another owner is reported as one that does not exist.
    pub(super) fn check(&self, owner: &Owner) -> Result<(), ApiError> {
        if self.owner == *owner {
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
