//! `runs list`: an owner's runs, newest first.

use std::fmt::Write as _;

use drive::now_ms;
use orchestrator::wire::{ListedRun, RunList};

use crate::options::ListOptions;
use crate::output::{print, print_json};
use crate::records::Records;
use crate::text;

pub(super) async fn list(records: &Records, options: ListOptions) -> anyhow::Result<()> {
    let ListOptions {
        owner,
        limit,
        cursor,
        json,
    } = options;
    let page = records
        .store
        .history(&owner, cursor, limit, now_ms())
        .await?;
    let list = RunList::of(page);
    if json {
        return print_json(&list);
    }
    if list.runs.is_empty() && list.cursor.is_none() {
        let (owner, shown) = (text::owner(&owner), &records.shown);
        return print(&format!("{owner} has no runs in {shown}\n"));
    }
    print(&table(&list)?)
}

fn table(list: &RunList) -> Result<String, std::fmt::Error> {
    let mut out = row(["RUN", "STATUS", "CREATED", "TOOK", "COST", "TITLE"]);
    for run in &list.runs {
        let ListedRun {
            run_id,
            title,
            status,
            created_at,
            duration_ms,
            cost_usd,
            // `runs show` tells it, with its comment.
            rating: _,
            pinned: _,
        } = run;
        out.push_str(&row([
            &run_id.to_string(),
            status,
            created_at,
            &duration_ms.map_or_else(|| "-".to_owned(), text::duration),
            &cost_usd.map_or_else(|| "-".to_owned(), text::dollars),
            &text::line(title),
        ]));
    }
    if let Some(cursor) = list.cursor {
        writeln!(out, "\nOlder ones: --cursor {cursor}")?;
    }
    Ok(out)
}

/// One row; each column has room for its longest value.
fn row(columns: [&str; 6]) -> String {
    let [run, status, created, took, cost, title] = columns;
    format!("{run:<26}  {status:<13}  {created:<24}  {took:>12}  {cost:>10}  {title}\n")
}

#[cfg(test)]
mod tests {
    use run::{Cost, RunId, Status};
    use store::{HeadStatus, Listed, Page};

    use super::*;

    #[test]
    fn a_table_has_a_row_for_each_run_and_says_how_it_goes_on() {
        let listed = |number, title: &str, status, ended: Option<(u64, u64)>| Listed {
            run_id: RunId::from_parts(1_700_000_000_000, number),
            title: title.to_owned(),
            status,
            created_at_ms: 1_700_000_000_000,
            duration_ms: ended.map(|(ms, _)| ms),
            cost: ended.map(|(_, nano_usd)| Cost { nano_usd }),
            rating: None,
            pinned: false,
        };
        let ended = HeadStatus::Ended(Status::OutOfRounds);
        let page = Page {
            runs: vec![
                listed(2, "How many?", HeadStatus::Running, None),
                listed(1, "\u{1b}[31mred", ended, Some((83_000, 2_400_000))),
            ],
            next: Some(RunId::from_parts(1_700_000_000_000, 1)),
        };
        let expected = "\
RUN                         STATUS         CREATED                           TOOK        COST  TITLE
01HF7YAT000000000000000002  running        2023-11-14T22:13:20.000Z             -           -  How many?
01HF7YAT000000000000000001  out_of_rounds  2023-11-14T22:13:20.000Z    1 min 23 s     $0.0024  \\u{1b}[31mred

Older ones: --cursor 01HF7YAT000000000000000001
";
        assert_eq!(table(&RunList::of(page)).unwrap(), expected);
    }
}
