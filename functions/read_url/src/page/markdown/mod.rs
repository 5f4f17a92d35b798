//! What is seen of a page as Markdown: headings, lists, quotes, programs and tables, and no addresses: links are told beside the text.
//!
//! Nothing is escaped: the text is for a reader, not for a renderer.

mod lines;
mod table;

use lines::{Container, Gap, Lines};
use table::{Span, Table, layout_tables, span};

use super::tree::{Id, Kind, Step, Tree};
use super::visible;

/// Which parts of a page are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    All,
    /// Without navigation, footers and what stands aside.
    WithoutFrame,
}

struct Writer<'a> {
    tree: &'a Tree,
    parts: Parts,
    most: usize,
    lines: Lines,
    /// Tables of data that are open.
    tables: Vec<Table>,
    /// How wide the cells are that are open.
    wide: Vec<usize>,
    /// Where marks ended that stand before a text: without one they go again.
    marks: Vec<usize>,
    layout: Vec<Id>,
    /// Elements that are being written.
    open: Vec<Id>,
}

/// Writes a page, or the part of it that is in an element, until it has `most` bytes or a little more.
pub fn write(tree: &Tree, start: Id, parts: Parts, most: usize) -> String {
    let mut writer = Writer {
        tree,
        parts,
        most,
        lines: Lines::default(),
        tables: Vec::new(),
        wide: Vec::new(),
        marks: Vec::new(),
        layout: layout_tables(tree),
        open: Vec::new(),
    };
    visible::walk(tree, start, |step, _| match step {
        Step::Enter(id) => writer.enter(id),
        Step::Leave(id) => {
            writer.leave(id);
            true
        }
    });
    let trimmed = writer.lines.out.trim_end().len();
    writer.lines.out.truncate(trimmed);
    writer.lines.out
}

impl Writer<'_> {
    fn enter(&mut self, id: Id) -> bool {
        if self.lines.out.len() > self.most {
            return false;
        }
        match self.tree.kind(id) {
            Kind::Nothing => true,
            Kind::Text(text) => {
                self.lines.text(text);
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
                    self.lines.words(&shown);
                }
            }
            "br" => self.lines.part(Gap::Line),
            "hr" => {
                self.lines.part(Gap::Blank);
                self.lines.mark("---");
                self.lines.part(Gap::Blank);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.lines.part(Gap::Blank);
                self.lines.heading = usize::from(name.as_bytes()[1] - b'0');
            }
            "ul" | "ol" | "menu" => {
                let is_within = self.lines.is_in_item();
                self.lines
                    .part(if is_within { Gap::Line } else { Gap::Blank });
                let start = self
                    .tree
                    .attribute(id, "start")
                    .and_then(|start| start.parse().ok());
                let next = (name == "ol").then_some(start.unwrap_or(1));
                self.lines.containers.push(Container::List { next });
            }
            "li" => self.lines.item(),
            "blockquote" => {
                self.lines.part(Gap::Blank);
                self.lines.containers.push(Container::Quote);
            }
            "pre" | "xmp" | "listing" | "plaintext" => {
                self.lines.part(Gap::Blank);
                self.lines.mark("```");
                self.lines.part(Gap::Line);
                self.lines.preformatted += 1;
            }
            "code" | "kbd" | "samp" if self.lines.preformatted == 0 => self.begin_mark("`"),
            "del" | "s" | "strike" => self.begin_mark("~~"),
            "sup" => self.raise(id),
            "table" if self.is_data(id) => {
                self.lines.part(Gap::Blank);
                self.tables.push(Table::default());
            }
            "tr" if self.is_in_data(id) => self.lines.part(Gap::Line),
            "td" | "th" if self.is_in_data(id) => self.begin_cell(id),
            name => self.lines.part(distance(name)),
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
                self.lines.heading = 0;
                self.lines.part(Gap::Blank);
            }
            "ul" | "ol" | "menu" => {
                self.lines.containers.pop();
                let is_within = self.lines.is_in_item();
                self.lines
                    .part(if is_within { Gap::Line } else { Gap::Blank });
            }
            "li" => {
                self.lines.containers.pop();
                self.lines.part(Gap::Line);
            }
            "blockquote" => {
                self.lines.containers.pop();
                self.lines.part(Gap::Blank);
            }
            "pre" | "xmp" | "listing" | "plaintext" => {
                self.lines.preformatted -= 1;
                self.lines.part(Gap::Line);
                self.lines.mark("```");
                self.lines.part(Gap::Blank);
            }
            "code" | "kbd" | "samp" if self.lines.preformatted == 0 => self.end_mark("`"),
            "del" | "s" | "strike" => self.end_mark("~~"),
            "table" if self.is_data(id) => {
                self.tables.pop();
                self.lines.part(Gap::Blank);
            }
            "tr" if self.is_in_data(id) => self.end_row(),
            "td" | "th" if self.is_in_data(id) => {
                self.lines.cells -= 1;
                self.lines.space = true;
                let wide = self.wide.pop().unwrap_or(1);
                self.blank_cells(wide - 1);
            }
            "img" | "br" | "hr" => {}
            name => self.lines.part(distance(name)),
        }
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
            .lines
            .out
            .ends_with(|c: char| c.is_alphanumeric() || c == ')');
        if is_base
            && !self.lines.space
            && self.lines.gap == Gap::None
            && first.is_some_and(|c| c.is_ascii_digit() || "-−+".contains(c))
        {
            self.lines.out.push('^');
        }
    }

    fn begin_mark(&mut self, mark: &str) {
        self.lines.mark(mark);
        self.marks.push(self.lines.out.len());
    }

    fn end_mark(&mut self, mark: &str) {
        if self.marks.pop() == Some(self.lines.out.len()) {
            let before = self.lines.out.len() - mark.len();
            self.lines.out.truncate(before);
        } else {
            self.lines.out.push_str(mark);
        }
    }

    fn begin_cell(&mut self, id: Id) {
        let said = |name| self.tree.attribute(id, name);
        let (columns, rows) = (
            span(said("colspan"), Span::Columns),
            span(said("rowspan"), Span::Rows),
        );
        let taken = self.tables.last_mut().map_or(0, Table::taken);
        self.blank_cells(taken);
        if let Some(table) = self.tables.last_mut() {
            table.put(columns, rows);
        }
        self.wide.push(columns);
        self.lines.mark("|");
        self.lines.space = true;
        self.lines.cells += 1;
    }

    fn blank_cells(&mut self, count: usize) {
        for _ in 0..count {
            self.lines.mark("|");
            self.lines.space = true;
        }
    }

    fn end_row(&mut self) {
        let taken = self.tables.last_mut().map_or(0, Table::taken);
        self.blank_cells(taken);
        let (places, is_first) = self.tables.last_mut().map_or((0, false), Table::end_row);
        if places == 0 {
            return;
        }
        self.lines.space = true;
        self.lines.mark("|");
        self.lines.part(Gap::Line);
        if is_first {
            self.lines.mark(&"| --- ".repeat(places));
            self.lines.out.push('|');
            self.lines.part(Gap::Line);
        }
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
