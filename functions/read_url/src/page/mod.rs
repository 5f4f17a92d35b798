//! Reads a page: its title, what people see of it as text, and its links.
//!
//! The article is looked for, so that menus and banners do not stand before it; where none is found, or it is small beside what else the
//! page says, the whole page is taken. Where a page says less than it shows, the text begins with a line in brackets that says so.

mod address;
mod hidden;
mod links;
mod markdown;
mod parse;
mod sink;
mod tree;
mod visible;

use std::time::{Duration, Instant};

use reqwest::Url;

use address::absolute;
pub use links::Link;
use links::Links;
use markdown::Parts;
pub use parse::Syntax;
use parse::{Parsed, parse};
use tree::{Id, ROOT, Tree};
use visible::{Weight, html, weigh};

use crate::text::{beginning, line};

/// Most of a page's text that is handed on, in bytes.
pub const MAX_TEXT_BYTES: usize = 48 * 1024;
const MAX_TITLE_BYTES: usize = 300;
/// Longest time for reading a page's elements, and as much again for what is made of them.
const PARSE_TIME: Duration = Duration::from_secs(3);
/// The article says at least one part in so many of what the page says outside its frame.
const ARTICLE_ONE_IN: usize = 2;
/// Of so many characters of headings in what a page calls its text, the article has at least so many.
const HEADINGS_OF: usize = 5;
const HEADINGS_KEPT: usize = 4;
/// Without its frame a page says at least one part in so many of all that it says.
const FRAME_ONE_IN: usize = 3;
/// Characters of an article that is worth to be looked for.
const MIN_ARTICLE: usize = 250;
/// What says less, and has scripts, may be shown by them.
const FEW_CHARACTERS: usize = 200;

/// A page as it is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub title: String,
    pub text: String,
    pub links: Vec<Link>,
    pub truncated: bool,
}

/// Reads the text of a page at `url`; `refresh` is the header of that name.
pub fn read(text: &str, syntax: Syntax, url: &Url, refresh: &str) -> Page {
    let end = Instant::now() + PARSE_TIME;
    let Parsed { tree, whole } = parse(text, syntax, end);
    let base = base(&tree, url);
    let title = title(&tree);
    let weight = weigh(&tree, ROOT);
    let (article, is_whole_article) = article(&tree, &title, &base, weight);
    let (shown, start, parts) = match &article {
        Article::Found(found) => (found, ROOT, Parts::All),
        Article::Within(start) => (&tree, *start, Parts::WithoutFrame),
        Article::None => (&tree, ROOT, Parts::WithoutFrame),
    };
    let mut written = markdown::write(shown, start, parts, MAX_TEXT_BYTES);
    // What seemed to be around the text may be most of it.
    let says = written.chars().filter(|c| !c.is_whitespace()).count();
    if article == Article::None && says * FRAME_ONE_IN < weight.all {
        written = markdown::write(&tree, ROOT, Parts::All, MAX_TEXT_BYTES);
    }
    let mut links = Links::of(url);
    let mut notes = Vec::new();
    if let Some(next) = moved(&tree, &base, refresh) {
        notes.push(format!(
            "[The page sends its readers on to {next}. It was not followed.]"
        ));
        links.put("where the page sends its readers on to".to_owned(), next);
    }
    links.add(shown, start, &base);
    links.add(&tree, ROOT, &base);
    notes.extend(emptiness(&tree, weight));
    let (kept, is_cut) = beginning(&written, MAX_TEXT_BYTES);
    notes.push(kept.to_owned());
    notes.retain(|part| !part.is_empty());
    Page {
        title,
        text: notes.join("\n\n"),
        truncated: is_cut || !whole || !is_whole_article,
        links: links.into_kept(),
    }
}

/// What links are relative to.
fn base(tree: &Tree, url: &Url) -> Url {
    let mut said = tree
        .elements()
        .into_iter()
        .filter(|id| tree.name(*id) == Some("base"));
    let said = said.find_map(|id| tree.attribute(id, "href"));
    said.and_then(|said| absolute(url, said))
        .unwrap_or_else(|| url.clone())
}

/// The title in the head, else the first heading.
fn title(tree: &Tree) -> String {
    let text_of = |name: &str| {
        let mut text = String::new();
        let element = tree.elements().into_iter().find(|id| {
            let is_of_a_picture = tree
                .parent(*id)
                .is_some_and(|parent| tree.name(parent) == Some("svg"));
            tree.name(*id) == Some(name) && !is_of_a_picture
        })?;
        tree.walk(element, |step| {
            if let tree::Step::Enter(id) = step
                && let tree::Kind::Text(part) = tree.kind(id)
            {
                text.push_str(part);
            }
            text.len() < 4 * MAX_TITLE_BYTES
        });
        Some(line(&text, MAX_TITLE_BYTES)).filter(|title| !title.is_empty())
    };
    text_of("title")
        .or_else(|| text_of("h1"))
        .unwrap_or_default()
}

/// Where the text of a page stands.
#[derive(Debug, PartialEq)]
enum Article {
    /// Apart from what was around it.
    Found(Tree),
    /// In the element by which the page says so.
    Within(Id),
    None,
}

/// The article of a page, and whether it was read to its end.
fn article(tree: &Tree, title: &str, base: &Url, weight: Weight) -> (Article, bool) {
    if weight.all < MIN_ARTICLE {
        return (Article::None, true);
    }
    let options = legible::Options::new()
        .disable_json_ld(true)
        .keep_classes(true)
        .max_elems_to_parse(2 * parse::MAX_ELEMENTS);
    let seen = html(tree, title, base);
    let Ok(found) = legible::parse(&seen, Some(base.as_str()), Some(options)) else {
        return (Article::None, true);
    };
    let Parsed { tree: found, whole } =
        parse(&found.content, Syntax::Html, Instant::now() + PARSE_TIME);
    let says = weigh(&found, ROOT);
    // What looks for articles takes some headings for the frame, those of a reference work above all.
    if let Some(main) = main(tree)
        && says.headings * HEADINGS_OF < weigh(tree, main).headings * HEADINGS_KEPT
    {
        return (Article::Within(main), true);
    }
    if says.all < MIN_ARTICLE || says.all * ARTICLE_ONE_IN < weight.prose {
        return (Article::None, true);
    }
    (Article::Found(found), whole)
}

/// The one element that a page says its text to be in.
fn main(tree: &Tree) -> Option<Id> {
    let elements = tree.elements();
    let only = |is_it: &dyn Fn(Id) -> bool| {
        let mut found = elements
            .iter()
            .copied()
            .filter(|id| is_it(*id) && !tree.is_hidden(*id));
        found.next().filter(|_| found.next().is_none())
    };
    let is_main = |id| tree.name(id) == Some("main") || tree.attribute(id, "role") == Some("main");
    only(&is_main).or_else(|| only(&|id| tree.name(id) == Some("article")))
}

/// Where a page sends its readers by `Refresh`, as a header or an element: to another address than its own.
fn moved(tree: &Tree, base: &Url, refresh: &str) -> Option<Url> {
    let elements = tree.elements().into_iter().filter(|id| {
        let says = tree
            .attribute(*id, "http-equiv")
            .filter(|_| tree.name(*id) == Some("meta"));
        says.is_some_and(|says| says.trim().eq_ignore_ascii_case("refresh"))
    });
    let said = elements.filter_map(|id| tree.attribute(id, "content"));
    std::iter::once(refresh)
        .chain(said)
        .filter_map(|said| {
            let (_, said) = said.split_once([';', ','])?;
            let said = said.trim_start();
            let said = match said.get(..3) {
                Some(url) if url.eq_ignore_ascii_case("url") => {
                    said[3..].trim_start().strip_prefix('=')?
                }
                Some(_) | None => said,
            };
            absolute(base, said.trim().trim_matches(['"', '\'']))
        })
        .find(|next| next != base)
}

/// What is to be said of a page that says nothing, or next to nothing.
fn emptiness(tree: &Tree, weight: Weight) -> Option<String> {
    let has_scripts = tree
        .elements()
        .into_iter()
        .any(|id| tree.name(id) == Some("script"));
    let note = match (weight.all, has_scripts) {
        (0, true) => "[The page shows nothing without its scripts, and scripts are not run here.]",
        (0, false) => "[The page has no text.]",
        (..FEW_CHARACTERS, true) => {
            "[The page may show more by its scripts, which are not run here.]"
        }
        (_, _) => return None,
    };
    Some(note.to_owned())
}

#[cfg(test)]
mod tests;
