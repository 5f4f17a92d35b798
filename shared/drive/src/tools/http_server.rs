//! The server of a tool, and what it is sent with each call.

use reqwest::header::HeaderMap;
use reqwest::{Client, Url};

/// The server of a tool.
#[derive(Debug)]
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
