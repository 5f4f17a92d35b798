//! One tool call in the making, and what a part is to it.

use std::borrow::Cow;

use serde_json::Value;

use super::call_name::Name;
use super::chunk::FunctionPart;
use super::lenient::Arguments;
use super::split_chars::{self, SplitChars};
use crate::dialect::Offered;
use crate::json::repair;

/// A call as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) choice: u64,
    pub(super) index: Option<u64>,
    pub(super) id: String,
    pub(super) name: Name,
    pub(super) arguments: String,
    pub(super) split_chars: SplitChars,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// There are no arguments yet.
    Named,
    Begun,
    /// An empty object, which may stand for arguments that follow.
    Empty,
    Whole,
}

/// What a part is to a call that it may belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// It goes on with it.
    Continues,
    /// It holds the arguments, for which an empty object stood so far.
    Replaces,
    /// It says it again.
    Repeats,
    /// It begins another call.
    No,
}

impl Slot {
    #[inline]
    pub(super) const fn bytes(&self) -> usize {
        self.name.len() + self.arguments.len()
    }

    pub(super) fn is_whole(&self) -> bool {
        is_whole(&self.arguments)
    }

    #[inline]
    pub(super) fn belongs(
        &self,
        id: &str,
        function: &FunctionPart<'_>,
        offered: &Offered,
    ) -> Belongs {
        let name = Name::untagged(function.name.as_str());
        let is_named = !name.is_empty();
        let other_id = !id.is_empty() && !self.id.is_empty() && self.id != id;
        let other_name = is_named && !self.name.is_empty() && !self.name.is(name);
        let begins = begins_object(&function.arguments);
        if !is_named && begins != Some(true) {
            return Belongs::Continues;
        }
        let stage = self.stage();
        let is_another = match stage {
            Stage::Named if other_name => {
                let both_offered = offered.has(name) && !self.name.goes_on_with(name, offered);
                other_id && !self.name.goes_on_with(name, offered) || both_offered
            }
            // An id that drifts within a call comes with the same name, or with none.
            Stage::Named => false,
            Stage::Begun => other_id && other_name && begins == Some(true),
            Stage::Empty => (other_id || other_name) && is_named,
            Stage::Whole => other_id || other_name,
        };
        match (stage, begins) {
            _ if is_another => Belongs::No,
            (Stage::Whole | Stage::Empty, Some(true)) if says_same(&self.arguments, function) => {
                Belongs::Repeats
            }
            (Stage::Empty, Some(true)) => Belongs::Replaces,
            // All again, and no empty object behind it.
            (Stage::Whole, Some(true)) if is_empty_object(&text_of(&function.arguments)) => {
                Belongs::Repeats
            }
            (Stage::Whole, Some(true)) if is_named => Belongs::No,
            (Stage::Begun, Some(true)) if self.is_begun_of(&function.arguments) => {
                Belongs::Replaces
            }
            (Stage::Named | Stage::Begun | Stage::Empty | Stage::Whole, _) => Belongs::Continues,
        }
    }

    fn stage(&self) -> Stage {
        if self.arguments.trim_ascii().is_empty() {
            Stage::Named
        } else if self.is_empty_object() {
            Stage::Empty
        } else if self.is_whole() {
            Stage::Whole
        } else {
            Stage::Begun
        }
    }

    /// Whether the arguments so far are the beginning of whole ones.
    fn is_begun_of(&self, whole: &Arguments<'_>) -> bool {
        let text = text_of(whole);
        is_whole(&text) && text.starts_with(&*self.arguments)
    }

    /// Whether a whole call is this one: by its id, else by what it says.
    pub(super) fn is_same(&self, id: &str, function: &FunctionPart<'_>) -> bool {
        let is_named_so = self.name.is(Name::untagged(function.name.as_str()));
        let same_id = !id.is_empty() && self.id == id;
        is_named_so && (same_id || says_same(&self.arguments, function))
    }

    pub(super) fn is_empty_object(&self) -> bool {
        is_empty_object(&self.arguments)
    }

    /// Text is appended, a value replaces what was there.
    #[inline]
    pub(super) fn fill(&mut self, id: String, function: FunctionPart<'_>, repaired: bool) {
        if !id.is_empty() {
            self.id = id;
        }
        self.name.add(Name::untagged(function.name.as_str()));
        match function.arguments {
            Arguments::Fragment(fragment) => {
                let whole = self.split_chars.join(&fragment, repaired);
                self.arguments.push_str(&whole);
            }
            Arguments::Whole(Value::Array(list)) if list.is_empty() => {}
            Arguments::Whole(value) => {
                let text = value.to_string();
                self.arguments = if repaired {
                    split_chars::whole(&text)
                } else {
                    text
                };
            }
            Arguments::None => {}
        }
    }
}

/// Whether arguments are an object that is there in full.
fn is_whole(arguments: &str) -> bool {
    let arguments = arguments.trim_ascii();
    arguments.ends_with('}') && serde_json::from_str::<serde::de::IgnoredAny>(arguments).is_ok()
}

fn is_empty_object(arguments: &str) -> bool {
    let inside = arguments.trim_ascii().strip_prefix('{');
    inside.is_some_and(|inside| inside.trim_ascii_start() == "}")
}

/// Whether arguments begin an object; `None` where there are none.
pub(super) fn begins_object(arguments: &Arguments<'_>) -> Option<bool> {
    match arguments {
        Arguments::None => None,
        Arguments::Fragment(fragment) if fragment.trim_ascii().is_empty() => None,
        Arguments::Fragment(fragment) => Some(fragment.trim_ascii_start().starts_with('{')),
        Arguments::Whole(value) => Some(value.is_object()),
    }
}

fn text_of<'a>(arguments: &'a Arguments<'_>) -> Cow<'a, str> {
    match arguments {
        Arguments::None => Cow::Borrowed(""),
        Arguments::Fragment(fragment) => Cow::Borrowed(fragment),
        Arguments::Whole(value) => Cow::Owned(value.to_string()),
    }
}

/// Whether a function's arguments are there in full and say the same.
pub(super) fn says_same(arguments: &str, function: &FunctionPart<'_>) -> bool {
    let read = |text: &str| {
        let read = repair::parse(text).filter(|read| !read.closed)?;
        Some(read.value)
    };
    let others = read(&text_of(&function.arguments));
    others.is_some() && read(arguments) == others
}
