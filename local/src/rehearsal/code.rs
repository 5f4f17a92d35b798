//! When a question needs code, and the program that answers it, from a vocabulary of general tasks.

use super::words::{Token, find, find_any, literal, tokens};
use super::{arithmetic, lists, rates, texts};

/// Words that ask for a program outright.
const SIGNS: [&str; 26] = [
    "write code",
    "write some code",
    "write a code",
    "write python",
    "write a program",
    "write a python",
    "write a script",
    "write a function",
    "write me a",
    "with code",
    "with python",
    "in code",
    "in python",
    "by code",
    "code to",
    "code that",
    "code which",
    "program to",
    "program that",
    "script to",
    "script that",
    "using code",
    "using python",
    "use python",
    "use code",
    "run code",
];

/// Words that ask for something to be worked out, which a program of the vocabulary may do.
const VERBS: [&str; 9] = [
    "compute",
    "calculate",
    "evaluate",
    "generate",
    "list",
    "count",
    "sort",
    "reverse",
    "installed",
];

/// What is asked of code.
#[derive(Debug, PartialEq)]
pub(super) struct Task {
    /// The place of the first word that asks for it.
    pub(super) at: usize,
    pub(super) program: String,
}

pub(super) fn task(question: &str) -> Option<Task> {
    let tokens = tokens(question);
    let asked = find_any(&tokens, &SIGNS);
    let program = match asked {
        Some(_) => program(question)
            .or_else(|| rates::work(&tokens))
            .or_else(|| Some(no_rule(question))),
        // A problem of rates is reasoned about, unless code was asked for.
        None if rates::work(&tokens).is_some() => None,
        None => program(question),
    };
    let verb = || find_any(&tokens, &VERBS);
    Some(Task {
        at: asked.or_else(verb).unwrap_or(tokens.len()),
        program: program?,
    })
}

/// A program of the vocabulary, if one fits.
pub(super) fn program(question: &str) -> Option<String> {
    let tokens = tokens(question);
    installed(&tokens)
        .or_else(|| texts::program(question, &tokens))
        .or_else(|| lists::program(&tokens))
        .or_else(|| arithmetic::program(&tokens))
}

/// How much of a task a program repeats, in characters.
const MAX_TASK_CHARS: usize = 300;

fn no_rule(question: &str) -> String {
    let task: String = question.chars().take(MAX_TASK_CHARS).collect();
    format!(
        "task = {}\nprint(\"No rule of the rehearsal model writes a program for this task:\", task)\n",
        literal(&task)
    )
}

/// Commands of programs whose command is not their name.
const COMMANDS: [(&str, &str); 5] = [
    ("python", "'python3', 'python'"),
    ("rust", "'rustc', 'cargo'"),
    ("node.js", "'node'"),
    ("golang", "'go'"),
    ("postgresql", "'psql'"),
];

/// Looks for a program or a Python package where the code runs.
fn installed(tokens: &[Token]) -> Option<String> {
    let at = find(tokens, "installed")?;
    let name = installed_name(&tokens[..at])
        .filter(|name| !["it", "this", "that", "they", "one"].contains(&name.as_str()))
        .or_else(|| newest_name(tokens))?;
    let known = COMMANDS.iter().find(|(known, _)| *known == name);
    let commands = known.map_or_else(|| literal(&name), |(_, commands)| (*commands).to_owned());
    Some(format!(
        r#"import importlib.metadata
import shutil
import sys

name = {}
print("Checked where this code runs, which may be a sandbox.")
if name == "python":
    print("This code runs on Python", sys.version.split()[0])
for command in [{commands}]:
    print("command", command + ":", shutil.which(command) or "not found")
try:
    print("Python package", name + ":", importlib.metadata.version(name))
except importlib.metadata.PackageNotFoundError:
    print("Python package", name + ": not installed")
"#,
        literal(&name)
    ))
}

/// The words right before `installed`, back to the word that opens the clause.
fn installed_name(before: &[Token]) -> Option<String> {
    let fillers = [
        "is",
        "are",
        "its",
        "already",
        "currently",
        "been",
        "has",
        "be",
    ];
    let openers = [
        "if", "whether", "that", "is", "are", "have", "i", "see", "check", "the", "a", "and",
        "which", "what", "version", "of",
    ];
    let mut words: Vec<&str> = before
        .iter()
        .rev()
        .skip_while(|token| token.is_any(&fillers))
        .map_while(Token::word)
        .take_while(|word| !openers.contains(word))
        .collect();
    words.reverse();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What the question wants the newest version of.
fn newest_name(tokens: &[Token]) -> Option<String> {
    let newest = ["latest", "newest", "current", "recent", "stable"];
    let ends = ["version", "versions", "release", "releases", "update"];
    let after = tokens.iter().rposition(|token| token.is_any(&newest))? + 1;
    let rest = &tokens[after..];
    let end = rest.iter().position(|token| token.is_any(&ends))?;
    let inside: Vec<&str> = if end > 0 {
        rest[..end].iter().map_while(Token::word).collect()
    } else {
        // "the latest version of X"
        let of = rest.get(1).filter(|token| token.is("of"))?;
        let name = of.word().and(rest.get(2)?.word())?;
        vec![name]
    };
    (!inside.is_empty()).then(|| inside.join(" "))
}
