//! The result of a call that is made of others, written out: what its steps wrote is stored with them alone.

use run::{
    CallState, Chain, Composition, Discussion, ModelId, Outcome, Round, Run, Stage, json_bytes,
};
use serde_json::{Value, json};

use super::artifact::with_urls;

/// What a text that was cut ends with.
const CUT: &str = "…";
/// What stands around the whole result, and around each text in it beside the id of its model: keys, marks and commas, in bytes.
const RESULT_BYTES: usize = 64;
const TEXT_BYTES: usize = 32;

/// What the steps of a call have brought.
pub(super) fn result(run: &Run, round: &Round, call: &CallState) -> Value {
    match call.spec.composition.as_deref() {
        Some(Composition::Discussion(discussion)) => discussed(round, call, discussion),
        Some(Composition::Chain(chain)) => chained(run, round, call, chain),
        // Nothing is made of steps that says of what.
        None => json!({}),
    }
}

/// What the tool brought, with what it was given.
fn chained(run: &Run, round: &Round, call: &CallState, chain: &Chain) -> Value {
    let Some(Outcome::Object(brought)) = &round.brought_by(call).outcome else {
        return json!({});
    };
    let mut result = with_urls(run.start.run_id, brought);
    if let Some((name, taken)) = round.taken(call) {
        let room = chain
            .max_result_bytes
            .saturating_sub(json!(result).to_string().len());
        result
            .entry(name)
            .or_insert_with(|| cut(taken, room).into());
    }
    Value::Object(result)
}

fn discussed(round: &Round, call: &CallState, discussion: &Discussion) -> Value {
    let wrote = round.brought_by(call);
    let opinions = said(round, call, Stage::Opinion);
    let replies = said(round, call, Stage::Reply);
    let left_out = left_out(round, call);
    let rounds = [opinions, replies];
    let rounds = rounds.iter().filter(|said| !said.is_empty());
    let texts = rounds.clone().flatten().chain([&wrote]);
    let lengths = texts.clone().map(|said| bytes(&said.text.text)).collect();
    let around = texts.map(|said| {
        let id = said.model().map_or("", ModelId::as_str);
        bytes(id) + TEXT_BYTES
    });
    let taken = left_out.to_string().len() + RESULT_BYTES + around.sum::<usize>();
    let each = share(lengths, discussion.max_result_bytes.saturating_sub(taken));
    let rounds = rounds.map(|said| {
        let said = said.iter();
        let said = said
            .map(|said| json!({"model_id": said.model(), "content": cut(&said.text.text, each)}));
        said.collect::<Value>()
    });
    let mut result = json!({
        "content": cut(&wrote.text.text, each),
        "rounds": rounds.collect::<Value>(),
        "model_id": wrote.model(),
    });
    if left_out
        .as_array()
        .is_some_and(|left_out| !left_out.is_empty())
    {
        result["left_out"] = left_out;
    }
    result
}

/// What models wrote in a stage, in the order in which they were asked.
fn said<'a>(round: &'a Round, call: &CallState, stage: Stage) -> Vec<&'a CallState> {
    let steps = round.steps_at(call.call_id, stage);
    steps.filter(|step| step.succeeded()).collect()
}

/// Steps that failed, each with its model and why.
fn left_out(round: &Round, call: &CallState) -> Value {
    let steps = round.steps_of(call.call_id);
    let failed = steps.filter_map(|step| {
        let error = step.outcome.as_ref()?.error()?;
        let stage = step.spec.origin.stage()?.as_str();
        Some(json!({"model_id": step.model(), "stage": stage, "code": error.code}))
    });
    failed.collect()
}

/// The most that each of some texts may take so that all of them take no more than `room`, in bytes: the shorter ones are whole.
fn share(mut lengths: Vec<usize>, room: usize) -> usize {
    lengths.sort_unstable();
    let mut left = room;
    for (at, length) in lengths.iter().enumerate() {
        let each = left / (lengths.len() - at);
        if *length > each {
            return each;
        }
        left -= length;
    }
    usize::MAX
}

fn bytes(text: &str) -> usize {
    text.chars().map(json_bytes).sum()
}

/// The beginning of a text, in at most so many bytes of JSON.
fn cut(text: &str, most: usize) -> String {
    if bytes(text) <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(CUT.len());
    let fits = |character: &char| {
        let taken = json_bytes(*character);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{kept}{CUT}")
}

#[cfg(test)]
mod tests;
