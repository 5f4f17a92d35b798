//! How many seeds a suite tries, and which: a failure names its seed, and that one can be tried alone.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// The seeds of a suite.
#[derive(Clone, Copy, Debug)]
pub struct Seeds {
    /// With the name `X`, `X_SEEDS` says how many are tried instead of the usual number, and `X_SEED` which one alone.
    pub suite: &'static str,
    pub usual: u64,
    /// Tried side by side.
    pub at_once: usize,
}

impl Seeds {
    /// Tries them all.
    pub async fn each(self, test: impl AsyncFn(u64)) {
        let runs = stream::iter(self.list()).map(|seed| {
            let run = AssertUnwindSafe(test(seed)).catch_unwind();
            run.map(move |ended| (seed, ended))
        });
        let mut runs = runs.buffer_unordered(self.at_once);
        while let Some((seed, ended)) = runs.next().await {
            if let Err(panic) = ended {
                eprintln!("failed with {}_SEED={seed}", self.suite);
                resume_unwind(panic);
            }
        }
    }

    pub fn list(self) -> Vec<u64> {
        let number = |what: &str| {
            let said = std::env::var(format!("{}_{what}", self.suite)).ok()?;
            Some(said.parse().unwrap())
        };
        match (number("SEED"), number("SEEDS")) {
            (Some(seed), _) => vec![seed],
            (None, count) => (0..count.unwrap_or(self.usual)).collect(),
        }
    }
}

/// The random choices of a seed.
pub fn random(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}
