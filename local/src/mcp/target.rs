//! Where a service is reached.

use anyhow::Context as _;
use reqwest::{Client, Url};

/// An address, and what reaches it.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) client: Client,
    pub(super) url: Url,
}

impl Target {
    /// The service at an address, as people name it: that of its page, of its interface, or of this very route.
    pub(super) fn at(address: &str) -> anyhow::Result<Self> {
        let base = address.trim().trim_end_matches('/');
        let base = ["/mcp", "/v1", "/orchestrator"]
            .iter()
            .find_map(|path| base.strip_suffix(path))
            .unwrap_or(base);
        let is_service = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let named = Url::parse(base).ok().filter(is_service);
        let url = named.and_then(|_| Url::parse(&format!("{base}/mcp")).ok());
        let url = url.with_context(|| {
            format!("{address:?} is no address of a service: name it as https://YOUR-DOMAIN")
        })?;
        let client = host::http::client(&url).context("build the HTTP client")?;
        Ok(Self { client, url })
    }
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_the_service_however_people_name_it() {
        for (named, url) in [
            ("https://a.example", "https://a.example/mcp"),
            (" https://a.example/ ", "https://a.example/mcp"),
            ("https://a.example/mcp", "https://a.example/mcp"),
            ("https://a.example/mcp/", "https://a.example/mcp"),
            ("https://a.example/v1", "https://a.example/mcp"),
            ("https://a.example/orchestrator/", "https://a.example/mcp"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/mcp"),
            (
                "https://a.example/behind/a/proxy",
                "https://a.example/behind/a/proxy/mcp",
            ),
        ] {
            assert_eq!(Target::at(named).unwrap().url.as_str(), url, "{named}");
        }
        for named in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "127.0.0.1:8080",
        ] {
            let error = Target::at(named).err().unwrap().to_string();
            assert!(error.contains("https://YOUR-DOMAIN"), "{named}: {error}");
        }
    }
}
