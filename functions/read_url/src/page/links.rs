//! The links of a page: absolute, of the web, each once.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Url;
use serde::Serialize;

use super::address::absolute;
use super::tree::{Id, Kind, Step, Tree};
use super::visible;
use crate::text::line;

/// Most links that are handed on, their bytes together, and most of what one says, in bytes.
const MAX_LINKS: usize = 100;
const MAX_LINKS_BYTES: usize = 16 * 1024;
const MAX_TEXT_BYTES: usize = 120;

/// A link that people can follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    pub text: String,
    pub url: String,
}

/// The links that are kept, in the order in which they were found.
#[derive(Debug)]
pub struct Links {
    page: Url,
    seen: BTreeSet<String>,
    bytes: usize,
    kept: Vec<Link>,
}

impl Links {
    /// Of the page at an address; links to places in it are none.
    pub fn of(page: &Url) -> Self {
        Self {
            page: without_fragment(page.clone()),
            seen: BTreeSet::new(),
            bytes: 0,
            kept: Vec::new(),
        }
    }

    /// Adds the links that are seen in an element.
    pub fn add(&mut self, tree: &Tree, start: Id, base: &Url) {
        let mut open: Option<(Id, Url, String)> = None;
        // Elements that are made again share the text of their attributes.
        let mut known = BTreeMap::new();
        let mut resolve = |link: &str| {
            let url = known.entry((link.as_ptr(), link.len()));
            url.or_insert_with(|| absolute(base, link)).clone()
        };
        visible::walk(tree, start, |step, _| {
            match step {
                Step::Enter(id) => match (tree.kind(id), &mut open) {
                    (Kind::Text(text), Some((_, _, said))) if said.len() <= MAX_TEXT_BYTES => {
                        said.push_str(text);
                        said.truncate(said.floor_char_boundary(4 * MAX_TEXT_BYTES));
                    }
                    (Kind::Element { .. }, Some((_, _, said))) if said.len() <= MAX_TEXT_BYTES => {
                        said.push(' ');
                        if tree.name(id) == Some("img") {
                            said.push_str(&visible::picture(tree, id).unwrap_or_default());
                        }
                    }
                    (Kind::Element { .. }, None) if tree.name(id) == Some("a") => {
                        let url = tree.attribute(id, "href").and_then(&mut resolve);
                        open = url.map(|url| (id, url, String::new()));
                    }
                    (Kind::Element { .. }, None) if tree.name(id) == Some("frame") => {
                        let url = tree.attribute(id, "src").and_then(&mut resolve);
                        let name = tree.attribute(id, "title").or(tree.attribute(id, "name"));
                        let name = visible::brief(name.unwrap_or_default());
                        if let Some(url) = url {
                            self.put(format!("[frame] {name}"), url);
                        }
                    }
                    (Kind::Text(_) | Kind::Element { .. } | Kind::Nothing, _) => {}
                },
                Step::Leave(id) => {
                    if let Some((_, url, said)) = open.take_if(|(opened, ..)| *opened == id) {
                        let label = tree
                            .attribute(id, "aria-label")
                            .or(tree.attribute(id, "title"));
                        let said = line(&said, MAX_TEXT_BYTES);
                        let said = if said.is_empty() {
                            line(&visible::brief(label.unwrap_or_default()), MAX_TEXT_BYTES)
                        } else {
                            said
                        };
                        self.put(said, url);
                    }
                }
            }
            true
        });
    }

    /// Adds one link, where it says anything and leads anywhere else.
    pub fn put(&mut self, text: String, url: Url) {
        let place = without_fragment(url.clone());
        if text.is_empty() || place == self.page || !self.seen.insert(url.to_string()) {
            return;
        }
        let bytes = text.len() + url.as_str().len();
        if self.kept.len() == MAX_LINKS || self.bytes + bytes > MAX_LINKS_BYTES {
            return;
        }
        self.bytes += bytes;
        self.kept.push(Link {
            text,
            url: url.into(),
        });
    }

    pub fn into_kept(self) -> Vec<Link> {
        self.kept
    }
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}
