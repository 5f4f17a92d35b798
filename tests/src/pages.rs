//! Pages of an internet that stands in for the real one: public names, all of which lead to one server on this machine.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use read_url::Network;

use crate::loopback::Served;

/// What every name resolves to.
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));

/// Serves until it is dropped.
#[derive(Debug)]
pub struct Pages {
    served: Served,
}

impl Pages {
    /// Pages by their address without scheme, `example.org/page`, each with its media type.
    pub async fn start(pages: &[(&str, &'static str, &[u8])]) -> Self {
        let known: BTreeMap<String, (&'static str, Bytes)> = pages
            .iter()
            .map(|(address, kind, body)| {
                ((*address).to_owned(), (*kind, Bytes::copy_from_slice(body)))
            })
            .collect();
        let answer = async move |request: Request| answer(&known, &request);
        Self {
            served: Served::start(Router::new().fallback(answer)).await,
        }
    }

    /// The internet in which they are found.
    pub fn network(&self) -> Network {
        let found = |_| std::future::ready(Ok(vec![PUBLIC])).boxed();
        let address = self.served.address.trim_start_matches("http://");
        let stand_in: SocketAddr = address.parse().unwrap();
        Network::routed(found, move |address| {
            assert_eq!(address, PUBLIC, "only what is public is connected to");
            stand_in
        })
    }
}

/// An internet without a name: no test leaves this machine.
pub(crate) fn no_pages() -> Network {
    let nowhere = |_| std::future::ready(Ok(Vec::new())).boxed();
    Network::routed(nowhere, |address| SocketAddr::new(address, 0))
}

fn answer(known: &BTreeMap<String, (&'static str, Bytes)>, request: &Request) -> Response {
    let host = request.headers()[header::HOST].to_str().unwrap();
    match known.get(&format!("{host}{}", request.uri())) {
        Some((kind, body)) => ([(header::CONTENT_TYPE, *kind)], body.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
