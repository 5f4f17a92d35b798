//! Who is connected, and who has to go where there is no room.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::limits::Limits;
use super::slot::{Slot, Turn};

/// The connections of one port.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Grows with each connection and each request.
    turn: u64,
    by_peer: HashMap<Peer, usize>,
    all: HashMap<u64, Peer>,
    /// Those of whom no request is under way: first the newcomers, which never asked anything, of each the one that has waited
    /// longest.
    waiting: BTreeMap<Turn, Arc<Slot>>,
}

/// Whom a connection is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Peer {
    ThisMachine,
    Address(IpAddr),
}

/// A connection that was let in.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) slot: Arc<Slot>,
    /// Another one was closed for it.
    pub(super) evicted: bool,
}

/// Why one was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    Port,
    Address,
}

impl Peer {
    /// An IPv6 network is one peer: whoever has one address of it has them all.
    fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        if address.is_loopback() {
            return Self::ThisMachine;
        }
        match address {
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                Self::Address(Ipv6Addr::from(network).into())
            }
            IpAddr::V4(_) => Self::Address(address),
        }
    }
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
        }
    }

    /// Lets a connection in, in place of one that has asked nothing where it has to be.
    pub(super) fn enter(&self, address: IpAddr) -> Result<Entered, Full> {
        let peer = Peer::of(address);
        let mut taken = self.taken();
        let is_full = taken.all.len() >= self.limits.connections;
        let of_peer = taken.by_peer.get(&peer).copied().unwrap_or_default();
        let has_enough = peer != Peer::ThisMachine && of_peer >= self.limits.per_address;
        let evicted = has_enough || is_full;
        if has_enough && !taken.evict(Some(peer)) {
            return Err(Full::Address);
        }
        if !has_enough && is_full && !taken.evict(None) {
            return Err(Full::Port);
        }
        let id = taken.next_turn();
        taken.all.insert(id, peer);
        *taken.by_peer.entry(peer).or_default() += 1;
        let turn = Turn {
            has_asked: false,
            since: id,
        };
        let slot = Arc::new(Slot::new(id, turn));
        taken.waiting.insert(turn, Arc::clone(&slot));
        Ok(Entered { slot, evicted })
    }

    /// A request is under way on the connection that waits here.
    pub(super) fn asks(&self, turn: Turn) {
        self.taken().waiting.remove(&turn);
    }

    /// The connection waits again for a request.
    pub(super) fn waits(&self, slot: &Arc<Slot>) -> Turn {
        let mut taken = self.taken();
        let turn = Turn {
            has_asked: true,
            since: taken.next_turn(),
        };
        // It may have ended before its last answer did.
        if taken.all.contains_key(&slot.id) {
            taken.waiting.insert(turn, Arc::clone(slot));
        }
        turn
    }

    /// The connection is over.
    pub(super) fn leave(&self, id: u64, turn: Turn) {
        let mut taken = self.taken();
        taken.waiting.remove(&turn);
        taken.free(id);
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    /// Closes the connection that has to go first, of all or of one peer. `false` where each is asking something.
    fn evict(&mut self, of: Option<Peer>) -> bool {
        loop {
            let is_meant = |slot: &Slot| of.is_none() || self.all.get(&slot.id).copied() == of;
            let waiting = self.waiting.iter().filter(|(_, slot)| is_meant(slot));
            let meant: Vec<Turn> = waiting.map(|(turn, _)| *turn).collect();
            let new = meant.partition_point(|turn| !turn.has_asked);
            // Newcomers go first only while they are half of all: else they would get no time to ask.
            let first = if new * 2 >= meant.len() { 0 } else { new };
            let Some(turn) = meant.get(first).copied() else {
                return false;
            };
            // It may have begun to ask in this moment.
            if let Some(slot) = self.waiting.remove(&turn)
                && slot.evict()
            {
                self.free(slot.id);
                return true;
            }
        }
    }

    fn free(&mut self, id: u64) {
        let Some(peer) = self.all.remove(&id) else {
            return;
        };
        if let Some(count) = self.by_peer.get_mut(&peer) {
            *count -= 1;
            if *count == 0 {
                self.by_peer.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests;
