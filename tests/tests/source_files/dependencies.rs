//! Which file of a crate depends on which: each on those that define what it mentions.
//!
//! A `mod` declaration and a `pub use` are no dependency, and names that come through a `pub use` lead to the file that defines them.
//! Methods are looked up where they are called on `self`, as an `impl` may be divided; those of other values, and fields, take types.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Binding, Tree};

/// For each file those that it depends on, each with what it mentions first of it: a path and its line.
pub type Dependencies = BTreeMap<usize, BTreeMap<usize, (String, usize)>>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(usize),
    File(usize),
}

pub fn of(tree: &Tree) -> Dependencies {
    let mut found = Dependencies::new();
    let mut add = |from: usize, to: usize, what: String, line: usize| {
        if from != to {
            let on = found.entry(from).or_default();
            on.entry(to).or_insert((what, line));
        }
    };
    for (index, module) in tree.modules.iter().enumerate() {
        for (path, line) in &module.mentions.paths {
            let seen = BTreeSet::new();
            for target in (Lookup { tree, seen }).path(index, path) {
                if let Target::File(to) = target {
                    add(module.file, to, path.join("::"), *line);
                }
            }
        }
        for (method, line) in &module.mentions.own_methods {
            for to in tree.methods.get(method).into_iter().flatten() {
                add(module.file, *to, format!("self.{}", method.1), *line);
            }
        }
    }
    found
}

/// One look-up of a path; what is being looked up already is not looked up again, as imports may lead back.
struct Lookup<'a> {
    tree: &'a Tree,
    seen: BTreeSet<(usize, String)>,
}

impl Lookup<'_> {
    fn path(&mut self, from: usize, path: &[String]) -> BTreeSet<Target> {
        let mut module = from;
        let mut inside = false;
        for (index, name) in path.iter().enumerate() {
            match name.as_str() {
                "crate" => module = 0,
                "self" => {}
                "super" => module = self.tree.modules[module].parent,
                name => {
                    let targets = self.name(module, name);
                    let below = targets.iter().find_map(|target| match target {
                        Target::Module(module) => Some(*module),
                        Target::File(_) => None,
                    });
                    match below {
                        Some(below) if index + 1 < path.len() => module = below,
                        // What a macro defines has no item of its name: it stands where it is looked for.
                        None if targets.is_empty() && inside => {
                            return BTreeSet::from([Target::File(self.tree.modules[module].file)]);
                        }
                        _ => return targets,
                    }
                }
            }
            inside = true;
        }
        BTreeSet::from([Target::Module(module)])
    }

    /// What a name stands for in a module; nothing where it comes from outside of the crate.
    fn name(&mut self, module: usize, name: &str) -> BTreeSet<Target> {
        if !self.seen.insert((module, name.to_owned())) {
            return BTreeSet::new();
        }
        let tree = self.tree;
        let mut found = BTreeSet::new();
        for binding in tree.modules[module].names.get(name).into_iter().flatten() {
            match binding {
                Binding::Module(module) => found.extend([Target::Module(*module)]),
                Binding::Defined => found.extend([Target::File(tree.modules[module].file)]),
                Binding::Import(path) => found.extend(self.path(module, path)),
            }
        }
        if found.is_empty() {
            for glob in &tree.modules[module].globs {
                for target in self.path(module, glob) {
                    if let Target::Module(module) = target {
                        found.extend(self.name(module, name));
                    }
                }
            }
        }
        found
    }
}
