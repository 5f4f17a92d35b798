//! The two steps of a chain: a model writes, then the tool is called with what is taken from that.
//!
//! The model's text is stored whole before the tool is called, so that whoever takes the run over between the two does not ask again.

use super::next_steps::{Next, step};
use crate::{CallError, CallSpec, CallState, Chain, Origin, Outcome, Role, Round, Stage};

/// `problem` is what the person asked.
pub(super) fn next_of_chain(round: &Round, call: &CallState, chain: &Chain, problem: &str) -> Next {
    let made = |stage| round.steps_at(call.call_id, stage).next();
    let Some(writing) = made(Stage::Writing) else {
        return Next::Open(vec![step(call, Stage::Writing, &chain.model)]);
    };
    let Some(wrote) = &writing.outcome else {
        return Next::Wait;
    };
    if let Some(error) = wrote.error() {
        return Next::Ended(failed(chain.model.as_str(), &error));
    }
    let whole = !wrote.is_cut();
    let Some(running) = made(Stage::Running) else {
        return match chain.taken(&writing.text.text, whole, problem) {
            Some(taken) => Next::Open(vec![running(call, chain, &taken)]),
            None => Next::Ended(nothing_taken(chain)),
        };
    };
    match &running.outcome {
        None => Next::Wait,
        Some(Outcome::Rejected { message, .. }) => Next::Ended(unfit(chain, message)),
        Some(outcome) => Next::Ended(match outcome.error() {
            None => Outcome::Composed {
                by: running.call_id,
            },
            Some(error) => failed(chain.then.tool.as_str(), &error),
        }),
    }
}

/// The call of the tool with what was taken.
fn running(whole: &CallState, chain: &Chain, taken: &str) -> CallSpec {
    let then = &chain.then;
    CallSpec {
        tool: then.tool.clone(),
        arguments: then.arguments_with(taken),
        model: None,
        role: Role::Work,
        repeatable: then.repeatable && whole.spec.repeatable,
        origin: Origin::InnerStep {
            within: whole.call_id,
            stage: Stage::Running,
        },
        sources: then.sources.clone(),
        composition: None,
    }
}

/// A step failed, and the whole with it, for the same reason.
fn failed(step: &str, error: &CallError<'_>) -> Outcome {
    Outcome::Failed {
        code: error.code.to_owned(),
        message: format!("{step}: {}", error.message),
        retryable: error.retryable,
    }
}

/// The tool does not take what the model wrote, and was not called.
fn unfit(chain: &Chain, problem: &str) -> Outcome {
    let (model, tool) = (&chain.model, &chain.then.tool);
    Outcome::Failed {
        code: "unfit_arguments".to_owned(),
        message: format!("{tool} does not take what {model} wrote: {problem}. Ask another model."),
        retryable: true,
    }
}

fn nothing_taken(chain: &Chain) -> Outcome {
    let (model, tool) = (&chain.model, &chain.then.tool);
    let wanted = if chain.takes_program() {
        "program in a closed fence"
    } else {
        "query between its tags"
    };
    Outcome::Failed {
        code: "nothing_taken".to_owned(),
        message: format!("{model} wrote no {wanted}, so {tool} was not called. Ask another model."),
        retryable: true,
    }
}
