//! What the models of a tool cost and how long they take, as a table in its description: `{prices}` there is filled with a line for each of
//! them, so that what the orchestrator is told cannot differ from what is reckoned.
//!
//! A run keeps the words of its table from its start on ([`ToldOfModel`]); of a model of which it kept none the catalogue's price is told.

use std::borrow::Cow;
use std::collections::BTreeMap;

use run::{MAX_TOLD_BYTES, ModelId, ToldOfModel, json_bytes};

use crate::config::{Catalog, Model, Target, Tool};
use crate::config_error::ConfigError;

/// Where the table comes to stand.
const PLACE: &str = "{prices}";
const HEADING: &str = "Model | price per million input tokens | price per million output tokens";
/// A further column, where it is known of one of the models at least.
const LATENCY: &str = "average latency";
const UNKNOWN: &str = "unknown";

/// Refuses the place in a tool that offers no models by names of its own.
pub(crate) fn check_place(
    path: &str,
    description: &str,
    target: &Target,
) -> Result<(), ConfigError> {
    let offers_models = match target {
        Target::Models(_) | Target::Chain(_) => true,
        Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Discuss(_) => false,
    };
    if offers_models || !description.contains(PLACE) {
        return Ok(());
    }
    Err(ConfigError::at(
        format!("{path}.function.description"),
        "expected no {prices}: only a tool whose argument `model` names models has any to tell",
    ))
}

/// Whether a tool tells what its models cost and how long they take.
pub(crate) fn is_in(tool: &Tool) -> bool {
    !tool.is_described_by_server && tool.description().contains(PLACE)
}

/// Nothing is kept.
static NOTHING: BTreeMap<ModelId, ToldOfModel> = BTreeMap::new();

/// What is told of models, in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelWords<'a> {
    /// Those of the catalogue.
    models: &'a [Model],
    /// What a run has kept since its start.
    pub(crate) told: &'a BTreeMap<ModelId, ToldOfModel>,
}

impl<'a> ModelWords<'a> {
    /// What the catalogue says.
    pub(crate) const fn of(models: &'a [Model]) -> Self {
        Self {
            models,
            told: &NOTHING,
        }
    }

    /// The description of a tool, told of those of its models that are offered; `None` where it is told as it is written.
    pub(crate) fn filled<'b>(
        self,
        tool: &Tool,
        offered: impl Iterator<Item = &'b (String, ModelId)>,
    ) -> Option<String> {
        if !is_in(tool) {
            return None;
        }
        let offered = offered.map(|(name, id)| match self.told.get(id) {
            Some(kept) => (name, Cow::Borrowed(kept)),
            None => (name, Cow::Owned(in_words(id, self.models, None))),
        });
        let offered: Vec<_> = offered.collect();
        let tells_latency = offered.iter().any(|(_, words)| words.latency.is_some());
        let line = |first: &str, latency: &str| {
            if tells_latency {
                [first, latency].join(" | ")
            } else {
                first.to_owned()
            }
        };
        let mut lines = vec![line(HEADING, LATENCY)];
        lines.extend(offered.iter().map(|(name, words)| {
            let price = [name, &*words.input, &words.output].join(" | ");
            line(&price, words.latency.as_deref().unwrap_or(UNKNOWN))
        }));
        let table = lines.join("\n");
        Some(tool.description().replace(PLACE, &table))
    }

    /// What a run that begins now keeps of these models. What has no room is left to the catalogue.
    pub(crate) fn at_start<'b>(
        self,
        ids: impl Iterator<Item = &'b ModelId>,
        takes_ms: impl Fn(&ModelId) -> Option<u64>,
    ) -> BTreeMap<ModelId, ToldOfModel> {
        let mut room = MAX_TOLD_BYTES;
        let mut told = BTreeMap::new();
        for id in ids {
            if told.contains_key(id) {
                continue;
            }
            let words = in_words(id, self.models, takes_ms(id));
            let bytes = words.bytes() + id.as_str().chars().map(json_bytes).sum::<usize>();
            if let Some(left) = room.checked_sub(bytes) {
                room = left;
                told.insert(id.clone(), words);
            }
        }
        told
    }
}

fn in_words(id: &ModelId, models: &[Model], takes_ms: Option<u64>) -> ToldOfModel {
    let prices = models.iter().find(|model| model.id == *id);
    let prices = prices.and_then(|model| model.prices);
    let price = |usd: Option<f64>| usd.map_or_else(|| UNKNOWN.to_owned(), |usd| format!("${usd}"));
    ToldOfModel {
        input: price(prices.map(|it| it.input)),
        output: price(prices.map(|it| it.output)),
        latency: takes_ms.map(about),
    }
}

/// A length of time in two digits, so that figures that hardly differ are told in the same words: "about 9.4 s".
#[expect(clippy::cast_precision_loss, reason = "two digits are exact")]
fn about(ms: u64) -> String {
    let mut unit = 1;
    while ms / unit >= 100 {
        unit *= 10;
    }
    let rounded = (ms.saturating_add(unit / 2) / unit).saturating_mul(unit);
    format!("about {} s", rounded as f64 / 1000.0)
}

impl Catalog {
    /// The description of a tool as a run is told it that may use all of its models and begins now. `takes_ms`: how long an answer of a
    /// model takes, where that is known.
    pub fn description_of(
        &self,
        tool: &Tool,
        takes_ms: impl Fn(&ModelId) -> Option<u64>,
    ) -> String {
        let offered = match &tool.target {
            Target::Models(aliases) => &aliases.models[..],
            Target::Chain(chain) => &chain.models,
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Discuss(_) => &[],
        };
        let words = ModelWords::of(&self.models);
        let told = words.at_start(offered.iter().map(|(_, id)| id), takes_ms);
        let words = ModelWords {
            told: &told,
            ..words
        };
        let filled = words.filled(tool, offered.iter());
        filled.unwrap_or_else(|| tool.description().to_owned())
    }
}
