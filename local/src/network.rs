//! Where the page is reached. Beyond this machine nothing listens as long as no access key exists, be it in the environment or in the
//! table, and every request has to show one there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context as _, bail};
use orchestrator::{Access, Hosts};
use store::Store;
use tokio::net::TcpListener;

use crate::data_dir;
use crate::options::ServeOptions;
use crate::settings::Place;

/// What a request has to show there. Refuses before anything is made what [`listen`] would refuse: where no table is, no key is in it.
pub(crate) fn access(
    options: &ServeOptions,
    table: Place,
    of_this_machine: Access,
    of_networks: Access,
) -> anyhow::Result<Access> {
    let ServeOptions { data_dir, host, .. } = options;
    if is_this_machine(*host) {
        return Ok(of_this_machine);
    }
    if !of_networks.has_key() && !may_have_keys(table, data_dir)? {
        bail!(no_key(*host));
    }
    Ok(of_networks)
}

/// Whether an address is reached by those alone who use this machine. Another one of its own is taken for one of others.
fn is_this_machine(host: IpAddr) -> bool {
    host == IpAddr::V4(Ipv4Addr::LOCALHOST)
}

fn may_have_keys(table: Place, data_dir: &Path) -> anyhow::Result<bool> {
    match table {
        Place::Embedded => data_dir::has_table(data_dir),
        Place::Outside => Ok(true),
    }
}

/// Listens where the page is to be reached, if there is a key for whoever it takes one from.
pub(crate) async fn listen(
    options: &ServeOptions,
    access: &Access,
    store: &Store,
) -> anyhow::Result<TcpListener> {
    let ServeOptions { port, host, .. } = options;
    if !is_this_machine(*host) && !access.has_key() && !has_key(store).await? {
        bail!(no_key(*host));
    }
    TcpListener::bind((*host, *port)).await.with_context(|| {
        format!("port {port} of {host} cannot be used: stop what listens there, or choose another one with --port")
    })
}

async fn has_key(store: &Store) -> anyhow::Result<bool> {
    let keys = store.access_keys().await;
    let keys = keys.context("look for an access key, as --host is for other machines")?;
    Ok(keys.iter().any(|key| key.revoked_at_ms.is_none()))
}

fn no_key(host: IpAddr) -> String {
    format!(
        "--host {host}: only 127.0.0.1 is allowed as long as no access key exists; `serverless-llm keys create --name NAME` makes one, \
         ACCESS_KEY_SHA256 sets one"
    )
}

/// Where the page is reached otherwise than by a name of this machine, there is a key, or nothing listens.
pub(crate) const fn hosts(host: IpAddr, port: u16) -> Hosts {
    match host {
        IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST) => {
            Hosts::Loopback { port }
        }
        IpAddr::V4(_) | IpAddr::V6(_) => Hosts::Network,
    }
}

/// Where a browser of this machine finds the page: the address for all of them is that of none.
pub(crate) const fn page_host(host: IpAddr, port: u16) -> SocketAddr {
    let host = match host {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        IpAddr::V4(_) | IpAddr::V6(_) => host,
    };
    SocketAddr::new(host, port)
}
