//! The paths that source text mentions: in code, in the arguments of macros and in attributes.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprMethodCall, Ident, ImplItem, Item, ItemImpl, Lit, Meta, Stmt, TraitItem,
    Type, UseTree, Visibility,
};

/// The keys of attributes whose strings are paths.
const NAMING: [&str; 8] = [
    "with",
    "serialize_with",
    "deserialize_with",
    "from",
    "into",
    "try_from",
    "default",
    "skip_serializing_if",
];

/// What was found, each path with the first line that mentions it.
#[derive(Default)]
pub struct Mentions {
    pub paths: BTreeMap<Vec<String>, usize>,
    /// The `use` declarations, those in functions included.
    pub uses: Vec<(Visibility, UseTree)>,
    /// The methods that are called on `self`, by the name of its type.
    pub own_methods: BTreeMap<(String, String), usize>,
    /// The type whose `impl` is being read.
    implemented: Option<String>,
}

impl Mentions {
    pub fn add(&mut self, path: Vec<String>, at: Span) {
        self.paths.entry(path).or_insert(at.start().line);
    }

    pub fn join(&mut self, other: Self) {
        for (path, line) in other.paths {
            self.paths.entry(path).or_insert(line);
        }
        self.uses.extend(other.uses);
        for (method, line) in other.own_methods {
            self.own_methods.entry(method).or_insert(line);
        }
    }

    fn add_own_method(&mut self, name: &Ident) {
        if let Some(implemented) = self.implemented.clone() {
            let method = (implemented, name.unraw().to_string());
            self.own_methods
                .entry(method)
                .or_insert(name.span().start().line);
        }
    }

    /// Macros are not expanded: what looks like a path in their arguments is one.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut at = Span::call_site();
        // The marks behind the last name: colons lead on, one point to a field or a method, `=` to a value.
        let mut marks = String::new();
        for token in tokens {
            match token {
                TokenTree::Punct(punct) => marks.push(punct.as_char()),
                TokenTree::Ident(ident) => {
                    let is_of_self = path.len() == 1 && path[0] == "self";
                    if marks != "::" {
                        self.end(&mut path, at);
                    }
                    if marks != "." {
                        at = ident.span();
                        path.push(ident.unraw().to_string());
                    } else if is_of_self {
                        self.add_own_method(&ident);
                    }
                    marks.clear();
                }
                TokenTree::Literal(literal) => {
                    let key = path.last().filter(|_| marks == "=").cloned();
                    self.named_in_text(&Lit::new(literal), key.as_deref());
                    self.end(&mut path, at);
                    marks.clear();
                }
                TokenTree::Group(group) => {
                    self.end(&mut path, at);
                    self.scan(group.stream());
                    marks.clear();
                }
            }
        }
        self.end(&mut path, at);
    }

    fn end(&mut self, path: &mut Vec<String>, at: Span) {
        if !path.is_empty() {
            self.add(std::mem::take(path), at);
        }
    }

    /// Attributes such as those of serde name a function, a type or a module in a string.
    fn named_in_text(&mut self, literal: &Lit, key: Option<&str>) {
        let Lit::Str(text) = literal else {
            return;
        };
        let is_path = key.is_some_and(|key| NAMING.contains(&key)) || text.value().contains("::");
        if let Some(mut path) = text.parse::<syn::Path>().ok().filter(|_| is_path) {
            if key == Some("with") {
                let read_by = Ident::new("serialize", text.span());
                path.segments.push(read_by.into());
            }
            self.visit_path(&path);
        }
    }
}

impl<'ast> Visit<'ast> for Mentions {
    fn visit_item(&mut self, item: &'ast Item) {
        if let Item::Use(item) = item {
            self.uses.push((item.vis.clone(), item.tree.clone()));
        } else if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs[..],
            ImplItem::Fn(item) => &item.attrs,
            _ => &[],
        };
        if !is_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if !matches!(item, TraitItem::Fn(item) if is_for_tests(&item.attrs)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if !matches!(statement, Stmt::Local(it) if is_for_tests(&it.attrs)) {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = std::mem::replace(&mut self.implemented, type_name(&item.self_ty));
        visit::visit_item_impl(self, item);
        self.implemented = outer;
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if matches!(&*call.receiver, Expr::Path(it) if it.path.is_ident("self")) {
            self.add_own_method(&call.method);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|it| it.ident.unraw().to_string());
            self.add(names.collect(), path.segments[0].ident.span());
        }
        if path.segments.len() == 2 && path.segments[0].ident == "Self" {
            self.add_own_method(&path.segments[1].ident);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.visit_path(&called.path);
        self.scan(called.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::List(list) => self.scan(list.tokens.clone()),
            Meta::NameValue(_) | Meta::Path(_) => {}
        }
    }

    /// `pub(in path)` says who may read, and reads nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// The last name of a type's path.
pub fn type_name(of: &Type) -> Option<String> {
    match of {
        Type::Path(of) => of
            .path
            .segments
            .last()
            .map(|it| it.ident.unraw().to_string()),
        _ => None,
    }
}

/// Whether it is built for tests alone.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    fn needs_test(condition: &Meta) -> bool {
        if let Meta::List(list) = condition
            && condition.path().is_ident("all")
        {
            let parts = list.parse_args_with(
                syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated,
            );
            return parts.is_ok_and(|parts| parts.iter().any(needs_test));
        }
        condition.path().is_ident("test")
    }
    attributes.iter().any(|it| {
        it.path().is_ident("test")
            || it.path().is_ident("cfg") && it.parse_args::<Meta>().is_ok_and(|it| needs_test(&it))
    })
}

pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
