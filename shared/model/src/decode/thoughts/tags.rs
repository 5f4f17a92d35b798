//! The tags of thinking, by family.

/// Tags of thinking, likeliest first.
pub(super) const TAGS: [Tags; 11] = [
    Tags::of_template("<think>", "</think>"),
    Tags::of_template("<thinking>", "</thinking>"),
    Tags::of_template("<reasoning>", "</reasoning>"),
    Tags::of_words("<thought>", "</thought>"),
    Tags::of_words("<reason>", "</reason>"),
    Tags::of_template("[THINK]", "[/THINK]"),
    Tags::of_template("<seed:think>", "</seed:think>"),
    Tags::of_template("<mm:think>", "</mm:think>"),
    Tags::of_template("<|START_THINKING|>", "<|END_THINKING|>"),
    Tags::of_template("<|begin_of_thought|>", "<|end_of_thought|>"),
    Tags::of_template("<|channel>thought\n", "<channel|>"),
];
/// Those whose opening one may be missing, because it stands in the prompt or was dropped.
pub(super) const LONE: [&str; 7] = [
    "</think>",
    "</thinking>",
    "[/THINK]",
    "</seed:think>",
    "</mm:think>",
    "<|END_THINKING|>",
    "<channel|>",
];

/// What opens a thought and what closes it.
#[derive(Debug)]
pub(super) struct Tags {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// The words may as well be an element of the answer: they open a thought only at the beginning of a line.
    pub(super) needs_line: bool,
}

impl Tags {
    const fn of_template(open: &'static str, close: &'static str) -> Self {
        Self {
            open,
            close,
            needs_line: false,
        }
    }

    const fn of_words(open: &'static str, close: &'static str) -> Self {
        Self {
            open,
            close,
            needs_line: true,
        }
    }
}

/// What stands at a `<` or a `[`.
#[derive(Clone, Copy)]
pub(super) enum Tag {
    /// A tag of this length, and what it does.
    Whole(usize, Turn),
    /// The text ends inside what may become a tag.
    Begun,
    None,
}

/// What a tag does.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    Open(&'static Tags),
    /// The same tag within a thought: another thought, or only spoken of. Its end will tell.
    OpenWithin(&'static Tags),
    Close,
}

impl Tag {
    /// This, or the other tag if that stands there.
    pub(super) fn or(self, rest: &str, tag: &str, turn: Turn) -> Self {
        match self {
            Self::Begun | Self::None if rest.starts_with(tag) => Self::Whole(tag.len(), turn),
            Self::Begun | Self::None if tag.starts_with(rest) => Self::Begun,
            Self::Whole(..) | Self::Begun | Self::None => self,
        }
    }
}
