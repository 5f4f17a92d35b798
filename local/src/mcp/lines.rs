//! Standard input and output as channels of lines. Each is read or written by a thread: no task can be made to wait for them.

use std::io::{self, BufRead as _};
use std::thread;

use anyhow::Context as _;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::output::{is_closed_pipe, print};

/// Lines that wait to be handled.
const LINES: usize = 64;

/// The lines of standard input; an error is the last of them.
pub(super) fn input() -> Receiver<anyhow::Result<String>> {
    let (sender, lines) = channel(LINES);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let line = line.context("read standard input");
            let is_last = line.is_err();
            if sender.blocking_send(line).is_err() || is_last {
                return;
            }
        }
    });
    lines
}

/// Where lines for standard output go, and the end of their writing. Whoever reads them may be gone.
pub(super) fn output() -> (Sender<String>, JoinHandle<anyhow::Result<()>>) {
    let (sender, mut lines) = channel::<String>(LINES);
    let written = spawn_blocking(move || {
        while let Some(line) = lines.blocking_recv() {
            let mut line = on_one_line(line);
            line.push('\n');
            match print(&line) {
                Err(error) if is_closed_pipe(&error) => return Ok(()),
                written => written?,
            }
        }
        Ok(())
    });
    (sender, written)
}

/// Some programs take these for the end of a line; in JSON they stand in texts alone, where they may be escaped.
fn on_one_line(json: String) -> String {
    let ends = [
        ('\u{85}', "\\u0085"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ];
    ends.iter().fold(json, |json, (end, escape)| {
        if json.contains(*end) {
            json.replace(*end, escape)
        } else {
            json
        }
    })
}

/// Where nobody reads any more, nobody has to be told.
pub(super) async fn say(out: &Sender<String>, line: String) {
    if out.send(line).await.is_err() {
        tracing::debug!("standard output is closed");
    }
}
