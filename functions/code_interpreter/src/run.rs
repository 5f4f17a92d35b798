//! One run of one program: its streams are read while time, output and quota are watched.
//!
//! Refuses to be over before the program's processes are: the zygote says so, or has gone itself.

use std::io::{self, PipeReader, PipeWriter};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::LazyLock;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::FusedFuture;
use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::capture::Capture;
use crate::config::Limits;
use crate::memory::{self, Meter};
use crate::quota;
use crate::sandbox::zygote::{Link, ZygoteReply};

/// How long streams are read on after the program has ended, where something still holds them open.
const MAX_DRAIN_TIME: Duration = Duration::from_millis(300);
/// How long a killed program may take to be gone.
const MAX_KILL_TIME: Duration = Duration::from_millis(700);

/// What a program's end may take beyond its time.
const _: () = assert!(MAX_KILL_TIME.as_millis() + MAX_DRAIN_TIME.as_millis() <= 1000);

/// How a program ended, and what it wrote.
#[derive(Debug)]
pub struct Finished {
    pub end: End,
    pub stdout: Capture,
    pub stderr: Capture,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(i32),
    Signalled(i32),
    TimedOut,
    TooMuchWritten,
    /// Its processes together took more than this.
    OutOfMemory {
        limit_bytes: u64,
    },
    OutOfCpu,
    /// The process that watched it has ended first.
    Lost,
}

/// This process's ends of a program's streams.
#[derive(Debug)]
pub struct Streams {
    stdin: Sender,
    stdout: Receiver,
    stderr: Receiver,
}

/// The program's ends.
#[derive(Debug)]
pub struct Ends {
    pub stdin: PipeReader,
    pub stdout: PipeWriter,
    pub stderr: PipeWriter,
}

impl Streams {
    pub fn new() -> io::Result<(Self, Ends)> {
        let (stdin, our_stdin) = io::pipe()?;
        let (our_stdout, stdout) = io::pipe()?;
        let (our_stderr, stderr) = io::pipe()?;
        let streams = Self {
            stdin: Sender::from_owned_fd(our_stdin.into())?,
            stdout: Receiver::from_owned_fd(our_stdout.into())?,
            stderr: Receiver::from_owned_fd(our_stderr.into())?,
        };
        let ends = Ends {
            stdin,
            stdout,
            stderr,
        };
        Ok((streams, ends))
    }
}

/// What bounds one run.
#[derive(Debug)]
pub struct Bounds {
    pub limit: Duration,
    pub limits: Limits,
    /// Where the program writes.
    pub directory: PathBuf,
    pub meter: Meter,
}

/// Follows a program that has started to its end.
pub async fn follow(
    link: &mut Link,
    streams: Streams,
    stdin: &[u8],
    bounds: &Bounds,
) -> io::Result<Finished> {
    let Streams {
        stdin: input,
        stdout: output,
        stderr: errors,
    } = streams;
    let mut stdout = Capture::keeping(bounds.limits.output_bytes);
    let mut stderr = Capture::keeping(bounds.limits.output_bytes);
    let end = {
        let pump = async {
            tokio::join!(feed(input, stdin), stdout.read(output), stderr.read(errors));
        };
        let mut pump = pin!(pump.fuse());
        let end = watch(link, &mut pump, bounds).await?;
        if !pump.is_terminated() && timeout(MAX_DRAIN_TIME, pump).await.is_err() {
            tracing::debug!("something still holds a program's streams");
        }
        end
    };
    Ok(Finished {
        end,
        stdout,
        stderr,
    })
}

/// Until the program is dead; what it writes is read meanwhile.
async fn watch(
    link: &mut Link,
    pump: &mut (impl FusedFuture<Output = ()> + Unpin),
    bounds: &Bounds,
) -> io::Result<End> {
    let mut out_of_bounds = pin!(first_excess(bounds));
    let excess = loop {
        tokio::select! {
            said = link.next() => return Ok(end(said?, bounds)),
            excess = &mut out_of_bounds => break excess,
            () = &mut *pump, if !pump.is_terminated() => {}
        }
    };
    link.shut().await;
    let gone = async {
        loop {
            tokio::select! {
                said = link.next() => break said,
                () = &mut *pump, if !pump.is_terminated() => {}
            }
        }
    };
    if let Ok(said) = timeout(MAX_KILL_TIME, gone).await {
        if said?.is_none() {
            tracing::warn!("the zygote ended before its program");
        }
    } else {
        tracing::warn!("a killed program has not ended yet");
    }
    Ok(excess)
}

async fn first_excess(bounds: &Bounds) -> End {
    tokio::select! {
        () = sleep(bounds.limit) => End::TimedOut,
        () = exceed_quota(bounds) => End::TooMuchWritten,
        () = exceed_memory(bounds) => End::OutOfMemory { limit_bytes: bounds.limits.memory_bytes },
    }
}

async fn exceed_memory(bounds: &Bounds) {
    let (mut meter, mut rest) = (bounds.meter.clone(), memory::INTERVAL);
    loop {
        sleep(rest).await;
        let look = spawn_blocking(move || {
            let begun = Instant::now();
            let is_exceeded = meter.is_exceeded();
            (meter, is_exceeded, begun.elapsed())
        });
        match look.await {
            Ok((again, false, took)) => {
                meter = again;
                rest = memory::rest(took);
            }
            // A look that broke off has seen nothing.
            Ok((_, true, _)) | Err(_) => return,
        }
    }
}

async fn exceed_quota(bounds: &Bounds) {
    loop {
        sleep(quota::INTERVAL).await;
        let (directory, limits) = (bounds.directory.clone(), bounds.limits);
        let exceeded = spawn_blocking(move || quota::is_exceeded(&directory, &limits)).await;
        // A walk that broke off has seen nothing.
        if exceeded.unwrap_or(true) {
            return;
        }
    }
}

fn end(said: Option<ZygoteReply>, bounds: &Bounds) -> End {
    match said {
        Some(ZygoteReply::Ended { exit, gone, cpu_ms }) => {
            if !gone {
                tracing::warn!("processes of a program were left");
            }
            match exit {
                -9 if cpu_ms / 1000 >= cpu_seconds(bounds.limit, &bounds.limits) => End::OutOfCpu,
                ..0 => End::Signalled(-exit),
                0.. => End::Exited(exit),
            }
        }
        Some(
            ZygoteReply::Forked { .. } | ZygoteReply::Started { .. } | ZygoteReply::Refused { .. },
        )
        | None => End::Lost,
    }
}

/// Processor time of each process. Wall-clock time is what ends a program; this holds should nobody be left to watch it.
pub fn cpu_seconds(limit: Duration, limits: &Limits) -> u64 {
    // Many files are read for this number.
    static CORES: LazyLock<u64> =
        LazyLock::new(|| available_parallelism().map_or(1, |cores| cores.get() as u64));
    limits.cpu_seconds.min((limit.as_secs() + 1) * *CORES)
}

/// A program need not read what it is given.
async fn feed(mut pipe: Sender, stdin: &[u8]) {
    match pipe.write_all(stdin).await {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => tracing::warn!(%error, "standard input could not be written"),
    }
}
