//! Which results a growing conversation can do without first.

use std::sync::Arc;

use run::{CallState, Round};

/// Whether what a call brought can still help: it brought something, and was not made again with success.
pub(super) fn is_of_use(known: &[Arc<Round>], call: &CallState) -> bool {
    // What the model of a chain wrote makes it another call.
    let taken = |call: &CallState| {
        let mut rounds = known.iter();
        let round = rounds.find(|round| round.number == call.call_id.round())?;
        Some(round.taken(call)?.1.to_owned())
    };
    let is_same = |other: &CallState| {
        other.spec.tool == call.spec.tool
            && other.spec.arguments == call.spec.arguments
            && taken(other) == taken(call)
    };
    let round = call.call_id.round();
    let later = known.iter().filter(|other| other.number > round);
    let mut later = later.flat_map(|other| other.asked_calls());
    call.succeeded() && !later.any(|other| is_same(other) && other.succeeded())
}
