//! Laws of what becomes of a text, with the real sandbox: a program in Markdown is that program, what stands in a string stays,
//! and every text ends as a program does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use kit::Bench;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

const CASES: u32 = 64;

/// Lines that mean something to what looks for a program, and nothing in a string.
const LINES: [&str; 26] = [
    "",
    "```",
    "```python",
    "````",
    "~~~",
    "x = 1",
    "    y = 2",
    "\tz",
    "if x:",
    "%matplotlib inline",
    "%%time",
    "!pip install x",
    "print?",
    ">>> x",
    "In [1]: x",
    "... x",
    "“it’s”",
    "a\u{a0}b\u{200b}",
    "1 – 2",
    "a\\nb",
    "&lt;",
    "# it's (",
    "\"quoted\"",
    "</code>",
    "# é 𝄞",
    "it's [",
];
const PROSE: [&str; 5] = [
    "",
    "Here's the program (it is short",
    "1. First, \"this\":",
    "> quoted",
    "Done.",
];
const LANGUAGES: [&str; 5] = ["", "python", "py", "Python3", "{.python}"];
const MARKS: [&str; 4] = ["```", "`````", "~~~", "~~~~"];

fn run(runtime: &Runtime, bench: &Bench, code: &str) -> Value {
    runtime.block_on(bench.call(json!({"code": code})))
}

fn check<S: Strategy>(inputs: &S, law: impl Fn(&Runtime, &Bench, S::Value)) {
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let bench = Bench::new();
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let held = runner.run(inputs, |input| {
        law(&runtime, &bench, input);
        Ok(())
    });
    held.unwrap();
}

/// A program that says what stands in a string of it, and then where it is.
fn quoting(lines: &[&str]) -> String {
    let text = lines.join("\n");
    format!("t = r'''{text}\n'''\nimport sys\nlist(t.encode()), sys._getframe().f_lineno")
}

fn quoted(lines: &[&str], line: usize) -> String {
    let text = format!("{}\n", lines.join("\n"));
    format!("({:?}, {line})", text.as_bytes())
}

#[test]
fn what_stands_in_a_string_stays_in_a_program_and_in_one_in_markdown() {
    let inputs = (
        vec(select(&LINES[..]), 0..8),
        vec(select(&PROSE[..]), 0..3),
        select(&LANGUAGES[..]),
        select(&MARKS[..]),
        select(&["", "   ", "\t"][..]),
        any::<bool>(),
    );
    check(
        &inputs,
        |runtime, bench, (lines, prose, language, mark, indent, is_closed)| {
            let program = quoting(&lines);
            let last = program.lines().count();
            let bare = run(runtime, bench, &program);
            assert_eq!(bare["value"], quoted(&lines, last), "{program}");

            let mut text = prose.clone();
            let (opening, indented): (_, Vec<_>) = (
                format!("{indent}{mark}{language}"),
                program
                    .lines()
                    .map(|line| format!("{indent}{line}"))
                    .collect(),
            );
            text.push(&opening);
            text.extend(indented.iter().map(String::as_str));
            let closing = format!("{indent}{mark}");
            if is_closed {
                text.push(&closing);
                text.extend(&prose);
            }
            let text = text.join("\n");
            let fenced = run(runtime, bench, &text);
            let expected = quoted(&lines, prose.len() + 1 + last);
            assert_eq!(fenced["value"], expected, "{text}\n{fenced}");
        },
    );
}

#[test]
fn a_text_of_any_kind_ends_as_a_program_or_is_told_without_the_harness() {
    let inputs = vec(select(&LINES[..]), 0..12);
    check(&inputs, |runtime, bench, lines| {
        let text = lines.join("\n");
        let told = run(runtime, bench, &text);
        let stderr = told["stderr"].as_str().unwrap();
        assert!(
            !stderr.contains("harness") && !stderr.contains("sandbox_"),
            "{text}\n{told}"
        );
        match told["error"].as_str() {
            None => assert_eq!(told["success"], true, "{text}\n{told}"),
            Some(error) => {
                assert_eq!(error, "exception", "{text}\n{told}");
                assert!(stderr.contains("Error"), "{text}\n{told}");
            }
        }
    });
}
