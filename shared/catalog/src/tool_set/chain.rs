//! What a call of a chain is made of, by the model that it names.

use run::{Chain, ChainedCall, Composition};
use serde_json::{Map, Value};

use super::offered_tool::OfferedTool;
use crate::config::{Retry, Target};

impl OfferedTool<'_> {
    /// What a call with these arguments is made of; `None` for one that is made itself.
    pub(super) fn composition_for(&self, arguments: &Map<String, Value>) -> Option<Composition> {
        let chain = match &self.tool.target {
            Target::Chain(chain) => chain,
            Target::Models(_)
            | Target::Lambda(_)
            | Target::Http(_)
            | Target::Discuss(_)
            | Target::Mcp(_) => return self.composition.clone(),
        };
        let (tool, called) = (self.tool, self.chained?);
        Some(Composition::Chain(Chain {
            model: self.model_for(arguments)?.clone(),
            take: chain.take.clone(),
            max_chars: chain.max_chars,
            otherwise: chain.otherwise,
            then: ChainedCall {
                tool: called.name.clone(),
                argument: chain.argument.clone(),
                arguments: chain.arguments.clone(),
                repeatable: called.retry == Retry::Safe,
                sources: called.sources.clone(),
                timeout_ms: called.timeout_ms,
            },
            timeout_ms: tool.timeout_ms,
            max_result_bytes: tool.max_result_bytes,
        }))
    }
}
