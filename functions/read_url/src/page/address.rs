//! Addresses as a page writes them.

use reqwest::Url;

use crate::net::MAX_URL_BYTES;

/// A link's address, where it leads to the web.
pub fn absolute(base: &Url, link: &str) -> Option<Url> {
    if link.len() > MAX_URL_BYTES {
        return None;
    }
    let url = base.join(link.trim()).ok()?;
    let is_of_the_web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    let names_nobody = url.username().is_empty() && url.password().is_none();
    (is_of_the_web && names_nobody && url.as_str().len() <= MAX_URL_BYTES).then_some(url)
}
