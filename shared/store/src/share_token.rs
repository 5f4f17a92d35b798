//! What opens a run to whoever shows it.

use std::fmt;

use sha2::{Digest as _, Sha256};
use ulid::Ulid;

/// What a share link shows: 160 random bits as 40 hexadecimal digits. It is not printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ShareToken(String);

impl ShareToken {
    pub(crate) fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn random() -> Self {
        let part = || Ulid::generate().random();
        Self(format!("{:020x}{:020x}", part(), part()))
    }

    /// For the link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this was shown. Digests are compared: how far two of them agree tells nothing of the token.
    pub fn is(&self, shown: &str) -> bool {
        Sha256::digest(shown) == Sha256::digest(&self.0)
    }
}

impl fmt::Debug for ShareToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareToken")
    }
}
