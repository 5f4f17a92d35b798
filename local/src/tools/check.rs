//! `tools check`: every model and tool of the catalogue, asked side by side.

use anyhow::bail;
use futures_util::future::join_all;

use super::opened::Opened;
use super::reach;
use super::row::{Row, table};
use crate::options::CheckOptions;
use crate::output::print;

pub(super) async fn check(opened: &Opened, options: CheckOptions) -> anyhow::Result<()> {
    let catalog = &opened.services.catalog;
    let models = join_all(
        catalog
            .models
            .iter()
            .map(|model| reach::model(opened, model)),
    )
    .await;
    let tools = catalog.tools.iter();
    let tools = join_all(tools.map(|tool| reach::tool(opened, tool, &models))).await;
    let listed = opened.services.described_tools().into_iter();
    let listed = listed.map(|(name, _, problem)| reach::listed_tool(&name, problem));
    let rows: Vec<Row> = models.into_iter().chain(tools).chain(listed).collect();
    if options.json {
        for row in &rows {
            print(&format!("{}\n", row.json()?))?;
        }
    } else {
        print(&table(&rows))?;
    }
    match rows.iter().filter(|row| row.is_problem()).count() {
        0 => Ok(()),
        1 => bail!("one of {} has a problem", rows.len()),
        problems => bail!("{problems} of {} have a problem", rows.len()),
    }
}
