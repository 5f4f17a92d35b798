//! Where a model is served.

use std::fmt;

use reqwest::RequestBuilder;

use crate::address::{self, Base, CHAT};
use crate::request_profile::RequestProfile;

/// The header that Azure takes a key in.
const AZURE_KEY: &str = "api-key";

/// One model on one OpenAI-compatible server.
#[derive(Clone)]
pub struct Server {
    base: Base,
    key: Option<String>,
    /// What the server calls the model.
    pub model: String,
    /// The variable that sets the address, for remedies.
    pub variable: String,
    /// The built-in stand-in without weights.
    pub rehearsal: bool,
    /// The model's prompt ends with an opening `<think>`, so that only the closing tag comes in its text.
    pub thinks_first: bool,
    /// What it takes of a request.
    pub profile: RequestProfile,
}

/// An address that is no base URL of a model server.
#[derive(Debug, thiserror::Error)]
#[error(
    "{variable}: expected an address such as http://127.0.0.1:8001 or https://host/v1, found `{found}`{}",
    meant.as_ref().map_or_else(String::new, |meant| format!("; did you mean {meant}?"))
)]
pub struct BadAddress {
    variable: String,
    found: String,
    /// The same with a scheme, where that alone is missing.
    meant: Option<String>,
}

impl Server {
    /// Takes a base URL as it is, with the version where it names no path and without the endpoint where it names one.
    pub fn new(
        base: &str,
        key: Option<String>,
        model: impl Into<String>,
        variable: impl Into<String>,
    ) -> Result<Self, BadAddress> {
        let variable = variable.into();
        let Some(read) = Base::read(base) else {
            return Err(BadAddress {
                variable,
                found: address::unreadable(base),
                meant: address::with_scheme(base),
            });
        };
        Ok(Self {
            base: read,
            key: key.and_then(|key| bare(&key)),
            model: model.into(),
            variable,
            rehearsal: false,
            thinks_first: false,
            profile: RequestProfile::default(),
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
        self.base.shown().to_owned()
    }

    /// Whether the server runs on this machine.
    pub const fn is_loopback(&self) -> bool {
        self.base.is_loopback
    }

    /// Whether asking the other one is asking the same model with the same rights once more.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.serves_the_same_as(other) && self.key == other.key
    }

    /// Whether the other one stands for the same model on the same server.
    pub fn serves_the_same_as(&self, other: &Self) -> bool {
        self.model == other.model && self.url(CHAT) == other.url(CHAT)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.base.below(path)
    }

    /// The address of a path of the server's own protocol, which lies beside the common one; `None` where the base names another API.
    pub(crate) fn beside(&self, path: &str) -> Option<String> {
        self.base.beside(path)
    }

    /// The address of a path below for people, without secrets.
    pub(crate) fn shown_url(&self, path: &str) -> String {
        self.base.shown_below(path)
    }

    /// The address that questions are sent to, and where its parts come from.
    pub(crate) fn asked_at(&self) -> String {
        let asked = self.shown_url(CHAT);
        format!("{asked} was asked: {}", self.base.parts(&self.variable))
    }

    /// A request with what shows who asks: the key, else name and password of the address. Azure refuses two of them in one
    /// request, and takes a key in a header of its own; a token that it has signed is a bearer's.
    pub(crate) fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match (&self.key, &self.base.credentials) {
            (Some(key), _) if self.base.is_azure && !is_signed_token(key) => {
                request.header(AZURE_KEY, key)
            }
            (Some(key), _) => request.bearer_auth(key),
            (None, Some((name, password))) => request.basic_auth(name, password.as_ref()),
            (None, None) => request,
        }
    }

    /// Takes what is secret out of a text that came from the server.
    pub(crate) fn redact(&self, text: &str) -> String {
        let text = self.base.redact(text);
        match &self.key {
            Some(key) => text.replace(key, "[key]"),
            None => text,
        }
    }
}

/// A key without what is pasted around it; `None` where nothing is left.
fn bare(key: &str) -> Option<String> {
    let marks = |c: char| c.is_whitespace() || ['"', '\'', '`'].contains(&c);
    let key = key.trim_matches(marks);
    let key = key.strip_prefix("Bearer ").unwrap_or(key).trim();
    (!key.is_empty()).then(|| key.to_owned())
}

/// A JSON web token: three parts, of which the first is a JSON object in base64.
fn is_signed_token(key: &str) -> bool {
    key.starts_with("eyJ") && key.split('.').count() == 3
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AskError;

    fn headers(address: &str, key: Option<&str>) -> Vec<(String, String)> {
        let key = key.map(str::to_owned);
        let server = Server::new(address, key, "m", "QWEN_API_URL").unwrap();
        // Whichever test of this process comes first installs it for all.
        drop(rustls::crypto::ring::default_provider().install_default());
        let request = reqwest::Client::new().post(server.url(CHAT));
        let request = server.signed(request).build().unwrap();
        let read =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
        request.headers().iter().map(read).collect()
    }

    #[test]
    fn a_request_shows_who_asks_once_and_as_the_server_takes_it() {
        let azure = "https://x.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21";
        let token = "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl";
        let bearer = |key: &str| Some(("authorization", format!("Bearer {key}")));
        let cases = [
            ("https://host", None, None),
            ("https://host", Some("sk-1"), bearer("sk-1")),
            ("https://host", Some(" \"sk-1\"\n"), bearer("sk-1")),
            ("https://host", Some("Bearer sk-1"), bearer("sk-1")),
            ("https://host", Some("  "), None),
            (azure, Some("k3y"), Some((AZURE_KEY, "k3y".to_owned()))),
            (azure, Some(token), bearer(token)),
            (
                "https://me:pass@host",
                None,
                Some(("authorization", "Basic bWU6cGFzcw==".to_owned())),
            ),
            ("https://me:pass@host", Some("sk-1"), bearer("sk-1")),
        ];
        for (address, key, expected) in cases {
            let expected = expected.map(|(name, value)| (name.to_owned(), value));
            assert_eq!(headers(address, key), Vec::from_iter(expected), "{address}");
        }
    }

    #[test]
    fn nothing_secret_of_an_address_is_shown() {
        let written =
            "http://sk-tok123456@127.0.0.1:9002/v1?code=abc%2Bdef123&sk-bare999&api-version=1";
        let key = Some("sk-key".to_owned());
        let server = Server::new(written, key, "m", "QWEN_API_URL").unwrap();
        assert!(
            server
                .url(CHAT)
                .ends_with("?code=abc%2Bdef123&sk-bare999&api-version=1")
        );
        let secrets = [
            "sk-key",
            "sk-tok123456",
            "abc%2Bdef123",
            "abc+def123",
            "sk-bare999",
            "c2stdG9rMTIzNDU2Og",
        ];
        let echo = secrets.join(" ");
        let error = AskError::refused(404, echo.as_bytes(), None).fit_to_show(&server);
        let problem = error.problem("Qwen", &server, 4096);
        let shown = [
            server.address(),
            problem.message,
            problem.remedy,
            error.outline(),
            error.to_string(),
            format!("{error:?} {server:?}"),
        ];
        for (shown, secret) in shown
            .iter()
            .flat_map(|it| secrets.map(|secret| (it, secret)))
        {
            assert!(!shown.contains(secret), "{secret}: {shown}");
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
            "host.example/v1?key=secret",
        ] {
            let error = Server::new(base, None, "m", "QWEN_API_URL")
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("QWEN_API_URL: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
            let is_named = error.contains("did you mean http://localhost:8001?");
            assert_eq!(is_named, base == "localhost:8001", "{error}");
        }
    }

    #[test]
    fn the_remedy_for_what_is_not_found_tells_what_was_asked_and_where_it_came_from() {
        let cases = [
            (
                "http://127.0.0.1:8001",
                "http://127.0.0.1:8001/v1/chat/completions was asked: `http://127.0.0.1:8001` is from QWEN_API_URL, `/v1` was \
                 added because that names no path, then `/chat/completions`. Check QWEN_API_URL, and set QWEN_MODEL to a model \
                 that the server lists under http://127.0.0.1:8001/v1/models.",
            ),
            (
                "https://host/proxy?key=s3cret",
                "https://host/proxy/chat/completions?key=… was asked: `https://host/proxy` is from QWEN_API_URL, \
                 `/chat/completions` was added. Check QWEN_API_URL, and set QWEN_MODEL to a model that the server lists under \
                 https://host/proxy/models?key=….",
            ),
        ];
        for (address, remedy) in cases {
            let server = Server::new(address, None, "m", "QWEN_API_URL").unwrap();
            for status in [404, 405] {
                let error = AskError::refused(status, b"<h1>Not found</h1>", None);
                assert_eq!(error.problem("Qwen", &server, 4096).remedy, remedy);
            }
            let garbage = AskError::Garbage.problem("Qwen", &server, 4096).remedy;
            assert!(garbage.starts_with(&server.asked_at()), "{garbage}");
        }
    }
}
