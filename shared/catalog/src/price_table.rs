//! What the models of a tool cost, as a table in its description: `{prices}` there is filled with a line for each of them, so that what
//! the orchestrator is told cannot differ from what is reckoned.

use run::ModelId;

use crate::config::{Catalog, Model, Target, Tool};
use crate::config_error::ConfigError;

/// Where the table comes to stand.
const PLACE: &str = "{prices}";
const HEADING: &str = "Model | price per million input tokens | price per million output tokens";

/// Refuses the place in a tool that offers no models by names of its own.
pub(crate) fn check_place(
    path: &str,
    description: &str,
    target: &Target,
) -> Result<(), ConfigError> {
    match target {
        Target::Models(_) | Target::Chain(_) => Ok(()),
        Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Discuss(_)
            if description.contains(PLACE) =>
        {
            let message = "expected no {prices}: only a tool whose argument `model` names models has any to tell";
            Err(ConfigError::at(
                format!("{path}.function.description"),
                message,
            ))
        }
        Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Discuss(_) => Ok(()),
    }
}

/// The description of a tool, told of those of its models that are offered; `None` where it is told as it is written.
pub(crate) fn filled<'a>(
    tool: &Tool,
    offered: impl Iterator<Item = &'a (String, ModelId)>,
    models: &[Model],
) -> Option<String> {
    let description = tool.description();
    if tool.is_described_by_server || !description.contains(PLACE) {
        return None;
    }
    let lines = offered.map(|(name, id)| {
        let model = models.iter().find(|model| model.id == *id);
        let price =
            |usd: Option<f64>| usd.map_or_else(|| "unknown".to_owned(), |usd| format!("${usd}"));
        let prices = model.and_then(|model| model.prices);
        let (input, output) = (prices.map(|it| it.input), prices.map(|it| it.output));
        format!("{name} | {} | {}", price(input), price(output))
    });
    let table: Vec<_> = std::iter::once(HEADING.to_owned()).chain(lines).collect();
    Some(description.replace(PLACE, &table.join("\n")))
}

impl Catalog {
    /// The description of a tool as a run is told it that may use all of its models.
    pub fn description_of(&self, tool: &Tool) -> String {
        let offered = match &tool.target {
            Target::Models(aliases) => &aliases.models[..],
            Target::Chain(chain) => &chain.models,
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Discuss(_) => &[],
        };
        let filled = filled(tool, offered.iter(), &self.models);
        filled.unwrap_or_else(|| tool.description().to_owned())
    }
}
