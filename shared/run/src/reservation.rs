//! Money that is set aside before it is spent, so that no run passes its cap.
//!
//! An attempt at a call is made only with what it can take at most set aside for it, in the event that begins it: so whoever drives the
//! run next knows what an attempt may have taken whose driver was lost. What it did take settles it. In a run without a cap nothing is
//! set aside.

use serde::{Deserialize, Serialize};

use crate::{Call, Cost, Spent, Usage};

/// What an attempt at a call can take at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Where it is of a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    pub cost: Cost,
}

/// What an attempt that is about to be made can take at most, as whoever makes it says; `most` is absent where that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    pub call: Call,
    pub most: Option<Reservation>,
}

impl Reservation {
    /// What an attempt may have taken of which nothing else is known.
    pub(crate) fn as_spent(self, duration_ms: u64) -> Spent {
        Spent {
            duration_ms,
            usage: self.usage.map(|usage| Usage {
                estimated: true,
                ..usage
            }),
            cost: Some(self.cost),
            prompt: None,
        }
    }

    /// What is left of it when a part of the attempt has ended.
    pub(crate) const fn without(self, spent: Spent) -> Self {
        let cost = match spent.cost {
            Some(spent) => self.cost.saturating_sub(spent),
            None => self.cost,
        };
        Self { cost, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_part_has_cost_is_set_aside_no_more_and_never_more_than_there_was() {
        let usd = |nano_usd| Cost { nano_usd };
        let usage = Some(Usage {
            input_tokens: 7,
            ..Usage::default()
        });
        let reserved = Reservation {
            usage,
            cost: usd(40),
        };
        for (spent, left) in [(None, 40), (Some(15), 25), (Some(40), 0), (Some(41), 0)] {
            let spent = Spent {
                cost: spent.map(usd),
                ..Spent::default()
            };
            let left = Reservation {
                usage,
                cost: usd(left),
            };
            assert_eq!(reserved.without(spent), left);
        }
    }
}
