//! How much processor time work takes, for tests of what a hostile text may cost.
//!
//! Time on a clock says nothing on a busy machine; what the thread itself spent does. The bounds are so wide that one pass
//! keeps them where nothing is optimized, and work that grows with the square of the text cannot.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A text's length in bytes, and the most that work on it may take on a machine of the usual speed.
type Size = (usize, Duration);
/// What is tried each time, …
const SMALL: [Size; 2] = [
    (50_000, Duration::from_millis(500)),
    (250_000, Duration::from_millis(1500)),
];
/// … and what is with the variable `EFFORT` set to `full`.
const FULL: [Size; 2] = [
    (200_000, Duration::from_millis(1500)),
    (1_000_000, Duration::from_secs(5)),
];
/// Five times the text may take eight times the time; where each part is compared with each, it takes twenty-five times.
const MOST_TIMES: u32 = 8;
/// What is shorter is no measure.
const SHORTEST: Duration = Duration::from_millis(20);
/// A thread that was interrupted finds its caches cold: the least of so many counts.
const TRIES: u32 = 3;

/// Characters that are counted to learn how fast a machine is, …
const YARDSTICK: usize = 1_000_000;
/// … and how long that takes on a machine which keeps the bounds with ease. A slower one may take as many times longer for the work, too.
const YARDSTICK_TOOK: Duration = Duration::from_millis(9);

/// How many times longer this machine takes than one of the usual speed; at least once.
fn slowness() -> f64 {
    static SLOWNESS: LazyLock<f64> = LazyLock::new(|| {
        let text = "a".repeat(YARDSTICK);
        let count = || of(|| text.chars().filter(char::is_ascii_alphabetic).count());
        let took = (0..TRIES).map(|_| count()).min().unwrap_or_default();
        (took.as_secs_f64() / YARDSTICK_TOOK.as_secs_f64()).max(1.0)
    });
    *SLOWNESS
}

/// Processor time that this thread spends on `work`.
pub fn of<T>(work: impl FnOnce() -> T) -> Duration {
    let before = clock_gettime(ClockId::ThreadCPUTime);
    black_box(work());
    let after = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(after - before).unwrap_or_default()
}

/// Texts of one piece again and again, of at most as many bytes as are asked for.
pub fn repeated(piece: &str) -> impl Fn(usize) -> String {
    move |bytes| piece.repeat(bytes / piece.len())
}

/// Panics where work on a text takes too long, or grows faster than the text.
pub fn assert_linear<T>(name: &str, text: impl Fn(usize) -> String, work: impl Fn(&str) -> T) {
    if let Some(excess) = excess(name, text, work) {
        panic!("{excess}");
    }
}

/// The same, told to who tries many: `None` where it takes as long as the text is.
pub fn excess<T>(
    name: &str,
    text: impl Fn(usize) -> String,
    work: impl Fn(&str) -> T,
) -> Option<String> {
    let is_full = std::env::var("EFFORT").is_ok_and(|effort| effort == "full");
    let sizes = if is_full { FULL } else { SMALL };
    let mut shorter = None;
    for (bytes, most) in sizes {
        let text = text(bytes);
        let by_growth = shorter.map_or(Duration::MAX, |shorter: Duration| shorter * MOST_TIMES);
        let allowed = most.mul_f64(slowness()).min(by_growth);
        let mut took = of(|| work(&text));
        for _ in 1..TRIES {
            if took > allowed {
                took = took.min(of(|| work(&text)));
            }
        }
        println!("{name}: {bytes} bytes, {took:?}");
        if took > allowed {
            return Some(format!(
                "{name}: {bytes} bytes took {took:?}, at most {allowed:?} are allowed"
            ));
        }
        shorter = Some(took.max(SHORTEST));
    }
    None
}
