//! `runs show`: one run, as it stands.

use std::fmt::{self, Write as _};

use drive::now_ms;
use orchestrator::wire::Snapshot;
use run::{CallState, Outcome, Problem, Round, Run};

use super::{Records, print, print_json, text};
use crate::options::ShowOptions;

pub(super) async fn show(records: &Records, options: ShowOptions) -> anyhow::Result<()> {
    let (run, _) = records.run(&options.id).await?;
    let snapshot = Snapshot::of(&run, now_ms());
    if options.json {
        return print_json(&snapshot);
    }
    print(&page(&run, &snapshot)?)
}

fn page(run: &Run, snapshot: &Snapshot<'_>) -> Result<String, fmt::Error> {
    let mut out = head(run, snapshot)?;
    write!(out, "\nquestion\n{}", text::block(&run.start.request.query))?;
    for round in &run.rounds {
        out.push('\n');
        push_round(&mut out, round)?;
    }
    if let Some(Problem {
        code,
        message,
        remedy,
    }) = &run.failure
    {
        write!(
            out,
            "\nerror {}\n{}",
            text::line(code),
            text::block(message)
        )?;
        out.push_str(&text::block(remedy));
    }
    if let (Some(answer), Some(by)) = (snapshot.answer, run.answered_by()) {
        write!(out, "\nanswer ({by})\n{}", text::block(answer))?;
    }
    if !snapshot.sources.is_empty() {
        out.push_str("\nsources\n");
    }
    for source in &snapshot.sources {
        let (title, url) = (text::line(&source.title), text::line(&source.url));
        writeln!(out, "  {title}  {url}")?;
    }
    Ok(out)
}

fn head(run: &Run, snapshot: &Snapshot<'_>) -> Result<String, fmt::Error> {
    let summary = &snapshot.summary;
    let mut out = String::new();
    let mut field = |name: &str, value: &str| writeln!(out, "{name:<10}  {}", text::line(value));
    field("run", &run.start.run_id.to_string())?;
    field("status", snapshot.status)?;
    field("owner", &run.start.owner)?;
    field("created", &snapshot.created_at)?;
    let so_far = if run.ended().is_some() { "" } else { " so far" };
    field(
        "took",
        &format!("{}{so_far}", text::duration(summary.duration_ms)),
    )?;
    field("cost", &text::dollars(summary.cost_usd))?;
    field("tokens", &text::tokens(summary.usage))?;
    field("events", &snapshot.last_seq.to_string())?;
    if let Some(previous) = run.start.request.previous_run_id {
        field("follows", &previous.to_string())?;
    }
    if run.resumed > 0 {
        field("taken over", &format!("{} times", run.resumed))?;
    }
    if let Some(by) = &run.cancelled_by {
        field("cancelled", &format!("by {by}"))?;
    }
    Ok(out)
}

fn push_round(out: &mut String, round: &Round) -> fmt::Result {
    write!(out, "round {}", round.number)?;
    match &round.decision {
        Some(decision) => {
            let decided = format!(
                "{}, {}, {}, {}, {}",
                decision.model,
                text::duration(decision.duration_ms),
                text::tokens(decision.usage),
                text::dollars(decision.cost.usd()),
                decision.finish_reason,
            );
            writeln!(out, "  {}", text::line(&decided))?;
        }
        None => out.push_str("  not decided\n"),
    }
    round.calls.iter().try_for_each(|call| push_call(out, call))
}

fn push_call(out: &mut String, call: &CallState) -> fmt::Result {
    let mut parts = vec![format!("{} {}", call.call.call_id, call.call.tool)];
    match &call.result {
        None => parts.push("under way".to_owned()),
        Some(result) => {
            parts.push(outcome(&result.outcome));
            parts.push(text::duration(result.duration_ms));
            parts.extend(result.usage.map(text::tokens));
            parts.extend(result.cost.map(|cost| text::dollars(cost.usd())));
        }
    }
    writeln!(out, "  {}", text::line(&parts.join("  ")))?;
    let arguments = serde_json::Value::Object(call.call.arguments.clone()).to_string();
    writeln!(out, "    {}", text::brief(&arguments))
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Text { .. } | Outcome::Object(_) => "ok".to_owned(),
        Outcome::Failed { code, message, .. } => format!("failed: {code}: {message}"),
        Outcome::NotRun { reason } => format!("not run: {reason}"),
    }
}
