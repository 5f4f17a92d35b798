//! Work on what has been read, away from the threads that everything else waits on.

use std::future::pending;
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// What is shorter is read sooner than another thread is woken, in bytes.
const SMALL_BYTES: usize = 16 * 1024;

/// So many at once as there are processors: more would end later together.
static PLACES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, usize::from)));

/// Does work that takes as long as what was sent is long, on a thread of its own from some length on. A caller whose time is
/// over leaves it; its place is free when it has ended.
pub async fn offload<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    if bytes <= SMALL_BYTES {
        return work();
    }
    // It is never closed.
    let place = PLACES.acquire().await.ok();
    let done = spawn_blocking(move || {
        let _place = place;
        work()
    });
    match done.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The process is ending.
        Err(Err(_)) => pending().await,
    }
}
