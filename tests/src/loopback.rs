//! Servers on ports of their own, and ports on which nothing listens.

use std::future::pending;
use std::net::Ipv4Addr;

use axum::Router;
use local::connections::{self, Limits};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

/// A server that ends with this value.
#[derive(Debug)]
pub struct Served {
    pub address: String,
    task: JoinHandle<()>,
}

impl Served {
    /// Serves a router on a free port.
    pub async fn start(router: Router) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        Self::on(listener, router, address)
    }

    /// Serves a router on a port that is open already.
    pub fn on(listener: TcpListener, router: Router, address: String) -> Self {
        Self::within(Limits::of_page(), listener, router, address)
    }

    /// The same where the connections may take less than else.
    pub fn within(limits: Limits, listener: TcpListener, router: Router, address: String) -> Self {
        let task = tokio::spawn(connections::serve(listener, router, limits, pending()));
        Self { address, task }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A port that is taken, so that nobody else gets it, and that refuses every connection.
#[derive(Debug)]
pub struct ClosedPort {
    pub address: String,
    _socket: TcpSocket,
}

impl ClosedPort {
    pub fn take() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self {
            address: format!("http://{}", socket.local_addr().unwrap()),
            _socket: socket,
        }
    }
}
