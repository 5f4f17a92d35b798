//! Under which names a program's files are handed back.
//!
//! A file keeps the name that it was handed back under by an earlier program. Refuses to give a file the name of another one
//! that still lies in the directory: under that name it would take its place.

use std::collections::BTreeSet;

use crate::files::InputFile;
use crate::origin::Origin;
use crate::plain_name::Name;

pub struct Names<'a> {
    given: &'a [InputFile],
    /// Of given files that the program has left where they were put, changed or not.
    left: BTreeSet<&'a Name>,
    taken: BTreeSet<Name>,
}

impl<'a> Names<'a> {
    /// `is_left` tells of a name in the directory itself whether anything has it.
    pub fn new(given: &'a [InputFile], is_left: impl Fn(&Name) -> bool) -> Self {
        let names = given.iter().map(|file| &file.name);
        Self {
            given,
            left: names.filter(|name| is_left(name)).collect(),
            taken: BTreeSet::new(),
        }
    }

    /// The name of a file; `None` where too many files have it. Those of the directory itself are asked for before those of its
    /// folders.
    pub fn of(&self, origin: &Origin) -> Option<Name> {
        if origin.is_at_top() {
            return Some(origin.joined().clone());
        }
        let before = self.given.iter().filter(|file| file.origin == *origin);
        let own = before
            .map(|file| &file.name)
            .find(|name| !self.taken.contains(name));
        let is_taken = |name: &Name| self.taken.contains(name) || self.left.contains(name);
        match own {
            Some(name) => Some(name.clone()),
            None => origin.joined().clone().free_among(is_taken),
        }
    }

    /// No other file gets it.
    pub fn take(&mut self, name: Name) {
        self.taken.insert(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use proptest::sample::select;
    use std::collections::BTreeMap;

    /// Paths that have few names between them.
    const PATHS: [&str; 12] = [
        "a-b-c",
        "a-b-c-2",
        "a-b-c-3",
        "a-b/c",
        "a-b/c-2",
        "a/b-c",
        "a/b-c-2",
        "a/b/c",
        "a/b/c-2",
        "p-q.tar.gz",
        "p/q.tar.gz",
        "p/q.tar-2.gz",
    ];

    fn origin(path: &str) -> Origin {
        let mut parts: Vec<_> = path
            .split('/')
            .map(|part| Name::parse(part).unwrap())
            .collect();
        let name = parts.pop().unwrap();
        Origin::new(&parts, name).unwrap()
    }

    /// Hands back what one program wrote, as later programs find it.
    fn hand_back(kept: &mut BTreeMap<Name, InputFile>, written: &BTreeMap<&str, u8>) {
        let given: Vec<_> = kept.values().cloned().collect();
        let mut names = Names::new(&given, |_| true);
        let mut written: Vec<_> = written.iter().collect();
        written.sort_by_key(|(path, _)| (path.matches('/').count(), **path));
        for (path, content) in written {
            let origin = origin(path);
            let name = names.of(&origin).unwrap();
            names.take(name.clone());
            let file = InputFile {
                name: name.clone(),
                origin,
                data: vec![*content],
            };
            kept.insert(name, file);
        }
    }

    proptest! {
        #[test]
        fn the_last_version_of_each_file_is_kept_and_nothing_beside_it(
            programs in vec(btree_map(select(&PATHS[..]), any::<u8>(), 0..5), 0..6)
        ) {
            let mut kept = BTreeMap::new();
            let mut expected: BTreeMap<Origin, u8> = BTreeMap::new();
            for written in &programs {
                for path in written.keys().filter(|path| !path.contains('/')) {
                    // In the directory a program sees what lies there under that name; this it writes over.
                    if let Some(before) = kept.get(&Name::parse(path).unwrap()) {
                        let before: &InputFile = before;
                        expected.remove(&before.origin);
                    }
                }
                expected.extend(written.iter().map(|(path, content)| (origin(path), *content)));
                hand_back(&mut kept, written);
                let found = kept.values().map(|file| (file.origin.clone(), file.data[0]));
                prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), expected.clone());
                prop_assert_eq!(kept.len(), expected.len());
            }
        }
    }

    #[test]
    fn a_name_whose_file_the_program_removed_is_free() {
        let mut kept = BTreeMap::new();
        hand_back(&mut kept, &BTreeMap::from([("plots-a.txt", 1)]));
        let given: Vec<_> = kept.into_values().collect();
        let name = |is_left| {
            let names = Names::new(&given, |_| is_left);
            names
                .of(&origin("plots/a.txt"))
                .unwrap()
                .as_str()
                .to_owned()
        };
        assert_eq!(
            [name(true), name(false)],
            ["plots-a-2.txt", "plots-a.txt"].map(str::to_owned)
        );
    }
}
