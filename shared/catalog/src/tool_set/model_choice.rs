//! Which model is asked: those that the caller allows and that can be reached, the one of them that a call names, and the one of
//! the last resort.

use run::{Fallback, ModelId, Preferences};
use serde_json::{Map, Value};

use super::offered_tool::OfferedTool;
use crate::config::{ModelAliases, Target};

/// The models that a tool may ask, by the names that it has for them, in the order of the catalogue: the strongest first.
pub(super) fn allowed_models<'a>(
    target: &'a Target,
    preferences: &Preferences,
    is_served: &impl Fn(&ModelId) -> bool,
) -> Vec<&'a (String, ModelId)> {
    let Target::Models(ModelAliases { models, .. }) = target else {
        return Vec::new();
    };
    let allowed = preferences.models.as_ref();
    models
        .iter()
        .filter(|(_, id)| is_served(id) && allowed.is_none_or(|allowed| allowed.contains(id)))
        .collect()
}

/// The call of the strongest model that can write an answer.
pub(super) fn fallback(tools: &[OfferedTool<'_>]) -> Option<Fallback> {
    let mut ending = tools.iter().filter(|offered| offered.tool.ends_run);
    let (tool, (name, model)) =
        ending.find_map(|offered| Some((offered.tool, offered.models.first()?)))?;
    Some(Fallback {
        tool: tool.name.clone(),
        arguments: Map::from_iter([("model".to_owned(), Value::from(name.as_str()))]),
        model: model.clone(),
    })
}

impl OfferedTool<'_> {
    /// The model that the argument `model` of a call names.
    pub(super) fn model_for(&self, arguments: &Map<String, Value>) -> Option<&ModelId> {
        let wanted = arguments.get("model")?.as_str()?;
        let (_, id) = self.models.iter().find(|(name, _)| name == wanted)?;
        Some(id)
    }
}
