//! Why none of the models that were asked has answered: as one error, that of the first.

use model::AskError;
use run::{ModelId, Problem};

use super::super::endpoint::ModelEndpoint;

/// The models that were asked in vain, in that order, each with why.
pub(in crate::call) struct Failures<'a>(Vec<(ModelEndpoint<'a>, AskError)>);

impl<'a> Failures<'a> {
    pub(super) const fn new(failures: Vec<(ModelEndpoint<'a>, AskError)>) -> Self {
        Self(failures)
    }

    /// What went wrong and what to do, by the first of them; `None` where none of the models has a server.
    pub(in crate::call) fn problem(&self) -> Option<Problem> {
        let ((first, error), others) = self.0.split_first()?;
        let mut problem = first.problem(error);
        let others = others
            .iter()
            .filter(|(other, _)| other.model.id != first.model.id);
        let others = others.map(|(other, error)| format!("{} {}", other.name(), error.outline()));
        let others: Vec<_> = others.collect();
        if !others.is_empty() {
            problem.message.push_str(" In its place: ");
            problem.message.push_str(&others.join(", "));
            problem.message.push('.');
        }
        Some(problem)
    }

    /// Whether one of them may answer the same question later.
    pub(in crate::call) fn is_retryable(&self) -> bool {
        self.0.iter().any(|(_, error)| error.is_retryable())
    }

    /// The last of them that answered with nothing.
    pub(in crate::call) fn said_nothing(&self) -> Option<&ModelId> {
        let mut empty = self.0.iter().rev();
        let (endpoint, _) = empty.find(|(_, error)| *error == AskError::Empty)?;
        Some(&endpoint.model.id)
    }
}
