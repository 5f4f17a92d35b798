//! The families of calls, and what a text can begin with.

/// A way of writing calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Tags,
    Xml,
    Functools,
    Mistral,
    MiniMax,
    DeepSeek,
    Harmony,
    Fenced,
    Pythonic,
    Bare,
}

/// Where a text stands that may begin a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) at_line_start: bool,
    pub(super) in_word: bool,
    /// No other text and no call has come before it.
    pub(super) is_first: bool,
}

/// What a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    No,
    /// The text is too short to tell.
    Maybe,
    /// A call, if what follows is one; and the length of what opens it, in bytes.
    Call(Family, usize),
}

impl Opening {
    pub(super) const fn maybe_if(maybe: bool) -> Self {
        if maybe { Self::Maybe } else { Self::No }
    }

    /// This, or what another look finds if that is more.
    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Call(..) => self,
            Self::No => other(),
            Self::Maybe => match other() {
                call @ Self::Call(..) => call,
                Self::No | Self::Maybe => Self::Maybe,
            },
        }
    }
}
