//! What one run may use: the catalogue narrowed by the caller's preferences, and the check of what a model asks for.

use run::{Fallback, ModelId, Preferences, ProposedCall, ToolName, Verdict};
use serde_json::{Map, Value, json};

use crate::{Catalog, ModelRoles, Retry, Target, Tool};

/// The tool whose success ends a run.
pub(crate) const ANSWER: &str = "answer";
/// Longest refusal that is kept, in characters: a mistake may quote the whole argument.
const MAX_REFUSAL_CHARS: usize = 1000;

/// The tools that a run may use.
#[derive(Debug)]
pub struct Offer<'a> {
    tools: Vec<Offered<'a>>,
}

#[derive(Debug)]
struct Offered<'a> {
    tool: &'a Tool,
    /// Names of allowed models, where the tool is one.
    roles: Vec<&'a (String, ModelId)>,
}

/// A call as a model asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub tool: String,
    /// JSON text as the model wrote it.
    pub arguments: String,
}

impl Catalog {
    /// The tools that a run with these preferences may use, given the models that can be reached at all.
    pub fn offer(
        &self,
        preferences: &Preferences,
        is_served: impl Fn(&ModelId) -> bool,
    ) -> Offer<'_> {
        let tools = self
            .tools
            .iter()
            .filter(|tool| preferences.tools.admits(&tool.name))
            .map(|tool| Offered {
                tool,
                roles: allowed_roles(&tool.target, preferences, &is_served),
            })
            .filter(|offered| match &offered.tool.target {
                Target::Models(_) => !offered.roles.is_empty(),
                Target::Lambda(_) => true,
            })
            .collect();
        Offer { tools }
    }
}

fn allowed_roles<'a>(
    target: &'a Target,
    preferences: &Preferences,
    is_served: &impl Fn(&ModelId) -> bool,
) -> Vec<&'a (String, ModelId)> {
    let Target::Models(ModelRoles { models, .. }) = target else {
        return Vec::new();
    };
    let allowed = preferences.models.as_ref();
    models
        .iter()
        .filter(|(_, id)| is_served(id) && allowed.is_none_or(|allowed| allowed.contains(id)))
        .collect()
}

impl Offer<'_> {
    /// The same offer, cut down to the answer tool, for a round that may only answer.
    #[must_use]
    pub fn only_answer(mut self) -> Self {
        self.tools
            .retain(|offered| offered.tool.name.as_str() == ANSWER);
        self
    }

    /// The tools in OpenAI's form, for the request to the orchestrator model.
    pub fn functions(&self) -> Vec<Value> {
        self.tools
            .iter()
            .map(|offered| json!({"type": "function", "function": offered.function()}))
            .collect()
    }

    /// The call of the strongest allowed answer model.
    pub fn fallback(&self) -> Option<Fallback> {
        let answer = self.find(ANSWER)?;
        let (role, model) = answer.roles.first()?;
        Some(Fallback {
            tool: answer.tool.name.clone(),
            arguments: Map::from_iter([("model".to_owned(), Value::from(role.as_str()))]),
            model: model.clone(),
        })
    }

    /// Checks what a model asked for: an offered tool, with arguments that fit its schema.
    pub fn check(&self, asked: &Asked) -> ProposedCall {
        let tool = ToolName::new(&*asked.tool);
        let (arguments, parsed) = parse_arguments(&asked.arguments);
        let refuse = |code: &str, message: String| ProposedCall {
            tool: tool.clone(),
            arguments: arguments.clone(),
            model: None,
            verdict: Verdict::Rejected {
                code: code.to_owned(),
                message: message.chars().take(MAX_REFUSAL_CHARS).collect(),
            },
        };
        let Some(offered) = self.find(&asked.tool) else {
            return refuse("unknown_tool", self.unknown(&asked.tool));
        };
        if let Err(message) = parsed {
            return refuse("invalid_arguments", message);
        }
        if let Err(message) = offered.check_arguments(&arguments) {
            return refuse("invalid_arguments", message);
        }
        let verdict = if offered.tool.name.as_str() == ANSWER {
            Verdict::Answer
        } else {
            Verdict::Work {
                repeatable: offered.tool.retry == Retry::Safe,
            }
        };
        ProposedCall {
            tool,
            model: offered.model_for(&arguments).cloned(),
            arguments,
            verdict,
        }
    }

    fn find(&self, name: &str) -> Option<&Offered<'_>> {
        self.tools
            .iter()
            .find(|offered| offered.tool.name.as_str() == name)
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<_> = self
            .tools
            .iter()
            .map(|offered| offered.tool.name.as_str())
            .collect();
        match names.as_slice() {
            [] => format!("There is no tool `{name}` now: answer in text."),
            names => format!(
                "There is no tool `{name}` now; offered are: {}.",
                names.join(", ")
            ),
        }
    }
}

impl Offered<'_> {
    /// The function as the model sees it, its `model` argument narrowed to what is allowed.
    fn function(&self) -> Value {
        let mut function = Value::Object(self.tool.function.clone());
        if !self.roles.is_empty()
            && let Some(model) = function.pointer_mut("/parameters/properties/model/enum")
        {
            *model = self.roles.iter().map(|(role, _)| role.as_str()).collect();
        }
        function
    }

    fn check_arguments(&self, arguments: &Map<String, Value>) -> Result<(), String> {
        self.tool
            .arguments
            .check(&Value::Object(arguments.clone()))?;
        if self.roles.is_empty() || self.model_for(arguments).is_some() {
            return Ok(());
        }
        let roles: Vec<_> = self.roles.iter().map(|(role, _)| role.as_str()).collect();
        Err(format!("model: expected one of {}", roles.join(", ")))
    }

    fn model_for(&self, arguments: &Map<String, Value>) -> Option<&ModelId> {
        let wanted = arguments.get("model")?.as_str()?;
        let (_, id) = self.roles.iter().find(|(role, _)| role == wanted)?;
        Some(id)
    }
}

/// Arguments as an object to show, and what is wrong with the text. No text at all means no arguments.
fn parse_arguments(text: &str) -> (Map<String, Value>, Result<(), String>) {
    if text.trim().is_empty() {
        return (Map::new(), Ok(()));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => (arguments, Ok(())),
        Ok(_) => (
            Map::new(),
            Err("The arguments must be a JSON object.".to_owned()),
        ),
        Err(error) => (
            Map::new(),
            Err(format!("The arguments are not valid JSON: {error}.")),
        ),
    }
}
