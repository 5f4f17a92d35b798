//! `runs show`: one run, as it stands.

use std::fmt::{self, Write as _};

use drive::now_ms;
use orchestrator::wire::Snapshot;
use run::{CallError, CallState, Cost, Decision, Outcome, Problem, Round, Run, Spent, Usage};
use store::{Head, HeadStatus, Rated};

use crate::options::ShowOptions;
use crate::output::{print, print_json};
use crate::records::Records;
use crate::text;

pub(super) async fn show(records: &Records, options: ShowOptions) -> anyhow::Result<()> {
    let (run, _) = records.run(&options.id).await?;
    let now_ms = now_ms();
    let snapshot = Snapshot::of(&run, now_ms);
    if options.json {
        let head = records.store.head(run.start.run_id, now_ms).await?;
        let shared = head.is_some_and(|head| head.share.is_some());
        return print_json(&snapshot.for_owner(shared));
    }
    let head = match run.ended() {
        Some(_) => None,
        None => records.store.head(run.start.run_id, now_ms).await?,
    };
    let driver = head.map(|head| driver(&head, now_ms));
    let rated = records
        .store
        .rating(&run.start.owner, run.start.run_id, now_ms)
        .await?;
    print(&page(&run, &snapshot, driver, rated)?)
}

/// Who drives an unfinished run.
fn driver(head: &Head, now_ms: u64) -> String {
    match head.status {
        HeadStatus::Ended(_) | HeadStatus::Deleting => "none: the run has just ended".to_owned(),
        HeadStatus::Running | HeadStatus::Suspended if head.is_given_up() => {
            "none: the last one left in good order, for another one to go on".to_owned()
        }
        HeadStatus::Running | HeadStatus::Suspended => {
            match now_ms.checked_sub(head.lease_until_ms) {
                None => "holds the run".to_owned(),
                Some(late) => format!("none: the lease ran out {} ago", text::duration(late)),
            }
        }
    }
}

fn page(
    run: &Run,
    snapshot: &Snapshot<'_>,
    driver: Option<String>,
    rated: Option<Rated>,
) -> Result<String, fmt::Error> {
    let mut out = fields(run, snapshot, driver)?;
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
    if let Some(Rated { rating, comment }) = rated {
        let comment = comment.as_deref().map_or_else(String::new, text::block);
        write!(out, "\nrated {}\n{comment}", rating.as_str())?;
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

fn fields(
    run: &Run,
    snapshot: &Snapshot<'_>,
    driver: Option<String>,
) -> Result<String, fmt::Error> {
    let summary = &snapshot.summary;
    let mut out = String::new();
    let mut field = |name: &str, value: &str| writeln!(out, "{name:<10}  {}", text::line(value));
    field("run", &run.start.run_id.to_string())?;
    field("status", snapshot.status)?;
    if let Some(driver) = driver {
        field("driver", &driver)?;
    }
    field("owner", &text::owner(&run.start.owner))?;
    field("created", &snapshot.created_at)?;
    let so_far = if run.ended().is_some() { "" } else { " so far" };
    field(
        "took",
        &format!("{}{so_far}", text::duration(summary.duration_ms)),
    )?;
    field("cost", &text::dollars(summary.cost_usd))?;
    field("tokens", &tokens(summary.usage))?;
    field("events", &snapshot.last_seq.to_string())?;
    if let Some(previous) = run.start.request.previous_run_id {
        field("follows", &previous.to_string())?;
    }
    if run.resumed > 0 {
        field("takeovers", &run.resumed.to_string())?;
    }
    if let Some(by) = &run.cancelled_by {
        field("cancelled", &format!("by {by}"))?;
    }
    Ok(out)
}

fn tokens(usage: Usage) -> String {
    let Usage {
        input_tokens,
        output_tokens,
        cached_input_tokens,
        ..
    } = usage;
    let cached = match cached_input_tokens {
        0 => String::new(),
        cached => format!(" ({cached} cached)"),
    };
    let about = text::about(usage);
    format!("{about}{input_tokens} in{cached}, {output_tokens} out")
}

fn push_round(out: &mut String, round: &Round) -> fmt::Result {
    let spent = round.attempts.total();
    let decided = match &round.decision {
        Some(decision) => {
            let Decision {
                model,
                finish_reason,
                ..
            } = decision;
            format!("{model}, {}, {finish_reason}", took(spent))
        }
        None if spent == Spent::default() => "not decided".to_owned(),
        None => format!("not decided, {}", took(spent)),
    };
    let decided = text::line(decided.trim_end_matches(", "));
    writeln!(out, "round {}  {decided}", round.number)?;
    let mut calls = round.asked_calls();
    calls.try_for_each(|call| {
        push_call(out, round, call, "")?;
        let mut steps = round.steps_of(call.call_id);
        steps.try_for_each(|step| push_call(out, round, step, "  "))
    })
}

/// A call and what came of it; inner steps stand further in.
fn push_call(out: &mut String, round: &Round, call: &CallState, indent: &str) -> fmt::Result {
    let by = call.model();
    let by = by.map_or_else(String::new, |model| format!(" ({model})"));
    let (said, took) = match &call.outcome {
        None => ("under way", String::new()),
        Some(outcome) => (said(outcome), took(round.spent(call))),
    };
    let line = format!("{} {}{by}  {said}  {took}", call.call_id, call.spec.tool);
    writeln!(out, "{indent}  {}", text::line(line.trim_end()))?;
    writeln!(
        out,
        "{indent}    {}",
        text::brief_json(&call.spec.arguments)
    )?;
    match call.outcome.as_ref().and_then(Outcome::error) {
        Some(CallError { code, message, .. }) => {
            let error = text::line(&format!("{code}: {message}"));
            writeln!(out, "{indent}    {error}")
        }
        None => Ok(()),
    }
}

/// How a call ended, in a word or two.
const fn said(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Text { .. } | Outcome::Object(_) | Outcome::Composed { .. } => "ok",
        Outcome::Failed { .. } => "failed",
        Outcome::Rejected { .. } => "rejected",
        Outcome::NotRun { .. } | Outcome::OverBudget { has_begun: false } => "not run",
        Outcome::OverBudget { has_begun: true } => "over budget",
        Outcome::Cancelled { .. } => "cancelled",
    }
}

fn took(spent: Spent) -> String {
    text::took(spent.duration_ms, spent.usage, spent.cost.map(Cost::usd))
}
