use super::*;
use axum::http::HeaderValue;

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
        "a site that no browser names",
        Method::GET,
        &[OWN, "sec-fetch-site: Cross-Site"],
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
        let target = Uri::from_static("/api/config");
        let headers = headers.collect();
        let checked = check_host(hosts, &target, &headers);
        let checked = checked.and_then(|()| check_page(hosts, method, &headers));
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

fn headers(lines: &[(HeaderName, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn what_decides_stands_in_a_request_once() {
    for name in SINGLE {
        let once = headers(&[(name.clone(), "a")]);
        assert_eq!(check_single(&once), Ok(()), "{name}");
        for second in ["a", "b", ""] {
            let twice = headers(&[(name.clone(), "a"), (name.clone(), second)]);
            let message = format!("The header {name} must stand in a request once.");
            let refused = ApiError::invalid_field(name.as_str(), message);
            assert_eq!(check_single(&twice), Err(refused), "{name}");
        }
    }
    let accept = headers(&[(header::ACCEPT, "a"), (header::ACCEPT, "b")]);
    assert_eq!(check_single(&accept), Ok(()));
}

#[test]
fn a_target_that_names_a_host_names_the_one_of_the_header() {
    let own = Hosts::Loopback { port: 8080 };
    for (hosts, host, target, passes) in [
        (&own, "127.0.0.1:8080", "http://127.0.0.1:8080/", true),
        (&own, "localhost:8080", "http://LOCALHOST:8080/health", true),
        (&own, "127.0.0.1:8080", "/health", true),
        (&own, "127.0.0.1:8080", "http://evil.example/", false),
        (&own, "127.0.0.1:8080", "http://evil.example:8080/", false),
        (
            &own,
            "127.0.0.1:8080",
            "http://127.0.0.1:8080@evil.example/",
            false,
        ),
        (
            &own,
            "127.0.0.1:8080",
            "http://evil.example@127.0.0.1:8080/",
            false,
        ),
        (&own, "127.0.0.1:8080", "http://127.0.0.1/", false),
        (&own, "evil.example", "http://127.0.0.1:8080/", false),
        (&Hosts::Network, "box.example", "http://box.example/", true),
        (
            &Hosts::Network,
            "box.example",
            "http://evil.example/",
            false,
        ),
        (&Hosts::Any, "a.example", "https://b.example/", true),
    ] {
        let headers = headers(&[(header::HOST, host)]);
        let target: Uri = target.parse().unwrap();
        let checked = check_host(hosts, &target, &headers);
        assert_eq!(checked.is_ok(), passes, "{host} {target}");
    }
}
