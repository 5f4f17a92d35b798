//! Keeps foreign web pages out: DNS rebinding by the `Host`, cross-site requests by the `Origin` and by what the browser says
//! of the request.
//!
//! A header that decides something may stand in a request only once: else the one that is checked here may not be the one that a
//! proxy before this service has checked.

use axum::http::{HeaderMap, HeaderName, Method, Uri, header};

use super::ApiError;

/// Which names this service answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Names of this machine, with this port.
    Loopback { port: u16 },
    /// Whatever name leads here over a network: no list knows them all. Only for a service that asks for a key: a page that
    /// got here by DNS rebinding has none to show, and the key that a person gave to the page is kept by that page's origin.
    Network,
    /// Whatever the front door lets through: in AWS the platform routes by `Host`.
    Any,
}

/// The site of the page that sends a request, as the browser says.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The purpose of a request, as the browser says.
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// Headers by which a request is let in, or taken for one that was made before.
const SINGLE: [HeaderName; 10] = [
    header::HOST,
    header::ORIGIN,
    FETCH_SITE,
    FETCH_MODE,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("x-origin-secret"),
    HeaderName::from_static("x-watcher"),
];

pub(super) fn check_single(headers: &HeaderMap) -> Result<(), ApiError> {
    let is_repeated = |name: &&HeaderName| headers.get_all(*name).iter().count() > 1;
    match SINGLE.iter().find(is_repeated) {
        None => Ok(()),
        Some(name) => Err(ApiError::invalid_field(
            name.as_str(),
            format!("The header {name} must stand in a request once."),
        )),
    }
}

/// Refuses names that are not this service's.
pub(super) fn check_host(hosts: &Hosts, target: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    let host = host(headers);
    let is_own_host = match hosts {
        Hosts::Any => return Ok(()),
        Hosts::Loopback { port } => names(*port).any(|name| name.eq_ignore_ascii_case(host)),
        Hosts::Network => !host.is_empty(),
    };
    // A target in absolute form names the host in place of the header (RFC 9112, 3.2.2).
    let names_host = |authority: &str| authority.eq_ignore_ascii_case(host);
    let is_meant = target.authority().is_none_or(|it| names_host(it.as_str()));
    if is_own_host && is_meant {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "This service answers only to the names of its own machine: open http://127.0.0.1 with its port.",
    ))
}

/// Refuses requests of foreign pages.
pub(super) fn check_page(
    hosts: &Hosts,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    if *hosts == Hosts::Any {
        return Ok(());
    }
    if let Some(origin) = text(headers, header::ORIGIN)
        && !is_own_origin(hosts, host(headers), origin)
    {
        return Err(ApiError::forbidden(
            "Pages of another origin may not use this service.",
        ));
    }
    let is_foreign = !matches!(
        text(headers, FETCH_SITE),
        None | Some("same-origin" | "none")
    );
    let is_followed_link = *method == Method::GET && text(headers, FETCH_MODE) == Some("navigate");
    if is_foreign && !is_followed_link {
        return Err(ApiError::forbidden(
            "Pages of another site may not use this service.",
        ));
    }
    Ok(())
}

fn host(headers: &HeaderMap) -> &str {
    text(headers, header::HOST).unwrap_or("")
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let value = headers.get(name)?;
    Some(value.to_str().unwrap_or(""))
}

fn is_own_origin(hosts: &Hosts, host: &str, origin: &str) -> bool {
    match hosts {
        Hosts::Loopback { port } => {
            let host = origin.strip_prefix("http://");
            host.is_some_and(|host| names(*port).any(|name| name == host))
        }
        // What ends TLS before this service keeps the `Host` of the page.
        Hosts::Network => ["http://", "https://"]
            .iter()
            .any(|scheme| origin.strip_prefix(scheme) == Some(host)),
        Hosts::Any => true,
    }
}

/// The names of this machine. Browsers leave out port 80.
fn names(port: u16) -> impl Iterator<Item = String> {
    ["127.0.0.1", "localhost", "[::1]"]
        .into_iter()
        .flat_map(move |name| {
            let bare = (port == 80).then(|| name.to_owned());
            [Some(format!("{name}:{port}")), bare]
        })
        .flatten()
}

#[cfg(test)]
mod tests;
