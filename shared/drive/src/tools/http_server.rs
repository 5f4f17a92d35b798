//! The server of a tool, and what it is sent with each call.

use std::fmt;

use reqwest::header::HeaderMap;
use reqwest::{Client, Url};

/// The server of a tool.
pub(crate) struct HttpServer {
    pub(crate) client: Client,
    pub(crate) url: Url,
    /// The operator's headers, their values marked as secret.
    pub(crate) headers: HeaderMap,
}

impl HttpServer {
    pub(crate) const fn new(client: Client, url: Url, headers: HeaderMap) -> Self {
        Self {
            client,
            url,
            headers,
        }
    }
}

/// The query of its address may hold a secret.
impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer").finish_non_exhaustive()
    }
}
