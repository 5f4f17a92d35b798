//! How the parser makes a tree.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::tree_builder::{
    ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink,
};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName};

use super::tree::{Id, Kind, ROOT, Tree};

/// Makes a tree as the parser says.
#[derive(Debug)]
pub struct Sink {
    tree: RefCell<Tree>,
    elements: Cell<usize>,
    depth: Cell<usize>,
}

impl Sink {
    pub fn new() -> Self {
        let mut tree = Tree {
            nodes: Vec::new(),
            hidden: Vec::new(),
        };
        tree.make(Kind::Nothing);
        Self {
            tree: RefCell::new(tree),
            elements: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// How many elements have been made.
    pub fn elements(&self) -> usize {
        self.elements.get()
    }

    /// How many elements the next one would lie in, as far as can be told: the parser says where it puts something, and not when it
    /// has left an element.
    pub fn depth(&self) -> usize {
        self.depth.get()
    }

    /// The element that is open has ended.
    pub fn ended(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    fn put(&self, parent: Id, before: Option<Id>, child: NodeOrText<Id>) {
        let mut tree = self.tree.borrow_mut();
        match child {
            NodeOrText::AppendNode(id) => {
                tree.insert(parent, before, id);
                if tree.name(id).is_some() {
                    self.depth.set(tree.nodes[id].depth);
                }
            }
            NodeOrText::AppendText(text) => {
                let beside = match before {
                    Some(before) => tree.nodes[before].previous,
                    None => tree.nodes[parent].last,
                };
                if let Some(beside) = beside
                    && let Kind::Text(begun) = &mut tree.nodes[beside].kind
                {
                    begun.push_str(&text);
                } else {
                    let id = tree.make(Kind::Text(text.to_string()));
                    tree.insert(parent, before, id);
                }
                self.depth.set(tree.nodes[parent].depth);
            }
        }
    }
}

/// The name of an element, apart from the tree.
#[derive(Debug)]
pub struct Named(QualName);

impl ElemName for Named {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Tree;
    type ElemName<'a> = Named;

    fn finish(self) -> Tree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        ROOT
    }

    fn elem_name(&self, target: &Id) -> Named {
        match self.tree.borrow().kind(*target) {
            Kind::Element { name, .. } => Named(name.clone()),
            // The parser asks for no other's name.
            Kind::Nothing | Kind::Text(_) => {
                Named(QualName::new(None, html5ever::ns!(), LocalName::from("")))
            }
        }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Id {
        self.elements.set(self.elements.get() + 1);
        self.tree
            .borrow_mut()
            .make(Kind::Element { name, attributes })
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        self.tree.borrow_mut().make(Kind::Nothing)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.tree.borrow_mut().make(Kind::Nothing)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.put(*parent, None, child);
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        if self.tree.borrow().parent(*element).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// A node that hangs on nothing: what is in a template is no part of the page.
    fn get_template_contents(&self, template: &Id) -> Id {
        let mut tree = self.tree.borrow_mut();
        let contents = tree.make(Kind::Nothing);
        tree.nodes[contents].depth = tree.nodes[*template].depth;
        contents
    }

    fn same_node(&self, one: &Id, other: &Id) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        let parent = self.tree.borrow().parent(*sibling);
        if let Some(parent) = parent {
            self.put(parent, Some(*sibling), child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Id, more: Vec<Attribute>) {
        if let Kind::Element { attributes, .. } = &mut self.tree.borrow_mut().nodes[*target].kind {
            for attribute in more {
                if !attributes.iter().any(|known| known.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Id) {
        self.tree.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        let mut tree = self.tree.borrow_mut();
        while let Some(child) = tree.nodes[*node].first {
            tree.insert(*new_parent, None, child);
        }
    }
}
