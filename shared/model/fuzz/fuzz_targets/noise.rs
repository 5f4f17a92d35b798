//! Frames without content in good streams: `cargo fuzz run -s none noise`.

#![no_main]

#[expect(dead_code, reason = "each target makes one of the checks")]
#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::noise(data));
