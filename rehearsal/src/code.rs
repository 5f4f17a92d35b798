//! When a question needs code, and the program that answers it, from a vocabulary of general tasks.

use crate::coverage::Coverage;
use crate::words::{self, Token, find, find_any, literal, tokens};
use crate::{arithmetic, dates, lists, lookup, rates, texts};

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
pub(crate) struct Task {
    /// The place of the first word that asks for it.
    pub(crate) at: usize,
    /// None where no rule of the vocabulary covers what is asked.
    pub(crate) program: Option<String>,
}

pub(crate) fn task(question: &str) -> Option<Task> {
    let tokens = tokens(question);
    let signs = find_any(&tokens, &SIGNS);
    let rates = rates::work(&tokens);
    // A problem of rates is reasoned about, unless code was asked for.
    if signs.is_none() && rates.is_some() {
        return None;
    }
    let program = program(question).or(rates);
    let verb = find_any(&tokens, &VERBS);
    let is_asked =
        signs.is_some() || find_any(&words::tokens(&lookup::rest(question)), &VERBS).is_some();
    (is_asked || program.is_some()).then(|| Task {
        at: signs.or(verb).unwrap_or(tokens.len()),
        program,
    })
}

/// A program of the vocabulary, if one covers the question, or all of it that is not for a search.
pub(crate) fn program(question: &str) -> Option<String> {
    whole(question, question).or_else(|| whole(&lookup::rest(question), question))
}

/// A program for the whole of `asked`, a part of `question`.
fn whole(asked: &str, question: &str) -> Option<String> {
    let tokens = tokens(asked);
    installed(&tokens, &words::tokens(question))
        .or_else(|| texts::program(asked))
        .or_else(|| dates::program(&tokens))
        .or_else(|| lists::program(&tokens))
        .or_else(|| arithmetic::program(&tokens))
}

/// Commands of programs whose command is not their name.
const COMMANDS: [(&str, &str); 5] = [
    ("python", "'python3', 'python'"),
    ("rust", "'rustc', 'cargo'"),
    ("node.js", "'node'"),
    ("golang", "'go'"),
    ("postgresql", "'psql'"),
];

/// Words in which it is asked whether something is installed.
const INSTALLED: [&str; 25] = [
    "installed",
    "already",
    "currently",
    "now",
    "been",
    "has",
    "have",
    "be",
    "do",
    "see",
    "here",
    "on",
    "this",
    "that",
    "system",
    "computer",
    "machine",
    "sandbox",
    "version",
    "latest",
    "newest",
    "release",
    "not",
    "where",
    "its",
];

/// Looks for a program or a Python package where the code runs. Which one may be told in another part of the question.
fn installed(tokens: &[Token], question: &[Token]) -> Option<String> {
    let at = find(tokens, "installed")?;
    let mut coverage = Coverage::new(tokens);
    coverage.take_phrases(&INSTALLED);
    let named = installed_name(&tokens[..at])
        .filter(|name| !["it", "this", "that", "they", "one"].contains(&name.as_str()));
    if let Some(name) = &named {
        coverage.take_phrases(&[name]);
    }
    let name = named.or_else(|| newest_name(question))?;
    if !coverage.is_whole() {
        return None;
    }
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
