//! Given a catalogue, and what a run may use of it: when a model asks for this, then that comes of it.
//!
//! What comes of a call is compared as one line, whole.

use catalog::{Catalog, RequestedCall, ToolSet};
use run::{CallSpec, Composition, Mode, ModelId, Preferences, Role, ToolFilter, ToolName};
use serde_json::{Value, json};

pub const SHIPPED: &str = include_str!("../../../../tools_config.json");
pub const ENHANCE: &str = "/tools/0";
pub const ANSWER: &str = "/tools/1";
pub const SEARCH: &str = "/tools/2";
pub const CODE: &str = "/tools/3";

/// A catalogue as it is written.
#[derive(Clone)]
pub struct Given(pub Value);

/// The catalogue that ships with the project.
pub fn given_shipped() -> Given {
    Given(serde_json::from_str(SHIPPED).unwrap())
}

/// A small catalogue with one model, `qwen`, and these tools.
pub fn given_tools(tools: Value) -> Given {
    Given(json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": {"qwen": {"name": "Qwen", "url_env": "QWEN_API_URL", "model": "q", "context_tokens": 8192}},
        "tools": tools,
    }))
}

/// A tool that is a function, with one optional argument, a text.
pub fn function(name: &str, argument: &str) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": name, "description": "Does something.",
            "parameters": {"type": "object", "properties": {argument: {"type": "string"}}},
        },
        "target": {"lambda": name}, "timeout_ms": 1000, "retry": "safe",
    })
}

/// A tool of the catalogue that ships, in which its three models discuss and `qwen` writes.
pub fn discuss() -> Value {
    let mut tool = function("discuss", "problem");
    tool["target"] = json!({"discuss": {"models": ["qwen", "phi", "llama"], "writer": "qwen"}});
    tool
}

/// A tool that is the model `qwen`, under the name `NAME-1`.
pub fn model(name: &str) -> Value {
    let mut tool = function(name, "model");
    tool["target"] = json!({"models": {format!("{name}-1"): "qwen"}, "system": "You write."});
    tool
}

impl Given {
    /// With a field of it set, by its pointer.
    pub fn with(mut self, pointer: &str, value: Value) -> Self {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        self.0.pointer_mut(parent).unwrap()[field] = value;
        self
    }

    pub fn without(mut self, pointer: &str) -> Self {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = self.0.pointer_mut(parent).unwrap();
        parent.as_object_mut().unwrap().remove(field).unwrap();
        self
    }

    pub fn catalog(&self) -> Catalog {
        Catalog::parse(&self.0.to_string()).unwrap()
    }

    /// Then the start is stopped, with the path of the field first, and these words.
    pub fn then_it_is_refused(&self, path: &str, says: &str) {
        let error = Catalog::parse(&self.0.to_string()).expect_err(path);
        assert_eq!(error.path, path, "{error}");
        assert!(error.problem.contains(says), "{error}");
        assert_eq!(error.to_string(), format!("{path}: {}", error.problem));
    }

    /// A run that may use all of it.
    pub fn run(&self) -> GivenRun {
        GivenRun {
            catalog: self.catalog(),
            preferences: Preferences::default(),
            served: None,
            is_last_round: false,
        }
    }
}

/// What one run may use of a catalogue.
pub struct GivenRun {
    catalog: Catalog,
    preferences: Preferences,
    served: Option<Vec<&'static str>>,
    is_last_round: bool,
}

impl GivenRun {
    pub fn with_models(mut self, models: &[&str]) -> Self {
        self.preferences.models = Some(models.iter().map(|id| ModelId::new(*id)).collect());
        self
    }

    pub fn without_tools(mut self, tools: &[&str]) -> Self {
        self.preferences.tools =
            ToolFilter::Deny(tools.iter().map(|it| ToolName::new(*it)).collect());
        self
    }

    pub fn with_tools_alone(mut self, tools: &[&str]) -> Self {
        self.preferences.tools =
            ToolFilter::Allow(tools.iter().map(|it| ToolName::new(*it)).collect());
        self
    }

    /// Whose answer has to be the result of a discussion.
    pub fn in_discussion(mut self) -> Self {
        self.preferences.mode = Mode::Discussion;
        self
    }

    /// Where only these models have a server.
    pub fn where_served(mut self, models: &[&'static str]) -> Self {
        self.served = Some(models.to_vec());
        self
    }

    pub fn in_a_round_that_may_only_answer(mut self) -> Self {
        self.is_last_round = true;
        self
    }

    pub fn tools(&self) -> ToolSet<'_> {
        let is_served = |id: &ModelId| {
            let served = self.served.as_ref();
            served.is_none_or(|served| served.contains(&id.as_str()))
        };
        let tools = self.catalog.tool_set(&self.preferences, is_served);
        if self.is_last_round {
            tools.only_ending()
        } else {
            tools
        }
    }

    /// Then the orchestrator is offered these tools, in this order.
    pub fn then_offered_are(&self, names: &[&str]) {
        let functions = self.tools().functions();
        let offered = functions
            .iter()
            .map(|it| it["function"]["name"].as_str().unwrap());
        assert_eq!(offered.collect::<Vec<_>>(), names);
    }

    /// When a model asks for a call.
    pub fn when_asked_for(&self, tool: &str, arguments: &str) -> Outcome {
        let asked = RequestedCall {
            tool: tool.to_owned(),
            arguments: arguments.to_owned(),
        };
        Outcome(told(&self.tools().check(&asked)))
    }

    /// Who answers in the last resort, as `tool(arguments) by model`.
    pub fn last_resort(&self) -> Option<String> {
        let fallback = self.tools().fallback()?;
        let arguments = Value::Object(fallback.arguments);
        let by = told_by(fallback.model.as_ref(), fallback.composition.as_deref());
        Some(format!("{}({arguments}){by}", fallback.tool))
    }
}

/// What comes of a call, in one line.
pub struct Outcome(String);

impl Outcome {
    pub fn then(&self, expected: &str) {
        assert_eq!(self.0, expected);
    }
}

fn told(call: &CallSpec) -> String {
    let arguments = Value::Object(call.arguments.clone());
    let by = told_by(call.model.as_ref(), call.composition.as_deref());
    let role = match &call.role {
        Role::Work if call.repeatable => "is made".to_owned(),
        Role::Work => "is made once".to_owned(),
        Role::Answer => "ends the run".to_owned(),
        Role::Rejected { code, message } => format!("is refused: {code}: {message}"),
    };
    format!("{}({arguments}){by} {role}", call.tool)
}

/// Who is asked.
fn told_by(model: Option<&ModelId>, composition: Option<&Composition>) -> String {
    match (model, composition) {
        (Some(model), None) => format!(" by {model}"),
        (None, Some(Composition::Discussion(discussion))) => {
            let models: Vec<_> = discussion.models.iter().map(ModelId::as_str).collect();
            format!(
                " by {}, written by {}",
                models.join(" and "),
                discussion.writer
            )
        }
        (None, Some(Composition::Chain(chain))) => {
            let once = if chain.then.repeatable { "" } else { " once" };
            format!(" by {}, then {}{once}", chain.model, chain.then.tool)
        }
        (None, None) => String::new(),
        (Some(_), Some(_)) => panic!("a call is made itself, or made of others"),
    }
}
