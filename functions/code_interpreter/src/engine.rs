//! Runs programs at one level of isolation: a directory, a process, the answer, and nothing left of it.
//!
//! Refuses to leave a run behind when its caller goes away: each is a task of its own that ends and clears up by itself.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::geteuid;
use serde_json::{Value, json};
use tokio::sync::{Mutex, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::arguments::Arguments;
use crate::artifacts::{self, Collected};
use crate::config::Config;
use crate::files::Name;
use crate::outcome::Outcome;
use crate::python::Python;
use crate::report::{MAX_VALUE_CHARS, Report};
use crate::run::{Bounds, End, Finished, Streams, cpu_seconds, follow};
use crate::sandbox::lambda::{self, Alone};
use crate::sandbox::packages::Packages;
use crate::sandbox::zygote::{ENVIRONMENT, Given, Link, Said, Zygote};
use crate::sandbox::{Level, MAX_SLOTS, Policy, tasks};
use crate::scratch::Scratch;
use crate::slots::Slots;

/// An answer waits no longer than this for a program's directory to be gone.
const MAX_REMOVAL_WAIT: Duration = Duration::from_millis(500);
const MAX_FIGURES: u32 = 20;
const MAX_FIGURE_PIXELS: u64 = 16_000_000;

/// What is to be run, and for how long.
#[derive(Debug)]
pub struct Job {
    pub arguments: Arguments,
    pub files: Vec<(Name, Vec<u8>)>,
    pub limit: Duration,
}

/// What came of it: the result and the files that go with it.
pub type Done = (Outcome, Vec<tool::File>);

#[derive(Debug)]
pub struct Engine {
    config: Config,
    python: Python,
    policy: Policy,
    alone: Option<Alone>,
    /// One for each of [`Packages`], in their order.
    zygotes: [Mutex<Option<Arc<Zygote>>>; 3],
    slots: Arc<Slots>,
}

impl Engine {
    pub fn new(config: Config, python: Python, level: Level) -> io::Result<Self> {
        let alone = match level {
            Level::Lambda => Some(lambda::alone().map_err(io::Error::other)?),
            Level::Strict | Level::Process => None,
        };
        // Where a run ends with everything being killed, there is one at a time.
        let places = if alone.is_some() { 1 } else { MAX_SLOTS };
        if let Some(alone) = alone {
            lambda::wipe(alone, &config.scratch_root)?;
        }
        Ok(Self {
            policy: Policy::new(level, &config, &python)?,
            config,
            python,
            alone,
            zygotes: Default::default(),
            slots: Slots::new(places),
        })
    }

    pub fn level(&self) -> Level {
        self.policy.level
    }

    /// Starts Python, with and without packages, where it is not there yet. Gives the packages that it has.
    pub async fn warm_up(&self) -> io::Result<Vec<String>> {
        let installed = self.zygote(Packages::None).await?.installed.clone();
        let with = |packages: Packages| self.zygote(packages.among(&installed));
        let (numpy, all) = tokio::join!(with(Packages::Numpy), with(Packages::All));
        numpy.and(all)?;
        Ok(installed)
    }

    /// Starts the least that a program needs before its time begins.
    pub async fn prepare(&self, code: &str) -> io::Result<()> {
        self.zygote_for(code).await.map(|_| ())
    }

    async fn zygote_for(&self, code: &str) -> io::Result<Arc<Zygote>> {
        let bare = self.zygote(Packages::None).await?;
        self.zygote(Packages::of(code).among(&bare.installed)).await
    }

    /// Runs one program. Goes on to its end and clears up even when the future is dropped, but kills the program then.
    pub async fn run(self: &Arc<Self>, job: Job) -> io::Result<Done> {
        let (_alive, dropped) = oneshot::channel();
        let engine = Arc::clone(self);
        tokio::spawn(async move { engine.run_in_slot(job, dropped).await }).await?
    }

    async fn run_in_slot(
        self: Arc<Self>,
        job: Job,
        dropped: oneshot::Receiver<()>,
    ) -> io::Result<Done> {
        let slot = self.slots.take().await?;
        let ran = self.run_once(&job, slot.number, dropped).await;
        if let Some(alone) = self.alone {
            self.end_all(alone).await;
        }
        ran
    }

    async fn run_once(
        &self,
        job: &Job,
        slot: u32,
        dropped: oneshot::Receiver<()>,
    ) -> io::Result<Done> {
        let uid = self.policy.uid(slot);
        let root = self.config.scratch_root.clone();
        let (code, files) = (job.arguments.code.clone(), job.files.clone());
        let created = move || Scratch::create(&root, &code, &files, uid);
        let scratch = spawn_blocking(created).await??;
        let (zygote, mut link, streams) = self.start(job, &scratch, uid).await?;
        let bounds = Bounds {
            limit: job.limit,
            limits: self.config.limits,
            directory: scratch.directory().to_owned(),
        };
        let stdin = job.arguments.stdin.as_bytes();
        let finished = tokio::select! {
            finished = follow(&mut link, streams, stdin, &bounds) => finished?,
            _ = dropped => {
                link.shut().await;
                // Its last word: that all its processes are gone.
                link.next().await?;
                return Err(io::ErrorKind::Interrupted.into());
            }
        };
        if finished.end == End::Lost {
            self.forget(&zygote).await;
        }
        self.conclude(job, scratch, finished).await
    }

    async fn conclude(&self, job: &Job, scratch: Scratch, finished: Finished) -> io::Result<Done> {
        let (given, limits, alone) = (job.files.clone(), self.config.limits, self.alone);
        let read = move || {
            if let Some(alone) = alone {
                lambda::kill_all(alone);
            }
            let report = Report::read(scratch.report());
            let collected = artifacts::collect(&scratch.work(), &given, &limits);
            (report, collected, scratch)
        };
        let (report, collected, scratch) = spawn_blocking(read).await?;
        let removal = spawn_blocking(move || drop(scratch));
        if timeout(MAX_REMOVAL_WAIT, removal).await.is_err() {
            tracing::info!("a program's directory takes long to remove");
        }
        let outcome = Outcome::new(finished, report, &collected, self.policy.level);
        let Collected { files, .. } = collected;
        Ok((outcome, files))
    }

    /// Has a process forked. A zygote that turns out to be dead is replaced, once.
    async fn start(
        &self,
        job: &Job,
        scratch: &Scratch,
        uid: Option<u32>,
    ) -> io::Result<(Arc<Zygote>, Link, Streams)> {
        let described = self.describe(job, scratch, uid);
        for is_last in [false, true] {
            let zygote = self.zygote_for(&job.arguments.code).await?;
            let (streams, ends) = Streams::new()?;
            let given = Given {
                stdin: ends.stdin.into(),
                stdout: ends.stdout.into(),
                stderr: ends.stderr.into(),
                ruleset: self.policy.program_ruleset(scratch)?,
            };
            let said = match zygote.run(&described, given).await {
                Ok(mut link) => link.started().await.map(|said| (said, link)),
                Err(error) => Err(error),
            };
            match said {
                Ok((Some(Said::Started { .. }), link)) => {
                    return Ok((zygote, link, streams));
                }
                Ok((Some(Said::Refused { refused }), _)) => return Err(io::Error::other(refused)),
                Ok((Some(Said::Ended { .. }) | None, _)) if is_last => {
                    return Err(io::Error::other("Python ended before the program began"));
                }
                Err(error) if is_last => return Err(error),
                Ok((Some(Said::Ended { .. }) | None, _)) | Err(_) => self.forget(&zygote).await,
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    async fn zygote(&self, packages: Packages) -> io::Result<Arc<Zygote>> {
        let mut place = self.place(packages).lock().await;
        if let Some(zygote) = &*place {
            return Ok(Arc::clone(zygote));
        }
        let root = &self.config.scratch_root;
        let started = Zygote::start(&self.python, &self.policy, root, packages).await?;
        let started = Arc::new(started);
        *place = Some(Arc::clone(&started));
        Ok(started)
    }

    fn place(&self, packages: Packages) -> &Mutex<Option<Arc<Zygote>>> {
        let [none, numpy, all] = &self.zygotes;
        match packages {
            Packages::None => none,
            Packages::Numpy => numpy,
            Packages::All => all,
        }
    }

    /// Another run may have replaced it already.
    async fn forget(&self, zygote: &Arc<Zygote>) {
        let mut place = self.place(zygote.packages).lock().await;
        if place
            .as_ref()
            .is_some_and(|there| Arc::ptr_eq(there, zygote))
        {
            tracing::warn!("Python has ended; it is started again");
            *place = None;
        }
    }

    /// Removes what a program may have left where nothing held it, and makes ready for the next one.
    async fn end_all(self: &Arc<Self>, alone: Alone) {
        for packages in Packages::EACH {
            *self.place(packages).lock().await = None;
        }
        let root = self.config.scratch_root.clone();
        let clear = move || {
            lambda::kill_all(alone);
            lambda::wipe(alone, &root)
        };
        match spawn_blocking(clear).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the scratch directory cannot be emptied"),
            Err(error) => tracing::error!(%error, "the scratch directory was not emptied"),
        }
        if self.config.single_use {
            return;
        }
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = engine.warm_up().await {
                tracing::warn!(%error, "Python could not be started again");
            }
        });
    }

    fn describe(&self, job: &Job, scratch: &Scratch, uid: Option<u32>) -> Value {
        let mut environment = json!({
            "HOME": scratch.work(), "TMPDIR": scratch.tmp(), "MPLCONFIGDIR": scratch.tmp(),
        });
        for (name, value) in ENVIRONMENT {
            environment[name] = value.into();
        }
        json!({
            "code": job.arguments.code,
            "code_path": scratch.code(),
            "report": scratch.report_path(),
            "work": scratch.work(),
            "environment": environment,
            "uid": uid,
            "limits": self.limits(job.limit, uid),
            "max_value_chars": MAX_VALUE_CHARS,
            "figures": {"max_figures": MAX_FIGURES, "max_pixels": MAX_FIGURE_PIXELS},
        })
    }

    /// By the names that Python's `resource` has for them.
    fn limits(&self, limit: Duration, uid: Option<u32>) -> Value {
        let limits = &self.config.limits;
        // The kernel counts what a user runs in all.
        let running = match uid {
            Some(_) => 0,
            None => tasks::of_user(geteuid().as_raw()),
        };
        json!({
            "AS": limits.memory_bytes,
            "FSIZE": limits.file_bytes,
            "NOFILE": limits.open_files,
            "NPROC": running + limits.processes,
            "CPU": cpu_seconds(limit, limits),
            "CORE": 0,
        })
    }
}
