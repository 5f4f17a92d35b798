//! Services of this process on loopback ports of their own, chosen by the system.

use std::net::Ipv4Addr;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;

use crate::connections::{self, Limits};

/// Serves a router for as long as the process lives; gives its address.
pub(crate) async fn serve(router: Router) -> anyhow::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("open a loopback port")?;
    let address = listener.local_addr().context("read a loopback port")?;
    tokio::spawn(connections::serve(listener, router, Limits::of_service()));
    Ok(format!("http://{address}"))
}
