//! Services of this process on loopback ports of their own, chosen by the system.

use std::future::pending;
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
    let limits = Limits::of_service();
    tokio::spawn(connections::serve(listener, router, limits, pending()));
    Ok(format!("http://{address}"))
}
