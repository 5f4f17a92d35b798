//! An address that may be asked: http or https, no name and password, a port of the web, no host that is this machine or its network.
//!
//! The text is read once, by the rules of browsers (WHATWG), and what is judged is what is connected to: a host that is written in
//! another way (decimal, octal, hexadecimal, full-width, with fewer parts) is an address when it is judged. Names are judged again
//! when they are resolved, see [`super::network`].

use std::net::IpAddr;

use reqwest::Url;
use tool::is_unseen;

use super::address::is_public;

/// Longest address, in bytes: of what a model asks for, of a redirect, of a link.
pub const MAX_URL_BYTES: usize = 2_000;

/// The ports of the web.
const WEB_PORTS: [u16; 2] = [80, 443];

/// Names that lead to this machine or its network, wherever they are resolved, and all names below them.
const LOCAL_NAMES: [&str; 9] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "onion",
    "metadata.goog",
];

/// Ports that may be asked besides those of the web.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(pub Vec<u16>);

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it is no address of a page, like https://example.org/page")]
    NotAnAddress,
    #[error("it is longer than {MAX_URL_BYTES} bytes")]
    TooLong,
    #[error("only http and https are read")]
    Scheme,
    #[error("it holds a name or a password")]
    UserInfo,
    #[error("its port is none of the web, and the operator has not added it")]
    Port,
    #[error("its host is not on the public internet")]
    Private,
    #[error("it leads from https to http")]
    Downgrade,
}

/// An address that has been judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// An address as a model wrote it: where it begins with its host, https is meant.
    pub fn parse(text: &str, ports: &Ports) -> Result<Self, Refused> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || "<>\"'`".contains(c));
        if text.len() > MAX_URL_BYTES {
            return Err(Refused::TooLong);
        }
        // A host with a port has the form of a scheme.
        let begins_with_host = !text.contains("://")
            && text.split(['/', '?', '#']).next().is_some_and(|host| {
                host.contains('.') && !host.starts_with("http:") && !host.starts_with("https:")
            });
        let whole = if begins_with_host {
            format!("https://{text}")
        } else {
            text.to_owned()
        };
        let url = Url::parse(&whole).map_err(|_| Refused::NotAnAddress)?;
        Self::judge(url, ports)
    }

    /// Where a redirect leads.
    pub fn follow(&self, location: &str, ports: &Ports) -> Result<Self, Refused> {
        if location.len() > MAX_URL_BYTES {
            return Err(Refused::TooLong);
        }
        let mut url = self.0.join(location).map_err(|_| Refused::NotAnAddress)?;
        if self.0.scheme() == "https" && url.scheme() == "http" {
            return Err(Refused::Downgrade);
        }
        if url.fragment().is_none() {
            url.set_fragment(self.0.fragment());
        }
        Self::judge(url, ports)
    }

    /// Where the rules of this origin for programs stand.
    pub fn robots(&self) -> Self {
        let mut url = self.0.clone();
        url.set_path("/robots.txt");
        url.set_query(None);
        url.set_fragment(None);
        Self(url)
    }

    pub const fn url(&self) -> &Url {
        &self.0
    }

    fn judge(url: Url, ports: &Ports) -> Result<Self, Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if url.as_str().len() > MAX_URL_BYTES {
            return Err(Refused::TooLong);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::UserInfo);
        }
        if !may_ask_host(&url).ok_or(Refused::NotAnAddress)? {
            return Err(Refused::Private);
        }
        let is_open = |port: u16| WEB_PORTS.contains(&port) || ports.0.contains(&port);
        if !url.port_or_known_default().is_some_and(is_open) {
            return Err(Refused::Port);
        }
        Ok(Self(url))
    }
}

/// Whether a host, as it is written, may be asked: an address by itself, a name by what it cannot be.
fn may_ask_host(url: &Url) -> Option<bool> {
    let host = url.host_str()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Some(is_public(address));
    }
    Some(may_ask_name(host))
}

/// Whether a name may be resolved at all.
pub fn may_ask_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_below = |local: &&str| {
        name.strip_suffix(*local)
            .is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    name.contains('.') && !name.contains(is_unseen) && !LOCAL_NAMES.iter().any(is_below)
}

#[cfg(test)]
mod tests;
