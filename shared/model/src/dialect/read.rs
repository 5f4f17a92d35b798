//! What the reader of a family is given, and what it says.

use super::brackets::{Brackets, Extent};
use super::call::LeakedCall;
use super::offered::Offered;
use crate::ending::Ending;

/// The text from the beginning of what may be a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    pub(super) text: &'a str,
    pub(super) offered: &'a Offered,
    /// `None` while more text may come. What is said then must hold for whatever comes.
    pub(super) ending: Option<Ending>,
    /// No other text and no call has come before it.
    pub(super) is_first: bool,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Read {
    Text,
    /// Not to be said yet, and what has to come first.
    More(Wait),
    /// Calls, and the number of bytes that they take.
    Calls(Vec<LeakedCall>, usize),
    /// A call that the end of the reply has cut, and those before it.
    Cut(Vec<LeakedCall>),
}

impl Read {
    /// What a call comes to that has hardly begun when the reply ends.
    pub(super) const fn unless_cut(ending: Ending) -> Self {
        match ending {
            Ending::Stopped => Self::Text,
            Ending::Cut => Self::Cut(Vec::new()),
        }
    }
}

/// What has to come before it makes sense to read again.
#[derive(Debug)]
pub(super) enum Wait {
    /// Any more text; only where little text is read again.
    Any,
    /// Anything but white space, from this byte on.
    Visible { at: usize },
    /// The end of a value.
    Value(Brackets),
    /// One of these, from this byte on.
    Needle {
        at: usize,
        needles: &'static [&'static str],
    },
}

impl Wait {
    /// Whether it has come, in the same text as before and more.
    pub(super) fn is_over(&mut self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Visible { at } => {
                let blank = &text[*at..];
                *at += blank.len() - blank.trim_ascii_start().len();
                *at < text.len()
            }
            Self::Value(brackets) => brackets.scan(text) != Extent::Open,
            Self::Needle { at, needles } => {
                let found = needles.iter().any(|needle| text[*at..].contains(needle));
                let longest = needles.iter().map(|needle| needle.len()).max();
                let scanned = text.len().saturating_sub(longest.unwrap_or(0));
                *at = text.floor_char_boundary(scanned.max(*at));
                found
            }
        }
    }
}

impl<'a> Input<'a> {
    pub(super) fn rest(&self, at: usize) -> &'a str {
        &self.text[at..]
    }

    /// The first byte from `at` on that is no white space.
    pub(super) fn past_space(&self, at: usize) -> usize {
        self.text.len() - self.rest(at).trim_ascii_start().len()
    }

    /// What to say where the text ends before a decision: wait while more may come, else `ended`.
    pub(super) fn wait_or(&self, wait: Wait, ended: impl FnOnce(Ending) -> Read) -> Read {
        match self.ending {
            None => Read::More(wait),
            Some(ending) => ended(ending),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many of these pieces, each behind the ones before, what is waited for has come.
    fn over_after(mut wait: Wait, pieces: &[&str]) -> Option<usize> {
        let mut text = String::new();
        pieces.iter().position(|piece| {
            text.push_str(piece);
            wait.is_over(&text)
        })
    }

    #[test]
    fn a_wait_is_over_with_what_is_waited_for_and_not_before() {
        let needles = &["</a>", "é"];
        assert_eq!(over_after(Wait::Any, &[""]), Some(0));
        for (at, pieces, after) in [
            (0, &["", " ", "\n\t", " ", "x"][..], Some(4)),
            (2, &["x ", "", "  ", "x"], Some(3)),
            (2, &["x  x"], Some(0)),
            (2, &["x ", " ", "\n"], None),
        ] {
            assert_eq!(
                over_after(Wait::Visible { at }, pieces),
                after,
                "{pieces:?}"
            );
        }
        for (at, pieces, after) in [
            (2, &["x {", "[1", "]", ", 2", "} x"][..], Some(4)),
            (2, &["x {", "[1", "<"], Some(2)),
            (2, &["x {", "[1"], None),
        ] {
            let wait = Wait::Value(Brackets::from(at));
            assert_eq!(over_after(wait, pieces), after, "{pieces:?}");
        }
        for (at, pieces, after) in [
            (4, &["</a>", "", "x <", "/", "a", ">"][..], Some(5)),
            (4, &["</a>", "\u{1f600}\u{1f600}", "ee", "e\u{e9}"], Some(3)),
            (4, &["</a>é"], Some(0)),
            (4, &["</a>", "</", "a ", ">"], None),
        ] {
            let wait = Wait::Needle { at, needles };
            assert_eq!(over_after(wait, pieces), after, "{pieces:?}");
        }
    }
}
