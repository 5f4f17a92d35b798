//! The connections to Lambda's Runtime API, over which a streamed response goes out.
//!
//! The runtime's client leaves Nagle's algorithm on: a small write waits until the one before it is acknowledged, and the
//! receiver, which has nothing to say, takes 40 ms for that. Each token of a stream is such a write. The client cannot be
//! configured, so its sockets are.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{BorrowedFd, RawFd};

use rustix::net::{getpeername, sockopt};

/// The open connections to one address.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
}

impl RuntimeApi {
    /// As `AWS_LAMBDA_RUNTIME_API` says: an address, in emulators with a scheme and a path. `None` where it is none, as
    /// outside Lambda.
    pub fn from_env() -> Option<Self> {
        Self::at(&std::env::var("AWS_LAMBDA_RUNTIME_API").ok()?)
    }

    fn at(url: &str) -> Option<Self> {
        let rest = url.trim_start_matches("http://");
        let authority = rest
            .split_once('/')
            .map_or(rest, |(authority, _)| authority);
        let address = authority.parse().ok()?;
        Some(Self { address })
    }

    /// Lets what is written to it go out at once.
    ///
    /// To be called when an invocation has come in: the response goes out over a connection that stands by then. Takes some
    /// microseconds.
    pub fn send_at_once(self) {
        if let Err(error) = self.set_nodelay() {
            tracing::warn!(%error, "the connections to the Runtime API cannot be seen: streams come in bursts");
        }
    }

    fn set_nodelay(self) -> io::Result<()> {
        for entry in fs::read_dir("/proc/self/fd")? {
            let name = entry?.file_name();
            let Some(fd) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            set_nodelay_towards(self.address, fd);
        }
        Ok(())
    }
}

/// Most descriptors are no sockets, and some are closed in the meantime: neither has a peer.
#[expect(unsafe_code, reason = "the client does not give its sockets")]
fn set_nodelay_towards(address: SocketAddr, fd: RawFd) {
    // SAFETY: it is used for the two calls below and never closed. Should its owner close it meanwhile, they fail, or turn
    // the algorithm off for another connection, which changes no byte.
    let socket = unsafe { BorrowedFd::borrow_raw(fd) };
    let Ok(peer) = getpeername(socket) else {
        return;
    };
    if peer.is_some_and(|peer| SocketAddr::try_from(peer) == Ok(address))
        && let Err(error) = sockopt::set_tcp_nodelay(socket, true)
    {
        tracing::debug!(%error, fd, "a connection to the Runtime API waits for acknowledgements");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_address_is_found_in_what_lambda_and_emulators_say() {
        let expected = "127.0.0.1:9001".parse().unwrap();
        for url in [
            "127.0.0.1:9001",
            "http://127.0.0.1:9001",
            "http://127.0.0.1:9001/.rt/orchestrator",
        ] {
            let found = RuntimeApi::at(url).unwrap();
            assert_eq!(found.address, expected, "{url}");
        }
        assert!(RuntimeApi::at("localhost").is_none());
    }

    #[test]
    fn connections_to_the_address_send_at_once_and_others_are_left_alone() {
        let (api, other) = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            TcpListener::bind("127.0.0.1:0").unwrap(),
        );
        let connect = |to: &TcpListener| TcpStream::connect(to.local_addr().unwrap()).unwrap();
        let (to_api, to_other) = (connect(&api), connect(&other));
        let address = api.local_addr().unwrap();
        RuntimeApi { address }.send_at_once();
        assert!(to_api.nodelay().unwrap());
        assert!(!to_other.nodelay().unwrap());
    }
}
