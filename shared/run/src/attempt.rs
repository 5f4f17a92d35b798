//! The attempts at a call: which model was asked, and what that took.

use serde::{Deserialize, Serialize};

use crate::{InvalidAnswer, ModelId, Reservation, Spent};

/// One attempt at a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Who was asked, where that is a model and known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    #[serde(default)]
    pub spent: Spent,
    /// What it wrote, where it ended because that does not fit the schema of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_answer: Option<Box<InvalidAnswer>>,
}

impl Attempt {
    /// Whether nothing is known of it.
    pub(crate) fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// All attempts at one call, in order: those that have ended, and the current one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    ended: Vec<Attempt>,
    /// Who is asked now, where that is a model and known.
    asked: Option<ModelId>,
    /// For the current one, where anything is.
    reserved: Option<Reservation>,
    /// What an attempt wrote that does not fit the schema of the answer: the current one is to mend it.
    invalid_answer: Option<Box<InvalidAnswer>>,
}

impl Attempts {
    /// The first attempt is under way.
    pub(crate) const fn begin(asked: Option<ModelId>, reserved: Option<Reservation>) -> Self {
        Self {
            ended: Vec::new(),
            asked,
            reserved,
            invalid_answer: None,
        }
    }

    /// The current attempt has ended. It is the last one unless [`Self::go_on`] begins another.
    pub(crate) fn end(&mut self, spent: Spent) {
        let model = self.asked.clone();
        self.reserved = None;
        self.ended.push(Attempt {
            model,
            spent,
            invalid_answer: None,
        });
    }

    /// The current attempt is void and the next one has begun, with this model where it is another.
    pub(crate) fn go_on(
        &mut self,
        model: Option<ModelId>,
        ended: Attempt,
        reserved: Option<Reservation>,
    ) {
        let Attempt {
            model: by,
            spent,
            invalid_answer,
        } = ended;
        self.ask(by);
        self.invalid_answer = invalid_answer.or_else(|| self.invalid_answer.take());
        if spent != Spent::default() {
            self.end(spent);
        }
        self.ask(model);
        self.reserved = reserved;
    }

    /// Sets the model of the current attempt, where it is known.
    pub(crate) fn ask(&mut self, model: Option<ModelId>) {
        if model.is_some() {
            self.asked = model;
        }
    }

    /// The model that was asked last.
    pub const fn model(&self) -> Option<&ModelId> {
        self.asked.as_ref()
    }

    /// What is set aside for the current one.
    pub const fn reserved(&self) -> Option<Reservation> {
        self.reserved
    }

    /// What was written for the answer and does not fit its schema, where the current attempt is to mend it.
    pub fn invalid_answer(&self) -> Option<&InvalidAnswer> {
        self.invalid_answer.as_deref()
    }

    /// The attempts of which anything is known, in order.
    pub fn ended(&self) -> &[Attempt] {
        &self.ended
    }

    /// What all of them took together.
    pub fn total(&self) -> Spent {
        self.since(0)
    }

    /// What all of them took but the first so many.
    pub(crate) fn since(&self, ended: usize) -> Spent {
        let mut total = Spent::default();
        for attempt in self.ended.iter().skip(ended) {
            total += attempt.spent;
        }
        total
    }
}
