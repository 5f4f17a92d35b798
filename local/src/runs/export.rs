//! `runs export`: a run as one JSON document, to be kept or sent along with a report of a fault.
//!
//! Each event has a line of its own in it, so that two exports can be compared line by line. The same run gives the same
//! document for ever once it has ended. Of files that tools made it holds the list, not the bytes.

use anyhow::Context as _;
use drive::now_ms;
use orchestrator::wire::{Projection, Snapshot};

use super::line;
use crate::options::ExportOptions;
use crate::output::print;
use crate::records::Records;
use crate::text;

pub(super) async fn export(records: &Records, options: ExportOptions) -> anyhow::Result<()> {
    let (run, events) = records.run(&options.id).await?;
    let snapshot = text::json(&Snapshot::of(&run, now_ms()))?;
    let mut projection = Projection::default();
    let mut lines = Vec::with_capacity(events.len());
    for (seq, event) in &events {
        if let Some(shown) = projection.take(*seq, event) {
            lines.push(line::json(*seq, &shown)?);
        }
    }
    let document = format!(
        "{{\"version\":\"{}\",\n\"snapshot\":{snapshot},\n\"events\":[\n{}\n]}}\n",
        env!("CARGO_PKG_VERSION"),
        lines.join(",\n"),
    );
    match options.output {
        None => print(&document),
        Some(file) => std::fs::write(&file, document)
            .with_context(|| format!("the export cannot be written to {}", file.display())),
    }
}
