//! What calls of a model took, as sums and counts: they may be added up in any order and by any number of processes.

use std::collections::BTreeMap;

/// Times that are told apart, in milliseconds: each is counted as the nearest of these.
const STEPS_MS: [u64; 29] = [
    100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 4000, 5000, 7000, 10_000, 15_000,
    20_000, 30_000, 40_000, 50_000, 70_000, 100_000, 150_000, 200_000, 300_000, 400_000, 500_000,
    700_000, 1_000_000,
];

/// What calls of a model took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Questions that were answered, and those of which the server was at fault that they were not.
    pub calls: u64,
    /// The latter.
    pub failures: u64,
    /// From the question to the first of the reply, thinking included, of replies that were streamed; and how long was waited where none came.
    pub first_token: Times,
    /// From the question to the end of the answer, of texts: decisions are shorter.
    pub whole: Times,
    /// Tokens that streamed replies had behind their first one, …
    pub written_tokens: u64,
    /// … and the time in which they came, in milliseconds.
    pub writing_ms: u64,
}

/// How often something took about so long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(pub(crate) BTreeMap<u64, u64>);

impl Times {
    pub fn note(&mut self, ms: u64) {
        self.add(nearest(ms), 1);
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        let counts = self.0.values();
        counts.fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The time that half of them took no longer than, in milliseconds.
    pub fn median_ms(&self) -> Option<u64> {
        self.quantile_ms(1, 2)
    }

    /// The longest, in milliseconds.
    pub fn longest_ms(&self) -> Option<u64> {
        self.0.last_key_value().map(|(ms, _)| *ms)
    }

    pub(crate) fn add(&mut self, step_ms: u64, count: u64) {
        let known = self.0.entry(step_ms).or_default();
        *known = known.saturating_add(count);
    }

    /// The time that this part of all took no longer than, in milliseconds.
    fn quantile_ms(&self, part: u128, of: u128) -> Option<u64> {
        let place = (u128::from(self.count()) * part).div_ceil(of.max(1)).max(1);
        let mut passed = 0;
        let mut times = self.0.iter();
        let found = times.find(|(_, count)| {
            passed += u128::from(**count);
            passed >= place
        });
        found.map(|(ms, _)| *ms)
    }
}

impl Measure {
    /// Adds what others noted, or what was noted at another time.
    pub fn add(&mut self, other: &Self) {
        for (sum, addend) in [
            (&mut self.calls, other.calls),
            (&mut self.failures, other.failures),
            (&mut self.written_tokens, other.written_tokens),
            (&mut self.writing_ms, other.writing_ms),
        ] {
            *sum = sum.saturating_add(addend);
        }
        for (sum, addend) in [
            (&mut self.first_token, &other.first_token),
            (&mut self.whole, &other.whole),
        ] {
            for (ms, count) in &addend.0 {
                sum.add(*ms, *count);
            }
        }
    }

    /// Half of the calls failed or more: how long the others took says nothing of what a call takes.
    pub const fn is_failing(&self) -> bool {
        self.failures > 0 && self.failures.saturating_mul(2) >= self.calls
    }

    /// The time that half of the calls for a text took no longer than, in milliseconds. What failed counts as longer than all that was
    /// answered, however fast it failed: `None` where that is half of it, and where nothing was answered.
    pub fn median_ms(&self) -> Option<u64> {
        if self.is_failing() {
            return None;
        }
        let answered = self.calls.saturating_sub(self.failures);
        let (half_of_calls, answered) = (u128::from(self.calls), u128::from(answered) * 2);
        self.whole.quantile_ms(half_of_calls, answered)
    }

    /// Tokens a second, once a reply has begun.
    pub fn tokens_a_second(&self) -> Option<u64> {
        let tokens = self.written_tokens.saturating_mul(1000);
        tokens.checked_div(self.writing_ms)
    }
}

/// The step that is nearest to a time by their ratio.
fn nearest(ms: u64) -> u64 {
    let squared = u128::from(ms).pow(2);
    let pairs = STEPS_MS.windows(2).map(|pair| (pair[0], pair[1]));
    let mut pairs = pairs.filter(|(step, next)| squared < u128::from(*step) * u128::from(*next));
    let longest = STEPS_MS[STEPS_MS.len() - 1];
    pairs.next().map_or(longest, |(step, _)| step)
}

#[cfg(test)]
mod tests;
