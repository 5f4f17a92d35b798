//! A crate as its source files say it: modules, the names in each, and the paths that each file mentions. What is built for tests
//! alone is left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::visit::Visit as _;
use syn::{Ident, ImplItem, Item, UseTree, Visibility};

use crate::mentions::{self, Mentions};

/// What a name in a module stands for.
pub enum Binding {
    Module(usize),
    /// Something that the module's own file defines.
    Defined,
    /// Another path, under this name here.
    Import(Vec<String>),
}

#[derive(Default)]
pub struct Module {
    /// Index of the file that it stands in.
    pub file: usize,
    /// Its parent; the crate's root is its own.
    pub parent: usize,
    pub names: BTreeMap<String, Vec<Binding>>,
    pub globs: Vec<Vec<String>>,
    pub mentions: Mentions,
}

/// A source file, and its text as it was parsed.
pub struct File {
    pub path: PathBuf,
    pub text: String,
    pub syntax: syn::File,
}

/// The root module is the first one.
#[derive(Default)]
pub struct Tree {
    pub files: Vec<File>,
    pub modules: Vec<Module>,
    /// The files that define the methods of the crate's types, by the names of type and method.
    pub methods: BTreeMap<(String, String), Vec<usize>>,
}

impl Tree {
    /// Reads a crate from its root file on.
    pub fn read(root: &Path) -> Self {
        let mut tree = Self::default();
        let folder = root.parent().unwrap();
        tree.read_file(root, folder, 0);
        tree
    }

    /// Reads the file of a module, whose submodules have theirs in `folder`, and all below it.
    fn read_file(&mut self, path: &Path, folder: &Path, parent: usize) -> usize {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let syntax = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let items = syntax.items.clone();
        self.files.push(File {
            path: path.to_owned(),
            text,
            syntax,
        });
        self.read_module(&items, self.files.len() - 1, folder, parent)
    }

    fn read_module(&mut self, items: &[Item], file: usize, folder: &Path, parent: usize) -> usize {
        let module = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        for item in items {
            if mentions::is_for_tests(mentions::attributes(item)) {
                continue;
            }
            if let Item::Mod(inner) = item {
                self.read_submodule(inner, module, folder);
                continue;
            }
            if let Some(name) = defined(item) {
                self.bind(module, name.unraw().to_string(), Binding::Defined);
            }
            self.define_methods(item, file);
            let mut found = Mentions::default();
            found.visit_item(item);
            for (visibility, uses) in std::mem::take(&mut found.uses) {
                self.import(module, &visibility, &uses, Vec::new());
            }
            self.modules[module].mentions.join(found);
        }
        module
    }

    fn read_submodule(&mut self, inner: &syn::ItemMod, module: usize, folder: &Path) {
        let name = inner.ident.unraw().to_string();
        assert!(
            !inner
                .attrs
                .iter()
                .any(|it| it.path().is_ident("path") || it.path().is_ident("cfg_attr")),
            "the file of a module is the one of its name, whatever the target: {name}"
        );
        let below = folder.join(&name);
        let read = if let Some((_, items)) = &inner.content {
            let file = self.modules[module].file;
            self.read_module(items, file, &below, module)
        } else {
            let beside = folder.join(format!("{name}.rs"));
            let path = if beside.exists() {
                beside
            } else {
                below.join("mod.rs")
            };
            self.read_file(&path, &below, module)
        };
        self.bind(module, name, Binding::Module(read));
    }

    fn define_methods(&mut self, item: &Item, file: usize) {
        let Item::Impl(item) = item else {
            return;
        };
        let Some(of) = mentions::type_name(&item.self_ty).filter(|_| item.trait_.is_none()) else {
            return;
        };
        for item in &item.items {
            let name = match item {
                ImplItem::Fn(item) => &item.sig.ident,
                ImplItem::Const(item) => &item.ident,
                _ => continue,
            };
            let method = (of.clone(), name.unraw().to_string());
            self.methods.entry(method).or_default().push(file);
        }
    }

    fn bind(&mut self, module: usize, name: String, binding: Binding) {
        let names = &mut self.modules[module].names;
        names.entry(name).or_default().push(binding);
    }

    /// Brings into a module what a `use` names. A private one mentions it, too; any other hands it on.
    fn import(
        &mut self,
        module: usize,
        visibility: &Visibility,
        uses: &UseTree,
        mut to: Vec<String>,
    ) {
        match uses {
            UseTree::Path(path) => {
                to.push(path.ident.unraw().to_string());
                self.import(module, visibility, &path.tree, to);
            }
            UseTree::Group(group) => {
                for uses in &group.items {
                    self.import(module, visibility, uses, to.clone());
                }
            }
            UseTree::Glob(glob) => {
                // All names of a module are no mention of any; those of an enum are one of the enum.
                if matches!(visibility, Visibility::Inherited) {
                    let at = glob.star_token.spans[0];
                    self.modules[module].mentions.add(to.clone(), at);
                }
                self.modules[module].globs.push(to);
            }
            UseTree::Name(name) => {
                self.import_as(module, visibility, &name.ident, &name.ident, to);
            }
            UseTree::Rename(name) => {
                self.import_as(module, visibility, &name.ident, &name.rename, to);
            }
        }
    }

    fn import_as(
        &mut self,
        module: usize,
        visibility: &Visibility,
        name: &Ident,
        here: &Ident,
        mut to: Vec<String>,
    ) {
        let itself = *name == Ident::new("self", Span::call_site());
        let here = match to.last() {
            Some(last) if itself && here == name => last.clone(),
            _ => here.unraw().to_string(),
        };
        if !itself {
            to.push(name.unraw().to_string());
        }
        if matches!(visibility, Visibility::Inherited) {
            self.modules[module].mentions.add(to.clone(), name.span());
        }
        if here != "_" {
            self.bind(module, here, Binding::Import(to));
        }
    }
}

/// The name that an item gives its module.
fn defined(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}
