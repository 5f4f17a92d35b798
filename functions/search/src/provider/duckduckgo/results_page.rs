//! Reads `DuckDuckGo`'s page of results.
//!
//! A page is taken apart by a tokenizer after the HTML standard, and no tree is made of it: that would take time by the square of
//! a hostile page's depth or attributes. Only ids, classes and actions are signs of what a page is: its texts and values repeat
//! the query.

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};
use reqwest::Url;

use crate::hit::Candidate;

/// Results of one page that are read, and bytes of each text of one.
const MAX_RESULTS: usize = 30;
const MAX_TEXT_BYTES: usize = 8 * 1024;

const SITE: &str = "https://html.duckduckgo.com/html/";
/// Stands where a title should, on pages behind the last one.
const NO_RESULTS_TITLE: &str = "DEEP_ERROR_NO_RESULTS";

/// What a page turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Reading {
    Results(Vec<Candidate>),
    /// It says that nothing was found.
    Empty,
    /// It wants a person to solve something.
    Challenge,
    Unknown,
}

/// Results count before any sign of a challenge.
pub fn read(html: &str) -> Reading {
    let mut emitter = DefaultEmitter::default();
    // Scripts and titles are text.
    emitter.naively_switch_states(true);
    let mut page = Page::default();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => page.open(&tag),
            Token::EndTag(tag) => page.close(&tag),
            Token::String(text) => page.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    page.end()
}

#[derive(Default)]
struct Page {
    results: Vec<Candidate>,
    open: Option<Draft>,
    taking: Option<Taking>,
    is_challenge: bool,
    says_empty: bool,
}

/// A result that is being read.
#[derive(Default)]
struct Draft {
    candidate: Candidate,
    is_none: bool,
}

/// A text that is being read, up to the end of the element that it stands in.
struct Taking {
    part: Part,
    tag: Vec<u8>,
    /// Elements of the same name that are open within.
    depth: usize,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    Snippet,
    /// Holds the address as it is shown, and a date on some pages.
    Extras,
}

type Tag = StartTag<()>;

impl Page {
    fn open(&mut self, tag: &Tag) {
        let classes = attribute(tag, "class");
        let classes: Vec<&str> = classes.split_ascii_whitespace().collect();
        let has = |name: &str| classes.contains(&name);
        let begins = |start: &str| classes.iter().any(|class| class.starts_with(start));
        self.is_challenge |= attribute(tag, "id") == "challenge-form"
            || begins("anomaly-modal")
            || attribute(tag, "action").contains("/anomaly.js");
        self.says_empty |= has("no-results") || has("result--no-result");
        if has("result") {
            self.end_result();
            let is_none = ["result--ad", "result--no-result", "result--more"]
                .into_iter()
                .any(has);
            self.open = Some(Draft {
                is_none,
                ..Draft::default()
            });
        }
        if let Some(draft) = &mut self.open {
            draft.is_none |= has("badge--ad");
        }
        let is_new_link = has("result__a")
            && self
                .open
                .as_ref()
                .is_none_or(|draft| draft.candidate.url.is_empty());
        if is_new_link {
            let draft = self.open.get_or_insert_default();
            draft.candidate.url = attribute(tag, "href");
            self.take(Part::Title, tag);
        } else if has("result__snippet") {
            self.take(Part::Snippet, tag);
        } else if has("result__extras__url") {
            self.take(Part::Extras, tag);
        } else if let Some(taking) = &mut self.taking {
            taking.depth += usize::from(*taking.tag == **tag.name);
            // Words of two lines are two words.
            if &**tag.name == b"br" {
                taking.text.push(' ');
            }
        }
    }

    fn close(&mut self, tag: &EndTag<()>) {
        let Some(taking) = &mut self.taking else {
            return;
        };
        if *taking.tag != **tag.name {
            return;
        }
        match taking.depth.checked_sub(1) {
            Some(depth) => taking.depth = depth,
            None => self.taken(),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(taking) = &mut self.taking {
            let room = MAX_TEXT_BYTES.saturating_sub(taking.text.len());
            taking
                .text
                .push_str(&text[..text.floor_char_boundary(room)]);
        }
    }

    fn take(&mut self, part: Part, tag: &Tag) {
        self.taken();
        self.taking = Some(Taking {
            part,
            tag: tag.name.to_vec(),
            depth: 0,
            text: String::new(),
        });
    }

    fn taken(&mut self) {
        let (Some(taking), Some(draft)) = (self.taking.take(), &mut self.open) else {
            return;
        };
        match taking.part {
            Part::Title => draft.candidate.title = taking.text,
            // What follows behind a result is not of it.
            Part::Snippet if !draft.candidate.snippet.is_empty() => {}
            Part::Snippet => draft.candidate.snippet = taking.text,
            Part::Extras => {
                let mut words = taking.text.split_whitespace().rev();
                let date = words.find(|word| word.get(..10).is_some_and(is_day));
                date.unwrap_or_default()
                    .clone_into(&mut draft.candidate.date);
            }
        }
    }

    fn end_result(&mut self) {
        self.taken();
        let Some(mut draft) = self.open.take() else {
            return;
        };
        let is_marker = draft.candidate.title.trim() == NO_RESULTS_TITLE;
        self.says_empty |= is_marker;
        if draft.is_none || is_marker || self.results.len() == MAX_RESULTS {
            return;
        }
        if let Some(url) = destination(&draft.candidate.url) {
            draft.candidate.url = url;
            self.results.push(draft.candidate);
        }
    }

    fn end(mut self) -> Reading {
        self.end_result();
        if !self.results.is_empty() {
            Reading::Results(self.results)
        } else if self.is_challenge {
            Reading::Challenge
        } else if self.says_empty {
            Reading::Empty
        } else {
            Reading::Unknown
        }
    }
}

/// Where a link of the page leads. `/l/?uddg=` is followed without asking anybody; `/y.js` is an advertisement.
fn destination(href: &str) -> Option<String> {
    let link = Url::parse(SITE).ok()?.join(href.trim()).ok()?;
    if !is_own(&link) {
        return Some(link.into());
    }
    match link.path() {
        "/l/" | "/l" => {
            let (_, target) = link.query_pairs().find(|(name, _)| name == "uddg")?;
            let target = Url::parse(&target).ok()?;
            // One that leads on and on, or to an advertisement.
            let leads_on = is_own(&target) && matches!(target.path(), "/l/" | "/l" | "/y.js");
            (!leads_on).then(|| target.into())
        }
        "/y.js" => None,
        _ => Some(link.into()),
    }
}

fn is_own(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "duckduckgo.com" || host.ends_with(".duckduckgo.com")
}

fn is_day(text: &str) -> bool {
    let form = "dddd-dd-dd";
    text.bytes().zip(form.bytes()).all(|(byte, form)| {
        if form == b'd' {
            byte.is_ascii_digit()
        } else {
            byte == form
        }
    })
}

fn attribute(tag: &Tag, name: &str) -> String {
    let value = tag.attributes.get(name.as_bytes());
    value
        .map(|value| String::from_utf8_lossy(value).into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
