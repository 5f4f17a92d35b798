//! `runs tail`: the events of a run, and those that are still to come.
//!
//! A suspended run goes on with another driver, so only its end ends this. Nobody takes the run over from here.

use std::time::Duration;

use anyhow::{Context as _, bail};
use drive::now_ms;
use orchestrator::wire::Projection;
use run::{RunId, Seq};
use store::{Consistency, HeadStatus, LogEvent};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use super::line;
use crate::options::TailOptions;
use crate::output::print;
use crate::records::Records;

/// The log is read this often at first, …
const POLL_FIRST: Duration = Duration::from_millis(250);
/// … and this often when nothing happens.
const POLL_QUIET: Duration = Duration::from_secs(1);

pub(super) async fn tail(records: &Records, options: TailOptions) -> anyhow::Result<()> {
    // Before the first line: whoever reads it may press Ctrl-C at once.
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for Ctrl-C")?;
    tokio::select! {
        followed = follow(records, options) => followed,
        _ = interrupt.recv() => Ok(()),
    }
}

async fn follow(records: &Records, options: TailOptions) -> anyhow::Result<()> {
    let TailOptions { id, after, json } = options;
    let (run, mut fresh) = records.run(&id).await?;
    let (run_id, last) = (run.start.run_id, run.last_seq);
    if Seq(after) > last {
        bail!("--after must not lie beyond the last event, {last}, got {after}");
    }
    let mut projection = Projection::seen_until(Seq(after));
    let mut wait = POLL_FIRST;
    loop {
        print(&lines(&mut projection, &fresh, json)?)?;
        if projection.is_over() {
            return Ok(());
        }
        sleep(wait).await;
        let next = projection.last_seq().next();
        let read = records
            .store
            .read(run_id, next, Consistency::Eventual, now_ms());
        let log = read.await.with_context(|| {
            format!(
                "followed until event {}, see --after",
                projection.last_seq()
            )
        })?;
        fresh = log.events;
        if fresh.is_empty() {
            check_there(records, run_id).await?;
            wait = (wait * 2).min(POLL_QUIET);
        } else {
            wait = POLL_FIRST;
        }
    }
}

/// What of these events has not been shown.
fn lines(projection: &mut Projection, events: &[LogEvent], json: bool) -> anyhow::Result<String> {
    let mut lines = String::new();
    for (seq, event) in events {
        let Some(shown) = projection.take(*seq, event) else {
            continue;
        };
        if json {
            lines.push_str(&line::json(*seq, &shown)?);
        } else {
            lines.push_str(&line::human(*seq, &shown));
        }
        lines.push('\n');
    }
    Ok(lines)
}

/// A run that is deleted has no end to wait for.
async fn check_there(records: &Records, run_id: RunId) -> anyhow::Result<()> {
    let head = records.store.head(run_id, now_ms()).await?;
    match head.map(|head| head.status) {
        Some(HeadStatus::Running | HeadStatus::Suspended | HeadStatus::Ended(_)) => Ok(()),
        Some(HeadStatus::Deleting) | None => {
            bail!("the run is gone: it was deleted, or its time is over")
        }
    }
}
