//! What a caller asked for, already checked. Parsing and refusing is the HTTP edge's part.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AnswerSchema, Cost, ModelId, RunId, ToolName};

/// In the echo of a request: whether the run is kept, …
const STORE: &str = "store";
/// … and whether it is to go on without whoever asked.
const BACKGROUND: &str = "background";

/// A question and how it is to be worked on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub query: String,
    pub max_rounds: u32,
    /// Of the model tools, 0 to 2; the orchestrator's own is the operator's choice.
    pub temperature: f64,
    /// Of each answer of a model tool.
    pub max_tokens: u32,
    #[serde(default)]
    pub preferences: Preferences,
    /// The finished run that this question follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_run_id: Option<RunId>,
    /// What the answer has to be like, where it is to be JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_schema: Option<Box<AnswerSchema>>,
    /// What an interface tells its caller again of the request, in its own words and within its own bound. It changes nothing of what the run
    /// does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo: Option<Box<Map<String, Value>>>,
}

impl Request {
    /// Whether what the orchestrator writes without a call is the answer.
    pub fn takes_text_as_answer(&self) -> bool {
        self.preferences.mode == Mode::Auto && self.answer_schema.is_none()
    }

    /// Whether nothing of the run is to be kept once its answer was told.
    pub fn is_forgotten(&self) -> bool {
        self.says(STORE, false)
    }

    /// Whether whoever begins the run may leave it to another process at once.
    pub fn is_in_background(&self) -> bool {
        self.says(BACKGROUND, true)
    }

    fn says(&self, wish: &str, flag: bool) -> bool {
        let echo = self.echo.as_ref();
        echo.is_some_and(|echo| echo.get(wish) == Some(&Value::Bool(flag)))
    }
}

/// Wishes of the caller; everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    #[serde(default)]
    pub priority: Priority,
    /// Models that the tools may use; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<ModelId>>,
    #[serde(default, skip_serializing_if = "ToolFilter::is_all")]
    pub tools: ToolFilter,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    #[serde(default, skip_serializing_if = "Mode::is_auto")]
    pub mode: Mode,
    /// What the run may cost at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<Cost>,
}

/// Who settles how the answer is come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The orchestrator.
    #[default]
    Auto,
    /// The caller: the answer is the result of a discussion.
    Discussion,
}

impl Mode {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde calls"
    )]
    const fn is_auto(&self) -> bool {
        matches!(self, Self::Auto)
    }
}

/// What matters most to the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    #[default]
    Balanced,
    Quality,
    Cost,
    Latency,
}

/// Which tools the orchestrator may be offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolFilter {
    #[default]
    All,
    Allow(Vec<ToolName>),
    Deny(Vec<ToolName>),
}

impl ToolFilter {
    pub fn admits(&self, tool: &ToolName) -> bool {
        match self {
            Self::All => true,
            Self::Allow(names) => names.contains(tool),
            Self::Deny(names) => !names.contains(tool),
        }
    }

    const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}
