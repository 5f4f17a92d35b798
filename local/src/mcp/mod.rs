//! `mcp`: a bridge from standard input and output to `POST /mcp` of a stack, for programs that start their servers by themselves.
//!
//! Refuses to know what the messages mean: the stack answers them. Nothing but its answers stands on standard output.

mod bridge;
mod exchange;
mod here;
mod lines;
mod server;
mod target;

use rustix::fs::Mode;

use crate::options::McpOptions;
use crate::serve::StopSignals;
use lines::{input, output};
use server::Server;

/// Passes messages on until standard input ends, nobody reads standard output, or somebody ends this process.
pub(crate) async fn perform(options: McpOptions) -> anyhow::Result<()> {
    // What the stack makes is for its user alone, whatever makes it.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let mut stop = StopSignals::listen()?;
    let server = Server::new(options)?;
    let (out, mut written) = output();
    let ended = tokio::select! {
        bridged = bridge::bridge(&server, input(), out) => bridged.map(|()| None),
        // Whoever started this is gone, even where its end of standard input is not.
        written = &mut written => Ok(Some(written)),
        () = stop.recv() => Ok(None),
    };
    server.leave().await;
    match ended? {
        Some(written) => written?,
        None => written.await?,
    }
}
