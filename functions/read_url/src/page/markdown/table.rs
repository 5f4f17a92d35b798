//! Where the cells of a table stand: cells that are several columns wide or rows high push those after them to the side.

use super::super::tree::{Id, ROOT, Step, Tree};
use super::super::visible;

/// Widest and highest cell that is believed.
const MAX_COLUMNS: usize = 20;
const MAX_ROWS: usize = 1000;

/// A table as far as it is written.
#[derive(Debug, Default)]
pub struct Table {
    rows: usize,
    column: usize,
    /// For each column, the rows that a cell from above still reaches into.
    reaching: Vec<usize>,
}

/// How many columns or rows a cell says that it takes.
pub fn span(said: Option<&str>, most: Span) -> usize {
    let most = match most {
        Span::Columns => MAX_COLUMNS,
        Span::Rows => MAX_ROWS,
    };
    let said = said.and_then(|said| said.trim().parse().ok());
    said.unwrap_or(1).clamp(1, most)
}

/// In which direction a cell takes more than one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Columns,
    Rows,
}

impl Table {
    /// Places before the next cell, or before the row's end, that cells from above take.
    pub fn taken(&mut self) -> usize {
        let mut taken = 0;
        while let Some(rows) = self.reaching.get_mut(self.column).filter(|rows| **rows > 0) {
            *rows -= 1;
            self.column += 1;
            taken += 1;
        }
        taken
    }

    /// Puts a cell.
    pub fn put(&mut self, columns: usize, rows: usize) {
        let end = self.column + columns;
        if self.reaching.len() < end {
            self.reaching.resize(end, 0);
        }
        self.reaching[self.column..end].fill(rows - 1);
        self.column = end;
    }

    /// Ends a row, and tells how many places it had, and whether it was the first that had any.
    pub fn end_row(&mut self) -> (usize, bool) {
        let places = std::mem::take(&mut self.column);
        let is_first = self.rows == 0 && places > 0;
        self.rows += usize::from(places > 0);
        (places, is_first)
    }
}

/// Tables that hold tables: they arrange a page, and are no data.
pub fn layout_tables(tree: &Tree) -> Vec<Id> {
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
