//! What holds of the source files: none depends on one that depends on it, and none is long, nor a function in it, without saying why.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod cycles;
mod dependencies;
mod lengths;
mod made;
mod mentions;
mod tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tree::Tree;

fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// The files that a crate begins with, those of tests and benches apart.
fn roots() -> Vec<PathBuf> {
    let workspace = workspace();
    let mut crates = ["local", "rehearsal", "examples/calculator"]
        .map(|it| workspace.join(it))
        .to_vec();
    for folder in ["shared", "functions"] {
        let folders = std::fs::read_dir(workspace.join(folder)).unwrap();
        crates.extend(folders.map(|entry| entry.unwrap().path()));
    }
    crates.sort();
    let roots = crates
        .iter()
        .flat_map(|folder| ["build.rs", "src/lib.rs", "src/main.rs"].map(|root| folder.join(root)));
    roots.filter(|root| root.exists()).collect()
}

#[test]
fn no_file_depends_on_one_that_depends_on_it() {
    let cycles = roots()
        .into_iter()
        .flat_map(|root| cycles::of(&Tree::read(&root), &workspace()));
    let cycles: Vec<_> = cycles
        .map(|lines| format!("a cycle:\n  {}", lines.join("\n  ")))
        .collect();
    assert!(
        cycles.is_empty(),
        "files depend on each other; what both need gets a file of its own\n{}",
        cycles.join("\n")
    );
}

#[test]
fn what_is_long_says_why() {
    let files = roots().into_iter().flat_map(|root| Tree::read(&root).files);
    let faults = files.flat_map(|file| {
        let faults = lengths::faults(&file).into_iter();
        faults.map(move |fault| format!("{}: {fault}", file.path.display()))
    });
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A root that is read wrongly, or a module that a macro declares, would leave files unseen.
#[test]
fn every_file_is_read_but_those_of_tests() {
    let mut read = BTreeSet::new();
    let mut there = BTreeSet::new();
    for root in roots() {
        read.extend(Tree::read(&root).files.into_iter().map(|file| file.path));
        if !root.ends_with("build.rs") {
            collect(root.parent().unwrap(), &mut there);
        }
    }
    let unread = there.iter().filter(|path| !read.contains(*path));
    let of_tests = |path: &Path| {
        let mut names = path.components();
        names.any(|name| {
            ["tests", "tests.rs"]
                .iter()
                .any(|it| name.as_os_str() == *it)
        })
    };
    let workspace = workspace();
    let unread = unread.filter(|path| !of_tests(path.strip_prefix(&workspace).unwrap()));
    assert_eq!(unread.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
}

fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.insert(path);
        }
    }
}
