//! What is read from the text of a reply beside what is shown of it: calls in words, or a decision.

use std::sync::Arc;

use crate::decision::{DecisionFault, DecisionReader};
use crate::dialect::{Offered, StreamParser};
use crate::ending::Ending;
use crate::message::AskedCall;

#[derive(Debug)]
pub(super) enum TextReader {
    Calls(StreamParser),
    Decision(DecisionReader),
}

impl TextReader {
    pub(super) fn of_calls(offered: &Arc<Offered>) -> Self {
        Self::Calls(StreamParser::new(Arc::clone(offered)))
    }

    /// Whether a text is to be read as it came.
    #[inline]
    pub(super) fn takes_directly(&mut self, text: &str) -> bool {
        match self {
            Self::Calls(_) => false,
            Self::Decision(reader) => reader.takes_directly(text),
        }
    }

    /// Takes in text and adds what may be shown to `out`.
    #[inline]
    pub(super) fn push(&mut self, text: &str, out: &mut String) {
        match self {
            Self::Calls(reader) => reader.push(text, out),
            Self::Decision(reader) => reader.push(text, out),
        }
    }

    /// The reply has ended: decides about all that is held.
    pub(super) fn finish(&mut self, ending: Ending, out: &mut String) {
        match self {
            Self::Calls(reader) => reader.finish(ending, out),
            Self::Decision(reader) => reader.finish(ending, out),
        }
    }

    /// Calls come in their own field.
    pub(super) fn give_up(self, out: &mut String) {
        match self {
            Self::Calls(reader) => reader.give_up(out),
            // Of JSON that is no decision any more nothing is shown.
            Self::Decision(_) => {}
        }
    }

    /// All that was read so far was no answer: begins anew behind it.
    pub(super) fn restart(&mut self, out: &mut String) {
        match self {
            Self::Calls(reader) => reader.restart(out),
            Self::Decision(reader) => *reader = reader.behind_thought(),
        }
    }

    /// All that was read so far will come again.
    pub(super) fn forget(&mut self) {
        *self = match self {
            Self::Calls(reader) => Self::Calls(reader.anew()),
            Self::Decision(reader) => Self::Decision(reader.anew()),
        };
    }

    /// What is kept here, in bytes.
    pub(super) const fn bytes(&self) -> usize {
        match self {
            Self::Calls(reader) => reader.bytes(),
            Self::Decision(reader) => reader.bytes(),
        }
    }

    /// Whether nothing but text that was shown has come.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Calls(reader) => reader.is_empty(),
            Self::Decision(reader) => reader.is_empty(),
        }
    }

    /// Whether a call was read.
    pub(super) fn has_calls(&self) -> bool {
        match self {
            Self::Calls(reader) => reader.has_calls(),
            Self::Decision(reader) => reader.has_call(),
        }
    }

    /// Whether it holds what needs no end to be told by the server.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Calls(reader) => reader.has_whole_call(),
            Self::Decision(reader) => reader.is_whole(),
        }
    }

    /// Whether nothing more is to be waited for.
    pub(super) fn has_run_on(&self) -> bool {
        match self {
            Self::Calls(_) => false,
            Self::Decision(reader) => reader.has_run_on(),
        }
    }

    /// Why what was asked for is not there.
    pub(super) const fn fault(&self) -> Option<DecisionFault> {
        match self {
            Self::Calls(_) => None,
            Self::Decision(reader) => reader.fault(),
        }
    }

    /// What the model gives for its decision.
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Calls(_) => "",
            Self::Decision(reader) => reader.reason(),
        }
    }

    /// The calls, and the names of those that are left out because the reply ended inside them.
    pub(super) fn into_calls(self, ending: Ending) -> (Vec<AskedCall>, Vec<String>) {
        match self {
            Self::Calls(reader) => reader.into_calls(ending),
            Self::Decision(reader) => reader.into_calls(),
        }
    }

    /// What of thoughts was meant to be read here, by which they end: where it begins.
    pub(super) fn recover(
        &mut self,
        offered: &Arc<Offered>,
        thoughts: &str,
        out: &mut String,
    ) -> Option<usize> {
        match self {
            Self::Calls(_) => {
                let mut reader = StreamParser::new(Arc::clone(offered));
                let mut beside = String::new();
                reader.push(thoughts, &mut beside);
                reader.finish(Ending::Stopped, &mut beside);
                if reader.ends_with_known_call() {
                    *self = Self::Calls(reader);
                }
                None
            }
            Self::Decision(reader) => {
                // The JSON alone, or behind the last thought, at the beginning of a line.
                let last_line = thoughts.rfind("\n{");
                let places = [Some(0), last_line];
                places.into_iter().flatten().find(|at| {
                    let mut again = reader.anew();
                    let mut text = String::new();
                    again.push(&thoughts[*at..], &mut text);
                    let is_whole = again.is_whole();
                    if is_whole {
                        again.finish(Ending::Stopped, &mut text);
                        *reader = again;
                        out.push_str(&text);
                    }
                    is_whole
                })
            }
        }
    }
}
