//! What follows for a call that is made of others.

use serde_json::Map;

use crate::{CallSpec, CallState, ModelId, Origin, Outcome, Role, Stage};

/// What becomes of a call that is made of others.
pub(super) enum Next {
    /// These steps are made, side by side.
    Open(Vec<CallSpec>),
    /// Steps are under way.
    Wait,
    Ended(Outcome),
}

/// A step in which a model writes for the sake of a call.
pub(super) fn step(whole: &CallState, stage: Stage, model: &ModelId) -> CallSpec {
    CallSpec {
        tool: whole.spec.tool.clone(),
        arguments: Map::from_iter([("stage".to_owned(), stage.as_str().into())]),
        model: Some(model.clone()),
        role: Role::Work,
        repeatable: whole.spec.repeatable,
        origin: Origin::InnerStep {
            within: whole.call_id,
            stage,
        },
        sources: None,
        composition: None,
    }
}
