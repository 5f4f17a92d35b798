//! Services of this process on loopback ports of their own, chosen by the system.

use std::net::Ipv4Addr;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;

/// Serves a router for as long as the process lives; gives its address.
pub(crate) async fn serve(router: Router) -> anyhow::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("open a loopback port")?;
    let address = listener.local_addr().context("read a loopback port")?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "a service of the local stack ended");
        }
    });
    Ok(format!("http://{address}"))
}
