//! Where a model is served.

mod key;

use std::fmt;
use std::sync::Arc;

use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName};

use secret::{Redactor, SHORTEST, Secret};

use crate::address::{self, Base, CHAT};
use crate::overrides::Overrides;
use crate::request_profile::RequestProfile;
use key::Key;

/// The header that Azure takes a key in.
const AZURE_KEY: &str = "api-key";

/// One model on one OpenAI-compatible server.
#[derive(Clone)]
pub struct Server {
    base: Base,
    key: Key,
    /// The operator's, sent with each request; those that are secret are marked so.
    headers: Arc<HeaderMap>,
    /// What the operator has set for every question.
    pub overrides: Arc<Overrides>,
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
            key: Key::new(key),
            headers: Arc::default(),
            overrides: Arc::default(),
            model: model.into(),
            variable,
            rehearsal: false,
            thinks_first: false,
            profile: RequestProfile::default(),
        })
    }

    /// The same with headers for each request.
    ///
    /// # Errors
    /// The one that its key, or the name and password of its address, are sent in already.
    pub fn with_headers(mut self, headers: HeaderMap) -> Result<Self, HeaderName> {
        if let Some(name) = self.key_header().filter(|name| headers.contains_key(name)) {
            return Err(name);
        }
        self.headers = Arc::new(headers);
        Ok(self)
    }

    /// Marks the built-in stand-in.
    #[must_use]
    pub fn rehearsing(mut self) -> Self {
        self.rehearsal = true;
        self
    }

    /// How often its key has been renewed.
    pub fn key_renewals(&self) -> u64 {
        self.key.renewals()
    }

    /// Has another key sent from now on, by all clones of this value.
    pub fn renew_key(&self, key: &str) {
        self.key.renew(key);
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
        self.serves_the_same_as(other)
            && self.key.current() == other.key.current()
            && self.headers == other.headers
            && self.overrides == other.overrides
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

    /// The header that shows who asks, where there is a key, or a name and password in the address.
    fn key_header(&self) -> Option<HeaderName> {
        match (self.key.current(), &self.base.credentials) {
            (Some(key), _) if self.takes_key_alone(key.reveal()) => {
                Some(HeaderName::from_static(AZURE_KEY))
            }
            (Some(_), _) | (None, Some(_)) => Some(AUTHORIZATION),
            (None, None) => None,
        }
    }

    /// Azure takes a key in a header of its own; a token that it has signed is a bearer's.
    fn takes_key_alone(&self, key: &str) -> bool {
        self.base.is_azure && !is_signed_token(key)
    }

    /// A request with the operator's headers and with what shows who asks: the key, else name and password of the address. Azure refuses
    /// two of them in one request.
    pub(crate) fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.headers(HeaderMap::clone(&self.headers));
        match (self.key.current(), &self.base.credentials) {
            (Some(key), _) if self.takes_key_alone(key.reveal()) => {
                request.header(AZURE_KEY, key.reveal())
            }
            (Some(key), _) => request.bearer_auth(key.reveal()),
            (None, Some((name, password))) => {
                request.basic_auth(name.reveal(), password.as_ref().map(Secret::reveal))
            }
            (None, None) => request,
        }
    }

    /// Takes what is secret out of a text that came from the server.
    pub(crate) fn redact(&self, text: &str) -> String {
        let text = self.base.redact(text);
        let keys: Vec<_> = self.key.told().collect();
        let keys = Redactor::new("[key]", keys.iter().map(Secret::reveal));
        let text = keys.taken_out_of(text);
        let values = self.headers.values().filter(|it| it.is_sensitive());
        let values: Vec<_> = values.filter_map(|it| it.to_str().ok()).collect();
        // Of `Bearer …` a server may repeat what follows alone.
        let parts = values
            .iter()
            .flat_map(|it| [Some(*it), it.rsplit(' ').next()]);
        let parts = parts.flatten().filter(|it| it.len() >= SHORTEST);
        Redactor::new("[secret]", parts).taken_out_of(text)
    }
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
mod tests;
