//! Where a server is, and how it is reached.

use reqwest::header::HeaderMap;
use reqwest::{Client, Url};

/// Where a server is, and what it is sent with each request.
#[derive(Clone, Debug)]
pub struct Address {
    pub url: Url,
    /// The operator's headers, their values marked as secret.
    pub headers: HeaderMap,
    /// Follows no redirect, and takes no connection that has stood idle: of a call that meets its end, nobody knows whether it was made.
    pub client: Client,
}
