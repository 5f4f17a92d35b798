//! What happens in a problem of rates, and what the problem asks for.

pub(super) const SECONDS: [(&[&str], &str, u32); 5] = [
    (&["second", "seconds", "sec", "s"], "second", 1),
    (&["minute", "minutes", "min"], "minute", 60),
    (&["hour", "hours", "hr", "hrs", "h"], "hour", 3600),
    (&["day", "days"], "day", 86_400),
    (&["week", "weeks"], "week", 604_800),
];

/// What happens in a problem of rates, in the order of the text. Numbers stay as they were written.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    /// So much in such a time.
    Rate { amount: Amount, time: Time },
    /// The rate is multiplied by this, a Python expression.
    Change(String),
    /// A time that passes at the rate that holds.
    Stretch(Time),
    /// A time that the question asks about, apart from what has passed.
    AskedTime(Time),
    /// An amount that the question asks the time of.
    AskedAmount(Amount),
}

#[derive(Debug, PartialEq)]
pub(super) struct Amount {
    pub(super) value: String,
    pub(super) unit: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Time {
    pub(super) value: String,
    pub(super) unit: &'static str,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    /// A length.
    Distance,
    /// An amount in this unit.
    Amount { unit: String },
    /// An amount in whatever unit the rate has.
    Total,
    /// How long an amount takes.
    Duration,
    /// The rate itself.
    Rate,
}

impl Time {
    /// A Python expression.
    pub(super) fn in_units_of(&self, base: &str) -> Option<String> {
        let Self { value, unit } = self;
        if *unit == base {
            return Some(format!("Fraction(\"{value}\")"));
        }
        let seconds = |name: &str| SECONDS.iter().find(|(_, unit, _)| *unit == name);
        let (from, to) = (seconds(unit)?.2, seconds(base)?.2);
        Some(format!("Fraction(\"{value}\") * {from} / {to}"))
    }
}
