//! What people see of a page, written as HTML again: for the crate that finds the article in it.
//!
//! Elements keep the attributes that tell what they are for, links their absolute address, pictures what they are said to show. All else,
//! scripts and hidden text above all, is left behind here.

use reqwest::Url;

use super::address::absolute;
use super::parse::MAX_DEPTH;
use super::tree::{Id, Kind, ROOT, Step, Tree};
use crate::text::line;

/// Attributes by which an article is found.
const KEPT: [&str; 10] = [
    "colspan", "rowspan", "class", "id", "role", "itemprop", "rel", "lang", "dir", "start",
];
/// Most of an attribute, and of what a picture is said to show, in bytes.
const MAX_ATTRIBUTE_BYTES: usize = 300;
/// What of an attribute is looked at, in bytes: elements that are made again have all of it each time.
const LOOKED_AT_BYTES: usize = 2 * MAX_ATTRIBUTE_BYTES;
/// Most of all attributes together that are written, in bytes.
const MAX_ATTRIBUTES_BYTES: usize = 512 * 1024;

/// What a page weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Characters that are seen, white space left out.
    pub all: usize,
    /// Those that stand in no link and in none of the parts around a text.
    pub prose: usize,
    /// Of these, those of headings below the first level.
    pub headings: usize,
}

/// Walks through what is seen of a page.
pub fn walk(tree: &Tree, start: Id, mut visit: impl FnMut(Step, usize) -> bool) {
    let mut depth = 0_usize;
    tree.walk(start, |step| match step {
        Step::Enter(id) => {
            depth += 1;
            !tree.is_hidden(id) && visit(step, depth)
        }
        Step::Leave(id) => {
            if !tree.is_hidden(id) {
                visit(step, depth);
            }
            depth -= 1;
            true
        }
    });
}

/// What stands for a picture: what it is said to show.
pub fn picture(tree: &Tree, id: Id) -> Option<String> {
    let shows = brief(tree.attribute(id, "alt")?);
    (!shows.is_empty()).then(|| format!("[image: {shows}]"))
}

pub fn weigh(tree: &Tree, start: Id) -> Weight {
    const AROUND: [&str; 7] = ["a", "nav", "header", "footer", "aside", "form", "button"];
    let (mut weight, mut around, mut headings) = (Weight::default(), 0_usize, 0_usize);
    let is_heading = |id| matches!(tree.name(id), Some("h2" | "h3" | "h4" | "h5" | "h6"));
    walk(tree, start, |step, _| {
        match step {
            Step::Enter(id) if is_heading(id) => headings += 1,
            Step::Leave(id) if is_heading(id) => headings -= 1,
            Step::Enter(_) | Step::Leave(_) => {}
        }
        match step {
            Step::Enter(id) | Step::Leave(id)
                if tree.name(id).is_some_and(|name| AROUND.contains(&name)) =>
            {
                match step {
                    Step::Enter(_) => around += 1,
                    Step::Leave(_) => around -= 1,
                }
            }
            Step::Enter(id) => {
                let shown = match tree.kind(id) {
                    Kind::Text(text) => Some(text.clone()),
                    Kind::Element { .. } if tree.name(id) == Some("img") => picture(tree, id),
                    Kind::Element { .. } | Kind::Nothing => None,
                };
                let shown = shown.as_deref().unwrap_or_default();
                let seen = shown.chars().filter(|c| !c.is_whitespace()).count();
                weight.all += seen;
                if around == 0 {
                    weight.prose += seen;
                    weight.headings += if headings > 0 { seen } else { 0 };
                }
            }
            Step::Leave(_) => {}
        }
        true
    });
    weight
}

/// The page as HTML that holds what is seen of it.
pub fn html(tree: &Tree, title: &str, base: &Url) -> String {
    let mut html = String::from("<!doctype html><html><head><title>");
    escape(&mut html, title);
    html.push_str("</title></head>");
    let mut left = MAX_ATTRIBUTES_BYTES;
    walk(tree, ROOT, |step, depth| {
        match step {
            Step::Enter(id) => match tree.kind(id) {
                Kind::Text(text) => escape(&mut html, text),
                Kind::Nothing => {}
                Kind::Element { .. } if depth > MAX_DEPTH + MAX_DEPTH / 2 => {}
                Kind::Element { .. } => open(&mut html, &mut left, tree, id, base),
            },
            Step::Leave(id) => {
                if depth <= MAX_DEPTH + MAX_DEPTH / 2
                    && let Some(name) = written(tree, id)
                {
                    html.push_str("</");
                    html.push_str(name);
                    html.push('>');
                }
            }
        }
        true
    });
    html
}

/// Writes the beginning of an element; `left` is the room for attributes.
fn open(html: &mut String, left: &mut usize, tree: &Tree, id: Id, base: &Url) {
    if tree.name(id) == Some("img") {
        let shown = picture(tree, id);
        escape(html, shown.as_deref().unwrap_or_default());
        return;
    }
    let Some(name) = written(tree, id) else {
        if tree.name(id) == Some("br") {
            html.push_str("<br>");
        } else if tree.name(id) == Some("hr") {
            html.push_str("<hr>");
        }
        return;
    };
    html.push('<');
    html.push_str(name);
    if *left > 0 {
        let attributes = attributes(tree, id, base);
        *left = left.saturating_sub(attributes.len());
        html.push_str(&attributes);
    }
    html.push('>');
}

fn attributes(tree: &Tree, id: Id, base: &Url) -> String {
    let mut attributes = String::new();
    for kept in KEPT {
        if let Some(value) = tree.attribute(id, kept) {
            attributes.push_str(&attribute(kept, &brief(value)));
        }
    }
    let link = tree.attribute(id, "href");
    let link = link.filter(|_| tree.name(id) == Some("a"));
    if let Some(link) = link.and_then(|link| absolute(base, link)) {
        attributes.push_str(&attribute("href", link.as_str()));
    }
    attributes
}

/// The name by which an element is written; `None` for one that is empty, or a part of the frame.
fn written(tree: &Tree, id: Id) -> Option<&str> {
    let name = tree.name(id)?;
    match name {
        "html" | "br" | "hr" | "img" | "wbr" | "col" | "area" | "base" | "link" | "meta"
        | "embed" | "input" => None,
        "xmp" | "listing" | "plaintext" => Some("pre"),
        name if name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
        {
            Some(name)
        }
        _ => Some("span"),
    }
}

/// The beginning of an attribute, in one line.
pub fn brief(value: &str) -> String {
    let end = value.floor_char_boundary(LOOKED_AT_BYTES);
    line(&value[..end], MAX_ATTRIBUTE_BYTES)
}

fn attribute(name: &str, value: &str) -> String {
    let mut written = format!(" {name}=\"");
    escape(&mut written, value);
    written.push('"');
    written
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}
