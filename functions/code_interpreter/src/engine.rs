//! Runs programs at one level of isolation: a directory, a process, the answer, and nothing left of it.
//!
//! Refuses to leave a run behind when its caller goes away: each is a task of its own that ends and clears up by itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;
use tracing::{Instrument as _, Span};

use crate::artifacts::{self, Collected};
use crate::cgroup::{Bound, Tree};
use crate::config::Config;
use crate::home::Root;
use crate::job::Job;
use crate::memory::Meter;
use crate::outcome::Outcome;
use crate::prepared_process::{Running, StartError};
use crate::python::Python;
use crate::report::Report;
use crate::run::{Bounds, End, Finished, follow};
use crate::sandbox::lambda::{self, Alone, LONGEST_DEATH_TIME, MAX_DEATH_TIME};
use crate::sandbox::packages::Packages;
use crate::sandbox::zygote::Zygote;
use crate::sandbox::{Level, MAX_SLOTS, Policy, tasks};
use crate::scratch::Scratch;
use crate::slots::{Permit, SlotNumber, Slots};
use crate::zygotes::{MAX_WAITING, Zygotes};

/// In Lambda, where all may stand still from the answer on, it waits no longer than this for a program's directory to be gone.
const MAX_REMOVAL_WAIT: Duration = Duration::from_millis(500);

/// What came of it: the result and the files that go with it.
pub type Done = (Outcome, Vec<tool::File>);

#[derive(Debug)]
pub struct Engine {
    config: Config,
    level: Level,
    alone: Option<Alone>,
    /// Something of a program is still there that the next one could meet.
    is_unclean: AtomicBool,
    /// Starts Python again where each program ends with everything else.
    warming: Mutex<Option<JoinHandle<()>>>,
    slots: Arc<Slots>,
    zygotes: Zygotes,
    /// Where programs get control groups.
    tree: Option<Arc<Tree>>,
}

impl Engine {
    pub fn new(config: Config, python: Python, level: Level) -> io::Result<Self> {
        let alone = match level {
            Level::Lambda => Some(lambda::alone().map_err(io::Error::other)?),
            Level::Strict | Level::Process => None,
        };
        // Where a run ends with everything being killed, there is one at a time.
        let permits = if alone.is_some() { 1 } else { MAX_SLOTS };
        if let Some(alone) = alone {
            lambda::wipe(alone, &config.scratch_root)?;
        }
        let policy = Policy::new(level, &config, &python)?;
        let slots = Slots::new(permits, MAX_WAITING);
        let root = Root::new(level, &config.scratch_root);
        Ok(Self {
            config,
            level,
            alone,
            is_unclean: AtomicBool::new(false),
            warming: Mutex::default(),
            zygotes: Zygotes::new(python, policy, root, Arc::clone(&slots)),
            slots,
            tree: match level {
                Level::Strict => Tree::find().map(Arc::new),
                Level::Lambda | Level::Process => None,
            },
        })
    }

    pub fn level(&self) -> Level {
        self.level
    }

    /// Starts Python, with and without packages, where it is not there yet. Gives the packages that it has.
    pub async fn warm_up(&self) -> io::Result<Vec<String>> {
        self.zygotes.warm_up().await
    }

    /// Starts the least that a program needs before its time begins.
    pub async fn prepare(&self, code: &str) -> io::Result<()> {
        self.zygotes.for_code(code).await.map(|_| ())
    }

    /// Waits until there is room for one more program.
    pub async fn permit(&self) -> io::Result<Permit> {
        self.slots.permit().await
    }

    /// Runs one program. Goes on to its end and clears up even when the future is dropped, but kills the program then.
    pub async fn run(self: &Arc<Self>, job: Job, permit: Permit) -> io::Result<Done> {
        let (_alive, dropped) = oneshot::channel();
        let engine = Arc::clone(self);
        let run = async move { engine.run_in(permit, Arc::new(job), dropped).await };
        tokio::spawn(run.in_current_span()).await?
    }

    async fn run_in(
        self: Arc<Self>,
        permit: Permit,
        job: Arc<Job>,
        dropped: oneshot::Receiver<()>,
    ) -> io::Result<Done> {
        if self.is_unclean.load(Ordering::Relaxed) {
            return Err(io::Error::other(
                "what an earlier program left could not be removed",
            ));
        }
        // Where everything is killed after a program, the next one waits for that.
        let _until_clean = self.alone.map(|_| permit.clone());
        let ran = self.run_once(&job, permit, dropped).await;
        if let Some(alone) = self.alone {
            self.end_all(alone, &job.arguments.code).await;
        }
        ran
    }

    async fn run_once(
        self: &Arc<Self>,
        job: &Arc<Job>,
        permit: Permit,
        dropped: oneshot::Receiver<()>,
    ) -> io::Result<Done> {
        let (zygote, running) = self.begin(job).await?;
        let Running {
            number,
            mut link,
            streams,
            scratch,
            group,
            bounded,
        } = running;
        let bounds = Bounds {
            limit: job.limit,
            limits: self.config.limits,
            directory: scratch.directory().to_owned(),
            meter: Meter {
                group: tasks::Group::new(group),
                shared_bytes: zygote.resident_bytes,
                limits: self.config.limits,
                directory: scratch.directory().to_owned(),
                level: self.level,
            },
        };
        let stdin = job.arguments.stdin.as_bytes();
        let mut finished = tokio::select! {
            finished = follow(&mut link, streams, stdin, &bounds) => finished?,
            _ = dropped => {
                link.shut().await;
                // Its last word: that all its processes are gone.
                link.next().await?;
                return Err(io::ErrorKind::Interrupted.into());
            }
        };
        if bounded.is_out_of_memory() {
            finished.end = End::OutOfMemory {
                limit_bytes: self.config.limits.memory_bytes,
            };
        }
        if finished.end == End::Lost {
            self.zygotes.forget(&zygote).await;
        }
        let done = self
            .conclude(job, (scratch, number, permit, bounded), finished)
            .await;
        self.make_ready(zygote.packages);
        done
    }

    /// Gives a process the program, and another one where that has waited too long to be of use. A zygote that turns out to
    /// be dead is replaced, once.
    async fn begin(&self, job: &Arc<Job>) -> io::Result<(Arc<Zygote>, Running)> {
        for is_last in [false, true] {
            let zygote = self.zygotes.for_code(&job.arguments.code).await?;
            match self.begin_in(&zygote, job).await {
                Ok(running) => return Ok((zygote, running)),
                Err(error) if is_last => return Err(io::Error::other(error)),
                Err(StartError::Gone) => self.zygotes.forget(&zygote).await,
                Err(error @ (StartError::Refused(_) | StartError::Io(_))) => {
                    tracing::warn!(%error, "a program has not begun; it is tried again");
                }
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    async fn begin_in(&self, zygote: &Arc<Zygote>, job: &Arc<Job>) -> Result<Running, StartError> {
        let prepared = self.zygotes.prepared(zygote).await?;
        let (tree, limits) = (self.tree.clone(), self.config.limits);
        let shared_bytes = zygote.resident_bytes;
        let bound = move |pid| {
            let group = tree.as_ref()?.group(pid, &limits, shared_bytes);
            let warn =
                |error: &io::Error| tracing::warn!(%error, "a program gets no control group");
            group.inspect_err(warn).ok()
        };
        prepared.begin(job, limits, bound).await
    }

    /// While nobody waits for it.
    fn make_ready(self: &Arc<Self>, packages: Packages) {
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = engine.zygotes.prepare_next(packages).await {
                tracing::warn!(%error, "no process waits for the next program");
            }
        });
    }

    /// Takes what a program has left. Its number and its permit are nobody else's before its directory is gone.
    async fn conclude(
        &self,
        job: &Arc<Job>,
        (scratch, number, permit, bounded): (Scratch, SlotNumber, Permit, Bound),
        finished: Finished,
    ) -> io::Result<Done> {
        let (job, limits, alone) = (Arc::clone(job), self.config.limits, self.alone);
        let (tell, told) = oneshot::channel();
        let span = Span::current();
        let removal = spawn_blocking(move || {
            let _in_span = span.entered();
            if let Some(alone) = alone
                && let Err(error) = lambda::kill_all(alone, MAX_DEATH_TIME)
            {
                tracing::warn!(%error, "what a program left is killed again");
            }
            let report = Report::read(scratch.report());
            let collected = artifacts::collect(&scratch.work(), &job.files, &limits);
            if tell.send((report, collected)).is_err() {
                tracing::debug!("nobody waits for what a program has left");
            }
            drop(scratch);
            drop((bounded.take(), number, permit));
        });
        let (report, collected) = told.await.map_err(io::Error::other)?;
        if alone.is_some() && timeout(MAX_REMOVAL_WAIT, removal).await.is_err() {
            tracing::info!("a program's directory takes long to remove");
        }
        let outcome = Outcome::new(finished, report, &collected, self.level);
        let Collected { files, .. } = collected;
        Ok((outcome, files))
    }

    /// Removes what a program may have left where nothing held it, and makes ready for the next one, which most likely wants
    /// what this one wanted.
    async fn end_all(self: &Arc<Self>, alone: Alone, code: &str) {
        let mut warming = self.warming.lock().await;
        if let Some(task) = warming.take() {
            task.abort();
            if let Err(error) = task.await {
                tracing::debug!(%error, "Python had not been started again before this program's end");
            }
        }
        self.zygotes.clear().await;
        let root = self.config.scratch_root.clone();
        let clear = move || {
            lambda::kill_all(alone, LONGEST_DEATH_TIME)?;
            lambda::wipe(alone, &root)
        };
        if let Err(error) = spawn_blocking(clear)
            .await
            .map_err(io::Error::from)
            .flatten()
        {
            tracing::error!(%error, "what a program left cannot be removed; no other is run here");
            self.is_unclean.store(true, Ordering::Relaxed);
        }
        if self.config.single_use {
            return;
        }
        let (engine, code) = (Arc::clone(self), code.to_owned());
        *warming = Some(tokio::spawn(async move {
            if let Err(error) = engine.prepare(&code).await {
                tracing::warn!(%error, "Python could not be started again");
            }
        }));
    }
}
