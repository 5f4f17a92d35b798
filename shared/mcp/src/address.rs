//! Where a server is, and how it is reached.

use std::fmt;

use reqwest::header::HeaderMap;
use reqwest::{Client, Url};

/// Where a server is, and what it is sent with each request.
#[derive(Clone)]
pub struct Address {
    pub url: Url,
    /// The operator's headers, their values marked as secret.
    pub headers: HeaderMap,
    /// Follows no redirect, and takes no connection that has stood idle: of a call that meets its end, nobody knows whether it was made.
    pub client: Client,
}

/// Its query may hold a secret.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").finish_non_exhaustive()
    }
}
