//! What the model does in its turn.

use serde_json::Value;

use crate::findings::{OUTPUT, fenced};

#[derive(Debug, PartialEq)]
pub(crate) enum Turn {
    /// Calls a tool; `why` is its reasoning text.
    Call {
        why: &'static str,
        tool: String,
        arguments: Value,
    },
    /// Says this, and then what it is.
    Say(String),
    /// Runs a program and shows it with its output.
    Work(Work),
}

/// A program with what was found in the problem before it.
#[derive(Debug, PartialEq)]
pub(crate) struct Work {
    pub(crate) found: String,
    pub(crate) program: String,
}

impl Work {
    pub(crate) fn show(&self, outcome: Result<String, String>) -> String {
        let Self { found, program } = self;
        let output = match outcome {
            Ok(output) => format!("Computed:\n{}", fenced(OUTPUT, &output)),
            Err(fault) => format!("The program could not be run: {fault}"),
        };
        // The program comes last, so that it is what goes when the text is too long.
        let program = fenced("python", program);
        format!("{found}\n\n{output}\n\nProgram:\n{program}")
    }
}
