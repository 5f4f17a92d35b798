//! Text that comes in deltas: what each adds to what has come already.

use std::borrow::Cow;

use super::split_chars::SplitChars;

/// A last chunk that says all again is one of at least so many bytes: a shorter text may be said twice.
const MIN_REPEATED_BYTES: usize = 8;
/// The same where only one delta has come before.
const MIN_DOUBLED_BYTES: usize = 16;
/// Deltas of which each says all before it again are taken for such from the third on, where the one before had so many bytes.
const MIN_GROWN_BYTES: usize = 8;

/// How what a chunk holds relates to what came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// More.
    Delta,
    /// More, or all again.
    LastDelta,
    /// All, of an unstreamed reply or again at the end of a stream.
    Whole,
}

/// Text that comes in deltas.
#[derive(Debug, Default)]
pub(super) struct DeltaText {
    pub(super) text: String,
    split_chars: SplitChars,
    deltas: u32,
    growth: Growth,
    /// The choice that it comes from: what others say beside it is another answer, or nothing.
    choice: Option<u64>,
}

/// Whether each delta says all before it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Growth {
    /// Each has so far, and this was the length of the last one, in bytes.
    Since(usize),
    #[default]
    Unknown,
    Ordinary,
    /// They do.
    Whole,
}

/// What a text adds, its characters whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Added<'a> {
    Nothing,
    More(Cow<'a, str>),
    /// All so far is to be forgotten: this is the whole text.
    Whole(Cow<'a, str>),
}

impl DeltaText {
    /// What a text adds to what has come already, which is taken in. `repaired`: halves of characters are in it.
    #[inline]
    pub(super) fn add<'a>(
        &mut self,
        text: &'a str,
        choice: u64,
        form: Form,
        repaired: bool,
    ) -> Added<'a> {
        if text.is_empty() || *self.choice.get_or_insert(choice) != choice {
            return Added::Nothing;
        }
        let so_far = self.text.len();
        let is_repeatable =
            so_far >= MIN_DOUBLED_BYTES || self.deltas > 1 && so_far >= MIN_REPEATED_BYTES;
        self.deltas = self.deltas.saturating_add(1);
        let rest = |text: &'a str| text.strip_prefix(&*self.text);
        let fresh = match form {
            Form::Whole if self.text.trim().is_empty() => text,
            // What is missing of a character stands in the whole text.
            Form::Whole => {
                let rest = rest(text).unwrap_or_default();
                self.split_chars = SplitChars::default();
                rest
            }
            Form::LastDelta if is_repeatable => rest(text).unwrap_or(text),
            Form::LastDelta | Form::Delta => match self.growth {
                Growth::Ordinary => text,
                Growth::Whole => rest(text).unwrap_or(text),
                Growth::Unknown => {
                    self.growth = Growth::Since(text.len());
                    text
                }
                Growth::Since(last) => {
                    if self.grows(text, last) {
                        return self.begin_again(text, repaired);
                    }
                    text
                }
            },
        };
        if fresh.is_empty() {
            return Added::Nothing;
        }
        let whole = self.split_chars.join(fresh, repaired);
        self.text.push_str(&whole);
        Added::More(whole)
    }

    /// What is left over of characters at the end, as it is shown; it is taken in.
    pub(super) fn finish(&mut self) -> String {
        let rest = self.split_chars.finish();
        self.text.push_str(&rest);
        rest
    }

    /// Whether a delta is one of several that each say all again, each one before it having done so too.
    fn grows(&mut self, text: &str, last: usize) -> bool {
        let before = self.text.get(self.text.len().saturating_sub(last)..);
        let says_again = before.is_some_and(|before| text.starts_with(before));
        if !says_again || text.len() == last {
            self.growth = Growth::Ordinary;
            return false;
        }
        let is_sure = self.deltas > 2 && last >= MIN_GROWN_BYTES;
        self.growth = if is_sure {
            Growth::Whole
        } else {
            Growth::Since(text.len())
        };
        is_sure
    }

    fn begin_again<'a>(&mut self, text: &'a str, repaired: bool) -> Added<'a> {
        self.split_chars = SplitChars::default();
        let whole = self.split_chars.join(text, repaired);
        whole.as_ref().clone_into(&mut self.text);
        Added::Whole(whole)
    }
}
