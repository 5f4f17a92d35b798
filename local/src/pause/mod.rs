//! `pause` and `resume`: the switch that stops all new runs of whoever uses the table. Runs that are under way go on.

pub(crate) mod options;

use drive::now_ms;
use options::{PauseOptions, ResumeOptions};
use orchestrator::wire::rfc3339;
use store::Pause;

use crate::open_table::Missing;
use crate::output::{self, print};
use crate::records::Records;
use crate::text;

/// Lets no run begin from now on.
pub(crate) async fn pause(options: PauseOptions) -> anyhow::Result<()> {
    let PauseOptions { reason, table } = options;
    let records = Records::to_change(&table.data_dir, Missing::Made).await?;
    finish(&records, stop(&records, reason).await)
}

/// Lets runs begin again.
pub(crate) async fn resume(options: ResumeOptions) -> anyhow::Result<()> {
    let records = Records::to_change(&options.table.data_dir, Missing::Refused).await?;
    finish(&records, go_on(&records).await)
}

async fn stop(records: &Records, reason: Option<String>) -> anyhow::Result<()> {
    let before = records.store.paused().await?;
    let pause = next(before.as_ref(), reason, now_ms());
    records.store.pause(&pause).await?;
    let reason = match &*pause.reason {
        "" => String::new(),
        reason => format!("; who asks is told: {}", text::line(reason)),
    };
    let (shown, was) = (&records.shown, was(before.as_ref()));
    print(&format!(
        "paused: no run begins in {shown}{reason}\nbefore: {was}\n"
    ))
}

async fn go_on(records: &Records) -> anyhow::Result<()> {
    let before = records.store.paused().await?;
    records.store.resume().await?;
    let (shown, was) = (&records.shown, was(before.as_ref()));
    print(&format!("resumed: runs begin in {shown}\nbefore: {was}\n"))
}

/// A pause goes on as it was, but for a reason that is given.
fn next(before: Option<&Pause>, reason: Option<String>, now_ms: u64) -> Pause {
    Pause {
        since_ms: before.map_or(now_ms, |pause| pause.since_ms),
        reason: reason
            .or_else(|| Some(before?.reason.clone()))
            .unwrap_or_default(),
    }
}

fn was(before: Option<&Pause>) -> String {
    match before {
        None => "not paused".to_owned(),
        Some(Pause { since_ms, reason }) if reason.is_empty() => {
            format!("paused since {}", rfc3339(*since_ms))
        }
        Some(Pause { since_ms, reason }) => {
            let (since, reason) = (rfc3339(*since_ms), text::line(reason));
            format!("paused since {since}: {reason}")
        }
    }
}

fn finish(records: &Records, performed: anyhow::Result<()>) -> anyhow::Result<()> {
    match performed {
        Err(error) if output::is_closed_pipe(&error) => Ok(()),
        Err(error) => Err(records.explain(error)),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(since_ms: u64, reason: &str) -> Pause {
        let reason = reason.to_owned();
        Pause { since_ms, reason }
    }

    #[test]
    fn a_pause_that_goes_on_keeps_its_beginning_and_its_reason_unless_another_is_given() {
        let before = since(1, "Because.");
        let again = |reason: Option<&str>| next(Some(&before), reason.map(str::to_owned), 9);
        assert_eq!(next(None, None, 9), since(9, ""));
        assert_eq!(next(None, Some("So.".to_owned()), 9), since(9, "So."));
        assert_eq!(again(None), before);
        assert_eq!(again(Some("So.")), since(1, "So."));
        assert_eq!(again(Some("")), since(1, ""));
    }

    #[test]
    fn what_was_before_is_told_and_not_obeyed() {
        assert_eq!(was(None), "not paused");
        let time = "2023-11-14T22:13:20.000Z";
        let paused = since(1_700_000_000_000, "");
        assert_eq!(was(Some(&paused)), format!("paused since {time}"));
        let hostile = since(1_700_000_000_000, "\u{1b}[2J");
        assert_eq!(
            was(Some(&hostile)),
            format!("paused since {time}: \\u{{1b}}[2J")
        );
    }
}
