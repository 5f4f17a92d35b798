//! Keeps foreign web pages out: DNS rebinding by the `Host`, cross-site requests by the `Origin` and by what the browser says
//! of the request.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{ApiError, App};

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

pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    match check(&app.hosts, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check(hosts: &Hosts, method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    let text =
        |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let host = text(header::HOST).unwrap_or("");
    let is_own_host = match hosts {
        Hosts::Any => return Ok(()),
        Hosts::Loopback { port } => names(*port).any(|name| name.eq_ignore_ascii_case(host)),
        Hosts::Network => !host.is_empty(),
    };
    if !is_own_host {
        return Err(ApiError::forbidden(
            "This service answers only to the names of its own machine: open http://127.0.0.1 with its port.",
        ));
    }
    if let Some(origin) = text(header::ORIGIN)
        && !is_own_origin(hosts, host, origin)
    {
        return Err(ApiError::forbidden(
            "Pages of another origin may not use this service.",
        ));
    }
    let fetched = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_foreign = matches!(fetched("sec-fetch-site"), Some("cross-site" | "same-site"));
    let is_followed_link = *method == Method::GET && fetched("sec-fetch-mode") == Some("navigate");
    if is_foreign && !is_followed_link {
        return Err(ApiError::forbidden(
            "Pages of another site may not use this service.",
        ));
    }
    Ok(())
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
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    const OWN: &str = "host: 127.0.0.1:8080";

    /// Name, method, header lines, and whether the request passes.
    type Case = (&'static str, Method, &'static [&'static str], bool);

    const CASES: &[Case] = &[
        ("curl", Method::POST, &[OWN], true),
        ("localhost", Method::GET, &["host: localhost:8080"], true),
        ("capitals", Method::GET, &["host: LocalHost:8080"], true),
        ("IPv6", Method::GET, &["host: [::1]:8080"], true),
        (
            "own page",
            Method::POST,
            &[
                OWN,
                "origin: http://127.0.0.1:8080",
                "sec-fetch-site: same-origin",
            ],
            true,
        ),
        (
            "typed address",
            Method::GET,
            &[OWN, "sec-fetch-site: none", "sec-fetch-mode: navigate"],
            true,
        ),
        (
            "followed link",
            Method::GET,
            &[
                OWN,
                "sec-fetch-site: cross-site",
                "sec-fetch-mode: navigate",
            ],
            true,
        ),
        ("no host", Method::GET, &[], false),
        (
            "DNS rebinding",
            Method::GET,
            &["host: evil.example:8080"],
            false,
        ),
        (
            "DNS rebinding, own origin there",
            Method::POST,
            &[
                "host: evil.example:8080",
                "origin: http://evil.example:8080",
            ],
            false,
        ),
        (
            "another port",
            Method::GET,
            &["host: 127.0.0.1:9090"],
            false,
        ),
        (
            "a host that begins alike",
            Method::GET,
            &["host: 127.0.0.1:8080.evil.example"],
            false,
        ),
        (
            "cross-site form",
            Method::POST,
            &[OWN, "origin: https://evil.example"],
            false,
        ),
        (
            "form of a sandboxed frame",
            Method::POST,
            &[OWN, "origin: null"],
            false,
        ),
        (
            "page on another port",
            Method::POST,
            &[OWN, "origin: http://127.0.0.1:3000"],
            false,
        ),
        (
            "https page of the same name",
            Method::POST,
            &[OWN, "origin: https://127.0.0.1:8080"],
            false,
        ),
        (
            "no-cors fetch",
            Method::GET,
            &[OWN, "sec-fetch-site: cross-site", "sec-fetch-mode: no-cors"],
            false,
        ),
        (
            "no-cors fetch of another port",
            Method::GET,
            &[OWN, "sec-fetch-site: same-site", "sec-fetch-mode: no-cors"],
            false,
        ),
        (
            "no-cors post without origin",
            Method::POST,
            &[OWN, "sec-fetch-site: cross-site", "sec-fetch-mode: no-cors"],
            false,
        ),
        (
            "cross-site form navigation",
            Method::POST,
            &[
                OWN,
                "sec-fetch-site: cross-site",
                "sec-fetch-mode: navigate",
            ],
            false,
        ),
    ];

    /// The same where a network leads here.
    const NETWORK_CASES: &[Case] = &[
        ("localhost", Method::GET, &["host: localhost:8080"], true),
        (
            "an address of the network",
            Method::GET,
            &["host: 192.168.1.5:8080"],
            true,
        ),
        (
            "own page by a name",
            Method::POST,
            &[
                "host: box.example:8080",
                "origin: http://box.example:8080",
                "sec-fetch-site: same-origin",
            ],
            true,
        ),
        (
            "own page behind TLS",
            Method::POST,
            &["host: box.example", "origin: https://box.example"],
            true,
        ),
        ("no host", Method::GET, &[], false),
        (
            "page of another name",
            Method::POST,
            &["host: box.example:8080", "origin: http://evil.example:8080"],
            false,
        ),
        (
            "page on another port",
            Method::POST,
            &["host: box.example:8080", "origin: http://box.example:3000"],
            false,
        ),
        (
            "form of a sandboxed frame",
            Method::POST,
            &["host: box.example:8080", "origin: null"],
            false,
        ),
        (
            "no-cors fetch",
            Method::GET,
            &[
                "host: box.example:8080",
                "sec-fetch-site: cross-site",
                "sec-fetch-mode: no-cors",
            ],
            false,
        ),
    ];

    fn assert_checked(hosts: &Hosts, cases: &[Case]) {
        for (name, method, lines, passes) in cases {
            let headers = lines.iter().map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            let checked = check(hosts, method, &headers.collect());
            assert_eq!(checked.is_ok(), *passes, "{name}");
        }
    }

    #[test]
    fn only_requests_of_this_machine_and_of_its_own_page_pass() {
        assert_checked(&Hosts::Loopback { port: 8080 }, CASES);
    }

    #[test]
    fn over_a_network_every_name_leads_here_and_only_pages_of_that_name_pass() {
        assert_checked(&Hosts::Network, NETWORK_CASES);
    }
}
