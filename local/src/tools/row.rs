//! One line of what `tools check` found.

use std::time::Duration;

use serde::Serialize;

use crate::text;

/// A model or a tool, and whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) kind: &'static str,
    /// Where it is, without any secret.
    pub(super) target: String,
    pub(super) took: Duration,
    pub(super) found: Found,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Answers,
    /// It answers, and is another than when it was last looked at: what of it.
    Changed(String),
    /// Nobody has said where it is, and nothing depends on it alone; what would say so.
    NotSetUp(String),
    /// What is wrong, and what to do.
    Problem(String),
}

/// A row as a program reads it.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    kind: &'a str,
    target: &'a str,
    took_ms: u128,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<&'a str>,
}

impl Row {
    pub(super) const fn is_problem(&self) -> bool {
        matches!(self.found, Found::Problem(_))
    }

    pub(super) fn json(&self) -> serde_json::Result<String> {
        let (problem, changed) = match &self.found {
            Found::Answers => (None, None),
            Found::Changed(what) => (None, Some(what.as_str())),
            Found::NotSetUp(problem) | Found::Problem(problem) => (Some(problem.as_str()), None),
        };
        text::json(&Line {
            name: &self.name,
            kind: self.kind,
            target: &self.target,
            took_ms: self.took.as_millis(),
            ok: !self.is_problem(),
            problem,
            changed,
        })
    }
}

/// The rows with a head, each column as wide as its longest text.
pub(super) fn table(rows: &[Row]) -> String {
    let head = ["NAME", "KIND", "TARGET", "TOOK", "RESULT"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        let found = match &row.found {
            Found::Answers => "ok".to_owned(),
            Found::Changed(what) => format!("ok, but changed since the last check: {what}"),
            Found::NotSetUp(what) => format!("not set up: {what}"),
            Found::Problem(what) => format!("PROBLEM: {what}"),
        };
        let took = text::duration(u64::try_from(row.took.as_millis()).unwrap_or(u64::MAX));
        [&*row.name, row.kind, &row.target, &took, &found].map(text::line)
    });
    let lines: Vec<_> = std::iter::once(head).chain(cells).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths = [0, 1, 2, 3].map(|column| width(column).unwrap_or_default());
    let padded = |line: &[String; 5]| {
        let cells = line.iter().zip(widths);
        let cells: String = cells
            .map(|(cell, width)| format!("{cell:<width$}  "))
            .collect();
        format!("{cells}{}\n", line[4])
    };
    lines.iter().map(padded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, target: &str, found: Found) -> Row {
        Row {
            name: name.to_owned(),
            kind: "http",
            target: target.to_owned(),
            took: Duration::from_millis(12),
            found,
        }
    }

    #[test]
    fn a_table_has_a_row_for_each_and_says_what_is_wrong() {
        let rows = [
            row("weather", "https://example.org/weather", Found::Answers),
            row("a", "b\u{1b}[31m", Found::Problem("gone".to_owned())),
        ];
        let expected = "\
NAME     KIND  TARGET                       TOOK   RESULT
weather  http  https://example.org/weather  12 ms  ok
a        http  b\\u{1b}[31m                  12 ms  PROBLEM: gone
";
        assert_eq!(table(&rows), expected);
        let json = rows[1].json().unwrap();
        let line = r#"{"name":"a","kind":"http","target":"b\u001b[31m","took_ms":12,"ok":false,"problem":"gone"}"#;
        assert_eq!(json, line);
    }
}
