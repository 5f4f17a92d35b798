//! What is seen of a page as Markdown: headings, lists, quotes, programs and tables, and no addresses: links are told beside the text.
//!
//! Nothing is escaped: the text is for a reader, not for a renderer.

use super::tree::{Id, Kind, ROOT, Step, Tree};
use super::visible;
use crate::text::clean;

/// Containers that are shown by what stands before a line; those within are shown as these.
const MAX_SHOWN_LEVELS: usize = 8;

/// Which parts of a page are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    All,
    /// Without navigation, footers and what stands aside.
    WithoutFrame,
}

#[derive(Debug)]
enum Container {
    Quote,
    List { next: Option<u64> },
    Item { marker: String, is_shown: bool },
}

/// How far apart two blocks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Line,
    Blank,
}

struct Writer<'a> {
    tree: &'a Tree,
    parts: Parts,
    most: usize,
    out: String,
    containers: Vec<Container>,
    gap: Gap,
    /// White space stands before the next word.
    space: bool,
    heading: usize,
    preformatted: usize,
    /// Cells that are open, of tables that are written as such.
    cells: usize,
    /// How many rows the tables that are open have so far.
    rows: Vec<usize>,
    layout: Vec<Id>,
    /// Elements that are being written.
    open: Vec<Id>,
}

/// Writes a page, until it has `most` bytes or a little more.
pub fn write(tree: &Tree, parts: Parts, most: usize) -> String {
    let mut writer = Writer {
        tree,
        parts,
        most,
        out: String::new(),
        containers: Vec::new(),
        gap: Gap::None,
        space: false,
        heading: 0,
        preformatted: 0,
        cells: 0,
        rows: Vec::new(),
        layout: layout_tables(tree),
        open: Vec::new(),
    };
    visible::walk(tree, ROOT, |step, _| match step {
        Step::Enter(id) => writer.enter(id),
        Step::Leave(id) => {
            writer.leave(id);
            true
        }
    });
    let trimmed = writer.out.trim_end().len();
    writer.out.truncate(trimmed);
    writer.out
}

/// Tables that hold tables: they arrange a page, and are no data.
fn layout_tables(tree: &Tree) -> Vec<Id> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    visible::walk(tree, ROOT, |step, _| {
        match step {
            Step::Enter(id) if tree.name(id) == Some("table") => {
                found.extend(open.last());
                open.push(id);
            }
            Step::Leave(id) if tree.name(id) == Some("table") => {
                open.pop();
            }
            Step::Enter(_) | Step::Leave(_) => {}
        }
        true
    });
    found.sort_unstable();
    found.dedup();
    found
}

impl Writer<'_> {
    fn enter(&mut self, id: Id) -> bool {
        if self.out.len() > self.most {
            return false;
        }
        match self.tree.kind(id) {
            Kind::Nothing => true,
            Kind::Text(text) => {
                self.text(text);
                true
            }
            Kind::Element { name, .. } => {
                let is_written = self.open(id, &name.local);
                if is_written {
                    self.open.push(id);
                }
                is_written
            }
        }
    }

    fn open(&mut self, id: Id, name: &str) -> bool {
        match name {
            "nav" | "footer" | "aside" if self.parts == Parts::WithoutFrame => return false,
            "button" => return false,
            "img" => {
                if let Some(shown) = visible::picture(self.tree, id) {
                    self.words(&shown);
                }
            }
            "br" => self.part(Gap::Line),
            "hr" => {
                self.part(Gap::Blank);
                self.mark("---");
                self.part(Gap::Blank);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.part(Gap::Blank);
                self.heading = usize::from(name.as_bytes()[1] - b'0');
            }
            "ul" | "ol" | "menu" => {
                let is_within = matches!(self.containers.last(), Some(Container::Item { .. }));
                self.part(if is_within { Gap::Line } else { Gap::Blank });
                let start = self
                    .tree
                    .attribute(id, "start")
                    .and_then(|start| start.parse().ok());
                let next = (name == "ol").then_some(start.unwrap_or(1));
                self.containers.push(Container::List { next });
            }
            "li" => self.item(),
            "blockquote" => {
                self.part(Gap::Blank);
                self.containers.push(Container::Quote);
            }
            "pre" | "xmp" | "listing" | "plaintext" => {
                self.part(Gap::Blank);
                self.mark("```");
                self.part(Gap::Line);
                self.preformatted += 1;
            }
            "code" | "kbd" | "samp" if self.preformatted == 0 => self.mark("`"),
            "del" | "s" | "strike" => self.mark("~~"),
            "sup" => self.raise(id),
            "table" if self.is_data(id) => {
                self.part(Gap::Blank);
                self.rows.push(0);
            }
            "tr" if self.is_in_data(id) => self.part(Gap::Line),
            "td" | "th" if self.is_in_data(id) => {
                self.mark("|");
                self.space = true;
                self.cells += 1;
            }
            name => self.part(distance(name)),
        }
        true
    }

    fn leave(&mut self, id: Id) {
        let Some(name) = self.tree.name(id).filter(|_| self.open.last() == Some(&id)) else {
            return;
        };
        self.open.pop();
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.heading = 0;
                self.part(Gap::Blank);
            }
            "ul" | "ol" | "menu" => {
                self.containers.pop();
                let is_within = matches!(self.containers.last(), Some(Container::Item { .. }));
                self.part(if is_within { Gap::Line } else { Gap::Blank });
            }
            "li" => {
                self.containers.pop();
                self.part(Gap::Line);
            }
            "blockquote" => {
                self.containers.pop();
                self.part(Gap::Blank);
            }
            "pre" | "xmp" | "listing" | "plaintext" => {
                self.preformatted -= 1;
                self.part(Gap::Line);
                self.mark("```");
                self.part(Gap::Blank);
            }
            "code" | "kbd" | "samp" if self.preformatted == 0 => self.out.push('`'),
            "del" | "s" | "strike" => self.out.push_str("~~"),
            "table" if self.is_data(id) => {
                self.rows.pop();
                self.part(Gap::Blank);
            }
            "tr" if self.is_in_data(id) => self.end_row(id),
            "td" | "th" if self.is_in_data(id) => {
                self.cells -= 1;
                self.space = true;
            }
            "img" | "br" | "hr" => {}
            name => self.part(distance(name)),
        }
    }

    fn item(&mut self) {
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
        self.containers.push(Container::Item {
            marker,
            is_shown: false,
        });
    }

    /// A number that is raised is a power: ten to the sixth is not a hundred and six.
    fn raise(&mut self, id: Id) {
        let mut first = None;
        visible::walk(self.tree, id, |step, _| {
            if let (Step::Enter(id), None) = (step, first)
                && let Kind::Text(text) = self.tree.kind(id)
            {
                first = text.trim_start().chars().next();
            }
            first.is_none()
        });
        let is_base = self
            .out
            .ends_with(|c: char| c.is_alphanumeric() || c == ')');
        if is_base
            && !self.space
            && self.gap == Gap::None
            && first.is_some_and(|c| c.is_ascii_digit() || "-−+".contains(c))
        {
            self.out.push('^');
        }
    }

    fn end_row(&mut self, id: Id) {
        let cells = self.cells_of(id);
        if cells == 0 {
            return;
        }
        self.space = true;
        self.mark("|");
        self.part(Gap::Line);
        if let Some(rows) = self.rows.last_mut() {
            *rows += 1;
            if *rows == 1 {
                self.mark(&"| --- ".repeat(cells));
                self.out.push('|');
                self.part(Gap::Line);
            }
        }
    }

    fn cells_of(&self, row: Id) -> usize {
        let mut cells = 0;
        self.tree.walk(row, |step| {
            if let Step::Enter(id) = step
                && matches!(self.tree.name(id), Some("td" | "th"))
            {
                cells += 1;
                return false;
            }
            true
        });
        cells
    }

    fn is_data(&self, table: Id) -> bool {
        self.layout.binary_search(&table).is_err()
    }

    /// Whether a row or a cell is one of data.
    fn is_in_data(&self, id: Id) -> bool {
        let mut above = self.tree.parent(id);
        while let Some(id) = above {
            if self.tree.name(id) == Some("table") {
                return self.is_data(id);
            }
            above = self.tree.parent(id);
        }
        false
    }

    /// Blocks stand apart; within a cell all stands in one line.
    fn part(&mut self, gap: Gap) {
        if self.cells > 0 {
            self.space |= gap > Gap::None;
        } else {
            self.gap = self.gap.max(gap);
        }
    }

    fn text(&mut self, text: &str) {
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

    fn words(&mut self, text: &str) {
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

    fn mark(&mut self, mark: &str) {
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
        for container in self.containers.iter_mut().take(2 * MAX_SHOWN_LEVELS) {
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
        for container in self.containers.iter_mut().skip(2 * MAX_SHOWN_LEVELS) {
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
}

/// How far an element stands from what is beside it.
fn distance(name: &str) -> Gap {
    match name {
        "p" | "div" | "section" | "article" | "main" | "header" | "footer" | "aside" | "nav"
        | "form" | "fieldset" | "figure" | "dl" | "details" | "table" | "caption" | "center"
        | "dialog" | "hgroup" | "address" | "body" => Gap::Blank,
        "dt" | "dd" | "figcaption" | "summary" | "tr" | "td" | "th" | "legend" | "label"
        | "option" | "thead" | "tbody" | "tfoot" | "dir" => Gap::Line,
        _ => Gap::None,
    }
}
