//! `keys`: who may use the interface, and how much. Works on the table, beside a running stack or without one.
//!
//! A key is printed once, when it is made; the table holds nothing that it could be read from.

mod create;
mod limit;
mod limits;
mod list;
mod name;
pub(crate) mod options;
mod revoke;
mod secret;

use options::{KeysCommand, KeysOptions};

use crate::open_table::Missing;
use crate::output;
use crate::records::Records;

/// Does what is asked for.
pub(crate) async fn perform(options: KeysOptions) -> anyhow::Result<()> {
    let KeysOptions { data_dir, command } = options;
    let records = match &command {
        KeysCommand::Create(_) => Records::to_change(&data_dir, Missing::Made).await?,
        KeysCommand::List(_) => Records::to_read(&data_dir).await?,
        KeysCommand::Limit(_) | KeysCommand::Revoke(_) => {
            Records::to_change(&data_dir, Missing::Refused).await?
        }
    };
    let performed = match command {
        KeysCommand::Create(options) => create::create(&records, options).await,
        KeysCommand::List(options) => list::list(&records, options).await,
        KeysCommand::Limit(options) => limit::limit(&records, options).await,
        KeysCommand::Revoke(options) => revoke::revoke(&records, options).await,
    };
    match performed {
        Err(error) if output::is_closed_pipe(&error) => Ok(()),
        Err(error) => Err(records.explain(error)),
        Ok(()) => Ok(()),
    }
}
