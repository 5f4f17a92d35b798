//! Making the inner steps of calls that are made of others, and writing what those calls come to.

use super::Draft;
use super::chaining::next_of_chain;
use super::next_steps::{Next, step};
use crate::{CallSpec, CallState, Composition, Discussion, ModelId, Outcome, Round, Run, Stage};

impl Draft<'_> {
    /// Opens the inner steps that are due. Once all decided calls of the round are in the log: steps are numbered behind them.
    pub(super) fn open_steps(&mut self) -> bool {
        let run = &self.run;
        let Some(round) = run.current().filter(|round| round.is_whole()) else {
            return false;
        };
        let ready = round.open_calls().filter(|call| !round.waits(call));
        let due: Vec<_> = ready.flat_map(|call| due_steps(run, round, call)).collect();
        let opens = !due.is_empty();
        for step in due {
            self.open_call(step);
        }
        opens
    }

    /// What a call that is made of others has come to, once its steps allow nothing else.
    pub(super) fn composed_outcome(&self, call: &CallState) -> Option<Outcome> {
        let round = self.run.current()?;
        match next(&self.run, round, call)? {
            Next::Ended(outcome) => Some(outcome),
            Next::Open(_) | Next::Wait => None,
        }
    }
}

fn due_steps(run: &Run, round: &Round, call: &CallState) -> Vec<CallSpec> {
    match next(run, round, call) {
        Some(Next::Open(steps)) => steps,
        Some(Next::Wait | Next::Ended(_)) | None => Vec::new(),
    }
}

/// `None` for a call that is made itself.
fn next(run: &Run, round: &Round, call: &CallState) -> Option<Next> {
    if call.spec.is_rejected() {
        return None;
    }
    Some(match call.spec.composition.as_deref()? {
        Composition::Discussion(discussion) => next_of_discussion(round, call, discussion),
        Composition::Chain(chain) => next_of_chain(round, call, chain, &run.start.request.query),
    })
}

fn ask(call: &CallState, stage: Stage, model: &ModelId) -> Next {
    Next::Open(vec![step(call, stage, model)])
}

fn next_of_discussion(round: &Round, call: &CallState, discussion: &Discussion) -> Next {
    let models = discussion.models.iter().collect();
    if let Some(next) = side_by_side(round, call, Stage::Opinion, models) {
        return next;
    }
    let opinions = round.steps_at(call.call_id, Stage::Opinion);
    let answered = opinions.clone().filter(|step| step.succeeded());
    let answered: Vec<_> = answered.filter_map(|it| it.spec.model.as_ref()).collect();
    match answered.len() {
        0 => return Next::Ended(failed("no model answered", opinions)),
        // There is nobody to reply to.
        1 => {}
        _ => {
            if let Some(next) = side_by_side(round, call, Stage::Reply, answered) {
                return next;
            }
        }
    }
    let tries = round.steps_at(call.call_id, Stage::Synthesis);
    let Some(last) = tries.clone().last() else {
        return ask(call, Stage::Synthesis, &discussion.writer);
    };
    let other = round.other_writer(call.call_id);
    match (&last.outcome, other) {
        (None, _) => Next::Wait,
        (Some(outcome), _) if outcome.is_ok() => {
            Next::Ended(Outcome::Composed { by: last.call_id })
        }
        (Some(_), Some(other)) if tries.clone().count() == 1 => ask(call, Stage::Synthesis, other),
        (Some(_), _) => Next::Ended(failed("no model could write the synthesis", tries)),
    }
}

/// Asks each of these models once in a stage, and waits for all of them; `None` once all have ended.
fn side_by_side(
    round: &Round,
    call: &CallState,
    stage: Stage,
    models: Vec<&ModelId>,
) -> Option<Next> {
    let asked = round.steps_at(call.call_id, stage);
    let is_asked = |model: &ModelId| {
        let mut asked = asked.clone();
        asked.any(|step| step.spec.model.as_ref() == Some(model))
    };
    let missing = models.into_iter().filter(|model| !is_asked(model));
    let missing: Vec<_> = missing.map(|model| step(call, stage, model)).collect();
    if !missing.is_empty() {
        return Some(Next::Open(missing));
    }
    let mut asked = asked.clone();
    asked
        .any(|step| step.outcome.is_none())
        .then_some(Next::Wait)
}

/// Why a discussion has no result: the code that its steps failed with, where that is the same for all.
fn failed<'a>(what: &str, steps: impl Iterator<Item = &'a CallState> + Clone) -> Outcome {
    let errors = steps.filter_map(|step| Some((step.model()?, step.outcome.as_ref()?.error()?)));
    let told = errors
        .clone()
        .map(|(model, error)| format!("{model}: {}", error.code));
    let told = told.collect::<Vec<_>>().join(", ");
    let mut codes = errors.clone().map(|(_, error)| error.code);
    let first = codes.next().unwrap_or(DISCUSSION_FAILED);
    let code = if codes.all(|code| code == first) {
        first
    } else {
        DISCUSSION_FAILED
    };
    Outcome::Failed {
        code: code.to_owned(),
        message: format!("The discussion has no result: {what} ({told})."),
        retryable: errors.clone().any(|(_, error)| error.retryable),
    }
}

const DISCUSSION_FAILED: &str = "discussion_failed";
