//! What fuzzing has found worth keeping, checked as the fuzz targets check it.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

#[path = "../fuzz/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let inputs: Vec<_> = files.map(|file| fs::read(file).unwrap()).collect();
    assert!(!inputs.is_empty());
    inputs
}

#[test]
fn bodies_of_the_corpus_are_read_the_same_however_they_are_cut() {
    for input in corpus("body") {
        checks::body(&input);
    }
}

#[test]
fn texts_of_the_corpus_are_read_the_same_however_they_are_cut() {
    for input in corpus("text") {
        checks::text(&input);
    }
}
