//! Who takes part in a discussion: the models that the caller allows and that can be reached.

use run::{Composition, Discussion, ModelId};

use crate::config::{Target, Tool};

/// What a call of a tool is made of; `None` for one that is made itself, and where no model of a discussion may be asked.
pub(super) fn composition(tool: &Tool, may_ask: impl Fn(&ModelId) -> bool) -> Option<Composition> {
    let target = match &tool.target {
        Target::Discuss(target) => target,
        Target::Models(_)
        | Target::Lambda(_)
        | Target::Http(_)
        | Target::Chain(_)
        | Target::Mcp(_) => return None,
    };
    let models = target.models.iter().filter(|model| may_ask(model));
    let models: Vec<_> = models.cloned().collect();
    let writer = Some(&target.writer).filter(|writer| may_ask(writer));
    let writer = writer.or(models.first())?.clone();
    if models.is_empty() {
        return None;
    }
    Some(Composition::Discussion(Discussion {
        models,
        writer,
        default_to_question: target.default_to_question.clone(),
        timeout_ms: tool.timeout_ms,
        max_result_bytes: tool.max_result_bytes,
    }))
}
