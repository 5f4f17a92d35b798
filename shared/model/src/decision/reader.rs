//! Tells the call in a decision from the answer, and the answer's text from the JSON around it.

use std::sync::Arc;

use super::DecisionFault;
use super::parts::Parts;
use super::scanner::{Scanner, Token};
use crate::dialect::Offered;
use crate::ending::Ending;
use crate::message::AskedCall;

/// Blanks in a row, outside of texts, after which no more is waited for: indentation takes far fewer, and grammars allow them
/// without end.
const MAX_BLANKS: usize = 256;
/// Longest fence and name of a language before the JSON, in characters.
const MAX_FENCE_CHARS: usize = 16;

/// Reads one decision, however its text is cut.
#[derive(Debug)]
pub(crate) struct DecisionReader {
    offered: Arc<Offered>,
    /// The name of the answer's branch.
    answer: Option<String>,
    place: Place,
    scanner: Scanner,
    read: Parts,
    /// In a row, outside of texts.
    blanks: usize,
    fault: Option<DecisionFault>,
    /// Whether the first text began with JSON, so that nothing else has to be told apart in it.
    begins_with_json: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing but blanks has come.
    Before,
    /// So many characters of a fence.
    Fence(usize),
    Json,
    /// What stands behind is not read.
    After,
}

impl DecisionReader {
    pub(crate) fn new(offered: Arc<Offered>, answer: Option<String>) -> Self {
        Self {
            offered,
            answer,
            place: Place::Before,
            scanner: Scanner::new(),
            read: Parts::default(),
            blanks: 0,
            fault: None,
            begins_with_json: None,
        }
    }

    /// The same before anything has come.
    pub(crate) fn anew(&self) -> Self {
        Self::new(Arc::clone(&self.offered), self.answer.clone())
    }

    /// The same behind a thought that was taken for text: there may be more of them.
    pub(crate) fn behind_thought(&self) -> Self {
        Self {
            begins_with_json: Some(false),
            ..self.anew()
        }
    }

    /// Whether a text is to be read as it came, because all of it is JSON: what looks like a mark of a template or of a thought in it
    /// is a part of what it says.
    pub(crate) fn takes_directly(&mut self, text: &str) -> bool {
        if self.begins_with_json.is_none() {
            let first = text.chars().find(|c| !is_blank(*c));
            self.begins_with_json = first.map(|first| matches!(first, '{' | '`'));
        }
        self.begins_with_json.unwrap_or(true)
    }

    /// Takes in text and adds what may be shown to `out`.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        for c in text.chars() {
            if self.fault.is_some() {
                return;
            }
            match self.place {
                Place::Before | Place::After if is_blank(c) => self.count_blank(),
                Place::Before if c == '`' => self.place = Place::Fence(1),
                Place::Before | Place::Fence(_) if c == '{' => {
                    self.place = Place::Json;
                    self.blanks = 0;
                    self.scan(c, out);
                }
                Place::Fence(chars) if chars < MAX_FENCE_CHARS && is_of_fence(c) => {
                    self.place = Place::Fence(chars + 1);
                }
                Place::Before | Place::Fence(_) => self.fault = Some(DecisionFault::OtherForm),
                Place::Json => self.scan(c, out),
                Place::After => self.blanks = 0,
            }
        }
    }

    fn count_blank(&mut self) {
        self.blanks += 1;
        if self.blanks > MAX_BLANKS && self.place != Place::After {
            self.fault = Some(DecisionFault::Blanks);
        }
    }

    fn scan(&mut self, c: char, out: &mut String) {
        if is_blank(c) && !self.scanner.is_in_text() {
            self.count_blank();
        } else {
            self.blanks = 0;
        }
        let Self {
            scanner,
            read,
            fault,
            answer,
            ..
        } = self;
        // A number or a word ends before the character that shows it; all else ends with one.
        let mut takes_char = read.is_in_arguments;
        scanner.push(c, &mut |at, token| match token {
            Token::Begins => {
                read.begin(at);
                takes_char |= read.is_in_arguments;
            }
            Token::Says(c) => read.say(c, answer.as_deref(), out),
            Token::Ends => read.end(at),
            Token::EndedBefore => {
                let was_in_arguments = read.is_in_arguments;
                read.end(at);
                takes_char &= !was_in_arguments || read.is_in_arguments;
            }
            Token::Broken => *fault = Some(DecisionFault::OtherForm),
        });
        if takes_char && !read.is_answer(answer.as_deref()) {
            read.arguments.said.push(c);
        }
        if scanner.is_over() {
            self.place = Place::After;
        }
    }

    /// The reply has ended: what can be taken for the answer's text is added to `out`.
    pub(crate) fn finish(&mut self, ending: Ending, out: &mut String) {
        if self.fault.is_some() || self.is_empty() {
            return;
        }
        let is_over = self.place == Place::After;
        let is_named = self.read.name.is_whole;
        if self.is_answer()
            || (!is_named && is_over && self.answer.is_some() && self.read.text.is_whole)
        {
            out.push_str(&std::mem::take(&mut self.read.text.said));
            self.read.text.has_begun = true;
        } else if !is_named && (is_over || ending == Ending::Stopped) {
            self.fault = Some(DecisionFault::OtherForm);
        }
    }

    /// Why it is no decision.
    pub(crate) const fn fault(&self) -> Option<DecisionFault> {
        self.fault
    }

    /// Whether the decision has come to its end, and nothing but blanks comes behind it.
    pub(crate) fn has_run_on(&self) -> bool {
        self.place == Place::After && self.blanks > MAX_BLANKS
    }

    /// Whether the decision has come to its end.
    pub(crate) fn is_whole(&self) -> bool {
        self.place == Place::After && self.fault.is_none()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.place == Place::Before
    }

    /// Whether it has a call of which nothing is missing.
    pub(crate) fn has_call(&self) -> bool {
        let read = &self.read;
        let has_arguments =
            read.arguments.is_whole || (!read.arguments.has_begun && self.place == Place::After);
        read.name.is_whole && !self.is_answer() && has_arguments
    }

    /// What is kept here, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        let read = &self.read;
        read.reason.len() + read.name.said.len() + read.arguments.said.len() + read.text.said.len()
    }

    /// What the model gives for its decision.
    pub(crate) fn reason(&self) -> &str {
        self.read.reason.trim()
    }

    /// The call, and the names of those that are left out because the reply ended inside them: empty where it ended before.
    pub(crate) fn into_calls(self) -> (Vec<AskedCall>, Vec<String>) {
        let is_whole = self.has_call();
        let is_nameless_text = self.read.text.has_begun && !self.read.name.is_whole;
        let says_answer = self.is_answer() || (is_nameless_text && self.is_whole());
        if self.fault.is_some() || self.is_empty() || says_answer {
            return (Vec::new(), Vec::new());
        }
        let written = self.read.name;
        let name = if written.is_whole {
            let fitting = self.offered.fitting(&written.said);
            fitting.map_or_else(|| written.said.clone(), str::to_owned)
        } else {
            String::new()
        };
        if !is_whole {
            return (Vec::new(), vec![name]);
        }
        let arguments = if self.read.arguments.has_begun {
            self.read.arguments.said
        } else {
            "{}".to_owned()
        };
        (vec![AskedCall { name, arguments }], Vec::new())
    }

    fn is_answer(&self) -> bool {
        self.read.is_answer(self.answer.as_deref())
    }
}

/// A byte order mark is a blank, too.
const fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

const fn is_of_fence(c: char) -> bool {
    c == '`' || c.is_ascii_alphanumeric() || c.is_whitespace()
}
