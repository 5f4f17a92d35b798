//! `tools_config.json` as checked types.

use std::sync::Arc;

use run::{ModelId, Otherwise, Take, ToolName};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::mcp::{McpServer, McpTarget};
use crate::prices::{Prices, ToolPrices};
use crate::refusal;
use crate::schema::Schema;
use crate::variable_header::{HeaderText, ModelHeader, VariableHeader};

/// Faults of arguments that a model is told of at once.
const MAX_TOLD_FAULTS: usize = 5;

/// A checked catalogue.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub orchestrator: Orchestrator,
    /// In the order of the file.
    pub models: Vec<Model>,
    /// In the order of the file.
    pub tools: Vec<Tool>,
    /// Servers that list their tools. In the order of the file.
    pub mcp_servers: Vec<McpServer>,
    /// No tool says whether it ends a run: what the tools are was read from their names, as before they declared it.
    pub names_tell_roles: bool,
    /// Where that is not so: paths of fields that names would have told and the file leaves out, each with the argument.
    pub unsaid: Vec<String>,
}

/// Who decides in each round, and how it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orchestrator {
    pub model: ModelId,
    /// Who decides in its place where it cannot, in this order.
    pub fallback: Vec<ModelId>,
    pub prompt: Prompt,
    pub calls: Calls,
    /// Calls that are made in a round: those that fit, in their order; the others are refused. As many as any round may hold where the
    /// file does not say.
    pub tools_a_round: usize,
}

/// How the orchestrator is asked for calls of tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calls {
    /// As its server can: natively, else by a schema, else in text.
    #[default]
    Auto,
    /// Natively; where that is refused, in text.
    Native,
    /// By a JSON Schema of the decision; where the server does not keep to one, in text.
    Schema,
    /// In text.
    Text,
}

/// How the orchestrator's prompt is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// One growing conversation with tool messages.
    Chat,
    /// Two messages, made anew each round within the budgets of the `ToolOrchestra` paper: what Orchestrator-8B was trained on.
    Toolorchestra,
}

/// A model behind an OpenAI-compatible server.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub id: ModelId,
    /// For people.
    pub name: String,
    pub description: String,
    /// What the server calls it, where no variable says otherwise.
    pub served_as: String,
    pub context_tokens: u32,
    /// Its chat template opens a thought, so that its text begins inside one: nothing is shown before the thought is over.
    pub thinks_first: bool,
    /// `None` where nobody said: what its calls cost is not known.
    pub prices: Option<Prices>,
    /// How long an answer of it takes, in milliseconds, until that has been measured; `None` where nobody said.
    pub typical_ms: Option<u64>,
    /// Who is asked in its place where it cannot answer, in this order.
    pub fallback: Vec<ModelId>,
    pub variables: VariableNames,
    /// What its server is sent with each request.
    pub headers: Vec<ModelHeader>,
    /// Fields that stand in the body of each question in place of the service's own, or beside them. A null leaves one of the service's out.
    pub request: Map<String, Value>,
}

/// Environment variables of a model: `QWEN_API_URL` and, beside it, `QWEN_API_KEY` and `QWEN_MODEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableNames {
    pub url: String,
    pub key: String,
    pub model: String,
}

/// A tool and how it is reached.
#[derive(Clone, Debug)]
pub struct Tool {
    pub name: ToolName,
    /// Other names under which models call it.
    pub aliases: Vec<String>,
    /// The function as the orchestrator model is shown it.
    pub function: Map<String, Value>,
    pub target: Target,
    /// What it is and takes is told by its server, not by the operator's file.
    pub is_described_by_server: bool,
    /// Whether runs are offered it; else only chains call it.
    pub is_offered: bool,
    /// Its success is the answer.
    pub ends_run: bool,
    /// The argument that holds a program, which is shown as one.
    pub program: Option<String>,
    /// The field of its result that lists pages, each with `title` and `url`, on which an answer may rest.
    pub sources: Option<String>,
    pub timeout_ms: u64,
    pub retry: Retry,
    /// What its calls cost beside what models take.
    pub prices: ToolPrices,
    /// Cap of a result, in bytes of JSON; longer ones are shortened when they arrive.
    pub max_result_bytes: usize,
    pub(crate) arguments: Arc<Schema>,
    /// What its structured results are like, where its server says it.
    pub(crate) results: Option<Arc<Schema>>,
}

impl Tool {
    pub fn description(&self) -> &str {
        self.function
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// What is wrong with arguments, if anything is, in one sentence.
    pub fn problem_of_arguments(&self, arguments: &Map<String, Value>) -> Option<String> {
        let whole = Value::Object(arguments.clone());
        match self.arguments.faults(&whole, MAX_TOLD_FAULTS) {
            Err(problem) => Some(problem),
            Ok(faults) if faults.is_empty() => None,
            Ok(faults) => Some(refusal::faults(&faults, &whole, &self.arguments)),
        }
    }

    /// What of a structured result is not as the server of the tool says that it is, in one sentence.
    pub fn problem_of_result(&self, result: &Value) -> Option<String> {
        let schema = self.results.as_ref()?;
        let fault = match schema.faults(result, 1) {
            Ok(faults) => faults.into_iter().next()?,
            Err(problem) => return Some(problem),
        };
        let place = if fault.at.is_empty() {
            "the whole"
        } else {
            &*fault.at
        };
        Some(format!(
            "The result is not of the form that its server names, at {}.",
            refusal::cut(place, refusal::MAX_QUOTED_CHARS)
        ))
    }
}

/// Whether a call may be made again when its first result is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    Safe,
    Never,
}

/// Calls of different tenants never meet in one environment of a Lambda function that is isolated by tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tenant {
    /// The owner of the run.
    Owner,
}

/// Where a tool runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A model of the catalogue, chosen by the argument `model`.
    Models(ModelAliases),
    Lambda(LambdaTarget),
    Http(HttpTarget),
    /// Several models of the catalogue discuss.
    Discuss(DiscussTarget),
    /// A model of the catalogue writes what a tool of the catalogue gets.
    Chain(ChainTarget),
    Mcp(McpTarget),
}

impl Target {
    /// What an operator has it sent.
    fn headers(&self) -> &[VariableHeader] {
        match self {
            Self::Http(server) => &server.headers,
            Self::Models(_)
            | Self::Lambda(_)
            | Self::Discuss(_)
            | Self::Chain(_)
            | Self::Mcp(_) => &[],
        }
    }
}

/// The names under which a tool offers models, strongest first, and what such a model is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelAliases {
    pub models: Vec<(String, ModelId)>,
    pub system: String,
    /// The argument that says what the model is asked: the person's question where a call leaves it out.
    pub default_to_question: Option<String>,
    /// The argument that says what the model is to pay attention to.
    pub focus: Option<String>,
}

/// A discussion between models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscussTarget {
    /// Who takes part, each once.
    pub models: Vec<ModelId>,
    /// Who writes what came of it; any model of the catalogue.
    pub writer: ModelId,
    /// The argument that says what is discussed: the person's question where a call leaves it out.
    pub default_to_question: Option<String>,
}

/// A model and the tool that gets what it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainTarget {
    /// The names under which the tool offers models, strongest first.
    pub models: Vec<(String, ModelId)>,
    /// What the model is told to write.
    pub ask: String,
    pub take: Take,
    /// Most characters that the tool gets.
    pub max_chars: Option<usize>,
    pub otherwise: Otherwise,
    /// The tool that gets it, …
    pub then: ToolName,
    /// … as this argument, …
    pub argument: String,
    /// … beside these.
    pub arguments: Map<String, Value>,
}

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LambdaTarget {
    /// Its name or ARN.
    pub function: String,
    /// Where it is invoked, in place of where all functions are.
    pub endpoint: Option<Url>,
    /// Whose calls may share an environment of it, where it is isolated by tenant.
    pub tenant: Option<Tenant>,
}

/// A server of the operator's that takes our JSON by POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpTarget {
    pub url: Url,
    pub headers: Vec<VariableHeader>,
}

impl Catalog {
    pub fn model(&self, id: &ModelId) -> Option<&Model> {
        self.models.iter().find(|model| model.id == *id)
    }

    /// The names of the variables that hold headers of models and tools.
    pub fn header_variables(&self) -> impl Iterator<Item = &str> {
        let of_models = self.models.iter().flat_map(|model| &model.headers);
        let of_models = of_models.filter_map(|header| match &header.value {
            HeaderText::Written(_) => None,
            HeaderText::Variable(variable) => Some(variable.as_str()),
        });
        let of_tools = self.tools.iter().flat_map(|tool| tool.target.headers());
        let of_servers = self.mcp_servers.iter().flat_map(|server| &server.headers);
        let headers = of_tools.chain(of_servers);
        of_models.chain(headers.map(|header| header.variable.as_str()))
    }

    pub fn tool(&self, name: &ToolName) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == *name)
    }
}
