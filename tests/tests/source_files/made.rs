//! Small crates for the analysis itself, so that it cannot pass by seeing nothing.

use std::collections::BTreeSet;
use std::path::Path;

use tempfile::TempDir;

use crate::tree::Tree;
use crate::{cycles, dependencies, lengths};

/// What the case is about, the files of a crate, and which of them depends on which.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)]);

fn written(files: &[(&str, &str)]) -> (TempDir, Tree) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let tree = Tree::read(&folder.path().join("lib.rs"));
    (folder, tree)
}

fn edges(root: &Path, tree: &Tree) -> BTreeSet<(String, String)> {
    let name = |file: usize| {
        let path = tree.files[file].path.strip_prefix(root).unwrap();
        path.display().to_string()
    };
    let found = dependencies::of(tree);
    let all = found
        .iter()
        .flat_map(|(from, on)| on.keys().map(move |to| (*from, *to)));
    all.map(|(from, to)| (name(from), name(to))).collect()
}

const AB: (&str, &str) = ("lib.rs", "mod a;\nmod b;");
const CASES: &[Case<'_>] = &[
    (
        "an import",
        &[AB, ("a.rs", "use crate::b::B;"), ("b.rs", "pub struct B;")],
        &[("a.rs", "b.rs")],
    ),
    (
        "a path",
        &[
            AB,
            ("a.rs", "fn f() { super::b::g() }"),
            ("b.rs", "pub fn g() {}"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "a path by way of an imported module",
        &[
            AB,
            ("a.rs", "use crate::b;\nfn f() { b::g() }"),
            ("b.rs", "pub fn g() {}"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "an imported module of which nothing is used",
        &[
            AB,
            ("a.rs", "use crate::b as _;"),
            ("b.rs", "pub fn g() {}"),
        ],
        &[],
    ),
    (
        "an import within a function",
        &[
            AB,
            ("a.rs", "fn f() { use crate::b::B as C; }"),
            ("b.rs", "pub struct B;"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "a type in a signature alone",
        &[
            AB,
            ("a.rs", "fn f(_: &[crate::b::B]) {}"),
            ("b.rs", "pub struct B;"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "a declaration, and a name that is handed on",
        &[
            ("lib.rs", "mod a;\npub use a::A;"),
            ("a.rs", "pub struct A;"),
        ],
        &[],
    ),
    (
        "a name that is handed on and used there",
        &[
            ("lib.rs", "mod a;\npub use a::A;\npub fn f(_: A) {}"),
            ("a.rs", "pub struct A;"),
        ],
        &[("lib.rs", "a.rs")],
    ),
    (
        "a name that came through two that hand it on, and no other name of theirs",
        &[
            ("lib.rs", "mod a;\nmod b;\npub use b::B;"),
            ("a.rs", "use crate::B;"),
            ("b/mod.rs", "mod c;\nmod d;\npub use c::B;\npub use d::D;"),
            ("b/c.rs", "pub struct B;"),
            ("b/d.rs", "use crate::a::nothing;\npub struct D;"),
        ],
        &[("a.rs", "b/c.rs"), ("b/d.rs", "a.rs")],
    ),
    (
        "a name under another one",
        &[
            ("lib.rs", "mod a;\nmod b;\npub(crate) use b::B as C;"),
            ("a.rs", "use crate::C;"),
            ("b.rs", "pub struct B;"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "all names of a module, of which one is used",
        &[
            ("lib.rs", "mod a;\nmod b;\nmod c;"),
            ("a.rs", "use crate::b::*;\nfn f(_: B) {}"),
            ("b.rs", "pub use crate::c::*;\npub struct Other;"),
            ("c.rs", "pub struct B;"),
        ],
        &[("a.rs", "c.rs")],
    ),
    (
        "a name of its own before one of all",
        &[
            AB,
            ("a.rs", "use crate::b::*;\nstruct B;\nfn f(_: B) {}"),
            ("b.rs", "pub struct B;"),
        ],
        &[],
    ),
    (
        "all variants",
        &[
            AB,
            (
                "a.rs",
                "use crate::b::B::*;\nfn f() -> u8 { match 1 { _ => One as u8 } }",
            ),
            ("b.rs", "pub enum B { One }"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "a module that defines what its part needs",
        &[
            ("lib.rs", "mod a;\npub struct Top;\nfn f() { a::g(Top) }"),
            ("a.rs", "pub fn g(_: super::Top) {}"),
        ],
        &[("a.rs", "lib.rs"), ("lib.rs", "a.rs")],
    ),
    (
        "names that hand each other on",
        &[
            AB,
            ("a.rs", "pub use crate::b::*;\nfn f(_: Nowhere) {}"),
            ("b.rs", "pub use crate::a::*;"),
        ],
        &[],
    ),
    (
        "arguments of macros, but no methods and fields",
        &[
            AB,
            (
                "a.rs",
                "use crate::b;\nfn f() { log!(\"{}\", b::g(), x.b, x.h(), ..b::H) }",
            ),
            ("b.rs", "pub fn g() {}\npub fn h() {}\npub const H: u8 = 1;"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "a name in the body of a macro",
        &[
            AB,
            ("a.rs", "macro_rules! m { () => { $crate::b::g() } }"),
            ("b.rs", "pub fn g() {}"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "what a macro defines",
        &[AB, ("a.rs", "use crate::b::Id;"), ("b.rs", "id!(Id);")],
        &[("a.rs", "b.rs")],
    ),
    (
        "a function in an attribute",
        &[
            AB,
            (
                "a.rs",
                "struct S { #[serde(default = \"crate::b::g\")] x: u8 }",
            ),
            ("b.rs", "pub fn g() -> u8 { 1 }"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "a module in an attribute, within a macro too",
        &[
            ("lib.rs", "mod a;\nmod b;\nmod c;"),
            (
                "a.rs",
                "use crate::b;\nstruct S { #[serde(with = \"b\")] x: u8 }",
            ),
            ("b.rs", "pub fn serialize() {}"),
            (
                "c.rs",
                "use crate::b;\nconfig! { #[serde(rename = \"b\", with = \"b\")] x: u8 }",
            ),
        ],
        &[("a.rs", "b.rs"), ("c.rs", "b.rs")],
    ),
    (
        "a word in an attribute that is no path",
        &[
            AB,
            (
                "a.rs",
                "use crate::b;\nstruct S { #[serde(rename = \"b\")] x: u8 }",
            ),
            ("b.rs", "pub fn serialize() {}"),
        ],
        &[],
    ),
    (
        "who may see something",
        &[
            ("lib.rs", "mod a;\nfn f() { a::b::g() }"),
            ("a.rs", "pub mod b;"),
            ("a/b.rs", "pub(in crate::a) fn g() {}"),
        ],
        &[("lib.rs", "a/b.rs")],
    ),
    (
        "another crate of the same name",
        &[
            AB,
            ("a.rs", "use ::b::B;\nuse b::C;"),
            ("b.rs", "pub struct B;\npub struct C;"),
        ],
        &[],
    ),
    (
        "names with a prefix that keywords need",
        &[
            ("lib.rs", "mod a;\nmod r#type;"),
            ("a.rs", "use crate::r#type::r#fn;"),
            ("type.rs", "pub fn r#fn() {}"),
        ],
        &[("a.rs", "type.rs")],
    ),
    (
        "a file of a module within a file",
        &[
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "mod inner { pub mod c; use crate::b::B; }"),
            ("a/inner/c.rs", "use super::super::super::b::B;"),
            ("b.rs", "pub struct B;"),
        ],
        &[("a.rs", "b.rs"), ("a/inner/c.rs", "b.rs")],
    ),
    (
        "an import above the declaration of its module",
        &[
            ("lib.rs", "use a::A;\nmod a;\nfn f(_: A) {}"),
            ("a.rs", "pub struct A;"),
        ],
        &[("lib.rs", "a.rs")],
    ),
    (
        "what is built for tests",
        &[
            AB,
            (
                "a.rs",
                "#[cfg(test)]\nuse crate::b::B;\n#[cfg(all(test, unix))]\nmod tests { use crate::b::B; }\n#[test]\nfn t() { crate::b::g() }",
            ),
            (
                "b.rs",
                "pub struct B;\npub fn g() {}\n#[cfg(test)]\nmod tests;",
            ),
        ],
        &[],
    ),
    (
        "what is built for one system",
        &[
            AB,
            ("a.rs", "#[cfg(any(test, unix))]\nuse crate::b::B;"),
            ("b.rs", "pub struct B;"),
        ],
        &[("a.rs", "b.rs")],
    ),
    (
        "an `impl` in two files, of which one calls the other",
        &[
            AB,
            ("a.rs", "pub struct A;\nimpl A { fn f(&self) { self.g() } }"),
            ("b.rs", "impl crate::a::A { pub fn g(&self) {} }"),
        ],
        &[("a.rs", "b.rs"), ("b.rs", "a.rs")],
    ),
    (
        "a method of another type by the same name",
        &[
            AB,
            (
                "a.rs",
                "pub struct A;\nimpl A { fn f(&self) { self.g() } fn g(&self) {} }",
            ),
            ("b.rs", "pub struct B;\nimpl B { pub fn g(&self) {} }"),
        ],
        &[],
    ),
    (
        "a method that a macro is given",
        &[
            AB,
            (
                "a.rs",
                "pub struct A;\nimpl A { fn f(&self) { assert!(self.g()) } fn h() { Self::k() } }",
            ),
            (
                "b.rs",
                "use crate::a::A;\nimpl A { pub fn g(&self) -> bool { true } fn k() {} }",
            ),
        ],
        &[("a.rs", "b.rs"), ("b.rs", "a.rs")],
    ),
];

#[test]
fn a_file_depends_on_those_that_define_what_it_mentions() {
    for (about, files, expected) in CASES {
        let (folder, tree) = written(files);
        let expected = expected
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        assert_eq!(edges(folder.path(), &tree), expected.collect(), "{about}");
    }
}

#[test]
fn a_cycle_is_told_by_its_files_and_by_what_they_mention() {
    let (folder, tree) = written(&[
        ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
        ("a.rs", "use crate::b::B;\npub struct A;"),
        ("b.rs", "use crate::c::C;\npub struct B;"),
        ("c.rs", "pub struct C;\nfn f(_: crate::a::A) {}"),
        ("d.rs", "use crate::a::A;"),
    ]);
    let expected = [
        "a.rs -> b.rs: crate::b::B in line 1",
        "b.rs -> c.rs: crate::c::C in line 1",
        "c.rs -> a.rs: crate::a::A in line 2",
    ];
    assert_eq!(cycles::of(&tree, folder.path()), [expected]);
}

#[test]
fn a_file_of_another_name_is_not_passed_over() {
    for other in ["#[path = \"x.rs\"]", "#[cfg_attr(unix, path = \"x.rs\")]"] {
        let text = format!("{other}\nmod a;");
        let read = std::panic::catch_unwind(|| written(&[("lib.rs", &text), ("a.rs", "")]));
        assert!(read.is_err(), "{other}");
    }
}

#[test]
fn what_is_long_without_a_reason_and_a_reason_without_need_are_told() {
    let lines = |count: usize| "    let _ = \"{ } }\";\n".repeat(count);
    let function =
        |above: &str, count: usize| format!("{above}async fn f() {{\n{}}}\n", lines(count - 2));
    let told = "f has 71 lines, and no line `Long: ` says why";
    let needless = "f has 70 lines, and a line `Long: ` that it does not need";
    let cases = [
        (function("", 70), vec![]),
        (function("", 71), vec![told]),
        (
            function("/// Why.\n#[tracing::instrument]\n", 71),
            vec![told],
        ),
        (function("// Long: it is a table.\n", 71), vec![]),
        (
            function("/// Why.\n// Long: it is a table.\n#[inline]\npub ", 71),
            vec![],
        ),
        // The reason is that of another one.
        (function("// Long: it is a table.\n\n", 71), vec![told]),
        (function("// Long: \n", 71), vec![told]),
        (function("// Long: it is a table.\n", 70), vec![needless]),
        (
            format!("struct S;\nimpl S {{\n{}}}\n", function("", 71)),
            vec![told],
        ),
        (format!("trait T {{\n{}}}\n", function("", 71)), vec![told]),
        (
            format!(
                "fn outer() {{\n{}}}\n",
                function("// Long: it is a table.\n", 71)
            ),
            vec!["outer has 74 lines, and no line `Long: ` says why"],
        ),
        (format!("#[cfg(test)]\n{}", function("", 71)), vec![]),
        ("\n".repeat(300), vec![]),
        (
            "\n".repeat(301),
            vec!["the file has 301 lines, and no line `Long: ` says why"],
        ),
        (
            format!("//! Long: it is a table.\n{}", "\n".repeat(300)),
            vec![],
        ),
        (
            "//! Long: it is a table.\n".to_owned(),
            vec!["the file has 1 lines, and a line `Long: ` that it does not need"],
        ),
    ];
    for (text, expected) in cases {
        let (_folder, tree) = written(&[("lib.rs", &text)]);
        assert_eq!(lengths::faults(&tree.files[0]), expected, "{text}");
    }
}
