//! A reply put together from its chunks.

use run::Usage;
use serde_json::Value;

use crate::chunk::{CallPart, Choice, Chunk, Delta, WireUsage};

/// Longest text, reasoning or arguments of one reply, in bytes.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Longest finish reason that is kept, in characters; the known ones are far shorter.
const MAX_REASON_CHARS: usize = 40;
/// Tool calls that are kept of one reply; the run refuses far fewer.
const MAX_CALLS: usize = 64;

/// A piece of text as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Content(String),
}

/// A whole reply; its text has been given out piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub reasoning: Option<String>,
    pub calls: Vec<AskedCall>,
    /// As the server said it: `stop`, `tool_calls`, `length`, …
    pub finish_reason: String,
    pub usage: Usage,
}

/// A tool call as the model wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedCall {
    pub name: String,
    /// JSON text, not checked.
    pub arguments: String,
}

/// A reply larger than any use of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageTooLarge;

/// A reply in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    content_bytes: usize,
    reasoning: String,
    slots: Vec<Slot>,
    finish_reason: Option<String>,
    usage: Option<WireUsage>,
}

#[derive(Debug, Default)]
struct Slot {
    index: Option<u64>,
    id: String,
    call: AskedCall,
}

impl Draft {
    /// Takes in a chunk and gives the text that it brought.
    pub(crate) fn add(&mut self, chunk: Chunk) -> Result<Option<Piece>, MessageTooLarge> {
        if let Some(usage) = chunk.usage {
            self.usage = Some(usage);
        }
        let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() else {
            return Ok(None);
        };
        let Choice {
            delta,
            finish_reason,
        } = choice;
        if let Some(reason) = finish_reason {
            self.finish_reason = Some(reason);
        }
        let Delta {
            content,
            reasoning_content,
            reasoning,
            tool_calls,
        } = delta.unwrap_or_default();
        if let Some(thought) = reasoning_content.or(reasoning) {
            self.reasoning.push_str(&thought);
        }
        for part in tool_calls.unwrap_or_default() {
            self.add_part(part);
        }
        let content = content.filter(|text| !text.is_empty());
        self.content_bytes += content.as_ref().map_or(0, String::len);
        self.check_size()?;
        Ok(content.map(Piece::Content))
    }

    /// Whether the server has said that the reply is complete.
    pub(crate) const fn is_finished(&self) -> bool {
        self.finish_reason.is_some()
    }

    /// Whether anything at all has come.
    pub(crate) const fn is_empty(&self) -> bool {
        self.content_bytes == 0 && self.reasoning.is_empty() && self.slots.is_empty()
    }

    /// The whole reply. Servers that count no tokens are estimated at 4 bytes a token.
    pub(crate) fn finish(self, prompt_bytes: usize) -> Message {
        let written = self.content_bytes
            + self.reasoning.len()
            + self.slots.iter().map(Slot::bytes).sum::<usize>();
        let usage = self.usage.unwrap_or_default();
        Message {
            usage: Usage {
                input_tokens: usage
                    .prompt_tokens
                    .unwrap_or_else(|| estimate(prompt_bytes)),
                output_tokens: usage.completion_tokens.unwrap_or_else(|| estimate(written)),
            },
            reasoning: Some(self.reasoning).filter(|text| !text.trim().is_empty()),
            calls: self.slots.into_iter().map(|slot| slot.call).collect(),
            finish_reason: self
                .finish_reason
                .map(|reason| reason.chars().take(MAX_REASON_CHARS).collect())
                .unwrap_or_default(),
        }
    }

    /// A slot is named by its index; one that already holds another id, or a whole call, is left for a new one.
    fn add_part(&mut self, part: CallPart) {
        let function = part.function.unwrap_or_default();
        let id = part.id.unwrap_or_default();
        let name = function.name.unwrap_or_default();
        let found = self.slots.iter().rposition(|slot| match part.index {
            Some(index) => slot.index == Some(index),
            None => id.is_empty() || slot.id == id,
        });
        let fits = |slot: &Slot| {
            let same_id = id.is_empty() || slot.id.is_empty() || slot.id == id;
            let renamed = !name.is_empty() && slot.call.name != name && !slot.call.name.is_empty();
            same_id && !(renamed && slot.is_whole())
        };
        let slot = match found {
            Some(at) if fits(&self.slots[at]) => &mut self.slots[at],
            Some(_) | None => {
                if self.slots.len() >= MAX_CALLS {
                    return;
                }
                self.slots.push(Slot {
                    index: part.index,
                    ..Slot::default()
                });
                let last = self.slots.len() - 1;
                &mut self.slots[last]
            }
        };
        if !id.is_empty() {
            slot.id = id;
        }
        if !name.is_empty() {
            slot.call.name = name;
        }
        match function.arguments {
            Some(Value::String(fragment)) => slot.call.arguments.push_str(&fragment),
            Some(Value::Null) | None => {}
            Some(object) => slot.call.arguments = object.to_string(),
        }
    }

    fn check_size(&self) -> Result<(), MessageTooLarge> {
        let largest = self
            .slots
            .iter()
            .map(Slot::bytes)
            .chain([self.content_bytes, self.reasoning.len()])
            .max();
        if largest.unwrap_or(0) > MAX_MESSAGE_BYTES {
            return Err(MessageTooLarge);
        }
        Ok(())
    }
}

impl Slot {
    const fn bytes(&self) -> usize {
        self.call.name.len() + self.call.arguments.len()
    }

    fn is_whole(&self) -> bool {
        serde_json::from_str::<serde::de::IgnoredAny>(&self.call.arguments).is_ok()
    }
}

const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}
