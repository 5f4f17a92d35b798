//! How names become addresses that are connected to.
//!
//! The client connects to what is resolved and judged here, so that a name that changes between two questions changes nothing, and no
//! proxy is asked, which would resolve by itself. A name that has one address that is not public has none.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;
use super::target::may_ask_name;

type Lookup = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;
type Route = dyn Fn(IpAddr) -> SocketAddr + Send + Sync;

/// Who is asked for the addresses of names, and by which way an address that may be asked is reached.
///
/// It is chosen where a program is put together and by nothing else: no variable and no request changes it.
#[derive(Clone)]
pub struct Network {
    lookup: Arc<Lookup>,
    route: Arc<Route>,
}

/// Why a name was not connected to, told through the client's error.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub struct NotPublic;

impl Network {
    /// The internet, by the system's resolver.
    pub fn public() -> Self {
        let lookup = |name: String| {
            let found = async move {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            };
            found.boxed()
        };
        // Port 0: that of the address that is asked for.
        Self::routed(lookup, |address| SocketAddr::new(address, 0))
    }

    /// Another internet: its names, and where its public addresses are found. What is not public is refused here as well, before it
    /// is routed.
    pub fn routed(
        lookup: impl Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync + 'static,
        route: impl Fn(IpAddr) -> SocketAddr + Send + Sync + 'static,
    ) -> Self {
        Self {
            lookup: Arc::new(lookup),
            route: Arc::new(route),
        }
    }

    async fn resolve(
        self,
        name: String,
    ) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        if !may_ask_name(&name) {
            return Err(NotPublic.into());
        }
        let found = (self.lookup)(name).await?;
        if !found.iter().copied().all(is_public) {
            return Err(NotPublic.into());
        }
        Ok(found
            .into_iter()
            .map(|address| (self.route)(address))
            .collect())
    }
}

impl Resolve for Network {
    fn resolve(&self, name: Name) -> Resolving {
        let resolved = self.clone().resolve(name.as_str().to_owned());
        async move { Ok(Box::new(resolved.await?.into_iter()) as Addrs) }.boxed()
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}
