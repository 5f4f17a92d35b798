//! Services of this process on loopback ports of their own, chosen by the system.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use axum::Router;
use axum::serve::{Listener, ListenerExt as _};
use tokio::net::TcpListener;

/// A listener whose small writes go out at once: with Nagle's algorithm the first event of a stream waits 40 ms for the
/// acknowledgement of its head.
pub fn without_delay(listener: TcpListener) -> impl Listener<Addr = SocketAddr> {
    listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    })
}

/// Serves a router for as long as the process lives; gives its address.
pub(crate) async fn serve(router: Router) -> anyhow::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("open a loopback port")?;
    let address = listener.local_addr().context("read a loopback port")?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(without_delay(listener), router).await {
            tracing::error!(%error, "a service of the local stack ended");
        }
    });
    Ok(format!("http://{address}"))
}
