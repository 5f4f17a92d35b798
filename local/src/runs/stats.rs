//! `runs stats`: what an owner's runs took, day by day, and what models and tools took of it.

use std::collections::BTreeMap;
use std::fmt;

use drive::now_ms;
use orchestrator::wire::{Stats, no_limits};
use run::{Cost, Status, Tally, Usage};
use store::DaySums;

use crate::options::StatsOptions;
use crate::output::{print, print_json};
use crate::records::Records;
use crate::text;

pub(super) async fn stats(records: &Records, options: StatsOptions) -> anyhow::Result<()> {
    let StatsOptions { owner, days, json } = options;
    let sums = records.store.days(&owner, days, now_ms()).await?;
    if json {
        return print_json(&Stats::of(sums, no_limits()));
    }
    if sums.is_empty() {
        let (owner, shown) = (text::owner(&owner), &records.shown);
        return print(&format!(
            "no run of {owner} has ended within {days} days in {shown}\n"
        ));
    }
    print(&tables(&sums))
}

fn tables(days: &[DaySums]) -> String {
    let mut out = day_row([
        "DAY",
        "RUNS",
        "COMPLETED",
        "COST",
        "IN",
        "OUT",
        "GOOD",
        "BAD",
        "TASKS",
        "JOINED",
    ]);
    let (mut models, mut tools) = (BTreeMap::new(), BTreeMap::new());
    let mut total = Total::default();
    for day in days {
        let of_day = Total::of(day);
        out.push_str(&of_day.row(&day.day));
        total.add(&of_day);
        gather(&mut models, &day.by_model);
        gather(&mut tools, &day.by_tool);
    }
    out.push_str(&total.row("all"));
    push_tallies(&mut out, "MODEL", &models);
    push_tallies(&mut out, "TOOL", &tools);
    out
}

/// The figures of one day or of several.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    runs: u64,
    completed: u64,
    cost: Cost,
    usage: Usage,
    good: u64,
    bad: u64,
    tasks: u64,
    joined: u64,
}

impl Total {
    fn of(day: &DaySums) -> Self {
        let completed = day.by_status.get(Status::Completed.as_str());
        Self {
            runs: day.runs(),
            completed: completed.copied().unwrap_or_default(),
            cost: day.cost,
            usage: day.usage,
            good: day.good,
            bad: day.bad,
            tasks: day.tasks,
            joined: day.joined,
        }
    }

    fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.completed += other.completed;
        self.cost += other.cost;
        self.usage += other.usage;
        self.good += other.good;
        self.bad += other.bad;
        self.tasks += other.tasks;
        self.joined += other.joined;
    }

    fn row(&self, name: &str) -> String {
        day_row([
            name,
            &self.runs.to_string(),
            &self.completed.to_string(),
            &text::dollars(self.cost.usd()),
            &self.usage.input_tokens.to_string(),
            &self.usage.output_tokens.to_string(),
            &self.good.to_string(),
            &self.bad.to_string(),
            &self.tasks.to_string(),
            &self.joined.to_string(),
        ])
    }
}

/// What the days' models or tools took in all, by their names.
fn gather<K: fmt::Display>(all: &mut BTreeMap<String, Tally>, of_day: &BTreeMap<K, Tally>) {
    for (name, tally) in of_day {
        let sum = all.entry(name.to_string()).or_default();
        sum.calls += tally.calls;
        sum.usage += tally.usage;
        sum.cost += tally.cost;
        sum.duration_ms = sum.duration_ms.saturating_add(tally.duration_ms);
    }
}

/// Nothing where there is nothing to tell.
fn push_tallies(out: &mut String, kind: &str, tallies: &BTreeMap<String, Tally>) {
    if tallies.is_empty() {
        return;
    }
    out.push('\n');
    out.push_str(&tally_row([kind, "CALLS", "TOOK", "COST", "IN", "OUT"]));
    for (name, tally) in tallies {
        out.push_str(&tally_row([
            &text::line(name),
            &tally.calls.to_string(),
            &text::duration(tally.duration_ms),
            &text::dollars(tally.cost.usd()),
            &tally.usage.input_tokens.to_string(),
            &tally.usage.output_tokens.to_string(),
        ]));
    }
}

fn day_row(columns: [&str; 10]) -> String {
    let [
        day,
        runs,
        completed,
        cost,
        input,
        output,
        good,
        bad,
        tasks,
        joined,
    ] = columns;
    format!(
        "{day:<10}  {runs:>7}  {completed:>9}  {cost:>12}  {input:>12}  {output:>12}  {good:>5}  {bad:>5}  {tasks:>5}  {joined:>6}\n"
    )
}

fn tally_row(columns: [&str; 6]) -> String {
    let [name, calls, took, cost, input, output] = columns;
    format!("{name:<24}  {calls:>7}  {took:>12}  {cost:>12}  {input:>12}  {output:>12}\n")
}

#[cfg(test)]
mod tests {
    use run::{ModelId, ToolName};

    use super::*;

    #[test]
    fn a_table_has_a_row_for_each_day_and_sums_them_up() {
        let tally = |calls, input_tokens| Tally {
            calls,
            usage: Usage {
                input_tokens,
                output_tokens: 5,
                ..Usage::default()
            },
            cost: Cost {
                nano_usd: 1_000_000,
            },
            duration_ms: 61_000,
        };
        let day = |day: &str, completed, good| DaySums {
            day: day.to_owned(),
            by_status: BTreeMap::from([
                ("completed".to_owned(), completed),
                ("failed".to_owned(), 1),
            ]),
            usage: Usage {
                input_tokens: 10,
                output_tokens: 5,
                ..Usage::default()
            },
            cost: Cost {
                nano_usd: 2_400_000,
            },
            by_model: BTreeMap::from([(ModelId::new("qwen"), tally(2, 10))]),
            by_tool: BTreeMap::from([(ToolName::new("\u{1b}[31mred"), tally(1, 0))]),
            good,
            bad: 0,
            tasks: 1,
            joined: 2,
        };
        let days = [day("2026-11-28", 2, 1), day("2026-11-26", 3, 0)];
        let expected = "\
DAY            RUNS  COMPLETED          COST            IN           OUT   GOOD    BAD  TASKS  JOINED
2026-11-28        3          2       $0.0024            10             5      1      0      1       2
2026-11-26        4          3       $0.0024            10             5      0      0      1       2
all               7          5       $0.0048            20            10      1      0      2       4

MODEL                       CALLS          TOOK          COST            IN           OUT
qwen                            4    2 min 02 s        $0.002            20            10

TOOL                        CALLS          TOOK          COST            IN           OUT
\\u{1b}[31mred                   2    2 min 02 s        $0.002             0            10
";
        assert_eq!(tables(&days), expected);
    }
}
