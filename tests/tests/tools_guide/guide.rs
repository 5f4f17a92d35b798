//! Reads a guide of `docs/tools.md`: what its fences say, in order. A fence's info string says what it is; one that says something else
//! is refused, so that no command stands there which nobody runs.

use std::fs;
use std::path::Path;

use serde_json::Value;

#[derive(Debug)]
pub enum Block {
    /// A file of this name in the reader's folder.
    File { name: String, text: String },
    /// Commands that are run to their end.
    Command(String),
    /// Commands of a terminal of their own, the last of which serves the tool.
    Server(String),
    /// The same, of which the last is the stack.
    Stack(String),
    /// What the commands before print.
    Output(Value),
}

#[derive(Debug)]
pub struct Guide {
    /// What each terminal begins with.
    pub setup: String,
    pub blocks: Vec<Block>,
}

impl Guide {
    /// The guide below this heading.
    pub fn read(heading: &str) -> Self {
        let page = page();
        let setup = fences(&section(&page, "## A tool in five minutes"));
        let setup = setup
            .into_iter()
            .find(|(info, _)| info == "sh setup")
            .unwrap()
            .1;
        let blocks = fences(&section(&page, &format!("### {heading}")));
        let blocks = blocks
            .into_iter()
            .map(|(info, text)| block(&info, text))
            .collect();
        Self { setup, blocks }
    }

    pub fn file(&self, wanted: &str) -> &str {
        let mut texts = self.blocks.iter().filter_map(|block| match block {
            Block::File { name, text } if name == wanted => Some(text.as_str()),
            Block::File { .. }
            | Block::Command(_)
            | Block::Server(_)
            | Block::Stack(_)
            | Block::Output(_) => None,
        });
        texts.next_back().unwrap()
    }

    /// What trying the tool prints.
    pub fn output(&self) -> &Value {
        let mut outputs = self.blocks.iter().filter_map(|block| match block {
            Block::Output(value) => Some(value),
            Block::File { .. } | Block::Command(_) | Block::Server(_) | Block::Stack(_) => None,
        });
        outputs.next_back().unwrap()
    }
}

pub fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tools.md")).unwrap()
}

fn block(info: &str, text: String) -> Block {
    match info.split_once(' ').unwrap_or((info, "")) {
        ("sh", "") => Block::Command(text),
        ("sh", "server") => Block::Server(text),
        ("sh", "stack") => Block::Stack(text),
        ("json", "output") => Block::Output(serde_json::from_str(&text).unwrap()),
        ("json" | "python" | "toml" | "rust", name) if name.contains('.') => Block::File {
            name: name.to_owned(),
            text,
        },
        _ => panic!("```{info} is no block of a guide"),
    }
}

/// What stands below a heading, its subsections included.
fn section(page: &str, heading: &str) -> String {
    let level = heading.split(' ').next().unwrap().len();
    let mut lines = page.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "there is no heading {heading}");
    let mut is_fence = false;
    let inside = lines.take_while(|line| {
        is_fence ^= line.trim_start().starts_with("```");
        let marks = line.chars().take_while(|c| *c == '#').count();
        is_fence || marks == 0 || marks > level || !line[marks..].starts_with(' ')
    });
    inside.collect::<Vec<_>>().join("\n")
}

/// The headings one level below one.
pub fn headings<'a>(page: &'a str, above: &str) -> Vec<&'a str> {
    let inside = section(page, &format!("## {above}"));
    let headings = page.lines().filter_map(|line| line.strip_prefix("### "));
    headings
        .filter(|heading| inside.lines().any(|line| line == format!("### {heading}")))
        .collect()
}

/// Info strings and texts, without the indent that the fence has.
fn fences(text: &str) -> Vec<(String, String)> {
    let mut fences = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let body = lines.by_ref().take_while(|line| line.trim_start() != "```");
        let mut text = String::new();
        for line in body {
            text.push_str(line.get(indent..).unwrap_or_default());
            text.push('\n');
        }
        fences.push((info.to_owned(), text));
    }
    fences
}

/// Where links lead that stay within the repository.
pub fn links(text: &str) -> Vec<&str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let targets = targets.map(|(target, _)| target);
    targets
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .collect()
}
