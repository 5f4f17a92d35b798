//! When a driver has to wake: for text that has waited long enough, to poll the log, and for the end of the run's time.

use super::{Gathered, Leaving, Live};

impl Live {
    /// Whether text has waited long enough, or can wait no longer.
    pub(crate) fn flushes(&self, now_ms: u64) -> bool {
        self.leaving == Leaving::Releasing || self.alarms.is_flush_due(now_ms)
    }

    /// Remaining text waits anew, unless it is a full chunk.
    pub(crate) fn restart_flush(&mut self, now_ms: u64) {
        let longest = self.texts().map(|gathered| gathered.text.len()).max();
        self.alarms.stop_flush();
        if let Some(bytes) = longest {
            self.alarms.flush_with(bytes, now_ms);
        }
    }

    /// Text that could not be written now is tried again later.
    pub(crate) fn defer_flush(&mut self, now_ms: u64) {
        let has_text = self.texts().next().is_some();
        self.alarms.stop_flush();
        if has_text {
            self.alarms.flush_with(0, now_ms);
        }
    }

    fn texts(&self) -> impl Iterator<Item = &Gathered> {
        self.calls.keys().filter_map(|call| self.gathered(*call))
    }

    /// The next time at which something is due, in milliseconds since 1970. While an append is in flight, nothing is.
    pub(crate) fn wake_at(&self, must_end_by_ms: u64) -> Option<u64> {
        (self.in_flight == 0).then(|| {
            self.alarms
                .next_at()
                .map_or(must_end_by_ms, |at| at.min(must_end_by_ms))
        })
    }
}
