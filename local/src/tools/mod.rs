//! `tools`: whether the models and tools of the catalogue are there, and what one call of a tool comes to.
//!
//! They are opened as a stack opens them, with the functions of this process where the stack has these, so that nothing has to run beside it.
//! Refuses to store anything: what a call needs of a table is in memory, and gone with the process.

mod call;
mod check;
mod opened;
mod reach;
mod row;
mod seen;

use crate::options::{ToolsCommand, ToolsOptions};
use crate::output;
use opened::Opened;

/// Does what is asked for, and prints it.
pub(crate) async fn perform(options: ToolsOptions) -> anyhow::Result<()> {
    let opened = Opened::from_env().await?;
    let performed = match options.command {
        ToolsCommand::Check(options) => check::check(&opened, options).await,
        ToolsCommand::Call(options) => call::call(&opened, options).await,
    };
    match performed {
        Err(error) if output::is_closed_pipe(&error) => Ok(()),
        other => other,
    }
}
