//! What looks like a call, while more of it comes.

use super::opening::Family;
use super::read::{Input, Read, Wait};

#[derive(Debug)]
pub(super) struct Candidate {
    family: Family,
    /// The length of what opens it, in bytes.
    after: usize,
    wait: Wait,
    looked_bytes: usize,
}

impl Candidate {
    pub(super) const fn new(family: Family, after: usize) -> Self {
        Self {
            family,
            after,
            wait: Wait::Any,
            looked_bytes: 0,
        }
    }

    /// Whether enough has come to read it again.
    pub(super) fn is_ready(&mut self, text: &str) -> bool {
        self.wait.is_over(text)
    }

    pub(super) fn wait_for(&mut self, wait: Wait) {
        self.wait = wait;
    }

    /// Reads all of it that has come.
    pub(super) fn read(&mut self, input: &Input<'_>) -> Read {
        self.looked_bytes += input.text.len();
        self.family.read(input, self.after)
    }

    /// How much was read of it so far, in bytes: all of it each time.
    pub(super) const fn looked_bytes(&self) -> usize {
        self.looked_bytes
    }
}
