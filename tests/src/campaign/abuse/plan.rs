//! How much abuse there is.

use std::time::Duration;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// Garbage requests.
    pub requests: u64,
    /// Runs that are under way at once meanwhile.
    pub crowd: usize,
    /// Connections that never end their request, or never read.
    pub connections: usize,
    /// Honest runs before the abuse, for the figures of calm.
    pub calm_runs: usize,
    /// Guesses at each kind of key and id.
    pub guesses: usize,
    /// How long what the process holds may take to be given back.
    pub settles: Duration,
    /// Descriptors that it may hold then beside those before: of each of the crowd's runs its clients, and its own for models and the
    /// table, of which it has both ends, keep connections for the next question, for a minute and a half.
    pub kept: u64,
}

impl Plan {
    /// As the issue wants it.
    pub const fn full(seed: u64) -> Self {
        Self {
            seed,
            requests: 10_000,
            crowd: 200,
            connections: 1100,
            calm_runs: 300,
            guesses: 500,
            settles: Duration::from_mins(4),
            kept: 50,
        }
    }

    /// For the suite of tests. Fewer descriptors may be kept than there were connections.
    pub const fn small(seed: u64) -> Self {
        Self {
            seed,
            requests: 216,
            crowd: 20,
            connections: 200,
            calm_runs: 20,
            guesses: 10,
            settles: Duration::from_secs(40),
            kept: 140,
        }
    }
}
