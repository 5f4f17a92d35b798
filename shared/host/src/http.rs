//! The one place that builds clients for outgoing HTTP.
//!
//! TLS is rustls with ring and the bundled Mozilla roots: no system trust store is read, so a cold start does not pay
//! for it and every machine trusts the same authorities. Where an operator names further ones, servers that an operator names are
//! trusted by those, too; services of AWS by those alone that are named for them. Refuses to follow a redirect to another origin, which could
//! carry a request, and what it says, to a party nobody configured. Bodies in gzip are decoded, also where nobody asked
//! for them: who reads a body counts decoded bytes.

use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};
use rustls::pki_types::TrustAnchor;
use rustls::{ClientConfig, RootCertStore};

use crate::authorities::{Authorities, AuthoritiesError};

/// How long a TCP and TLS connection may take to stand. The time-out of a whole request is the caller's.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection to a tool's server is kept idle. Many servers end theirs after five seconds, and one that ends while a call is
/// on its way loses the call.
const TOOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

const MAX_REDIRECTS: usize = 5;

const USER_AGENT: &str = concat!("serverless-llm/", env!("CARGO_PKG_VERSION"));

/// Why no client could be built: a fault of this binary or of its configuration, not of what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("set up TLS")]
    Tls(#[from] rustls::Error),
    #[error("build the HTTP client")]
    Http(#[from] reqwest::Error),
    #[error("EXTRA_CA_CERTS: {0}")]
    Authorities(#[from] AuthoritiesError),
    #[error("AWS_CA_BUNDLE: {0}")]
    AwsAuthorities(#[source] AuthoritiesError),
}

/// A client for requests to `base`: direct where that is this machine.
pub fn client(base: &Url) -> Result<Client, ClientError> {
    if is_loopback(base) {
        direct_client()
    } else {
        outward_client()
    }
}

/// A client for servers on this machine, past any proxy.
///
/// A redirect to another origin is not followed: its 3xx response comes back as it is.
pub fn direct_client() -> Result<Client, ClientError> {
    direct_client_trusting(&Authorities::default())
}

/// The same, which trusts further authorities.
pub fn direct_client_trusting(further: &Authorities) -> Result<Client, ClientError> {
    Ok(builder(further)?.no_proxy().build()?)
}

/// A client for all other servers, through the proxies of the environment. Redirects as in [`direct_client`].
pub fn outward_client() -> Result<Client, ClientError> {
    outward_client_trusting(&Authorities::default())
}

/// The same, which trusts further authorities.
pub fn outward_client_trusting(further: &Authorities) -> Result<Client, ClientError> {
    Ok(builder(further)?.build()?)
}

/// A client for the server of a tool: direct where that is this machine, else through the proxies of the environment. It follows no
/// redirect, which would take a secret elsewhere or make a GET of a call. Where `keeps_connections` is false, each request has one of its own.
pub fn tool_client(
    base: &Url,
    keeps_connections: bool,
    further: &Authorities,
) -> Result<Client, ClientError> {
    let mut builder = builder(further)?.redirect(Policy::none()).referer(false);
    builder = builder.pool_idle_timeout(TOOL_IDLE_TIMEOUT).http1_only();
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if !keeps_connections {
        builder = builder.pool_max_idle_per_host(0);
    }
    Ok(builder.build()?)
}

/// A client that connects to nothing but what `resolver` gives, past any proxy, which would resolve names by itself. It follows no
/// redirect and tells no server where its reader came from. Addresses that stand in a URL are not resolved: the caller judges them.
pub fn guarded_client(resolver: Arc<impl Resolve + 'static>) -> Result<Client, ClientError> {
    let builder = builder(&Authorities::default())?;
    let builder = builder.no_proxy().redirect(Policy::none());
    Ok(builder.referer(false).dns_resolver(resolver).build()?)
}

/// A client for requests to AWS, which are signed for one address: past any proxy, and no redirect is followed. Bodies come as
/// they are: their checksums are of what is sent. `only` are the authorities that are trusted in place of the bundled ones; none leaves those.
pub(crate) fn service_client(only: Option<&Authorities>) -> Result<Client, ClientError> {
    let roots = only.map_or_else(bundled, |only| only.roots().to_vec());
    let builder = builder_trusting(roots)?;
    let builder = builder.no_proxy().redirect(Policy::none());
    Ok(builder.no_gzip().build()?)
}

fn builder(further: &Authorities) -> Result<ClientBuilder, ClientError> {
    let mut roots = bundled();
    roots.extend_from_slice(further.roots());
    builder_trusting(roots)
}

fn builder_trusting(roots: Vec<TrustAnchor<'static>>) -> Result<ClientBuilder, ClientError> {
    Ok(Client::builder()
        .tls_backend_preconfigured(tls(roots)?)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(USER_AGENT)
        .redirect(same_origin_only()))
}

fn bundled() -> Vec<TrustAnchor<'static>> {
    webpki_roots::TLS_SERVER_ROOTS.to_vec()
}

fn tls(roots: Vec<TrustAnchor<'static>>) -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn same_origin_only() -> Policy {
    Policy::custom(|attempt| {
        let same_origin = attempt
            .previous()
            .last()
            .is_some_and(|from| from.origin() == attempt.url().origin());
        if !same_origin {
            attempt.stop()
        } else if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}

/// Whether requests to `base` stay on this machine.
pub fn is_loopback(base: &Url) -> bool {
    // An IPv6 host stands in brackets in a URL.
    let host = base.host_str().unwrap_or("");
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::HeaderMap;
    use axum::response::Redirect;
    use axum::routing::get;

    async fn serve(app: Router) -> Url {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Url::parse(&format!("http://{address}/")).unwrap()
    }

    #[tokio::test]
    async fn redirects_stay_within_their_origin() {
        let agent = |headers: HeaderMap| async move {
            let agent = headers.get("user-agent").unwrap();
            agent.to_str().unwrap().to_owned()
        };
        let elsewhere = serve(Router::new().route("/", get(agent))).await;
        let away = elsewhere.to_string();
        let base = serve(
            Router::new()
                .route("/agent", get(agent))
                .route("/here", get(async || Redirect::temporary("/agent")))
                .route("/round", get(async || Redirect::temporary("/round")))
                .route("/away", get(async move || Redirect::temporary(&away))),
        )
        .await;

        let client = client(&base).unwrap();
        let fetch = async |path: &str| client.get(base.join(path).unwrap()).send().await;

        let here = fetch("here").await.unwrap();
        assert_eq!(here.status(), 200);
        assert_eq!(here.text().await.unwrap(), USER_AGENT);
        assert_eq!(fetch("away").await.unwrap().status(), 307);
        assert!(fetch("round").await.unwrap_err().is_redirect());
    }

    #[test]
    fn loopback_is_this_machine_and_nothing_that_looks_like_it() {
        let cases = [
            ("http://localhost:8001/v1", true),
            ("http://models.localhost/", true),
            ("http://127.0.0.1:9", true),
            ("http://127.8.8.8/", true),
            ("http://[::1]:8080/", true),
            ("https://api.duckduckgo.com", false),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://10.0.0.1/", false),
            ("http://[2001:db8::1]/", false),
        ];
        for (base, expected) in cases {
            assert_eq!(is_loopback(&Url::parse(base).unwrap()), expected, "{base}");
        }
    }
}
