//! What came of it, and what the process holds.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::guesses::Guesses;
use super::plan::Plan;
use crate::process::StackProcess;

const MEGABYTE: u64 = 1 << 20;
/// Threads more than before: one for work that blocks ends by itself after ten seconds without any, and of those that are there each piece
/// of work wakes the one that has waited longest.
const SPARE_THREADS: u64 = 40;
/// Bytes more than before, where an allocator keeps pages for the next time. The bodies of all garbage together are ten times as long.
const SPARE_BYTES: u64 = 150 * MEGABYTE;
const POLL: Duration = Duration::from_millis(200);

/// What a process holds.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub resident: u64,
    pub descriptors: u64,
    pub threads: u64,
}

/// How long first events took, sorted.
#[derive(Clone, Debug, Default)]
pub struct Times(pub(super) Vec<Duration>);

/// What came of it.
#[derive(Debug)]
pub struct Figures {
    pub(super) plan: Plan,
    pub calm: Times,
    pub abused: Times,
    pub(super) crowd: Times,
    /// By kind: how often each outcome was seen.
    pub garbage: BTreeMap<&'static str, BTreeMap<String, u64>>,
    pub hostile_runs: u64,
    pub guesses: Guesses,
    pub before: Held,
    pub peak: Held,
    pub after: Held,
}

impl Held {
    pub(super) fn by(process: &StackProcess) -> Self {
        Self {
            resident: process.resident_bytes(),
            descriptors: process.descriptors(),
            threads: process.threads(),
        }
    }

    fn is_near(&self, before: Self, plan: &Plan) -> bool {
        self.resident <= before.resident + SPARE_BYTES
            && self.descriptors <= before.descriptors + plan.kept
            && self.threads <= before.threads + SPARE_THREADS
    }
}

/// What is held when all of it is over; panics where that stays more than before.
pub(super) async fn settled(process: &StackProcess, before: Held, plan: &Plan) -> Held {
    let mut held = Held::by(process);
    let settles = async {
        while !held.is_near(before, plan) {
            tokio::time::sleep(POLL).await;
            held = Held::by(process);
        }
    };
    let in_time = tokio::time::timeout(plan.settles, settles).await;
    assert!(in_time.is_ok(), "{held:?} is held, {before:?} before");
    held
}

impl Times {
    /// The time within which so many hundredths of them were.
    pub fn percentile(&self, hundredths: usize) -> Duration {
        assert!(!self.0.is_empty());
        let at = (self.0.len() * hundredths).div_ceil(100).saturating_sub(1);
        self.0[at]
    }

    pub const fn count(&self) -> usize {
        self.0.len()
    }
}

impl Figures {
    /// Garbage that was answered with a refusal, or by the end of the connection.
    pub fn refused(&self) -> u64 {
        self.garbage.values().flat_map(BTreeMap::values).sum()
    }

    /// How many times as long the slowest hundredth of first events took.
    pub fn ratio(&self) -> f64 {
        self.abused.percentile(99).as_secs_f64() / self.calm.percentile(99).as_secs_f64()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, outcomes) in &self.garbage {
            let outcomes = outcomes
                .iter()
                .map(|(outcome, count)| format!("{count} {outcome}"));
            writeln!(f, "{kind:<44} {}", outcomes.collect::<Vec<_>>().join(", "))?;
        }
        let Plan {
            seed,
            requests,
            crowd,
            connections,
            ..
        } = self.plan;
        let (kinds, refused) = (self.garbage.len(), self.refused());
        writeln!(
            f,
            "\nseed {seed}: {requests} garbage requests of {kinds} kinds, {refused} refused"
        )?;
        let hostile = self.hostile_runs;
        writeln!(
            f,
            "beside {crowd} runs at once, {connections} stuck connections and {hostile} hostile runs"
        )?;
        writeln!(f, "\nfirst event of honest runs     runs     p50     p99")?;
        for (name, times) in [
            ("calm", &self.calm),
            ("under abuse", &self.abused),
            ("the crowd's own", &self.crowd),
        ] {
            let [p50, p99] = [50, 99].map(|part| times.percentile(part).as_secs_f64() * 1000.0);
            writeln!(
                f,
                "{name:<30} {:>5} {p50:>4.1} ms {p99:>4.1} ms",
                times.count()
            )?;
        }
        writeln!(
            f,
            "p99 under abuse is {:.1} times that of calm",
            self.ratio()
        )?;
        writeln!(f, "\n{}", self.guesses)?;
        writeln!(f, "\nheld        resident  descriptors  threads")?;
        for (name, held) in [("before", self.before), ("after", self.after)] {
            let megabytes = held.resident / MEGABYTE;
            writeln!(
                f,
                "{name:<10} {megabytes:>6} MB {:>12} {:>8}",
                held.descriptors, held.threads
            )?;
        }
        write!(f, "peak       {:>6} MB", self.peak.resident / MEGABYTE)
    }
}
