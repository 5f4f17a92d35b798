//! A tool as a run may use it.

use run::ModelId;

use crate::config::Tool;

#[derive(Debug)]
pub(super) struct OfferedTool<'a> {
    pub(super) tool: &'a Tool,
    /// Allowed models by the names that the tool has for them, where it is one.
    pub(super) models: Vec<&'a (String, ModelId)>,
}
