//! Tool calls put together from their parts.

use super::chunk::{CallPart, FunctionPart};
use super::lenient::{Arguments, Count};
use super::message::AskedCall;
use super::settle::{Settled, settle};

/// Tool calls that are kept of one reply; the run refuses far fewer.
pub(crate) const MAX_CALLS: usize = 64;
/// Index of a call that came in the field of older servers.
const LEGACY_INDEX: u64 = u64::MAX;
/// What some servers leave at the end of a name: the tag that followed it in the model's own words.
const TAG: &str = "<|";

/// The calls of a reply in the making.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Slot {
    index: Option<u64>,
    id: String,
    call: AskedCall,
}

impl Slots {
    pub(crate) const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Names and arguments of all calls, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a call in the field of older servers is one of its own, and not a call of the newer field again.
    pub(crate) fn take_legacy_calls(&self) -> bool {
        let mut slots = self.slots.iter();
        slots.all(|slot| slot.index == Some(LEGACY_INDEX))
    }

    pub(crate) fn legacy_part(function: FunctionPart<'_>) -> CallPart<'_> {
        CallPart {
            index: Count(Some(LEGACY_INDEX)),
            function: Some(function),
            ..CallPart::default()
        }
    }

    /// Takes in a part of a streamed call and gives the size of the call so far.
    ///
    /// A slot is named by its index; one that already holds another id, or a whole call, is left for a new one.
    pub(crate) fn add_part(&mut self, part: CallPart<'_>) -> usize {
        let found = self.slots.iter().rposition(|slot| match part.index.0 {
            Some(index) => slot.index == Some(index),
            None => part.id.as_str().is_empty() || slot.id == part.id.as_str(),
        });
        match found {
            Some(at) if self.slots[at].fits(&part) => self.fill(at, part),
            Some(_) | None => self.add_call(part),
        }
    }

    /// Takes in a whole call of an unstreamed reply.
    pub(crate) fn add_call(&mut self, part: CallPart<'_>) -> usize {
        if self.slots.len() >= MAX_CALLS {
            return 0;
        }
        self.slots.push(Slot {
            index: part.index.0,
            ..Slot::default()
        });
        self.fill(self.slots.len() - 1, part)
    }

    fn fill(&mut self, at: usize, part: CallPart<'_>) -> usize {
        let slot = &mut self.slots[at];
        self.bytes -= slot.bytes();
        slot.fill(part);
        self.bytes += slot.bytes();
        slot.bytes()
    }

    /// Whether every call is there in full without any mending.
    pub(crate) fn are_whole(&self) -> bool {
        self.slots.iter().all(Slot::is_whole)
    }

    /// The calls, and the names of those that are left out because the reply ended inside them.
    pub(crate) fn finish(self, stopped: bool) -> (Vec<AskedCall>, Vec<String>) {
        let mut calls = Vec::new();
        let mut cut = Vec::new();
        let named = self.slots.into_iter().filter(|slot| slot.bytes() > 0);
        for Slot { call, .. } in named {
            match settle(call.arguments, stopped) {
                Settled::Given(arguments) => calls.push(AskedCall { arguments, ..call }),
                Settled::Cut => cut.push(call.name),
            }
        }
        (calls, cut)
    }
}

impl Slot {
    const fn bytes(&self) -> usize {
        self.call.name.len() + self.call.arguments.len()
    }

    fn is_whole(&self) -> bool {
        let arguments = self.call.arguments.trim_ascii();
        arguments.ends_with('}') && serde_json::from_str::<serde::de::IgnoredAny>(arguments).is_ok()
    }

    /// Whether a part may go on with this call.
    fn fits(&self, part: &CallPart<'_>) -> bool {
        let id = part.id.as_str();
        let same_id = id.is_empty() || self.id.is_empty() || self.id == id;
        same_id && !self.is_followed_by(part)
    }

    /// Whether a part begins another call after this one, which has all it needs.
    fn is_followed_by(&self, part: &CallPart<'_>) -> bool {
        let Some(function) = &part.function else {
            return false;
        };
        let name = untagged(function.name.as_str());
        let renamed = self.call.name != name && !self.call.name.is_empty();
        let starts_anew = match &function.arguments {
            Arguments::Fragment(fragment) => fragment.trim_ascii_start().starts_with('{'),
            Arguments::None | Arguments::Whole(_) => false,
        };
        !name.is_empty() && (renamed || starts_anew) && self.is_whole()
    }

    /// A name is set, never appended; text is appended, a value replaces what was there.
    fn fill(&mut self, part: CallPart<'_>) {
        set(&mut self.id, part.id.as_str());
        let Some(function) = part.function else {
            return;
        };
        set(&mut self.call.name, untagged(function.name.as_str()));
        match function.arguments {
            Arguments::Fragment(fragment) => self.call.arguments.push_str(&fragment),
            Arguments::Whole(value) => self.call.arguments = value.to_string(),
            Arguments::None => {}
        }
    }
}

fn untagged(name: &str) -> &str {
    name.split_once(TAG).map_or(name, |(name, _)| name)
}

fn set(field: &mut String, text: &str) {
    if !text.is_empty() && field != text {
        field.clear();
        field.push_str(text);
    }
}
