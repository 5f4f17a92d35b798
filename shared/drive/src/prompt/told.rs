//! How a conversation tells of calls and of what they brought.

use run::AskedBy;

/// How calls and what they brought are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    AsCalls,
    /// As text: the tools are described in a message, or none is offered, and some servers take no calls then.
    InText,
    /// As the JSON that is asked for.
    AsDecisions {
        with_reason: bool,
    },
}

impl Told {
    /// `offers_tools`: some servers take no calls in a conversation in which no tool is offered.
    pub(super) const fn of(calls: AskedBy, offers_tools: bool, with_reason: bool) -> Self {
        match calls {
            AskedBy::Native if offers_tools => Self::AsCalls,
            AskedBy::Schema if offers_tools => Self::AsDecisions { with_reason },
            AskedBy::Native | AskedBy::Schema | AskedBy::Text => Self::InText,
        }
    }
}
