//! Tool calls put together from their parts.
//!
//! Servers agree on little: a part may name its call by index, by id, by both or by neither, repeat them, or let them drift. What
//! decides is whether the call so far is complete.

use serde::Deserialize;
use serde_json::Value;

use super::chunk::{CallPart, FunctionPart};
use super::halves::Halves;
use super::lenient::Arguments;
use super::message::AskedCall;
use super::settle::{Settled, settle};
use crate::dialect::{Offered, repair};

/// Tool calls that are kept of one reply; the run refuses far fewer.
pub(crate) const MAX_CALLS: usize = 64;
/// Index of a call that came in the field of older servers.
const LEGACY_INDEX: u64 = u64::MAX;
/// What some servers leave at the end of a name: the tag that followed it in the model's own words.
const TAG: &str = "<|";

/// The calls of a reply in the making.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    calls: Vec<Slot>,
    bytes: usize,
    /// How many there were before the chunk that is being read.
    before_chunk: usize,
}

#[derive(Debug, Default)]
struct Slot {
    choice: u64,
    index: Option<u64>,
    id: String,
    name: Name,
    arguments: String,
    halves: Halves,
}

/// A name, which comes once, again and again, or in pieces.
#[derive(Debug, Default)]
struct Name {
    last: String,
    joined: String,
}

/// What a part is to a call that it may belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belongs {
    /// It goes on with it.
    Continues,
    /// It holds the arguments, for which an empty object stood so far.
    Replaces,
    /// It says it again.
    Repeats,
    /// It begins another call.
    No,
}

impl<'a> CallPart<'a> {
    /// A call in the field of older servers.
    pub(super) fn legacy(function: FunctionPart<'a>) -> Self {
        let mut part = Self::of_function(function);
        part.index.0 = Some(LEGACY_INDEX);
        part
    }
}

impl Slots {
    pub(crate) const fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Names and arguments of all calls, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// A new chunk is read: within it nothing is said twice.
    pub(crate) const fn begin_chunk(&mut self) {
        self.before_chunk = self.calls.len();
    }

    /// Whether a call in the field of older servers is one of its own, and not a call of the newer field again.
    pub(crate) fn take_legacy_calls(&self) -> bool {
        let mut calls = self.calls.iter();
        calls.all(|slot| slot.index == Some(LEGACY_INDEX))
    }

    /// Takes in a part of a streamed call and gives the size of the call so far. `mended`: halves of characters are in it.
    pub(crate) fn add_part(&mut self, part: CallPart<'_>, choice: u64, mended: bool) -> usize {
        let (index, id) = (part.index.0, part.id.as_str().to_owned());
        let function = part.into_function();
        let Some(at) = self.find(index, &id, choice, &function) else {
            return self.add(index, id, function, choice, mended);
        };
        match self.calls[at].belongs(&id, &function) {
            Belongs::Continues => self.fill(at, id, function, mended),
            Belongs::Repeats => self.calls[at].bytes(),
            Belongs::Replaces => {
                self.bytes -= self.calls[at].arguments.len();
                self.calls[at].arguments.clear();
                self.fill(at, id, function, mended)
            }
            Belongs::No => self.add(index, id, function, choice, mended),
        }
    }

    /// Takes in a whole call, of an unstreamed reply or of a last chunk that says all again.
    pub(crate) fn add_whole(&mut self, part: CallPart<'_>, choice: u64, mended: bool) -> usize {
        let (index, id) = (part.index.0, part.id.as_str().to_owned());
        let function = part.into_function();
        let known = self.calls[..self.before_chunk]
            .iter()
            .position(|slot| slot.is_same(&id, &function));
        match known {
            None => self.add(index, id, function, choice, mended),
            Some(at) if self.calls[at].is_whole() => self.calls[at].bytes(),
            Some(at) => {
                self.bytes -= self.calls[at].arguments.len();
                self.calls[at].arguments.clear();
                self.fill(at, id, function, mended)
            }
        }
    }

    /// The slot that a part may belong to: that of its index, else of its id, else the last; and the last as well where a part
    /// without a name comes under an index or an id that nobody has, while that call is not complete.
    fn find(
        &self,
        index: Option<u64>,
        id: &str,
        choice: u64,
        function: &FunctionPart<'_>,
    ) -> Option<usize> {
        let named = self.calls.iter().rposition(|slot| match index {
            Some(index) => slot.index == Some(index) && slot.choice == choice,
            None => id.is_empty() || slot.id == id,
        });
        let drifts = || {
            let last = self.calls.last()?;
            let goes_on = function.name.as_str().is_empty() && !last.is_whole();
            goes_on.then(|| self.calls.len() - 1)
        };
        named.or_else(drifts)
    }

    fn add(
        &mut self,
        index: Option<u64>,
        id: String,
        function: FunctionPart<'_>,
        choice: u64,
        mended: bool,
    ) -> usize {
        if self.calls.len() >= MAX_CALLS {
            return 0;
        }
        self.calls.push(Slot {
            choice,
            index,
            ..Slot::default()
        });
        self.fill(self.calls.len() - 1, id, function, mended)
    }

    fn fill(&mut self, at: usize, id: String, function: FunctionPart<'_>, mended: bool) -> usize {
        let slot = &mut self.calls[at];
        self.bytes -= slot.bytes();
        slot.fill(id, function, mended);
        self.bytes += slot.bytes();
        slot.bytes()
    }

    /// Whether every call is there in full without any mending.
    pub(crate) fn are_whole(&self) -> bool {
        self.calls.iter().all(Slot::is_whole)
    }

    /// The calls, and the names of those that are left out because the reply ended inside them.
    pub(crate) fn finish(self, stopped: bool, offered: &Offered) -> (Vec<AskedCall>, Vec<String>) {
        let mut calls = Vec::new();
        let mut cut = Vec::new();
        let mut ids: Vec<(String, AskedCall)> = Vec::new();
        for mut slot in self.calls.into_iter().filter(|slot| slot.bytes() > 0) {
            let rest = slot.halves.finish();
            slot.arguments.push_str(&rest);
            let name = slot.name.settled(offered);
            let Settled { given, cut: is_cut } = settle(slot.arguments, stopped);
            let calls_of = |arguments| parallel(&name, arguments, offered);
            for call in given.into_iter().flat_map(calls_of) {
                let entry = (slot.id.clone(), call);
                // The same call under the same id is one, whatever its index.
                if slot.id.is_empty() || !ids.contains(&entry) {
                    calls.push(entry.1.clone());
                }
                ids.push(entry);
            }
            if is_cut {
                cut.push(name);
            }
        }
        calls.truncate(MAX_CALLS);
        (calls, cut)
    }
}

impl Slot {
    const fn bytes(&self) -> usize {
        self.name.joined.len() + self.arguments.len()
    }

    fn is_whole(&self) -> bool {
        is_whole(&self.arguments)
    }

    fn belongs(&self, id: &str, function: &FunctionPart<'_>) -> Belongs {
        let name = untagged(function.name.as_str());
        let is_named = !name.is_empty();
        let other_id = !id.is_empty() && !self.id.is_empty() && self.id != id;
        let other_name = is_named && !self.name.last.is_empty() && !self.name.is(name);
        let begins_anew = match &function.arguments {
            Arguments::None => false,
            Arguments::Fragment(fragment) => fragment.trim_ascii_start().starts_with('{'),
            Arguments::Whole(value) => value.is_object(),
        };
        if self.arguments.trim_ascii().is_empty() {
            // An id that drifts within a call comes with the same name, or with none.
            return if other_id && other_name {
                Belongs::No
            } else {
                Belongs::Continues
            };
        }
        if !self.is_whole() {
            return if other_id && other_name && begins_anew {
                Belongs::No
            } else {
                Belongs::Continues
            };
        }
        match (begins_anew, other_id || other_name) {
            (true, false) if is_same(&self.arguments, &function.arguments) => Belongs::Repeats,
            (true, false) if self.is_empty_object() && (!is_named || id == self.id) => {
                Belongs::Replaces
            }
            (true, _) if is_named || other_id => Belongs::No,
            (false, true) if is_named => Belongs::No,
            (true | false, _) => Belongs::Continues,
        }
    }

    /// Whether a whole call is this one: by its id, else by what it says.
    fn is_same(&self, id: &str, function: &FunctionPart<'_>) -> bool {
        let is_named_so = self.name.is(untagged(function.name.as_str()));
        let same_id = !id.is_empty() && self.id == id;
        is_named_so && (same_id || is_same(&self.arguments, &function.arguments))
    }

    fn is_empty_object(&self) -> bool {
        let inside = self.arguments.trim_ascii().strip_prefix('{');
        inside.is_some_and(|inside| inside.trim_ascii_start() == "}")
    }

    /// Text is appended, a value replaces what was there.
    fn fill(&mut self, id: String, function: FunctionPart<'_>, mended: bool) {
        if !id.is_empty() {
            self.id = id;
        }
        self.name.add(untagged(function.name.as_str()));
        match function.arguments {
            Arguments::Fragment(fragment) => {
                let whole = self.halves.join(&fragment, mended);
                self.arguments.push_str(&whole);
            }
            Arguments::Whole(Value::Array(list)) if list.is_empty() => {}
            Arguments::Whole(value) => self.arguments = value.to_string(),
            Arguments::None => {}
        }
    }
}

impl Name {
    fn add(&mut self, name: &str) {
        if name.is_empty() {
            return;
        }
        if self.last != name {
            self.joined.push_str(name);
        }
        self.last.clear();
        self.last.push_str(name);
    }

    /// Whether a name is this one again.
    fn is(&self, name: &str) -> bool {
        name == self.last || name == self.joined
    }

    /// The offered tool that is meant: of the name in one piece and the pieces together the one that fits better.
    fn settled(&self, offered: &Offered) -> String {
        let [last, joined] = [&*self.last, &*self.joined];
        let exact = [joined, last].into_iter().find(|name| offered.has(name));
        let close = || {
            [joined, last]
                .into_iter()
                .find_map(|name| offered.fitting(name))
        };
        exact.or_else(close).unwrap_or(joined).to_owned()
    }
}

/// The calls within a call of `multi_tool_use.parallel`, as GPT models wrap them; any other is one call.
fn parallel(name: &str, arguments: String, offered: &Offered) -> Vec<AskedCall> {
    let is_wrapper = name.ends_with("parallel") && offered.fitting(name).is_none();
    let wrapped = is_wrapper.then(|| serde_json::from_str::<ParallelCalls>(&arguments));
    let Some(Ok(ParallelCalls { tool_uses })) = wrapped else {
        let name = name.to_owned();
        return vec![AskedCall { name, arguments }];
    };
    let calls = tool_uses.into_iter().map(|call| AskedCall {
        name: match offered.fitting(&call.recipient_name) {
            Some(name) => name.to_owned(),
            None => call.recipient_name,
        },
        arguments: call.parameters.to_string(),
    });
    calls.collect()
}

#[derive(Deserialize)]
struct ParallelCalls {
    tool_uses: Vec<ParallelCall>,
}

#[derive(Deserialize)]
struct ParallelCall {
    recipient_name: String,
    #[serde(default)]
    parameters: Value,
}

fn untagged(name: &str) -> &str {
    name.split_once(TAG).map_or(name, |(name, _)| name)
}

/// Whether arguments are an object that is there in full.
fn is_whole(arguments: &str) -> bool {
    let arguments = arguments.trim_ascii();
    arguments.ends_with('}') && serde_json::from_str::<serde::de::IgnoredAny>(arguments).is_ok()
}

/// Whether arguments say the same.
fn is_same(arguments: &str, others: &Arguments<'_>) -> bool {
    let read = |text: &str| repair::parse(text).map(|read| read.value);
    let others = match others {
        Arguments::None => None,
        Arguments::Fragment(fragment) => read(fragment),
        Arguments::Whole(value) => Some(value.clone()),
    };
    others.is_some() && read(arguments) == others
}
