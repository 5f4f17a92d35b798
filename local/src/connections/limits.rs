//! What connections may take.

use std::time::Duration;

/// What the connections of one port may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Of them from one address; this machine's own have no such limit, as a proxy on it speaks for many.
    pub per_address: usize,
    /// From the first byte of a request, or from the connection's beginning, to the end of its head.
    pub head: Duration,
    /// For the whole body of a request.
    pub body: Duration,
    /// Between two requests.
    pub idle: Duration,
}
