//! A chain: a model writes what a tool is to get, a query or a program, and the tool gets it.

mod extract;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ModelId, ToolName};

/// A model writes, and a tool of the same catalogue is called with what is taken from that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Who writes.
    pub model: ModelId,
    pub take: Take,
    /// Most characters that the tool gets: a longer query is cut, a longer program is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<usize>,
    pub otherwise: Otherwise,
    pub then: ChainedCall,
    /// For both steps together, in milliseconds.
    pub timeout_ms: u64,
    /// Cap of the result, in bytes of JSON.
    pub max_result_bytes: usize,
}

/// What of the model's text is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// What stands in the last pair of tags of this name.
    Tag(String),
    /// What stands in the last fence of this language; in the last one without a language where there is no such.
    Fence(String),
}

/// What is done where the model's text holds nothing to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// The tool gets the person's question.
    Problem,
    Fail,
}

/// The call of the tool, but for what is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainedCall {
    pub tool: ToolName,
    /// The argument that is what was taken.
    pub argument: String,
    /// The others.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub arguments: Map<String, Value>,
    /// Whether it may be made again when its first result is lost.
    pub repeatable: bool,
    /// The field of its result that lists pages on which an answer may rest, where it brings any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<String>,
    /// In milliseconds; a part of the time of the whole.
    pub timeout_ms: u64,
}

impl Chain {
    /// What is shorter is no query and no program, in characters.
    pub const MIN_TAKEN_CHARS: usize = 5;

    /// The name under which the result tells what was taken.
    pub const fn name_of_taken(&self) -> &'static str {
        match self.take {
            Take::Tag(_) => "query",
            Take::Fence(_) => "code",
        }
    }

    /// Whether what is taken is a program.
    pub const fn takes_program(&self) -> bool {
        match self.take {
            Take::Tag(_) => false,
            Take::Fence(_) => true,
        }
    }

    /// What the tool gets of a text that the model wrote, which is `whole` where it was not cut; `None` where it holds nothing to take, and
    /// the problem is not to stand in for that.
    pub fn taken(&self, text: &str, whole: bool, problem: &str) -> Option<String> {
        let most = self.max_chars.unwrap_or(usize::MAX);
        let found = match &self.take {
            Take::Tag(tag) => extract::tagged(text, tag, whole).map(|query| beginning(query, most)),
            Take::Fence(language) => {
                let program = extract::fenced(text, language, whole);
                program.filter(|program| program.chars().count() <= most)
            }
        };
        let found = found.filter(|found| found.trim().chars().count() >= Self::MIN_TAKEN_CHARS);
        found.or_else(|| match self.otherwise {
            Otherwise::Problem => Some(beginning(problem.trim(), most)),
            Otherwise::Fail => None,
        })
    }
}

impl ChainedCall {
    /// The arguments of the call with what was taken.
    pub fn arguments_with(&self, taken: &str) -> Map<String, Value> {
        let mut arguments = Map::from_iter([(self.argument.clone(), Value::from(taken))]);
        arguments.extend(self.arguments.clone());
        arguments
    }
}

/// At most so many characters of a text, without blanks at the end.
fn beginning(text: &str, most: usize) -> String {
    let kept: String = text.chars().take(most).collect();
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
