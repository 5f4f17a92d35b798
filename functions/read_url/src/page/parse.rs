//! Reads the text of a page into a tree, within a number of elements, a depth and a time.
//!
//! The parser's own work grows with the square of the depth, and with what is left open: what lies deeper than [`MAX_DEPTH`] keeps its text
//! and loses its elements, and where there are too many elements, or no time is left, the page ends.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Instant;

use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::tree_builder::TreeSink as _;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, TokenizerResult};

use super::hidden::hidden_of;
use super::sink::Sink;
use super::tree::{Id, Tree};

/// Most elements of a page.
pub const MAX_ELEMENTS: usize = 50_000;
/// Most elements that lie in each other.
pub const MAX_DEPTH: usize = 200;
/// Bytes that are read before the time is looked at: reading the attributes of one tag takes the square of their number.
const BYTES_A_LOOK: usize = 512;

/// Attributes that this reader or the parser looks at; others are not kept.
const KEPT: [&str; 28] = [
    "href",
    "src",
    "alt",
    "title",
    "name",
    "content",
    "http-equiv",
    "class",
    "id",
    "role",
    "itemprop",
    "rel",
    "lang",
    "dir",
    "start",
    "colspan",
    "rowspan",
    "hidden",
    "aria-hidden",
    "aria-label",
    "style",
    "open",
    "type",
    "encoding",
    "color",
    "face",
    "size",
    "xmlns",
];

/// A page as it was read.
#[derive(Debug)]
pub struct Parsed {
    pub tree: Tree,
    /// Whether the page is all in it.
    pub whole: bool,
}

/// By which rules a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    Html,
    /// XHTML that is served as such: an element that closes itself is empty, `<script/>` above all.
    Xml,
}

/// Reads a page until `end`.
pub fn parse(text: &str, syntax: Syntax, end: Instant) -> Parsed {
    let options = TreeBuilderOpts {
        // What is in `noscript` is no part of a page with scripts.
        scripting_enabled: true,
        drop_doctype: true,
        ..TreeBuilderOpts::default()
    };
    let bounded = Bounded {
        syntax,
        builder: TreeBuilder::new(Sink::new(), options),
        passed_over: RefCell::default(),
        open: RefCell::default(),
        is_cut: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(bounded, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let (mut rest, mut whole) = (text, true);
    while !rest.is_empty() {
        if tokenizer.sink.is_cut.get() || Instant::now() >= end {
            whole = false;
            break;
        }
        let (now, later) = rest.split_at(rest.floor_char_boundary(BYTES_A_LOOK.min(rest.len())));
        queue.push_back(StrTendril::from_slice(now));
        // Scripts are not run, and encodings are decided on before: what it stops for is passed by.
        loop {
            match tokenizer.feed(&queue) {
                TokenizerResult::Done => break,
                TokenizerResult::Script(_) | TokenizerResult::EncodingIndicator(_) => {}
            }
        }
        rest = later;
    }
    tokenizer.end();
    let whole = whole && !tokenizer.sink.is_cut.get();
    let mut tree = tokenizer.sink.builder.sink.finish();
    tree.hidden = hidden_of(&tree);
    Parsed { tree, whole }
}

/// Keeps from the tree builder what would make the tree too large.
struct Bounded {
    syntax: Syntax,
    builder: TreeBuilder<Id, Sink>,
    /// How many elements of a name are open: those that were left out, whose ends are left out, too, and the others.
    passed_over: RefCell<BTreeMap<LocalName, usize>>,
    open: RefCell<BTreeMap<LocalName, usize>>,
    is_cut: Cell<bool>,
}

impl TokenSink for Bounded {
    type Handle = Id;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Id> {
        let token = match token {
            Token::TagToken(mut tag) => {
                // What is left open is made again with all of them, as often as the page says.
                tag.attrs
                    .retain(|attribute| KEPT.contains(&&*attribute.name.local));
                Token::TagToken(tag)
            }
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::CharacterTokens(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => token,
        };
        match &token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag && !self.begins(tag) => {
                TokenSinkResult::Continue
            }
            Token::TagToken(tag) if self.is_empty(tag) => {
                let end = Tag {
                    kind: TagKind::EndTag,
                    attrs: Vec::new(),
                    self_closing: false,
                    ..tag.clone()
                };
                // Elements that would have the tokenizer go on in another way are not begun so.
                let _goes_on = self.builder.process_token(token, line);
                self.process_token(Token::TagToken(end), line)
            }
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => {
                if take(&self.passed_over, &tag.name) {
                    return TokenSinkResult::Continue;
                }
                let was_open = take(&self.open, &tag.name);
                let result = self.builder.process_token(token, line);
                if was_open {
                    self.builder.sink.ended();
                }
                result
            }
            Token::CommentToken(_) => TokenSinkResult::Continue,
            Token::TagToken(_)
            | Token::DoctypeToken(_)
            | Token::CharacterTokens(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => self.builder.process_token(token, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl Bounded {
    /// Whether an element is made.
    fn begins(&self, tag: &Tag) -> bool {
        if self.builder.sink.elements() >= MAX_ELEMENTS {
            self.is_cut.set(true);
        }
        if holds_no_elements(&tag.name) {
            // What would be read in a way of its own has no end.
            return is_void(&tag.name) || !self.is_empty(tag);
        }
        let is_deep = self.builder.sink.depth() >= MAX_DEPTH;
        if !tag.self_closing || self.is_empty(tag) {
            let open = if is_deep {
                &self.passed_over
            } else {
                &self.open
            };
            *open.borrow_mut().entry(tag.name.clone()).or_default() += 1;
        }
        !is_deep
    }
}

impl Bounded {
    /// Whether an element begins and ends with its tag, by the rules of XML.
    fn is_empty(&self, tag: &Tag) -> bool {
        self.syntax == Syntax::Xml
            && tag.kind == TagKind::StartTag
            && tag.self_closing
            && !is_void(&tag.name)
    }
}

/// Counts one element less of a name, where one is open.
fn take(open: &RefCell<BTreeMap<LocalName, usize>>, name: &LocalName) -> bool {
    match open.borrow_mut().get_mut(name).filter(|open| **open > 0) {
        Some(open) => {
            *open -= 1;
            true
        }
        None => false,
    }
}

/// Elements that are empty, or of which the text is read in a way of its own: they end where they say, and are not deep.
fn holds_no_elements(name: &LocalName) -> bool {
    is_void(name)
        || matches!(
            &**name,
            "script"
                | "style"
                | "textarea"
                | "title"
                | "noscript"
                | "iframe"
                | "noembed"
                | "noframes"
                | "xmp"
                | "plaintext"
        )
}

/// Elements that are always empty.
fn is_void(name: &LocalName) -> bool {
    matches!(
        &**name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}
