//! Which model is asked: those that the caller allows and that can be reached, the one of them that a call names, and the one of
//! the last resort.

use run::{Fallback, ModelId};
use serde_json::{Map, Value};

use super::offered_tool::OfferedTool;
use crate::config::{ChainTarget, ModelAliases, Target};

/// The models that a tool may ask, by the names that it has for them, in the order of the catalogue: the strongest first.
pub(super) fn allowed_models(
    target: &Target,
    may_ask: impl Fn(&ModelId) -> bool,
) -> Vec<&(String, ModelId)> {
    let models = match target {
        Target::Models(ModelAliases { models, .. }) | Target::Chain(ChainTarget { models, .. }) => {
            models
        }
        Target::Lambda(_) | Target::Http(_) | Target::Discuss(_) | Target::Mcp(_) => {
            return Vec::new();
        }
    };
    models.iter().filter(|(_, id)| may_ask(id)).collect()
}

/// The call of the strongest model that can write an answer; of a discussion where there is no such model.
pub(super) fn fallback(tools: &[OfferedTool<'_>]) -> Option<Fallback> {
    let ending = || tools.iter().filter(|offered| offered.ends_run);
    let of_model = ending().find_map(|offered| {
        let (name, model) = offered.models.first()?;
        Some(Fallback {
            tool: offered.tool.name.clone(),
            arguments: Map::from_iter([("model".to_owned(), Value::from(name.as_str()))]),
            model: Some(model.clone()),
            composition: None,
        })
    });
    of_model.or_else(|| {
        ending().find_map(|offered| {
            Some(Fallback {
                tool: offered.tool.name.clone(),
                arguments: Map::new(),
                model: None,
                composition: Some(Box::new(offered.composition.clone()?)),
            })
        })
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
