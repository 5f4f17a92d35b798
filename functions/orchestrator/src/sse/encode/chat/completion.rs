//! An answer as one object, when it is there; until then blanks, which JSON allows and which keep connections open.

use run::{Problem, Update, Usage};
use serde_json::Value;

use super::frames::{ChatHead, annotation, failure, interrupted, message};
use crate::sse::encode::telling::{End, FinishReason, Piece, Telling};
use crate::sse::encode::{Encode, Standing};

/// Writes the one answer of a client.
#[derive(Debug)]
pub(crate) struct CompletionEncoder {
    head: ChatHead,
    telling: Telling,
    reasoning: String,
    /// Links behind the answer.
    links: String,
    annotations: Vec<Value>,
    is_done: bool,
    has_failed: bool,
}

impl CompletionEncoder {
    pub(crate) fn new(head: ChatHead) -> Self {
        Self {
            head,
            telling: Telling::default(),
            reasoning: String::new(),
            links: String::new(),
            annotations: Vec::new(),
            is_done: false,
            has_failed: false,
        }
    }

    fn answered(&self, reason: FinishReason, usage: Usage) -> String {
        let content = format!("{}{}", self.telling.answer(), self.links);
        let mut message = message(&content);
        message["annotations"] = self.annotations.clone().into();
        if !self.reasoning.is_empty() {
            message["reasoning_content"] = self.reasoning.clone().into();
        }
        self.head.completion(&message, reason.as_str(), usage)
    }

    fn finish(&mut self, answer: &str, out: &mut String) {
        if !self.is_done {
            out.push_str(answer);
            self.is_done = true;
        }
    }

    fn fail(&mut self, problem: &Problem, out: &mut String) {
        self.has_failed |= !self.is_done;
        self.finish(&failure(problem).to_string(), out);
    }
}

impl Encode for CompletionEncoder {
    fn comes_again(&self) -> bool {
        false
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }

    fn standing(&self) -> Standing {
        self.telling.standing()
    }

    fn encode(&mut self, update: &Update, out: &mut String) {
        for piece in self.telling.take(update) {
            match piece {
                Piece::Reasoning(line)
                | Piece::Called(_, line)
                | Piece::Returned(_, Some(line)) => {
                    self.reasoning.push_str(&line);
                    self.reasoning.push('\n');
                }
                // What is told of the answer is kept by what tells it.
                Piece::Begun | Piece::Returned(_, None) | Piece::Answer(_) | Piece::Anew { .. } => {
                }
                Piece::Cited(cited) => {
                    let places = cited.citations.iter();
                    self.annotations = places.map(|it| annotation(it, 0)).collect();
                    self.links = cited.links;
                }
                Piece::End(End { as_said, usage }) => match as_said {
                    Ok(reason) => {
                        let answer = self.answered(reason, usage);
                        self.finish(&answer, out);
                    }
                    Err(problem) => self.fail(&problem, out),
                },
            }
        }
    }

    fn ping(&mut self, out: &mut String) {
        if !self.is_done {
            out.push('\n');
        }
    }

    fn come_again(&mut self, out: &mut String) {
        self.fail(&interrupted(&self.head.id), out);
    }

    fn end(&mut self, out: &mut String) {
        self.fail(&interrupted(&self.head.id), out);
    }
}
