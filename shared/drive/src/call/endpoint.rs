//! A model of the catalogue with the server that it is asked at.

use catalog::Model;
use model::{AskError, Server};
use run::{Cost, Problem, Usage};

/// A model of the catalogue with the server that it is asked at.
#[derive(Clone, Copy)]
pub(crate) struct ModelEndpoint<'a> {
    pub(crate) server: &'a Server,
    pub(crate) model: &'a Model,
}

impl ModelEndpoint<'_> {
    /// The model's name for people; the stand-in does not pass for what it stands in for.
    pub(crate) fn name(&self) -> &str {
        if self.server.rehearsal {
            "Rehearsal model"
        } else {
            &self.model.name
        }
    }

    /// Why it could not be asked, for people.
    pub(crate) fn problem(&self, error: &AskError) -> Problem {
        error.problem(self.name(), self.server, self.model.context_tokens)
    }

    /// What tokens cost, where that is known; the stand-in costs nothing.
    pub(crate) fn cost(&self, usage: Usage) -> Option<Cost> {
        if self.server.rehearsal {
            Some(Cost::ZERO)
        } else {
            self.model.prices.map(|prices| prices.cost(usage))
        }
    }

    /// What they cost at most, whatever the server has cached.
    pub(crate) fn most_cost(&self, usage: Usage) -> Option<Cost> {
        if self.server.rehearsal {
            Some(Cost::ZERO)
        } else {
            self.model.prices.map(|prices| prices.most(usage))
        }
    }
}
