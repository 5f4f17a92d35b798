//! Any bytes as the body of a reply: `cargo fuzz run -s none body`.

#![no_main]

#[expect(dead_code, reason = "each target makes one of the checks")]
#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::body(data));
