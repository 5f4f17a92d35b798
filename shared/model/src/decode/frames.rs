//! Server-sent events, from bytes, as servers and what stands between really send them: the text of each frame, however the
//! bytes are cut.
//!
//! Written here and not taken from a crate because those known keep no bound, drop a last event that has no blank line behind
//! it, and hold back what a server forgets to put a blank line behind. A frame that lies whole in the bytes is lent from there,
//! not copied. What cannot be read costs itself alone, and is counted.

use memchr::memchr2;

use super::line::{
    BYTE_ORDER_MARK, Kind, Line, Lines, Name, is_bare_end_mark, is_end_mark, is_heartbeat,
    is_marked, without_field,
};

/// Longest line that is read, in bytes; of a longer one nothing is.
pub(crate) const MAX_LINE_BYTES: usize = 2 * 1024 * 1024;
/// What nearly all lines begin with.
const DATA: &[u8] = b"data:";

/// What came of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Read,
    /// Not by itself; with the lines that follow it may be.
    Unreadable,
    /// It was read, and nothing behind it is to be.
    Last,
}

/// Splits a byte stream into the texts of its frames.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// A line that has begun.
    line: Vec<u8>,
    /// The line that has begun is too long: its end is waited for.
    skips_line: bool,
    /// Lines of data that could not be read one by one.
    data: Lines,
    /// Lines in no field.
    bare: Lines,
    name: Name,
    /// The last byte was a carriage return, which a line feed may still belong to.
    after_cr: bool,
    is_over: bool,
    passed_over: u64,
}

impl Frames {
    /// Takes in bytes and hands over the text of each frame that they complete.
    pub(crate) fn feed<E>(
        &mut self,
        bytes: &[u8],
        mut read: impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        let mut rest = self.past_line_feed(bytes);
        while !rest.is_empty() && !self.is_over {
            rest = if let Some((data, after)) = self.whole_event(rest) {
                self.read_data(data, &mut read)?;
                self.end_event(&mut read)?;
                after
            } else {
                self.next_line(rest, &mut read)?
            };
        }
        // Nothing follows the mark of the end, not even the end of its line, where a server just leaves the connection open.
        if !self.is_over && is_bare_end_mark(&self.line) {
            self.end_line(&mut read)?;
        }
        Ok(())
    }

    /// Hands over what the end of the stream completes, if anything.
    pub(crate) fn finish<E>(
        &mut self,
        mut read: impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        if self.is_over {
            return Ok(());
        }
        if !self.line.is_empty() {
            self.end_line(&mut read)?;
        }
        self.end_event(&mut read)?;
        self.end_bare(&mut read)
    }

    /// Frames, and lines in no field, that could not be read. Heartbeats are not counted.
    pub(crate) const fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// An event of one line that lies whole in the bytes, and what follows it.
    #[inline]
    fn whole_event<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let begins_line = self.line.is_empty() && !self.skips_line;
        // Lines in no field that came before it are read before it.
        if !begins_line || self.bare.count > 0 {
            return None;
        }
        let value = bytes.strip_prefix(DATA)?;
        let longest = MAX_LINE_BYTES - DATA.len();
        let end = memchr2(b'\n', b'\r', value).filter(|end| *end <= longest)?;
        let (value, after) = value.split_at(end);
        let after = after
            .strip_prefix(b"\n\n")
            .or_else(|| after.strip_prefix(b"\r\n\r\n"))?;
        Some((value, after))
    }

    /// Takes a line, or what there is of it, and gives what follows.
    fn next_line<'a, E>(
        &mut self,
        bytes: &'a [u8],
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<&'a [u8], E> {
        let end = memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        let (line, after) = bytes.split_at(end);
        if self.line.len() + line.len() > MAX_LINE_BYTES {
            self.line.clear();
            self.skips_line = true;
        }
        if !self.skips_line {
            self.line.extend_from_slice(line);
        }
        let Some((&terminator, after)) = after.split_first() else {
            return Ok(after);
        };
        self.after_cr = terminator == b'\r';
        if std::mem::take(&mut self.skips_line) {
            self.passed_over += 1;
        } else {
            self.end_line(read)?;
        }
        Ok(self.past_line_feed(after))
    }

    #[inline]
    fn past_line_feed<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if bytes.is_empty() || !std::mem::take(&mut self.after_cr) {
            return bytes;
        }
        bytes.strip_prefix(b"\n").unwrap_or(bytes)
    }

    fn end_line<E>(
        &mut self,
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        let mut line = std::mem::take(&mut self.line);
        let outcome = self.take_line(&line, read);
        line.clear();
        self.line = line;
        outcome
    }

    fn take_line<E>(
        &mut self,
        line: &[u8],
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        let mut line = line;
        while let Some(marked) = line.strip_prefix(BYTE_ORDER_MARK) {
            line = marked;
        }
        match Line::of(line) {
            Line::Data(value) => {
                self.end_bare(read)?;
                self.read_data(value, read)
            }
            Line::Error(value) => {
                self.end_bare(read)?;
                self.read_whole(Kind::Error, value, read)
            }
            Line::Event(name) => {
                self.end_bare(read)?;
                self.name = Name::of(name);
                Ok(())
            }
            Line::Silent => Ok(()),
            Line::Blank => self.end_event(read),
            Line::Bare => self.read_bare(line, read),
        }
    }

    /// Reads a line of data by itself, as far as it can be: servers put several objects into one event, or no blank line between
    /// events.
    #[inline]
    fn read_data<E>(
        &mut self,
        value: &[u8],
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        let value = without_field(value);
        match self.name {
            Name::Heartbeat | Name::Error if is_end_mark(value) => {
                self.hand_over(Kind::Data, value, read)?;
                Ok(())
            }
            // No more than this line: not every server puts a blank line behind it.
            Name::Heartbeat => {
                self.name = Name::Any;
                Ok(())
            }
            Name::Error => self.read_whole(Kind::Error, value, read),
            Name::Any if self.data.count == 0 && is_heartbeat(value) => Ok(()),
            Name::Any => {
                // Within several lines of one object, a line that is an object too may only be a part of it.
                let may_be_whole = self.data.count == 0 || is_marked(value);
                if !may_be_whole || !self.hand_over(Kind::Data, value, read)? {
                    self.passed_over += u64::from(!self.data.push(value));
                } else if self.data.count > 0 {
                    self.pass_over_data();
                }
                Ok(())
            }
        }
    }

    fn read_bare<E>(
        &mut self,
        line: &[u8],
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        let text = line.trim_ascii();
        let may_be_whole = self.bare.count == 0 && (text.starts_with(b"{") || is_end_mark(text));
        if may_be_whole && self.hand_over(Kind::Bare, text, read)? {
            return Ok(());
        }
        self.passed_over += u64::from(!self.bare.push(line));
        Ok(())
    }

    fn read_whole<E>(
        &mut self,
        kind: Kind,
        text: &[u8],
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        let is_read = self.hand_over(kind, text, read)?;
        self.passed_over += u64::from(!is_read);
        Ok(())
    }

    /// Whether a text could be read.
    #[inline]
    fn hand_over<E>(
        &mut self,
        kind: Kind,
        text: &[u8],
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<bool, E> {
        let reading = read(kind, text)?;
        self.is_over = reading == Reading::Last;
        Ok(reading != Reading::Unreadable)
    }

    /// Reads together what could not be read line by line.
    #[inline]
    fn end_event<E>(
        &mut self,
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        self.name = Name::Any;
        match self.data.count {
            0 => Ok(()),
            1 => {
                self.pass_over_data();
                Ok(())
            }
            _ => {
                let lines = std::mem::take(&mut self.data);
                self.read_whole(Kind::Data, &lines.text, read)
            }
        }
    }

    fn end_bare<E>(
        &mut self,
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        if self.bare.count == 0 {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.bare);
        self.read_whole(Kind::Bare, lines.text.trim_ascii(), read)
    }

    fn pass_over_data(&mut self) {
        self.passed_over += 1;
        self.data = Lines::default();
    }
}

#[cfg(test)]
mod tests;
