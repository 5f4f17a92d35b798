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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_tool_is_offered_all_is_told_as_text() {
        use AskedBy::{Native, Schema, Text};
        for with_reason in [true, false] {
            let of = |calls, offers_tools| Told::of(calls, offers_tools, with_reason);
            let offered = [Native, Schema, Text].map(|calls| of(calls, true));
            let as_asked = [
                Told::AsCalls,
                Told::AsDecisions { with_reason },
                Told::InText,
            ];
            assert_eq!(offered, as_asked);
            let none_offered = [Native, Schema, Text].map(|calls| of(calls, false));
            assert_eq!(none_offered, [Told::InText; 3]);
        }
    }
}
