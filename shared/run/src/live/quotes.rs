//! What calls can take at most that are about to be made, as far as the driver was asked and has told.

use std::collections::BTreeMap;

use crate::{Call, Quote, Reservation};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quotes(BTreeMap<Call, State>);

/// The driver has not said yet what a call can take.
pub(crate) struct Untold;

/// How far it is known what one call can take.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Asked,
    /// `None`: it cannot be told.
    Told(Option<Reservation>),
}

impl Quotes {
    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// What a call can take, as it was told; `None` where nobody knows it.
    pub(crate) fn of(&self, call: Call) -> Result<Option<Reservation>, Untold> {
        match self.0.get(&call) {
            Some(State::Told(most)) => Ok(*most),
            Some(State::Asked) | None => Err(Untold),
        }
    }

    /// Of these calls, those that were not asked for before; now they are.
    pub(crate) fn ask(&mut self, mut calls: Vec<Call>) -> Vec<Call> {
        calls.retain(|call| !self.0.contains_key(call));
        let asked = calls.iter().map(|call| (*call, State::Asked));
        self.0.extend(asked);
        calls
    }

    pub(crate) fn tell(&mut self, quotes: Vec<Quote>) {
        let told = quotes.into_iter();
        self.0
            .extend(told.map(|Quote { call, most }| (call, State::Told(most))));
    }

    /// The run has changed, and with it what calls take.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}
