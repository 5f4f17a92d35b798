//! An answer as a stream of chunks.
//!
//! No frame has an `id:` line: OpenAI's Python client takes a frame of nothing else for a chunk, and fails (openai-python, issue 2722).

use run::{Problem, Update};
use serde_json::{Value, json};

use super::frames::{ChatHead, annotation, failure, interrupted};
use crate::sse::encode::line::push_line;
use crate::sse::encode::telling::{End, Piece, Telling};
use crate::sse::encode::{Encode, Standing};

/// Between an answer that broke off and the one that takes its place.
const BETWEEN: &str = "\n\n---\n\n";
/// The delta of the first chunk.
const BEGIN: &str = r#"{"role":"assistant","content":""}"#;
const DONE: &str = "data: [DONE]\n\n";

/// Writes the chunks of one client.
#[derive(Debug)]
pub(crate) struct ChunkEncoder {
    head: ChatHead,
    /// What stands before and behind the delta in each chunk that is not the last: one is written for each token.
    frame: (String, String),
    telling: Telling,
    is_done: bool,
    /// Code points of the content that was sent, before the answer's last beginning.
    before: usize,
}

impl ChunkEncoder {
    pub(crate) fn new(head: ChatHead) -> Self {
        Self {
            frame: head.around_delta(),
            head,
            telling: Telling::default(),
            is_done: false,
            before: 0,
        }
    }

    /// The frames of an answer that is there as a whole.
    pub(super) fn at_once(head: ChatHead, content: String, end: End) -> String {
        let mut out = String::new();
        let mut encoder = Self::new(head);
        encoder.push(Piece::Begun, &mut out);
        encoder.push(Piece::Answer(content), &mut out);
        encoder.push(Piece::End(end), &mut out);
        out
    }

    fn push(&mut self, piece: Piece, out: &mut String) {
        match piece {
            Piece::Begun => self.push_delta(BEGIN, out),
            Piece::Reasoning(line) | Piece::Called(_, line) | Piece::Returned(_, Some(line)) => {
                self.push_text("reasoning_content", &format!("{line}\n"), out);
            }
            Piece::Returned(_, None) => {}
            Piece::Answer(text) => self.push_text("content", &text, out),
            Piece::Anew { void, text } => {
                self.before += void + BETWEEN.chars().count();
                self.push_text("content", &format!("{BETWEEN}{text}"), out);
            }
            Piece::Cited(cited) if cited.citations.is_empty() => {}
            Piece::Cited(cited) => {
                let places = cited.citations.iter();
                let annotations: Vec<_> = places.map(|it| annotation(it, self.before)).collect();
                let delta = json!({"content": cited.links, "annotations": annotations});
                self.push_delta(&delta.to_string(), out);
            }
            Piece::End(End { as_said, usage }) => {
                match as_said {
                    Ok(reason) => {
                        push_frame(out, &self.head.last_chunk(reason));
                        if self.head.includes_usage {
                            push_frame(out, &self.head.usage_chunk(usage));
                        }
                    }
                    Err(problem) => push_frame(out, &failure(&problem).to_string()),
                }
                self.finish(out);
            }
        }
    }

    fn push_text(&self, field: &str, text: &str, out: &mut String) {
        let text = Value::from(text);
        self.push_delta(&format!("{{\"{field}\":{text}}}"), out);
    }

    fn push_delta(&self, delta: &str, out: &mut String) {
        let (before, behind) = &self.frame;
        out.push_str("data: ");
        out.push_str(before);
        push_line(out, delta);
        out.push_str(behind);
        out.push_str("\n\n");
    }

    fn break_off(&mut self, problem: &Problem, out: &mut String) {
        if !self.is_done {
            push_frame(out, &failure(problem).to_string());
            self.finish(out);
        }
    }

    fn finish(&mut self, out: &mut String) {
        out.push_str(DONE);
        self.is_done = true;
    }
}

impl Encode for ChunkEncoder {
    fn comes_again(&self) -> bool {
        false
    }

    fn standing(&self) -> Standing {
        self.telling.standing()
    }

    fn encode(&mut self, update: &Update, out: &mut String) {
        for piece in self.telling.take(update) {
            self.push(piece, out);
        }
    }

    fn ping(&mut self, out: &mut String) {
        if !self.is_done {
            self.push_delta("{}", out);
        }
    }

    fn come_again(&mut self, out: &mut String) {
        self.break_off(&interrupted(&self.head.id), out);
    }

    fn end(&mut self, out: &mut String) {
        self.break_off(&interrupted(&self.head.id), out);
    }
}

fn push_frame(out: &mut String, frame: &str) {
    out.push_str("data: ");
    push_line(out, frame);
    out.push_str("\n\n");
}
