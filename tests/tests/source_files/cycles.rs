//! Files that depend on each other, directly or by others.

use std::collections::BTreeSet;
use std::path::Path;

use crate::dependencies::{self, Dependencies};
use crate::tree::Tree;

/// The cycles of a crate, each as lines "file -> file: path in line"; files are named from `root` on.
pub fn of(tree: &Tree, root: &Path) -> Vec<Vec<String>> {
    let dependencies = dependencies::of(tree);
    let name = |file: usize| {
        let path = &tree.files[file].path;
        path.strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    let groups = (0..tree.files.len()).map(|file| group(&dependencies, file));
    let groups: BTreeSet<_> = groups.filter(|group| group.len() > 1).collect();
    let lines = |group: BTreeSet<usize>| {
        let mut lines = Vec::new();
        for from in &group {
            for (to, (path, line)) in dependencies.get(from).into_iter().flatten() {
                if group.contains(to) {
                    lines.push(format!(
                        "{} -> {}: {path} in line {line}",
                        name(*from),
                        name(*to)
                    ));
                }
            }
        }
        lines
    };
    groups.into_iter().map(lines).collect()
}

/// A file and all that it reaches and is reached by.
fn group(dependencies: &Dependencies, file: usize) -> BTreeSet<usize> {
    let there = reached(dependencies, file);
    let back = |other: &usize| *other == file || reached(dependencies, *other).contains(&file);
    there.into_iter().filter(back).chain([file]).collect()
}

fn reached(dependencies: &Dependencies, file: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut next = vec![file];
    while let Some(file) = next.pop() {
        for to in dependencies.get(&file).into_iter().flat_map(|on| on.keys()) {
            if found.insert(*to) {
                next.push(*to);
            }
        }
    }
    found
}
