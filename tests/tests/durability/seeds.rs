//! How many seeds are tried, and which: a failure names its seed, and that one can be tried alone.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// Seeds that are tried instead of the usual number, by count.
const COUNT: &str = "SEEDS";
/// The one seed that is tried.
const ONE: &str = "SEED";

/// The seeds of a test that tries `usual` of them in CI.
pub fn seeds(usual: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    match (number(ONE), number(COUNT)) {
        (Some(seed), _) => vec![seed],
        (None, count) => (0..count.unwrap_or(usual)).collect(),
    }
}

pub fn random(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Says which seed a panic belongs to.
pub struct Seed(pub u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with {ONE}={}", self.0);
        }
    }
}
