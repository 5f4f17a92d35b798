//! Calls that are made of others: their inner steps are calls of the log like any other, made for the sake of the one that they stand
//! within.
//!
//! What a call is made of is settled when it is decided on, so that a catalogue that changes later changes nothing of a run under
//! way. Whoever makes calls never makes such a one itself.

use serde::{Deserialize, Serialize};

use crate::{Chain, ModelId};

/// What a call is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Composition {
    Discussion(Discussion),
    Chain(Chain),
}

impl Composition {
    /// Who may be asked in its steps; some more than once.
    pub fn models(&self) -> impl Iterator<Item = &ModelId> {
        let (several, one): (&[ModelId], _) = match self {
            Self::Discussion(discussion) => (&discussion.models, &discussion.writer),
            Self::Chain(chain) => (&[], &chain.model),
        };
        several.iter().chain([one])
    }
}

/// Several models answer side by side, each is then shown once what the others wrote, and one writes what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discussion {
    /// Who takes part, each once, in the order in which they are named.
    pub models: Vec<ModelId>,
    /// Who writes the synthesis.
    pub writer: ModelId,
    /// The argument that says what is discussed; the person's question where there is none, or a call leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_to_question: Option<String>,
    /// For all of its steps together, in milliseconds.
    pub timeout_ms: u64,
    /// Cap of the result, in bytes of JSON.
    pub max_result_bytes: usize,
}

/// What an inner step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A model answers by itself.
    Opinion,
    /// It has been shown what the others answered.
    Reply,
    /// One writes what came of the discussion.
    Synthesis,
    /// A model writes what the tool of a chain gets.
    Writing,
    /// The tool of a chain is called with it.
    Running,
}

impl Stage {
    /// As it stands in the log and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opinion => "opinion",
            Self::Reply => "reply",
            Self::Synthesis => "synthesis",
            Self::Writing => "writing",
            Self::Running => "running",
        }
    }
}
