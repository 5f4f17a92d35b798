//! A page as a tree, made within bounds.
//!
//! Nodes lie in one list and name each other by number: nothing that walks or drops the tree calls itself, however deep it is. Comments,
//! doctypes and processing instructions are not kept.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::tree_builder::{
    ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink,
};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName};

/// The number of a node.
pub type Id = usize;

/// The document itself.
pub const ROOT: Id = 0;

/// What a node is.
#[derive(Debug)]
pub enum Kind {
    /// The document, the contents of a template, or what is not kept.
    Nothing,
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
    },
    Text(String),
}

#[derive(Debug)]
pub struct Node {
    pub kind: Kind,
    parent: Option<Id>,
    previous: Option<Id>,
    next: Option<Id>,
    first: Option<Id>,
    last: Option<Id>,
    /// Elements above it when it was put where it is.
    depth: usize,
}

/// A page's nodes.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// A step on the way through a tree, in the order of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Enter(Id),
    Leave(Id),
}

impl Tree {
    pub fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id].kind
    }

    /// The name of an element of HTML, or of what is drawn within it.
    pub fn name(&self, id: Id) -> Option<&str> {
        match self.kind(id) {
            Kind::Element { name, .. } => Some(&name.local),
            Kind::Nothing | Kind::Text(_) => None,
        }
    }

    pub fn attribute(&self, id: Id, wanted: &str) -> Option<&str> {
        match self.kind(id) {
            Kind::Element { attributes, .. } => attributes
                .iter()
                .find(|attribute| &*attribute.name.local == wanted)
                .map(|attribute| &*attribute.value),
            Kind::Nothing | Kind::Text(_) => None,
        }
    }

    pub fn parent(&self, id: Id) -> Option<Id> {
        self.nodes[id].parent
    }

    /// Walks through what is below a node, and the node itself. Where `visit` says no to entering one, what is in it is passed over.
    pub fn walk(&self, start: Id, mut visit: impl FnMut(Step) -> bool) {
        let mut now = Step::Enter(start);
        loop {
            let goes_in = visit(now);
            now = match now {
                Step::Enter(id) => match self.nodes[id].first.filter(|_| goes_in) {
                    Some(first) => Step::Enter(first),
                    None => Step::Leave(id),
                },
                Step::Leave(id) if id == start => return,
                Step::Leave(id) => match (self.nodes[id].next, self.nodes[id].parent) {
                    (Some(next), _) => Step::Enter(next),
                    (None, Some(parent)) => Step::Leave(parent),
                    (None, None) => return,
                },
            };
        }
    }

    /// All elements, in order.
    pub fn elements(&self) -> Vec<Id> {
        let mut found = Vec::new();
        self.walk(ROOT, |step| {
            if let Step::Enter(id) = step
                && self.name(id).is_some()
            {
                found.push(id);
            }
            true
        });
        found
    }

    fn detach(&mut self, id: Id) {
        let (parent, previous, next) = {
            let node = &mut self.nodes[id];
            (node.parent.take(), node.previous.take(), node.next.take())
        };
        match (previous, parent) {
            (Some(previous), _) => self.nodes[previous].next = next,
            (None, Some(parent)) => self.nodes[parent].first = next,
            (None, None) => {}
        }
        match (next, parent) {
            (Some(next), _) => self.nodes[next].previous = previous,
            (None, Some(parent)) => self.nodes[parent].last = previous,
            (None, None) => {}
        }
    }

    /// Puts a node before another one, or behind all that are in `parent`.
    fn insert(&mut self, parent: Id, before: Option<Id>, id: Id) {
        self.detach(id);
        let previous = match before {
            Some(before) => self.nodes[before].previous,
            None => self.nodes[parent].last,
        };
        let depth = self.nodes[parent].depth + 1;
        let node = &mut self.nodes[id];
        (node.parent, node.previous, node.next, node.depth) =
            (Some(parent), previous, before, depth);
        match previous {
            Some(previous) => self.nodes[previous].next = Some(id),
            None => self.nodes[parent].first = Some(id),
        }
        match before {
            Some(before) => self.nodes[before].previous = Some(id),
            None => self.nodes[parent].last = Some(id),
        }
    }

    fn make(&mut self, kind: Kind) -> Id {
        self.nodes.push(Node {
            kind,
            parent: None,
            previous: None,
            next: None,
            first: None,
            last: None,
            depth: 0,
        });
        self.nodes.len() - 1
    }
}

/// Makes a tree as the parser says.
#[derive(Debug)]
pub struct Sink {
    tree: RefCell<Tree>,
    elements: Cell<usize>,
    depth: Cell<usize>,
}

impl Sink {
    pub fn new() -> Self {
        let mut tree = Tree { nodes: Vec::new() };
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
