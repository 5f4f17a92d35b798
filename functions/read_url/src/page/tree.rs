//! A page as a tree, made within bounds.
//!
//! Nodes lie in one list and name each other by number: nothing that walks or drops the tree calls itself, however deep it is. Comments,
//! doctypes and processing instructions are not kept.

use html5ever::{Attribute, QualName};

/// The number of a node.
pub type Id = usize;

/// The document itself.
pub const ROOT: Id = 0;

/// What a node is.
#[derive(Debug, PartialEq)]
pub enum Kind {
    /// The document, the contents of a template, or what is not kept.
    Nothing,
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
    },
    Text(String),
}

#[derive(Debug, PartialEq)]
pub struct Node {
    pub kind: Kind,
    pub(super) parent: Option<Id>,
    pub(super) previous: Option<Id>,
    pub(super) next: Option<Id>,
    pub(super) first: Option<Id>,
    pub(super) last: Option<Id>,
    /// Elements above it when it was put where it is.
    pub(super) depth: usize,
}

/// A page's nodes.
#[derive(Debug, PartialEq)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    /// For each node, whether nobody sees it.
    pub(super) hidden: Vec<bool>,
}

/// A step on the way through a tree, in the order of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Enter(Id),
    Leave(Id),
}

impl Tree {
    /// How many nodes there are, those that hang on nothing too.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nobody sees a node, as it was judged when the page had been read.
    pub fn is_hidden(&self, id: Id) -> bool {
        self.hidden.get(id).is_some_and(|hidden| *hidden)
    }

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

    pub(super) fn detach(&mut self, id: Id) {
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
    pub(super) fn insert(&mut self, parent: Id, before: Option<Id>, id: Id) {
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

    pub(super) fn make(&mut self, kind: Kind) -> Id {
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
