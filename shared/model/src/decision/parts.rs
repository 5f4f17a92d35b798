//! The parts of a decision, as they come.

use super::scanner::Scanner;

/// Where the parts of a decision stand. Models that are not held to the form leave out a level, or know arguments by another name.
const REASON: &[&[&str]] = &[&["reason"]];
const NAME: &[&[&str]] = &[&["call", "name"], &["name"]];
const ARGUMENTS: &[&[&str]] = &[
    &["call", "arguments"],
    &["arguments"],
    &["call", "parameters"],
    &["parameters"],
];
const TEXT: &[&[&str]] = &[
    &["call", "text"],
    &["text"],
    &["call", "arguments", "text"],
    &["arguments", "text"],
];

/// What has come of the parts.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) reason: String,
    pub(super) name: Part,
    /// As JSON.
    pub(super) arguments: Part,
    pub(super) text: Part,
    /// Which of them is being read.
    inner: Option<Inner>,
    pub(super) is_in_arguments: bool,
}

#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) said: String,
    pub(super) has_begun: bool,
    pub(super) is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inner {
    Reason,
    Name,
    Text,
}

impl Parts {
    pub(super) fn is_answer(&self, answer: Option<&str>) -> bool {
        self.name.is_whole && answer == Some(&*self.name.said)
    }

    pub(super) fn begin(&mut self, at: &Scanner) {
        let is_one_of = |paths: &[&[&str]]| paths.iter().any(|path| at.is_at(path));
        if is_one_of(REASON) && self.reason.is_empty() {
            self.inner = Some(Inner::Reason);
        } else if is_one_of(NAME) && !self.name.has_begun {
            self.name.has_begun = true;
            self.inner = Some(Inner::Name);
        } else if is_one_of(TEXT) && !self.text.has_begun {
            self.text.has_begun = true;
            self.inner = Some(Inner::Text);
        } else if is_one_of(ARGUMENTS) && !self.arguments.has_begun {
            self.arguments.has_begun = true;
            self.is_in_arguments = true;
        }
    }

    pub(super) fn say(&mut self, c: char, answer: Option<&str>, out: &mut String) {
        match self.inner {
            Some(Inner::Reason) => self.reason.push(c),
            Some(Inner::Name) => self.name.said.push(c),
            Some(Inner::Text) if self.is_answer(answer) => {
                out.push_str(&std::mem::take(&mut self.text.said));
                out.push(c);
            }
            Some(Inner::Text) => self.text.said.push(c),
            None => {}
        }
    }

    pub(super) fn end(&mut self, at: &Scanner) {
        match self.inner.take() {
            Some(Inner::Name) => self.name.is_whole = true,
            Some(Inner::Text) => self.text.is_whole = true,
            Some(Inner::Reason) | None => {}
        }
        if self.is_in_arguments && ARGUMENTS.iter().any(|path| at.is_at(path)) {
            self.is_in_arguments = false;
            self.arguments.is_whole = true;
        }
    }
}
