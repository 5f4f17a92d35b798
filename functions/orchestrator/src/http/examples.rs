//! Questions to begin with, shown by the page.

use serde::Serialize;

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Example {
    query: &'static str,
    /// Tools that it is likely to take.
    tools: &'static [&'static str],
}

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        query: "If a train travels 120 km in 2 hours, then increases speed by 20% for the next hour, how far does it travel total?",
        tools: &["enhance_reasoning", "answer"],
    },
    Example {
        query: "What is the current population of Tokyo?",
        tools: &["search", "answer"],
    },
    Example {
        query: "Generate the first 10 Fibonacci numbers and find their sum",
        tools: &["code_interpreter", "answer"],
    },
    Example {
        query: "Search for the latest Python version, then write code to check if it's installed on my system",
        tools: &["search", "code_interpreter", "answer"],
    },
];
