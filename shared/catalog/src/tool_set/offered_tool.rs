//! A tool as a run may use it.

use run::{Composition, ModelId};

use crate::config::Tool;

#[derive(Debug)]
pub(super) struct OfferedTool<'a> {
    pub(super) tool: &'a Tool,
    /// Allowed models by the names that the tool has for them, where it is one.
    pub(super) models: Vec<&'a (String, ModelId)>,
    /// What a call of it is made of, where others are made in its place.
    pub(super) composition: Option<Composition>,
    /// Its success is the answer of this run.
    pub(super) ends_run: bool,
}
