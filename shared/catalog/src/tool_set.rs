//! What one run may use: the catalogue narrowed by the caller's preferences, and the check of what a model asks for.

mod chain;
mod discussion;
mod function;
mod model_choice;
mod offered_tool;

use std::collections::BTreeMap;

use run::{
    CallSpec, Composition, Fallback, MAX_JSON_LEVELS, Mode, ModelId, Origin, Preferences, Role,
    ToldOfModel, ToolFilter, ToolName, is_within_levels,
};
use serde_json::{Map, Value, json};

use crate::coerce::{self, Read};
use crate::config::{Catalog, Retry, Target, Tool};
use crate::price_table::{self, ModelWords};
use crate::refusal;
use discussion::composition;
use model_choice::allowed_models;
use offered_tool::OfferedTool;

/// Largest arguments of a call, as JSON: an event that holds them fits into an item of the log.
const MAX_ARGUMENTS_BYTES: usize = 256 * 1024;
/// Longest refusal, in characters.
const MAX_REFUSAL_CHARS: usize = 1000;

/// The tools that a run may use.
#[derive(Debug)]
pub struct ToolSet<'a> {
    tools: Vec<OfferedTool<'a>>,
    /// What is told of models.
    words: ModelWords<'a>,
}

/// A call as a model asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedCall {
    pub tool: String,
    /// JSON text as the model wrote it.
    pub arguments: String,
}

impl Catalog {
    /// The tools that a run with these preferences may use, given the models that can be reached at all.
    pub fn tool_set(
        &self,
        preferences: &Preferences,
        is_served: impl Fn(&ModelId) -> bool,
    ) -> ToolSet<'_> {
        let allowed = preferences.models.as_ref();
        let is_allowed = |id: &ModelId| allowed.is_none_or(|allowed| allowed.contains(id));
        let may_ask = |id: &ModelId| is_served(id) && is_allowed(id);
        let tools = self
            .tools
            .iter()
            .filter(|tool| tool.is_offered && preferences.tools.admits(&tool.name))
            .filter_map(|tool| OfferedTool::of(tool, preferences.mode, may_ask))
            .filter_map(|offered| offered.with_chained(self, &preferences.tools))
            .collect();
        ToolSet {
            tools,
            words: ModelWords::of(&self.models),
        }
    }
}

impl<'a> OfferedTool<'a> {
    /// A tool as a run of this mode may use it; `None` where it may not, or none of its models may be asked.
    fn of(tool: &'a Tool, mode: Mode, may_ask: impl Fn(&ModelId) -> bool) -> Option<Self> {
        let models = allowed_models(&tool.target, &may_ask);
        let composition = composition(tool, &may_ask);
        let (is_served, is_discussion) = match &tool.target {
            Target::Models(_) | Target::Chain(_) => (!models.is_empty(), false),
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) => (true, false),
            Target::Discuss(_) => (composition.is_some(), true),
        };
        let ends_run = match mode {
            Mode::Auto => tool.ends_run,
            Mode::Discussion => is_discussion,
        };
        // Where only a discussion may end the run, other tools that would are left out.
        let is_offered = is_served && (ends_run || !tool.ends_run);
        is_offered.then_some(Self {
            tool,
            models,
            composition,
            chained: None,
            ends_run,
        })
    }

    /// The tool with the one that it calls, where it is a chain; `None` where that may not be called.
    fn with_chained(self, catalog: &'a Catalog, allowed: &ToolFilter) -> Option<Self> {
        let Target::Chain(chain) = &self.tool.target else {
            return Some(self);
        };
        // Whoever allows a chain allows what it is made of.
        let is_denied = match allowed {
            ToolFilter::All | ToolFilter::Allow(_) => false,
            ToolFilter::Deny(names) => names.contains(&chain.then),
        };
        let chained = catalog.tool(&chain.then).filter(|_| !is_denied)?;
        Some(Self {
            chained: Some(chained),
            ..self
        })
    }
}

impl<'a> ToolSet<'a> {
    /// The same tools, which tell of models what the run has kept since its start.
    #[must_use]
    pub const fn telling(mut self, told: &'a BTreeMap<ModelId, ToldOfModel>) -> Self {
        self.words.told = told;
        self
    }
}

impl ToolSet<'_> {
    /// The same tools, cut down to those that end the run, for a round that may only answer.
    #[must_use]
    pub fn only_ending(mut self) -> Self {
        self.tools.retain(|offered| offered.ends_run);
        self
    }

    /// The same tools without those that cannot be reached.
    #[must_use]
    pub fn without(mut self, is_absent: impl Fn(&ToolName) -> bool) -> Self {
        self.tools.retain(|offered| {
            let called = [Some(offered.tool), offered.chained];
            let mut called = called.into_iter().flatten();
            !called.any(|tool| is_absent(&tool.name))
        });
        self
    }

    /// The call of the strongest allowed model that can write an answer: of the first tool that ends the run. `None` where there
    /// is none: then only the orchestrator itself can answer.
    pub fn fallback(&self) -> Option<Fallback> {
        model_choice::fallback(&self.tools)
    }

    /// The names of the tools that end the run.
    pub fn ending(&self) -> impl Iterator<Item = &str> {
        let ending = self.tools.iter().filter(|offered| offered.ends_run);
        ending.map(|offered| offered.tool.name.as_str())
    }

    /// The models that calls of the tools may ask; some more than once.
    pub fn models(&self) -> impl Iterator<Item = &ModelId> {
        self.tools.iter().flat_map(|offered| {
            let chosen = offered.models.iter().map(|(_, model)| model);
            let composed = offered.composition.iter().flat_map(Composition::models);
            chosen.chain(composed)
        })
    }

    /// The argument of a tool that holds a program.
    pub fn program_of(&self, tool: &ToolName) -> Option<&str> {
        self.find(tool.as_str())?.tool.program.as_deref()
    }

    /// The tools in OpenAI's form, for the request to the orchestrator model.
    pub fn functions(&self) -> Vec<Value> {
        self.functions_by(|function| function)
    }

    /// The same, each that its server describes as `foreign` makes it.
    pub fn functions_by(&self, foreign: impl Fn(Value) -> Value) -> Vec<Value> {
        let functions = self.tools.iter().map(|offered| {
            let function = offered.function(self.words);
            let function = if offered.tool.is_described_by_server {
                foreign(function)
            } else {
                function
            };
            json!({"type": "function", "function": function})
        });
        functions.collect()
    }

    /// Other names under which models call the offered tools, each with the name of its tool.
    pub fn aliases(&self) -> Vec<(String, String)> {
        let of_one = |offered: &OfferedTool<'_>| {
            let tool = offered.tool.name.to_string();
            let pairs = offered.tool.aliases.iter();
            pairs.map(|alias| (alias.clone(), tool.clone())).collect()
        };
        self.tools.iter().flat_map::<Vec<_>, _>(of_one).collect()
    }

    /// What a run that begins now tells of the models of these tools, if it tells of any. `takes_ms`: how long an answer of a model
    /// takes, where that is known.
    pub fn told_of_models(
        &self,
        takes_ms: impl Fn(&ModelId) -> Option<u64>,
    ) -> BTreeMap<ModelId, ToldOfModel> {
        let telling = self.tools.iter().filter(|it| price_table::is_in(it.tool));
        let told = telling.flat_map(|offered| offered.models.iter().map(|(_, id)| id));
        self.words.at_start(told, takes_ms)
    }

    /// Checks what a model asked for: an offered tool, with arguments that fit its schema, or plainly mean what does.
    pub fn check(&self, asked: &RequestedCall) -> CallSpec {
        let Some(offered) = self.find(&asked.tool) else {
            let offered: Vec<_> = self.names().collect();
            return CallSpec {
                tool: ToolName::new(refusal::cut(&asked.tool, refusal::MAX_QUOTED_CHARS)),
                arguments: bounded(coerce::as_written(&asked.arguments)).unwrap_or_default(),
                model: None,
                role: rejected(
                    "unknown_tool",
                    &refusal::unknown_tool(&asked.tool, &offered),
                ),
                repeatable: true,
                origin: Origin::Model,
                sources: None,
                composition: None,
            };
        };
        let Read { arguments, problem } = offered.read(&asked.arguments);
        let problem = problem.or_else(|| offered.problem(&arguments));
        let (arguments, problem) = match bounded(arguments) {
            Ok(arguments) => (arguments, problem),
            Err(too_long) => (Map::new(), problem.or(Some(too_long))),
        };
        let composition = match problem {
            None => offered.composition_for(&arguments),
            Some(_) => None,
        };
        // The models of a call that is made of others are asked in its steps.
        let model = match (&problem, &composition) {
            (None, None) => offered.model_for(&arguments).cloned(),
            (Some(_), _) | (None, Some(_)) => None,
        };
        let role = match problem {
            Some(problem) => rejected("invalid_arguments", &problem),
            None if offered.ends_run => Role::Answer,
            None => Role::Work,
        };
        CallSpec {
            tool: offered.tool.name.clone(),
            model,
            arguments,
            repeatable: role != Role::Work || offered.tool.retry == Retry::Safe,
            role,
            origin: Origin::Model,
            sources: offered.tool.sources.clone(),
            composition: composition.map(Box::new),
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().map(|offered| offered.tool.name.as_str())
    }

    fn find(&self, name: &str) -> Option<&OfferedTool<'_>> {
        self.tools
            .iter()
            .find(|offered| offered.tool.name.as_str() == name)
    }
}

/// Arguments that take too much room are not kept: a text that was read as one may grow by what JSON has to escape in it. Nor are
/// those that stand too deep in each other: the log that held them could not be read.
fn bounded(arguments: Map<String, Value>) -> Result<Map<String, Value>, String> {
    let whole = Value::Object(arguments);
    if !is_within_levels(&whole, MAX_JSON_LEVELS) {
        return Err(refusal::too_deep(MAX_JSON_LEVELS));
    }
    let bytes = whole.to_string().len();
    match whole {
        Value::Object(arguments) if bytes <= MAX_ARGUMENTS_BYTES => Ok(arguments),
        _ => Err(refusal::too_long(bytes, MAX_ARGUMENTS_BYTES)),
    }
}

fn rejected(code: &str, message: &str) -> Role {
    Role::Rejected {
        code: code.to_owned(),
        message: refusal::cut(message, MAX_REFUSAL_CHARS),
    }
}

impl OfferedTool<'_> {
    /// The arguments of a call as they are used.
    fn read(&self, written: &str) -> Read {
        let aliases = self.tool.aliases.iter().map(String::as_str);
        let names: Vec<_> = aliases.chain([self.tool.name.as_str()]).collect();
        coerce::read(written, &self.tool.arguments, &names)
    }

    /// What is wrong with arguments, if anything is.
    fn problem(&self, arguments: &Map<String, Value>) -> Option<String> {
        if let Some(problem) = self.tool.problem_of_arguments(arguments) {
            return Some(problem);
        }
        if self.models.is_empty() || self.model_for(arguments).is_some() {
            return None;
        }
        let names: Vec<_> = self.models.iter().map(|(name, _)| name.as_str()).collect();
        Some(format!("model: expected one of {}", names.join(", ")))
    }
}
