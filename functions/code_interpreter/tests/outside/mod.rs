//! Programs that are aimed at something of the machine: what must not have been reached is looked at from there.

mod left;
mod memory;
mod sockets;
