//! What is asked of whom, and for whose sake: everything about a call that is known before it is made.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{CallId, Chain, Composition, ModelId, Stage, ToolName};

/// One attempt at a call; what it is about stands in the fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    pub call_id: CallId,
    /// From 1.
    pub attempt: u32,
}

/// A tool call, as it is proposed by whoever asks for it and stored before it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSpec {
    pub tool: ToolName,
    pub arguments: Map<String, Value>,
    /// Where the tool is a model: the one that is asked first.
    pub model: Option<ModelId>,
    pub role: Role,
    /// Whether it may be made again when its first result is lost.
    pub repeatable: bool,
    pub origin: Origin,
    /// The field of its result that lists pages on which an answer may rest, where it brings any.
    pub sources: Option<String>,
    /// What it is made of, where its inner steps are made in its place.
    pub composition: Option<Box<Composition>>,
}

/// What a tool call is to the round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds something out; runs beside its siblings.
    Work,
    /// Ends the run when it succeeds; runs after its siblings.
    Answer,
    /// Asked for, but never made: the tool is unknown or the arguments do not fit.
    Rejected { code: String, message: String },
}

/// Who asked for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The orchestrator model, in its decision.
    #[default]
    Model,
    /// The loop itself, for want of an answer.
    LastResort,
    /// Another call, as a step of its own work.
    InnerStep { within: CallId, stage: Stage },
}

impl Origin {
    pub(crate) const fn is_model(&self) -> bool {
        matches!(self, Self::Model)
    }

    /// The call that this one is a step of.
    pub const fn within(self) -> Option<CallId> {
        match self {
            Self::Model | Self::LastResort => None,
            Self::InnerStep { within, .. } => Some(within),
        }
    }

    /// What this call is for, where it is an inner step.
    pub const fn stage(self) -> Option<Stage> {
        match self {
            Self::Model | Self::LastResort => None,
            Self::InnerStep { stage, .. } => Some(stage),
        }
    }
}

impl CallSpec {
    /// Whether the call itself is made: it was not refused, and no inner steps are made in its place.
    pub const fn is_made(&self) -> bool {
        !self.is_rejected() && self.composition.is_none()
    }

    /// The chain that is made in its place, where one is.
    pub fn chain(&self) -> Option<&Chain> {
        match self.composition.as_deref()? {
            Composition::Chain(chain) => Some(chain),
            Composition::Discussion(_) => None,
        }
    }

    /// Whether the call was refused before it was made.
    pub const fn is_rejected(&self) -> bool {
        match self.role {
            Role::Work | Role::Answer => false,
            Role::Rejected { .. } => true,
        }
    }
}
