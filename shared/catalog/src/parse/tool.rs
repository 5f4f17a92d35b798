//! A tool as it is written, checked: its name, its bounds, what it declares of itself, and where it runs.

use std::sync::Arc;

use run::ToolName;
use serde_json::{Map, Value};

use super::bounds::{MAX_RESULT_BYTES, MAX_TIMEOUT_MS, check_range};
use super::known_models::KnownModels;
use super::raw::{RawFunction, RawTool, RawToolType};
use super::target;
use crate::config::{Target, Tool};
use crate::config_error::ConfigError;
use crate::price_table;
use crate::prices::ToolPrices;
use crate::schema::Schema;

/// The argument that says what is discussed, where a discussion's target names no other.
const PROBLEM: &str = "problem";
/// The argument that names the model of a chain.
const MODEL: &str = "model";

impl RawTool {
    pub(super) fn check(self, path: &str, models: &KnownModels<'_>) -> Result<Tool, ConfigError> {
        let RawToolType::Function = self.r#type;
        let at = |field: &str| format!("{path}.{field}");
        check_name(&at("function.name"), &self.function.name)?;
        check_range(&at("timeout_ms"), self.timeout_ms, MAX_TIMEOUT_MS)?;
        let most = self.max_result_bytes;
        check_range(&at("max_result_bytes"), most, MAX_RESULT_BYTES)?;
        let mut target = target::check(path, self.target, self.tenant, models)?;
        if let Target::Discuss(discuss) = &mut target {
            let listed = self.function.arguments();
            let problem = || listed.clone().find(|name| *name == PROBLEM);
            let argument = &mut discuss.default_to_question;
            *argument = argument.take().or_else(|| problem().map(str::to_owned));
        }
        let prices = ToolPrices {
            per_call: self.usd_per_call,
            per_second: self.usd_per_second,
        };
        prices.check(path)?;
        let ends_run = self.ends_run.unwrap_or_default();
        let declared = Declared {
            path,
            function: &self.function,
            target: &target,
        };
        declared.check_ending(ends_run)?;
        declared.check_chain()?;
        if ends_run && !self.offered {
            let problem = "expected an offered tool: one that only chains call ends no run";
            return Err(ConfigError::at(at("ends_run"), problem));
        }
        declared.check_sources(self.sources.as_deref())?;
        declared.check_program(self.program.as_deref())?;
        declared.check_prices(prices)?;
        price_table::check_place(path, &self.function.description, &target)?;
        if let Target::Models(aliases) = &target {
            let question = aliases.default_to_question.as_deref();
            declared.check_argument("target.default_to_question", question)?;
            declared.check_argument("target.focus", aliases.focus.as_deref())?;
        }
        if let Target::Discuss(discuss) = &target {
            let field = "target.discuss.default_to_question";
            declared.check_argument(field, discuss.default_to_question.as_deref())?;
        }
        let schema = Value::Object(self.function.parameters);
        let function = Map::from_iter([
            ("name".to_owned(), Value::from(self.function.name.clone())),
            (
                "description".to_owned(),
                Value::from(self.function.description),
            ),
            ("parameters".to_owned(), schema.clone()),
        ]);
        Ok(Tool {
            name: ToolName::new(self.function.name),
            aliases: self.aliases,
            function,
            target,
            is_described_by_server: false,
            is_offered: self.offered,
            ends_run,
            program: self.program,
            sources: self.sources,
            timeout_ms: self.timeout_ms,
            retry: self.retry,
            prices,
            max_result_bytes: usize::try_from(most).unwrap_or(usize::MAX),
            arguments: Arc::new(Schema::new(schema)),
            results: None,
        })
    }
}

/// What a tool declares of itself, beside what it takes and where it runs.
struct Declared<'a> {
    path: &'a str,
    function: &'a RawFunction,
    target: &'a Target,
}

impl Declared<'_> {
    fn check_ending(&self, ends_run: bool) -> Result<(), ConfigError> {
        match self.target {
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Chain(_) if ends_run => {
                Err(ConfigError::at(
                    format!("{}.ends_run", self.path),
                    "expected a tool that is a model: the answer is the text that it writes",
                ))
            }
            Target::Models(_)
            | Target::Lambda(_)
            | Target::Http(_)
            | Target::Mcp(_)
            | Target::Chain(_)
            | Target::Discuss(_) => Ok(()),
        }
    }

    /// The models of a chain are told apart by an argument.
    fn check_chain(&self) -> Result<(), ConfigError> {
        match self.target {
            Target::Chain(_) => self.check_argument("target.chain.models", Some(MODEL)),
            Target::Models(_)
            | Target::Lambda(_)
            | Target::Http(_)
            | Target::Mcp(_)
            | Target::Discuss(_) => Ok(()),
        }
    }

    fn check_program(&self, argument: Option<&str>) -> Result<(), ConfigError> {
        match (self.target, argument) {
            (Target::Discuss(_), Some(_)) => Err(ConfigError::at(
                format!("{}.program", self.path),
                "expected a tool that runs programs; a discussion runs none",
            )),
            (Target::Chain(_), Some(_)) => Err(ConfigError::at(
                format!("{}.program", self.path),
                "expected no such field: the program of a chain is what `take` takes",
            )),
            (
                Target::Models(_)
                | Target::Lambda(_)
                | Target::Http(_)
                | Target::Mcp(_)
                | Target::Chain(_)
                | Target::Discuss(_),
                _,
            ) => self.check_argument("program", argument),
        }
    }

    fn check_prices(&self, prices: ToolPrices) -> Result<(), ConfigError> {
        let field = match prices {
            ToolPrices {
                per_call: None,
                per_second: None,
            } => return Ok(()),
            ToolPrices {
                per_call: Some(_), ..
            } => "usd_per_call",
            ToolPrices { per_call: None, .. } => "usd_per_second",
        };
        match self.target {
            Target::Models(_) | Target::Discuss(_) => Err(ConfigError::at(
                format!("{}.{field}", self.path),
                "expected a tool that is no model; what models cost is said by their usd_per_million",
            )),
            Target::Chain(_) => Err(ConfigError::at(
                format!("{}.{field}", self.path),
                "expected it at the tool that the chain calls, which costs the same by itself",
            )),
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) => Ok(()),
        }
    }

    fn check_sources(&self, field: Option<&str>) -> Result<(), ConfigError> {
        let path = || format!("{}.sources", self.path);
        match (self.target, field) {
            (Target::Models(_) | Target::Discuss(_), Some(_)) => Err(ConfigError::at(
                path(),
                "expected a tool that returns an object; a model returns a text",
            )),
            (Target::Chain(_), Some(_)) => Err(ConfigError::at(
                path(),
                "expected no such field: the sources of a chain are those of the tool that it calls",
            )),
            (Target::Lambda(_) | Target::Http(_) | Target::Mcp(_), Some("")) => {
                Err(ConfigError::at(
                    path(),
                    "expected the name of the field of the result that lists the sources, found an empty one",
                ))
            }
            (
                Target::Models(_)
                | Target::Lambda(_)
                | Target::Http(_)
                | Target::Mcp(_)
                | Target::Chain(_)
                | Target::Discuss(_),
                _,
            ) => Ok(()),
        }
    }

    /// Checks that a field names one of the tool's arguments.
    fn check_argument(&self, field: &str, argument: Option<&str>) -> Result<(), ConfigError> {
        let Some(argument) = argument else {
            return Ok(());
        };
        let known = self.function.arguments();
        if known.clone().any(|name| name == argument) {
            return Ok(());
        }
        let known: Vec<_> = known.collect();
        let problem = format!(
            "expected one of the arguments of `{}` ({}), found `{argument}`",
            self.function.name,
            known.join(", ")
        );
        Err(ConfigError::at(format!("{}.{field}", self.path), problem))
    }
}

impl RawFunction {
    /// The names of the arguments that its schema lists.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> + Clone {
        let listed = self.parameters.get("properties");
        let listed = listed.and_then(Value::as_object);
        listed.into_iter().flat_map(Map::keys).map(String::as_str)
    }
}

/// The rule of OpenAI's function names: 1 to 64 of letters, digits, `_` and `-`.
fn check_name(path: &str, name: &str) -> Result<(), ConfigError> {
    let fits = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if fits {
        return Ok(());
    }
    Err(ConfigError::at(
        path,
        format!("expected 1 to 64 letters, digits, `_` or `-`, found `{name}`"),
    ))
}
