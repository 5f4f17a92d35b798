//! The name of a structured call, from its parts.

use crate::dialect::Offered;

/// What some servers leave at the end of a name begins with one of these: the tag that followed it in the model's own words.
const TAGS: [char; 2] = ['<', '['];

/// A name, which comes once, again and again, or in pieces.
#[derive(Debug, Default)]
pub(super) struct Name {
    last: String,
    joined: String,
}

impl Name {
    /// A name as a server sends it, without what does not belong to it.
    pub(super) fn untagged(name: &str) -> &str {
        name.split_once(TAGS).map_or(name, |(name, _)| name)
    }

    pub(super) fn add(&mut self, name: &str) {
        if name.is_empty() {
            return;
        }
        if self.last != name {
            self.joined.push_str(name);
        }
        self.last.clear();
        self.last.push_str(name);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.joined.is_empty()
    }

    /// In bytes.
    pub(super) const fn len(&self) -> usize {
        self.joined.len()
    }

    /// Whether a name is this one again.
    pub(super) fn is(&self, name: &str) -> bool {
        name == self.last || name == self.joined
    }

    /// Whether a name is more of this one: neither is that of a tool, and both together are.
    pub(super) fn goes_on_with(&self, name: &str, offered: &Offered) -> bool {
        !offered.has(&self.joined) && offered.has(&format!("{}{name}", self.joined))
    }

    /// The offered tool that is meant: of the name in one piece and the pieces together the one that fits better.
    pub(super) fn resolved(&self, offered: &Offered) -> String {
        let [last, joined] = [&*self.last, &*self.joined];
        let exact = [joined, last].into_iter().find(|name| offered.has(name));
        let close = || {
            [joined, last]
                .into_iter()
                .find_map(|name| offered.fitting(name))
        };
        exact.or_else(close).unwrap_or(joined).to_owned()
    }
}
