//! A tool as a run may use it.

use run::{Composition, ModelId};

use crate::config::Tool;

#[derive(Debug)]
pub(super) struct OfferedTool<'a> {
    pub(super) tool: &'a Tool,
    /// Allowed models by the names that the tool has for them, where it is one.
    pub(super) models: Vec<&'a (String, ModelId)>,
    /// What every call of it is made of, where it is a discussion.
    pub(super) composition: Option<Composition>,
    /// The tool that gets what a model writes, where it is a chain.
    pub(super) chained: Option<&'a Tool>,
    /// Its success is the answer of this run.
    pub(super) ends_run: bool,
}
