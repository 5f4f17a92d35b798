//! How long a server asks to wait, by the headers of its refusal.

use std::time::{Duration, SystemTime};

/// The wait that a server asks for: from its `retry-after-ms` header, else from `retry-after`, in seconds or as a date.
pub fn retry_after(
    milliseconds: Option<&str>,
    seconds_or_date: Option<&str>,
    now: SystemTime,
) -> Option<Duration> {
    let number = |text: Option<&str>| text?.trim().parse::<f64>().ok();
    let date = || httpdate::parse_http_date(seconds_or_date?.trim()).ok();
    number(milliseconds)
        .map(|ms| ms / 1000.0)
        .or_else(|| number(seconds_or_date))
        .map_or_else(
            || date().map(|date| date.duration_since(now).unwrap_or_default()),
            |seconds| Duration::try_from_secs_f64(seconds).ok(),
        )
}
