//! The address of a model server, as a person writes it: with what is pasted too much, and without what everybody leaves out.

mod secrets;

use percent_encoding::percent_decode_str;
use reqwest::Url;
use secret::Secret;
use secrets::{Credentials, shown_part};

/// What is added to an address that names no path.
const VERSION: &str = "/v1";
/// The path that is asked, below the base.
pub(crate) const CHAT: &str = "chat/completions";
/// Other paths that are pasted. They are cut off where what is left names an API by itself: a path may well end so.
const OTHER_ENDPOINTS: [&str; 5] = [
    "/completions",
    "/responses",
    "/messages",
    "/embeddings",
    "/models",
];
/// Paths of Ollama's own protocol; the same server has the common one under `/v1`.
const OLLAMA: [&str; 3] = ["/api/chat", "/api/generate", "/api/tags"];
/// In paths of Azure, and of gateways that speak as Azure does.
const DEPLOYMENTS: &str = "/openai/deployments/";
/// Marks that addresses are put into where they are written down.
const MARKS: [char; 7] = ['"', '\'', '`', '<', '>', ',', ';'];

/// Where a server's paths begin, and what goes along with every request.
#[derive(Clone)]
pub(crate) struct Base {
    /// Scheme, host, port and path without a slash at its end; nothing secret.
    url: String,
    /// From its question mark on, else empty.
    query: Secret,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) is_loopback: bool,
    /// Takes the key in a header of its own, and refuses it as a bearer token beside.
    pub(crate) is_azure: bool,
    origin: Origin,
}

/// How the path of a base came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    AsGiven,
    WithVersion,
    /// An endpoint was cut off.
    Shortened,
    Ollama,
}

impl Base {
    /// `None` for what is no address of a web server.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut url = Url::parse(unmarked(text)).ok()?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return None;
        }
        let query = url.query().filter(|query| !query.is_empty());
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let credentials = credentials(&url);
        url.set_query(None);
        url.set_fragment(None);
        // Both fail only for addresses without a host.
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        let (path, origin) = base_path(url.path());
        url.set_path("");
        Some(Self {
            is_loopback: is_loopback(&url),
            is_azure: is_azure(&url) || path.contains(DEPLOYMENTS),
            url: format!("{}{path}", url.as_str().trim_end_matches('/')),
            query: Secret::new(query),
            credentials,
            origin,
        })
    }

    /// Scheme, host, port and path.
    pub(crate) fn shown(&self) -> &str {
        &self.url
    }

    /// The address of what lies below.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}/{path}{}", self.url, self.query.reveal())
    }

    /// The address of what lies beside the version, where the path is nothing else.
    pub(crate) fn beside(&self, path: &str) -> Option<String> {
        let root = self.url.strip_suffix(VERSION)?;
        let has_no_path = root.split_once("://")?.1.find('/').is_none();
        has_no_path.then(|| format!("{root}/{path}{}", self.query.reveal()))
    }

    /// The same for people: of the query, which may hold a key, the names and the version.
    pub(crate) fn shown_below(&self, path: &str) -> String {
        format!("{}/{path}{}", self.url, shown_query(self.query.reveal()))
    }

    /// Where the parts of the address that is asked come from. `variable`: what the base was read from.
    pub(crate) fn parts(&self, variable: &str) -> String {
        let url = &self.url;
        match self.origin {
            Origin::AsGiven => format!("`{url}` is from {variable}, `/{CHAT}` was added"),
            Origin::WithVersion => {
                let given = url.strip_suffix(VERSION).unwrap_or(url);
                format!(
                    "`{given}` is from {variable}, `{VERSION}` was added because that names no path, then `/{CHAT}`"
                )
            }
            Origin::Shortened => {
                format!(
                    "`{url}` is from {variable}, whose last part was taken for an endpoint, `/{CHAT}` was added"
                )
            }
            Origin::Ollama => format!(
                "{variable} names a path of Ollama's own protocol, so `{VERSION}` was taken in its place, then `/{CHAT}`"
            ),
        }
    }

    /// A text without the secrets of this address.
    pub(crate) fn redact(&self, text: &str) -> String {
        secrets::redact(
            text,
            self.credentials.as_ref(),
            query_parts(self.query.reveal()),
        )
    }
}

/// `query` is empty or begins with its question mark.
fn query_parts(query: &str) -> impl Iterator<Item = &str> {
    let query = query.trim_start_matches('?');
    query.split('&').filter(|part| !part.is_empty())
}

fn shown_query(query: &str) -> String {
    let parts: Vec<_> = query_parts(query).map(shown_part).collect();
    let mark = if parts.is_empty() { "" } else { "?" };
    format!("{mark}{}", parts.join("&"))
}

/// An address that could not be read, as it may be shown: it may still hold a password, or a key in its query.
pub(crate) fn unreadable(text: &str) -> String {
    let (mark, text) = text
        .rsplit_once('@')
        .map_or(("", text), |(_, it)| ("…@", it));
    let text = text.split(['?', '#']).next().unwrap_or_default();
    format!("{mark}{text}")
}

/// The same address with a scheme, where that alone is missing, for people.
pub(crate) fn with_scheme(text: &str) -> Option<String> {
    let text = unmarked(text);
    let is_host = |host: &str| host == "localhost" || host.contains(['.', ':']);
    let host = text.split(['/', '?']).next().unwrap_or_default();
    let has_scheme = text.contains("://") || text.contains('@');
    if has_scheme || !is_host(host) || host.contains(char::is_whitespace) {
        return None;
    }
    let read = Base::read(&format!("http://{text}"))?;
    let scheme = if read.is_loopback { "http" } else { "https" };
    let query = shown_query(read.query.reveal());
    Some(format!("{scheme}://{}{query}", unreadable(text)))
}

fn unmarked(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || MARKS.contains(&c))
}

fn base_path(path: &str) -> (String, Origin) {
    let path = path.trim_end_matches('/');
    if path.is_empty() {
        return (VERSION.to_owned(), Origin::WithVersion);
    }
    if OLLAMA.iter().any(|known| path.eq_ignore_ascii_case(known)) {
        return (VERSION.to_owned(), Origin::Ollama);
    }
    if let Some(rest) = without(path, &format!("/{CHAT}")) {
        return (rest.to_owned(), Origin::Shortened);
    }
    let cut = OTHER_ENDPOINTS
        .iter()
        .find_map(|known| without(path, known));
    match cut.filter(|rest| names_api(rest)) {
        Some(rest) => (rest.to_owned(), Origin::Shortened),
        None => (path.to_owned(), Origin::AsGiven),
    }
}

fn without<'a>(path: &'a str, end: &str) -> Option<&'a str> {
    let at = path.len().checked_sub(end.len())?;
    let (rest, tail) = path.split_at_checked(at)?;
    tail.eq_ignore_ascii_case(end)
        .then(|| rest.trim_end_matches('/'))
}

/// Whether a path ends as bases of APIs do: with a version, or in so many words.
fn names_api(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    let version = last.strip_prefix(['v', 'V']);
    let is_version = version.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    is_version || ["openai", "inference"].contains(&last)
}

fn credentials(url: &Url) -> Option<Credentials> {
    let decoded = |text: &str| Secret::new(percent_decode_str(text).decode_utf8_lossy());
    let password = url.password().map(decoded);
    let is_given = !url.username().is_empty() || password.is_some();
    is_given.then(|| (decoded(url.username()), password))
}

/// An address of all networks, as servers print it, is reached on this machine.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost"
        || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}

fn is_azure(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("");
    host.ends_with(".azure.com") || host.ends_with(".azure.us") || host.ends_with(".azure.cn")
}

#[cfg(test)]
mod tests;
