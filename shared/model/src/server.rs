//! Where a model is served.

use std::fmt;

use reqwest::Url;

/// One model on one OpenAI-compatible server.
#[derive(Clone)]
pub struct Server {
    base: Url,
    loopback: bool,
    key: Option<String>,
    /// What the server calls the model.
    pub model: String,
    /// The variable that sets the address, for remedies.
    pub variable: String,
    /// The built-in stand-in without weights.
    pub rehearsal: bool,
    /// The model's prompt ends with an opening `<think>`, so that only the closing tag comes in its text.
    pub thinks_first: bool,
}

/// An address that is no base URL of a model server.
#[derive(Debug, thiserror::Error)]
#[error(
    "{variable}: expected an address such as http://127.0.0.1:8001 or https://host/v1, found `{found}`"
)]
pub struct BadAddress {
    variable: String,
    found: String,
}

impl Server {
    /// Takes a base URL with or without its `/v1`.
    pub fn new(
        base: &str,
        key: Option<String>,
        model: impl Into<String>,
        variable: impl Into<String>,
    ) -> Result<Self, BadAddress> {
        let variable = variable.into();
        let refuse = || BadAddress {
            variable: variable.clone(),
            found: without_credentials(base),
        };
        let mut url = Url::parse(base.trim()).map_err(|_| refuse())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(refuse());
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/').to_owned();
        let versioned = path.rsplit('/').next().is_some_and(is_version);
        url.set_path(&if versioned {
            path
        } else {
            format!("{path}/v1")
        });
        Ok(Self {
            loopback: is_loopback(&url),
            base: url,
            key,
            model: model.into(),
            variable,
            rehearsal: false,
            thinks_first: false,
        })
    }

    /// Marks the built-in stand-in.
    #[must_use]
    pub fn rehearsing(mut self) -> Self {
        self.rehearsal = true;
        self
    }

    /// Address for people: scheme, host, port and path, never credentials.
    pub fn address(&self) -> String {
        let mut url = self.base.clone();
        // Both calls fail only for addresses without a host, which `new` refuses.
        let stripped = url.set_username("").and_then(|()| url.set_password(None));
        match stripped {
            Ok(()) => url.to_string(),
            Err(()) => String::from("(hidden)"),
        }
    }

    /// Whether the server runs on this machine.
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Takes the key out of a text that came from the server.
    pub(crate) fn redact(&self, text: &str) -> String {
        match self.key() {
            Some(key) if !key.is_empty() => text.replace(key, "[key]"),
            Some(_) | None => text.to_owned(),
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address())
            .field("model", &self.model)
            .field("rehearsal", &self.rehearsal)
            .field("thinks_first", &self.thinks_first)
            .finish_non_exhaustive()
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// An address that could not be parsed may still hold a password before its `@`.
fn without_credentials(base: &str) -> String {
    match base.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => base.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_taken_with_and_without_v1() {
        let cases = [
            ("http://127.0.0.1:8001", "http://127.0.0.1:8001/v1"),
            ("http://127.0.0.1:8001/", "http://127.0.0.1:8001/v1"),
            ("http://127.0.0.1:8001/v1", "http://127.0.0.1:8001/v1"),
            ("http://127.0.0.1:8001/v1/", "http://127.0.0.1:8001/v1"),
            ("https://host/openai/v1", "https://host/openai/v1"),
            ("https://host/proxy", "https://host/proxy/v1"),
            ("https://user:secret@host/", "https://host/v1"),
        ];
        for (base, address) in cases {
            let server = Server::new(base, None, "m", "QWEN_API_URL").unwrap();
            assert_eq!(server.address(), address);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_by_its_variable_and_without_its_password() {
        for base in [
            "",
            "localhost:8001",
            "ftp://host",
            "http://",
            "u:secret@host",
        ] {
            let error = Server::new(base, None, "m", "QWEN_API_URL")
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("QWEN_API_URL: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
