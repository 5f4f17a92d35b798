//! How near an account comes to its dollars of the day, logged for the operator at each start.

use run::{Cost, Owner};

use crate::measure::METRICS;

/// Logs how much of an account's dollars of today is spent or set aside as a run of it starts: the share after it has set its own aside.
///
/// The account is no dimension: a metric for each would cost more than its key's runs.
pub(crate) fn told_of_day_share(account: &Owner, committed: Cost, limit: Cost) {
    tracing::info!(
        target: METRICS,
        account = %account.as_str(),
        day_share_percent = percent(committed, limit),
        "a run has taken its part of its key's dollars of today"
    );
}

/// Rounded up, so that whatever is above a threshold is told as being so.
fn percent(part: Cost, whole: Cost) -> u64 {
    let (part, whole) = (u128::from(part.nano_usd), u128::from(whole.nano_usd));
    u64::try_from((100 * part).div_ceil(whole.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_in_percent_and_never_told_as_less_than_it_is() {
        let cost = |nano_usd| Cost { nano_usd };
        for (part, whole, told) in [
            (0, 5, 0),
            (1, 3, 34),
            (80, 100, 80),
            (800_000_001, 1_000_000_000, 81),
            (6, 5, 120),
            (0, 0, 0),
            (u64::MAX, u64::MAX, 100),
            (u64::MAX, 1, u64::MAX),
        ] {
            assert_eq!(percent(cost(part), cost(whole)), told, "{part} of {whole}");
        }
    }
}
