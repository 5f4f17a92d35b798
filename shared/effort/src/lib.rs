//! How much processor time work takes, for tests of what a hostile text may cost.
//!
//! Time on a clock says nothing on a busy machine; what the thread itself spent does. The bounds are so wide that one pass
//! keeps them where nothing is optimized, and work that grows with the square of the text cannot.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The sizes of texts that are tried, in bytes.
pub const SIZES: [usize; 2] = [200_000, 1_000_000];
/// The most that work on a text of each size may take.
const MOST: [Duration; 2] = [Duration::from_millis(1_000), Duration::from_millis(4_000)];
/// Five times the text may take eight times the time; where each part is compared with each, it takes twenty-five times.
const MOST_TIMES: u32 = 8;
/// What is shorter is no measure.
const SHORTEST: Duration = Duration::from_millis(20);
/// A thread that was interrupted finds its caches cold: the least of so many counts.
const TRIES: u32 = 3;

/// Processor time that this thread spends on `work`.
pub fn of<T>(work: impl FnOnce() -> T) -> Duration {
    let before = clock_gettime(ClockId::ThreadCPUTime);
    black_box(work());
    let after = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(after - before).unwrap_or_default()
}

/// Panics where work on the text of one of [`SIZES`] takes too long, or grows faster than the text.
pub fn assert_linear<T>(name: &str, text: impl Fn(usize) -> String, work: impl Fn(&str) -> T) {
    let mut shorter = SHORTEST;
    for (bytes, most) in SIZES.into_iter().zip(MOST) {
        let text = text(bytes);
        let allowed = if bytes == SIZES[0] {
            most
        } else {
            most.min(shorter * MOST_TIMES)
        };
        let mut took = of(|| work(&text));
        for _ in 1..TRIES {
            if took > allowed {
                took = took.min(of(|| work(&text)));
            }
        }
        println!("{name}: {bytes} bytes, {took:?}");
        assert!(
            took <= allowed,
            "{name}: {bytes} bytes took {took:?}, at most {allowed:?} are allowed"
        );
        shorter = shorter.max(took);
    }
}
