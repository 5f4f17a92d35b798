//! Tool calls put together from their parts.
//!
//! Servers agree on little: a part may name its call by index, by id, by both or by neither, repeat them, or let them drift. What
//! decides is whether the call so far is complete.

use super::call_name::Name;
use super::chunk::{CallPart, FunctionPart};
use super::delta_text::Form;
use super::final_arguments::{FinalArguments, finalize};
use super::parallel;
use super::slot::{Belongs, Slot, begins_object, says_same};
use crate::dialect::Offered;
use crate::message::{AskedCall, MAX_CALLS};

/// Index of a call that came in the field of older servers.
const LEGACY_INDEX: u64 = u64::MAX;

/// The calls of a reply in the making.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    calls: Vec<Slot>,
    bytes: usize,
    /// How many there were before the chunk that is being read.
    before_chunk: usize,
}

/// Where a server says that a part belongs.
#[derive(Debug)]
struct Place {
    choice: u64,
    index: Option<u64>,
    id: String,
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

    /// Takes in a part of a call, or a whole one, and gives the size of the call so far. `repaired`: halves of characters are in
    /// it.
    #[inline]
    pub(crate) fn add(
        &mut self,
        part: CallPart<'_>,
        choice: u64,
        form: Form,
        repaired: bool,
        offered: &Offered,
    ) -> usize {
        // Nearly all parts only go on with the last call.
        if let (Form::Delta, Some(fragment)) = (form, part.fragment())
            && let Some(last) = self.calls.last_mut()
            && (last.index, last.choice) == (part.index.0, choice)
        {
            self.bytes -= last.bytes();
            let whole = last.split_chars.join(fragment, repaired);
            last.arguments.push_str(&whole);
            self.bytes += last.bytes();
            return last.bytes();
        }
        let place = Place {
            choice,
            index: part.index.0,
            id: part.id.as_str().to_owned(),
        };
        let function = part.into_function();
        match form {
            Form::Whole => self.add_whole(place, function, repaired),
            Form::LastDelta if self.was_said_before(&function) => 0,
            Form::LastDelta | Form::Delta => self.add_part(place, function, repaired, offered),
        }
    }

    #[inline]
    fn add_part(
        &mut self,
        place: Place,
        function: FunctionPart<'_>,
        repaired: bool,
        offered: &Offered,
    ) -> usize {
        let Some(at) = self.find(&place, &function) else {
            return self.begin(place, function, repaired);
        };
        match self.calls[at].belongs(&place.id, &function, offered) {
            Belongs::Continues => self.fill(at, place.id, function, repaired),
            Belongs::Repeats => self.calls[at].bytes(),
            Belongs::Replaces => self.replace(at, place.id, function, repaired),
            Belongs::No => self.begin(place, function, repaired),
        }
    }

    /// Of an unstreamed reply, or of a last chunk that says all again.
    fn add_whole(&mut self, place: Place, function: FunctionPart<'_>, repaired: bool) -> usize {
        let known = self.calls[..self.before_chunk]
            .iter()
            .position(|slot| slot.is_same(&place.id, &function));
        match known {
            None => self.begin(place, function, repaired),
            Some(at) if self.calls[at].is_whole() => self.calls[at].bytes(),
            Some(at) => self.replace(at, place.id, function, repaired),
        }
    }

    /// Whether a whole call in a last chunk is one that earlier chunks have brought.
    fn was_said_before(&self, function: &FunctionPart<'_>) -> bool {
        let name = Name::untagged(function.name.as_str());
        let mut before = self.calls[..self.before_chunk].iter();
        before.any(|slot| slot.name.is(name) && says_same(&slot.arguments, function))
    }

    /// The slot that a part may belong to: that of its index, else of its id, else the last; and the last as well where what
    /// comes under an index or an id that nobody has can begin no call.
    #[inline]
    fn find(&self, place: &Place, function: &FunctionPart<'_>) -> Option<usize> {
        let named = self.calls.iter().rposition(|slot| match place.index {
            Some(index) => slot.index == Some(index) && slot.choice == place.choice,
            None => place.id.is_empty() || slot.id == place.id,
        });
        let drifts = || {
            let last = self.calls.last()?;
            let is_open = !last.is_whole();
            let is_named = !function.name.as_str().is_empty();
            let same_id = !place.id.is_empty() && place.id == last.id;
            // A new index with a new id is another call, whatever its arguments are.
            let is_elsewhere = place.index.is_some() && !place.id.is_empty() && !same_id;
            let begins_none = begins_object(&function.arguments) == Some(false) && !is_elsewhere;
            let goes_on = if is_named {
                is_open && (same_id || begins_none)
            } else {
                is_open || last.is_empty_object()
            };
            goes_on.then(|| self.calls.len() - 1)
        };
        named.or_else(drifts)
    }

    fn begin(&mut self, place: Place, function: FunctionPart<'_>, repaired: bool) -> usize {
        if self.calls.len() >= MAX_CALLS {
            return 0;
        }
        self.calls.push(Slot {
            choice: place.choice,
            index: place.index,
            ..Slot::default()
        });
        self.fill(self.calls.len() - 1, place.id, function, repaired)
    }

    fn replace(
        &mut self,
        at: usize,
        id: String,
        function: FunctionPart<'_>,
        repaired: bool,
    ) -> usize {
        self.bytes -= self.calls[at].arguments.len();
        self.calls[at].arguments.clear();
        self.fill(at, id, function, repaired)
    }

    #[inline]
    fn fill(&mut self, at: usize, id: String, function: FunctionPart<'_>, repaired: bool) -> usize {
        let slot = &mut self.calls[at];
        self.bytes -= slot.bytes();
        slot.fill(id, function, repaired);
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
        // Newer servers repeat the first call in the field of older ones, some of them in another chunk.
        let has_newer = self
            .calls
            .iter()
            .any(|slot| slot.index != Some(LEGACY_INDEX));
        let said = self.calls.into_iter().filter(|slot| slot.bytes() > 0);
        for mut slot in said.filter(|slot| !has_newer || slot.index != Some(LEGACY_INDEX)) {
            let rest = slot.split_chars.finish();
            slot.arguments.push_str(&rest);
            let name = slot.name.resolved(offered);
            let FinalArguments { given, cut: is_cut } = finalize(slot.arguments, stopped);
            let calls_of = |arguments| parallel::unwrapped(&name, arguments, offered);
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
