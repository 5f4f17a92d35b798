//! How a page is reached: which addresses may be asked, how names become addresses, and the requests themselves.

mod address;
mod network;
mod target;
mod web;

pub use network::Network;
pub use target::{MAX_URL_BYTES, Ports, Refused, Target};
pub use web::{MAX_BODY_BYTES, Received, Web};
