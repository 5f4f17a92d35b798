//! The answer as it grows, for a protocol that cannot take text back.
//!
//! Text is given out as it is written where only one call of its round can give the answer. What the orchestrator itself writes may stand
//! beside calls, where it is a thought and short: it is given out once it is longer. Where a call starts over, nothing more is given out
//! until the new text goes beyond what was given; where it differs, the answer begins anew.

use run::{CallId, CallSpec, Role};

/// What a model writes before it calls tools is taken to be shorter than this, in bytes.
const LONGEST_PREAMBLE: usize = 400;

/// What is to be given out of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// It goes on.
    More(String),
    /// What was given out before, so many code points, is void; this is the answer from its beginning.
    Anew { void: usize, text: String },
}

/// The answer as far as it is known, and as far as it was given out.
#[derive(Debug, Default)]
pub(super) struct AnswerText {
    call: Option<CallId>,
    attempt: u32,
    /// The round in which several calls may give the answer: none of them is given out before it is settled which does.
    contested: Option<u32>,
    text: String,
    /// Length of `text` in UTF-16 code units, as offsets count.
    units: u64,
    given: String,
    /// The orchestrator has written a long text before calls: it may again.
    writes_plans: bool,
    /// What was given out is `text`, which the next piece lengthens.
    is_level: bool,
    /// Nothing is given out before the answer stands.
    is_held: bool,
}

impl AnswerText {
    /// Gives nothing out before the answer stands: it has to fit a schema, and may be asked for once more.
    pub(super) fn hold(&mut self) {
        self.is_held = true;
    }

    /// The orchestrator is asked: its text is the answer if it calls nothing.
    pub(super) fn asks_orchestrator(&mut self, round: u32) {
        self.call = Some(CallId::Orchestrator { round });
        self.begin(1);
    }

    /// The orchestrator calls tools, and what it wrote was a thought.
    pub(super) fn drop_thought(&mut self) {
        self.writes_plans |= self.text.len() >= LONGEST_PREAMBLE;
        self.call = None;
    }

    /// A call has failed: what it wrote is no answer.
    pub(super) fn fails(&mut self, call_id: CallId) {
        if self.call == Some(call_id) {
            self.call = None;
        }
    }

    /// A call is made.
    pub(super) fn calls(&mut self, call_id: CallId, spec: &CallSpec) {
        let may_answer = spec.role == Role::Answer && spec.composition.is_none();
        if !may_answer || spec.origin.within().is_some() {
            return;
        }
        let round = call_id.round();
        let is_second = self
            .call
            .is_some_and(|call| matches!(call, CallId::Tool { .. }) && call.round() == round);
        if is_second || self.contested == Some(round) {
            self.contested = Some(round);
            self.call = None;
        } else {
            self.call = Some(call_id);
        }
        self.begin(1);
    }

    /// A call starts over.
    pub(super) fn starts_over(&mut self, call_id: CallId, attempt: u32) {
        if self.call == Some(call_id) {
            self.begin(attempt);
        }
    }

    fn begin(&mut self, attempt: u32) {
        self.attempt = attempt;
        self.text.clear();
        self.units = 0;
        self.is_level = self.given.is_empty();
    }

    /// A piece of a call's text. It may come twice: live, and again when it is stored.
    pub(super) fn wrote(
        &mut self,
        (call_id, attempt): (CallId, u32),
        offset: u64,
        content: &str,
    ) -> Option<Given> {
        if self.is_held
            || self.call != Some(call_id)
            || self.attempt != attempt
            || offset > self.units
        {
            return None;
        }
        let more = behind(content, self.units - offset);
        if more.is_empty() {
            return None;
        }
        self.text.push_str(more);
        self.units += units(more);
        let may_be_thought = matches!(call_id, CallId::Orchestrator { .. });
        if may_be_thought && (self.writes_plans || self.text.len() < LONGEST_PREAMBLE) {
            self.is_level = false;
            return None;
        }
        if self.is_level {
            self.given.push_str(more);
            return Some(Given::More(more.to_owned()));
        }
        if self.given.starts_with(&self.text) {
            return None;
        }
        Some(self.give())
    }

    /// The answer stands: what is left of it.
    pub(super) fn settle(&mut self, answer: &str) -> Option<Given> {
        self.call = None;
        answer.clone_into(&mut self.text);
        self.units = units(answer);
        if self.given == answer {
            return None;
        }
        Some(self.give())
    }

    fn give(&mut self) -> Given {
        let more = self.text.strip_prefix(&*self.given).map(str::to_owned);
        let given = match more {
            Some(more) => Given::More(more),
            None => Given::Anew {
                void: self.given.chars().count(),
                text: self.text.clone(),
            },
        };
        self.text.clone_into(&mut self.given);
        self.is_level = true;
        given
    }

    /// What was given out, from the last beginning on.
    pub(super) fn given(&self) -> &str {
        &self.given
    }
}

fn units(text: &str) -> u64 {
    text.chars().map(|c| c.len_utf16() as u64).sum()
}

/// What stands behind so many UTF-16 code units of a text.
fn behind(text: &str, units: u64) -> &str {
    let mut passed = 0;
    for (at, character) in text.char_indices() {
        if passed >= units {
            return &text[at..];
        }
        passed += character.len_utf16() as u64;
    }
    ""
}

#[cfg(test)]
mod tests;
