//! Money as whole billionths of a dollar, so that sums do not depend on their order.

use std::iter::Sum;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// A cost in billionths of a US dollar.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Cost {
    pub nano_usd: u64,
}

impl Cost {
    pub const ZERO: Self = Self { nano_usd: 0 };

    /// What `tokens` cost at a price in dollars a million tokens, rounded to the nearest billionth.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a float-to-int cast saturates, and token counts stay far below 2^52"
    )]
    pub fn of_tokens(tokens: u64, usd_per_million: f64) -> Self {
        Self {
            nano_usd: (tokens as f64 * usd_per_million * 1000.0).round() as u64,
        }
    }

    /// What `milliseconds` cost at a price in dollars a second, rounded to the nearest billionth.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a float-to-int cast saturates, and times stay far below 2^52 milliseconds"
    )]
    pub fn of_time(milliseconds: u64, usd_per_second: f64) -> Self {
        Self {
            nano_usd: (milliseconds as f64 * usd_per_second * 1e6).round() as u64,
        }
    }

    /// Dollars, rounded to the nearest billionth; nothing for what is no amount.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float-to-int cast saturates"
    )]
    pub fn of_usd(usd: f64) -> Self {
        Self {
            nano_usd: (usd * 1e9).round() as u64,
        }
    }

    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self {
            nano_usd: self.nano_usd.saturating_sub(other.nano_usd),
        }
    }

    /// The same in dollars, for people and for the wire.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a run costs far less than 2^52 billionths of a dollar"
    )]
    pub fn usd(self) -> f64 {
        self.nano_usd as f64 / 1e9
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.nano_usd = self.nano_usd.saturating_add(other.nano_usd);
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, |mut sum, cost| {
            sum += cost;
            sum
        })
    }
}
