//! The models of a catalogue, for what refers to them by id.

use std::collections::BTreeSet;

use run::ModelId;

use crate::config::Model;
use crate::config_error::ConfigError;

/// The models of a catalogue.
pub(super) struct KnownModels<'a>(pub(super) &'a [Model]);

impl KnownModels<'_> {
    /// The model of this id, which stands at `path`.
    pub(super) fn require(&self, path: &str, id: &str) -> Result<ModelId, ConfigError> {
        let known = self.0.iter().map(|model| &model.id);
        if let Some(found) = known.clone().find(|known| known.as_str() == id) {
            return Ok(found.clone());
        }
        let mut names = BTreeSet::new();
        names.extend(known.map(ModelId::as_str));
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        let problem = format!("expected a model of `models` ({names}), found `{id}`");
        Err(ConfigError::at(path, problem))
    }
}
