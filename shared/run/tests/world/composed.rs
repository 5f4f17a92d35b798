//! What must hold of calls that are made of others, and of their inner steps.

use std::collections::{BTreeMap, BTreeSet};

use run::{
    CallId, CallState, Chain, Composition, Discussion, Event, ModelId, Outcome, Round, Stage,
    ToolCall,
};

/// A call that is made of others, as far as its log has been read.
#[derive(Default)]
struct Steps {
    has_ended: bool,
    open: BTreeMap<CallId, Stage>,
    /// Which model was asked in which stage; none where a tool was called.
    asked: BTreeSet<(Stage, Option<ModelId>)>,
}

/// Inner steps are made between the call that they stand within and its result, each once, one stage after the other.
pub fn check_steps(events: &[&Event]) {
    let mut calls: BTreeMap<CallId, Steps> = BTreeMap::new();
    let mut within: BTreeMap<CallId, CallId> = BTreeMap::new();
    for event in events {
        match event {
            Event::ToolCall(ToolCall { call_id, spec, .. }) => {
                if spec.composition.is_some() {
                    assert!(spec.origin.within().is_none(), "no step is made of others");
                    calls.insert(*call_id, Steps::default());
                }
                if let (Some(whole), Some(stage)) = (spec.origin.within(), spec.origin.stage()) {
                    within.insert(*call_id, whole);
                    let model = spec.model.clone();
                    assert_eq!(model.is_none(), stage == Stage::Running);
                    let steps = calls.get_mut(&whole).unwrap();
                    steps.open(*call_id, stage, model);
                }
            }
            Event::ToolResult(result) => {
                if let Some(steps) = calls.get_mut(&result.call_id) {
                    assert!(steps.open.is_empty(), "its steps have ended before it");
                    steps.has_ended = true;
                }
                if let Some(whole) = within.get(&result.call_id) {
                    calls
                        .get_mut(whole)
                        .and_then(|steps| steps.open.remove(&result.call_id))
                        .unwrap();
                }
            }
            Event::Retry { call_id, .. } => {
                assert!(!calls.contains_key(call_id), "it is not made again itself");
            }
            _ => {}
        }
    }
}

impl Steps {
    fn open(&mut self, call_id: CallId, stage: Stage, model: Option<ModelId>) {
        assert!(!self.has_ended, "no step comes after its end");
        assert!(
            self.open.values().all(|other| *other == stage),
            "one stage is open at a time"
        );
        let latest = self.asked.iter().map(|(stage, _)| *stage).max();
        assert!(
            latest.is_none_or(|latest| latest <= stage),
            "no stage comes twice"
        );
        assert!(
            self.asked.insert((stage, model)),
            "a model is asked once in a stage"
        );
        self.open.insert(call_id, stage);
    }
}

/// Most inner steps that a call may have: in a discussion an opinion and a reply of each model, and two tries at a synthesis.
pub fn most_steps(call: &CallState) -> usize {
    match call.spec.composition.as_deref() {
        Some(Composition::Discussion(discussion)) => 2 * discussion.models.len() + 2,
        // A model writes, and the tool is called.
        Some(Composition::Chain(_)) => 2,
        None => 0,
    }
}

/// What a call that is made of others came to is what its steps have brought, and nothing else.
pub fn check_result(round: &Round, call: &CallState) {
    match call.spec.composition.as_deref() {
        Some(Composition::Discussion(discussion)) => check_discussion(round, call, discussion),
        Some(Composition::Chain(chain)) => check_chain(round, call, chain),
        None => {}
    }
}

/// What a chain came to is what its tool brought, which was called once with what its model had written before.
fn check_chain(round: &Round, call: &CallState, chain: &Chain) {
    assert_eq!(
        round.spent(call).usage,
        None,
        "its steps tell what they took"
    );
    let made = |stage| round.steps_at(call.call_id, stage).next();
    let (writing, running) = (made(Stage::Writing), made(Stage::Running));
    if let Some(running) = running {
        let writing = writing.unwrap();
        assert!(writing.succeeded(), "nothing is taken of what failed");
        let taken = chain.taken(&writing.text.text, true, "q").unwrap();
        assert_eq!(round.taken(call), Some((chain.name_of_taken(), &*taken)));
        assert_eq!(running.spec.tool, chain.then.tool);
        assert!(call.spec.repeatable || !running.spec.repeatable);
    }
    match &call.outcome {
        Some(Outcome::Composed { by }) => {
            assert_eq!(running.unwrap().call_id, *by);
            assert!(running.unwrap().succeeded());
        }
        Some(Outcome::Text { .. } | Outcome::Object(_)) => panic!("it was not made itself"),
        Some(
            Outcome::Failed { .. }
            | Outcome::Rejected { .. }
            | Outcome::NotRun { .. }
            | Outcome::OverBudget { .. }
            | Outcome::Cancelled { .. },
        )
        | None => {}
    }
}

fn check_discussion(round: &Round, call: &CallState, discussion: &Discussion) {
    assert_eq!(
        round.spent(call).usage,
        None,
        "its steps tell what they took"
    );
    let asked = |stage| {
        let steps = round.steps_at(call.call_id, stage);
        steps.filter_map(|step| step.spec.model.clone()).collect()
    };
    let answered = round.steps_at(call.call_id, Stage::Opinion);
    let answered = answered.filter(|step| step.succeeded());
    let answered: Vec<_> = answered.filter_map(|it| it.spec.model.clone()).collect();
    match &call.outcome {
        Some(Outcome::Composed { by }) => {
            let wrote = round.brought_by(call);
            assert_eq!(wrote.call_id, *by);
            assert_eq!(wrote.spec.origin.within(), Some(call.call_id));
            assert_eq!(wrote.spec.origin.stage(), Some(Stage::Synthesis));
            assert!(wrote.succeeded());
            let opinions: Vec<ModelId> = asked(Stage::Opinion);
            assert_eq!(opinions, discussion.models, "each was asked, in order");
            let replies: Vec<ModelId> = asked(Stage::Reply);
            let several = answered.len() > 1;
            let expected = if several { answered } else { Vec::new() };
            assert_eq!(replies, expected, "those that answered replied");
            let writers: Vec<ModelId> = asked(Stage::Synthesis);
            assert_eq!(writers[0], discussion.writer);
            assert!(writers.len() <= 2);
        }
        Some(Outcome::Text { .. } | Outcome::Object(_)) => panic!("it was not made itself"),
        Some(
            Outcome::Failed { .. }
            | Outcome::Rejected { .. }
            | Outcome::NotRun { .. }
            | Outcome::OverBudget { .. }
            | Outcome::Cancelled { .. },
        )
        | None => {}
    }
}
