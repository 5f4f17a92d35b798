//! Words, marks and ends of lines, put one behind the other: what stands before a line and between two blocks is kept here.

use crate::text::clean;

/// Containers that are shown by what stands before a line; those within are shown as these.
const MAX_SHOWN: usize = 16;

#[derive(Debug)]
pub enum Container {
    Quote,
    List { next: Option<u64> },
    Item { marker: String, is_shown: bool },
}

/// How far apart two blocks stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    #[default]
    None,
    Line,
    Blank,
}

/// A text as far as it is written.
#[derive(Debug, Default)]
pub struct Lines {
    pub out: String,
    pub containers: Vec<Container>,
    pub gap: Gap,
    /// White space stands before the next word.
    pub space: bool,
    /// The level of the heading that the next line is, 0 where it is none.
    pub heading: usize,
    /// Elements that are open in which white space counts.
    pub preformatted: usize,
    /// Cells that are open, of tables that are written as such.
    pub cells: usize,
}

impl Lines {
    /// Blocks stand apart; within a cell all stands in one line.
    pub fn part(&mut self, gap: Gap) {
        if self.cells > 0 {
            self.space |= gap > Gap::None;
        } else {
            self.gap = self.gap.max(gap);
        }
    }

    pub fn text(&mut self, text: &str) {
        let text = clean(text);
        if self.preformatted == 0 || self.cells > 0 {
            self.words(&text);
            return;
        }
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.begin_line();
                self.gap = Gap::Line;
            }
            if !line.is_empty() {
                self.begin_line();
                self.out.push_str(line);
            }
        }
    }

    pub fn words(&mut self, text: &str) {
        self.space |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            self.begin();
            if self.cells > 0 {
                self.out.push_str(&word.replace('|', "\\|"));
            } else {
                self.out.push_str(word);
            }
            self.space = true;
        }
        if !text.is_empty() {
            self.space =
                text.ends_with(char::is_whitespace) || (self.space && text.trim().is_empty());
        }
    }

    pub fn mark(&mut self, mark: &str) {
        self.begin();
        self.out.push_str(mark);
    }

    /// What stands before the next word: a new line with its beginning, a space, or nothing.
    fn begin(&mut self) {
        let is_new = self.begin_line();
        if self.space && !is_new {
            self.out.push(' ');
        }
        self.space = false;
    }

    fn begin_line(&mut self) -> bool {
        let is_shown = |container: &Container| match container {
            Container::Item { is_shown, .. } => *is_shown,
            Container::Quote | Container::List { .. } => true,
        };
        if self.gap == Gap::None && !self.out.is_empty() && self.containers.iter().all(is_shown) {
            return false;
        }
        if !self.out.is_empty() {
            self.out
                .push_str(if self.gap == Gap::Blank { "\n\n" } else { "\n" });
        }
        self.gap = Gap::None;
        for container in self.containers.iter_mut().take(MAX_SHOWN) {
            match container {
                Container::Quote => self.out.push_str("> "),
                Container::List { .. } => {}
                Container::Item { marker, is_shown } if *is_shown => {
                    self.out.push_str(&" ".repeat(marker.len()));
                }
                Container::Item { marker, is_shown } => {
                    self.out.push_str(marker);
                    *is_shown = true;
                }
            }
        }
        for container in self.containers.iter_mut().skip(MAX_SHOWN) {
            if let Container::Item { is_shown, .. } = container {
                *is_shown = true;
            }
        }
        if self.heading > 0 {
            self.out.push_str(&"#".repeat(self.heading));
            self.out.push(' ');
            self.heading = 0;
        }
        true
    }

    /// Whether the innermost container is an item of a list.
    pub fn is_in_item(&self) -> bool {
        matches!(self.containers.last(), Some(Container::Item { .. }))
    }

    /// Begins an item of the innermost list.
    pub fn item(&mut self) {
        self.part(Gap::Line);
        let marker = match self.containers.last_mut() {
            Some(Container::List { next: Some(number) }) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            Some(Container::List { next: None } | Container::Quote | Container::Item { .. })
            | None => "- ".to_owned(),
        };
        let is_in_cell = self.cells > 0;
        if is_in_cell {
            self.mark("•");
            self.space = true;
        }
        self.containers.push(Container::Item {
            marker,
            is_shown: is_in_cell,
        });
    }
}
