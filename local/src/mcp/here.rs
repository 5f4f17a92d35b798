//! The stack of this machine: the one that holds the data directory, else one in this process.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::target::Target;
use crate::connections::raise_descriptors;
use crate::holder::{Holder, holder};
use crate::options::ServeOptions;
use crate::serve::Stack;
use crate::settings::Settings;

/// How long a stack of another process may take to start, in so many looks.
const LOOKS: u32 = 60;
const LOOK_AFTER: Duration = Duration::from_millis(500);

/// The stack of this machine, as far as it is known.
pub(super) struct Here {
    data_dir: PathBuf,
    target: Option<Target>,
    own: Option<StackHere>,
}

/// A stack in this process.
struct StackHere {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Here {
    pub(super) const fn new(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            target: None,
            own: None,
        }
    }

    /// Where the stack is reached; it is started where none runs.
    pub(super) async fn target(&mut self) -> anyhow::Result<Target> {
        if let Some(target) = &self.target {
            return Ok(target.clone());
        }
        let target = self.find().await?;
        self.target = Some(target.clone());
        Ok(target)
    }

    /// Looks for it anew the next time: it gave no answer. One in this process is where it was.
    pub(super) fn forget(&mut self, lost: &Target) {
        if self.own.is_none() && self.target.as_ref() == Some(lost) {
            self.target = None;
        }
    }

    pub(super) async fn leave(&mut self) {
        if let Some(StackHere { stop, task }) = self.own.take() {
            drop(stop);
            if let Err(error) = task.await {
                tracing::error!(%error, "the stack broke off");
            }
        }
    }

    async fn find(&mut self) -> anyhow::Result<Target> {
        for _ in 0..LOOKS {
            match holder(&self.data_dir)? {
                Holder::Stack(address) if !address.is_empty() => return Target::at(&address),
                Holder::Stack(_) => sleep(LOOK_AFTER).await,
                Holder::Nobody => match self.start().await {
                    Ok(target) => return Ok(target),
                    // Another process was faster.
                    Err(_) if holder(&self.data_dir)? != Holder::Nobody => {}
                    Err(error) => return Err(error.context("the stack could not be started")),
                },
            }
        }
        bail!(
            "the stack that holds the data directory {} does not say where it is: end it, and start it anew",
            self.data_dir.display()
        )
    }

    async fn start(&mut self) -> anyhow::Result<Target> {
        raise_descriptors();
        let options = ServeOptions {
            port: 0,
            data_dir: self.data_dir.clone(),
            host: Ipv4Addr::LOCALHOST.into(),
        };
        let settings = Settings::from_env().await.context("read the environment")?;
        let stack = Stack::start(options, settings).await?;
        eprintln!("the page is at {}/orchestrator", stack.address);
        let target = Target::at(&stack.address)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(stack.serve_until(async {
            // Also where its sender is gone.
            stopped.await.ok();
        }));
        self.own = Some(StackHere { stop, task });
        Ok(target)
    }
}
