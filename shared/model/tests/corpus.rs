//! What fuzzing has found worth keeping, checked as the fuzz targets check it.
//!
//! The archive holds for each target the inputs that add coverage, named by their digest, and the regressions, named for what
//! went wrong. To fuzz on: `tar -xzf corpus.tar.gz --one-top-level=corpus` in `fuzz`, `cargo fuzz run -s none TARGET`, and
//! at the end `fuzz/keep`, which minimises what was found and writes the archive anew.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

#[path = "../fuzz/checks.rs"]
mod checks;

use std::io::Read as _;

use flate2::read::GzDecoder;
use tar::Archive;

const CORPUS: &[u8] = include_bytes!("../fuzz/corpus.tar.gz");

/// Makes a check of every input of a target.
fn check(target: &str, check: fn(&[u8])) {
    let mut inputs = 0;
    for entry in Archive::new(GzDecoder::new(CORPUS)).entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.header().entry_type().is_file() && entry.path().unwrap().starts_with(target) {
            let mut input = Vec::new();
            entry.read_to_end(&mut input).unwrap();
            check(&input);
            inputs += 1;
        }
    }
    assert!(inputs > 100, "{target}: {inputs}");
}

#[test]
fn bodies_of_the_corpus_are_read_the_same_however_they_are_cut() {
    check("body", checks::body);
}

#[test]
fn texts_of_the_corpus_are_read_the_same_however_they_are_cut() {
    check("text", checks::text);
}

#[test]
fn frames_without_content_change_nothing_in_the_streams_of_the_corpus() {
    check("noise", checks::noise);
}
