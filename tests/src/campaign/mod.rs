//! Campaigns: generated input against the running stack, while an honest run goes on beside it and must end soundly.
//!
//! A case is made of the plan's seed and its own number alone, so that one that fails can be tried again by itself. What it
//! meets depends on what runs beside it too. Refuses to go on after a finding: it says which case it was, and panics.

pub mod abuse;
mod honest;
mod json;
mod routes;
mod streams;
mod tools;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::watch;

/// Cases that are tried side by side.
const AT_ONCE: usize = 4;

/// What is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Campaign {
    /// Requests to every route.
    Routes,
    /// What tool functions answer.
    Tools,
    /// What model servers answer.
    Streams,
}

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// The number of the first case.
    pub first: u64,
    pub length: Length,
}

#[derive(Clone, Copy, Debug)]
pub enum Length {
    Cases(u64),
    For(Duration),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    pub cases: u64,
    pub honest_runs: u64,
    /// How often each outcome was seen.
    pub outcomes: BTreeMap<String, u64>,
}

impl Campaign {
    pub const ALL: [Self; 3] = [Self::Routes, Self::Tools, Self::Streams];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Routes => "routes",
            Self::Tools => "tools",
            Self::Streams => "streams",
        }
    }

    /// Panics at the first finding.
    pub async fn carry_out(self, plan: Plan) -> Figures {
        match self {
            Self::Routes => routes::carry_out(plan).await,
            Self::Tools => tools::carry_out(plan).await,
            Self::Streams => Box::pin(streams::carry_out(plan)).await,
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cases, honest_runs, ..
        } = self;
        write!(f, "{cases} cases beside {honest_runs} honest runs")?;
        for (outcome, count) in &self.outcomes {
            write!(f, "\n{count:>9}  {outcome}")?;
        }
        Ok(())
    }
}

/// The random choices of one case.
pub(crate) fn random(seed: u64, case: u64) -> StdRng {
    StdRng::seed_from_u64(seed ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Beats once a case, and tells when the last one is over: what an honest run waits for, in place of time.
#[derive(Clone, Debug)]
pub(crate) struct Pulse(Arc<watch::Sender<(u64, bool)>>);

impl Default for Pulse {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new((0, false))))
    }
}

impl Pulse {
    fn beat(&self) {
        self.0.send_modify(|(beats, _)| *beats += 1);
    }

    fn stop(&self) {
        self.0.send_modify(|(_, is_over)| *is_over = true);
    }

    fn is_over(&self) -> bool {
        self.0.borrow().1
    }

    /// Waits for so many beats, or the end.
    async fn beats(&self, count: u64) {
        let mut seen = self.0.subscribe();
        let from = seen.borrow().0;
        let waited = seen.wait_for(|(beats, is_over)| *is_over || *beats >= from + count);
        waited.await.unwrap();
    }
}

/// Tries the cases of a plan beside honest runs. `case` gives the outcome in a word.
async fn side_by_side(
    plan: Plan,
    pulse: &Pulse,
    honest: impl Future<Output = u64>,
    case: impl AsyncFn(u64) -> String,
) -> Figures {
    let began = Instant::now();
    let goes_on = |done: u64| match plan.length {
        Length::Cases(cases) => done < cases,
        Length::For(time) => began.elapsed() < time,
    };
    let numbers = (0..).take_while(|done| goes_on(*done));
    let numbers = numbers.map(|done| plan.first + done);
    let tried = stream::iter(numbers).map(|number| {
        let tried = AssertUnwindSafe(case(number)).catch_unwind();
        tried.map(move |ended| (number, ended))
    });
    let cases = async {
        let mut tried = tried.buffer_unordered(AT_ONCE);
        let mut figures = Figures::default();
        while let Some((number, ended)) = tried.next().await {
            match ended {
                Ok(outcome) => *figures.outcomes.entry(outcome).or_default() += 1,
                Err(panic) => {
                    eprintln!("a finding: --seed {} --case {number}", plan.seed);
                    resume_unwind(panic);
                }
            }
            figures.cases += 1;
            pulse.beat();
        }
        pulse.stop();
        figures
    };
    let (mut figures, honest_runs) = tokio::join!(cases, honest);
    figures.honest_runs = honest_runs;
    assert!(honest_runs > 0);
    figures
}
