//! How long files and functions are. One that is longer says why in a line that begins with `Long: `: a function in a comment between
//! its documentation and its head, a file in its `//!`.

use syn::visit::{self, Visit};

use crate::mentions::{attributes, is_for_tests};
use crate::tree::File;

/// Of a file, in lines.
pub const MAX_FILE: usize = 300;
/// Of a function, from its head to its last brace, in lines.
pub const MAX_FUNCTION: usize = 70;

/// What is wrong with a file's lengths: what is long without a reason, or has a reason and is not long.
pub fn faults(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    let lines: Vec<&str> = file.text.lines().collect();
    let reason = lines.iter().any(|line| is_reason(line, "//! Long: "));
    faults.extend(fault("the file", lines.len(), MAX_FILE, reason));
    let mut functions = Functions::default();
    functions.visit_file(&file.syntax);
    for (name, first, last) in functions.0 {
        let above = lines[..first - 1].iter().rev();
        let mut above = above.take_while(|line| line.trim_start().starts_with(['/', '#']));
        let reason = above.any(|line| is_reason(line, "// Long: "));
        faults.extend(fault(&name, last + 1 - first, MAX_FUNCTION, reason));
    }
    faults
}

fn is_reason(line: &str, mark: &str) -> bool {
    let words = line.trim_start().strip_prefix(mark);
    words.is_some_and(|words| !words.trim().is_empty())
}

fn fault(what: &str, lines: usize, most: usize, reason: bool) -> Option<String> {
    match (lines > most, reason) {
        (true, false) => Some(format!(
            "{what} has {lines} lines, and no line `Long: ` says why"
        )),
        (false, true) => Some(format!(
            "{what} has {lines} lines, and a line `Long: ` that it does not need"
        )),
        (true, true) | (false, false) => None,
    }
}

/// The functions of a file: names, first and last lines.
#[derive(Default)]
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn add(&mut self, head: &syn::Signature, body: &syn::Block) {
        let first = head.fn_token.span.start().line;
        let last = body.brace_token.span.close().end().line;
        self.0.push((head.ident.to_string(), first, last));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
