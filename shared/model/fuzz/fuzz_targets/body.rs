//! Any bytes as the body of a reply: `cargo fuzz run body`.

#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::body(data));
