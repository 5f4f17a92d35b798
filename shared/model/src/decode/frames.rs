//! Server-sent events, from bytes, as servers and what stands between really send them: the text of each frame, however the
//! bytes are cut.
//!
//! Written here and not taken from a crate because those known keep no bound, drop a last event that has no blank line behind
//! it, and hold back what a server forgets to put a blank line behind. A frame that lies whole in the bytes is lent from there,
//! not copied. What cannot be read costs itself alone, and is counted.

use memchr::memchr2;

/// Longest line that is read, in bytes; of a longer one nothing is.
pub(crate) const MAX_LINE_BYTES: usize = 2 * 1024 * 1024;
/// Longest frame in several lines that is read, in bytes.
pub(crate) const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Names of events whose data says nothing, whatever it is.
const HEARTBEATS: [&[u8]; 4] = [b"ping", b"heartbeat", b"keepalive", b"keep-alive"];
/// Data without a bracket that is no longer than this is a heartbeat too: `ping`, `"ping"`, `1`.
const MAX_HEARTBEAT_BYTES: usize = 64;

/// Where a text stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the data of an event.
    Data,
    /// In the data of an event that is named `error`, or in a field of that name, as llama.cpp has one.
    Error,
    /// In no field: a body that is plain JSON, or lines of JSON among events.
    Bare,
}

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

/// Lines that only make sense together, if at all.
#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    count: usize,
}

/// Of an event that has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Name {
    #[default]
    Any,
    Heartbeat,
    Error,
}

/// A line by its field.
enum Line<'a> {
    Data(&'a [u8]),
    Error(&'a [u8]),
    Event(&'a [u8]),
    /// A comment, or a field that says nothing here.
    Silent,
    Blank,
    Bare,
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
    fn whole_event<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let is_between = self.line.is_empty() && !self.skips_line && self.name == Name::Any;
        if !is_between || self.data.count + self.bare.count > 0 {
            return None;
        }
        let value = bytes.strip_prefix(b"data:")?;
        let end = memchr2(b'\n', b'\r', value).filter(|end| *end < MAX_LINE_BYTES)?;
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
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
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
    fn read_data<E>(
        &mut self,
        value: &[u8],
        read: &mut impl FnMut(Kind, &[u8]) -> Result<Reading, E>,
    ) -> Result<(), E> {
        let value = without_field(value);
        match self.name {
            Name::Heartbeat => Ok(()),
            Name::Error => self.read_whole(Kind::Error, value, read),
            Name::Any if self.data.count == 0 && is_heartbeat(value) => Ok(()),
            Name::Any => {
                if !self.hand_over(Kind::Data, value, read)? {
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
        let may_be_whole = self.bare.count == 0 && text.starts_with(b"{");
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

impl Lines {
    /// Adds a line; false where all are given up because they are too long together.
    fn push(&mut self, line: &[u8]) -> bool {
        if self.text.len() + line.len() > MAX_FRAME_BYTES {
            *self = Self::default();
            return false;
        }
        if self.count > 0 {
            self.text.push(b'\n');
        }
        self.text.extend_from_slice(line);
        self.count += 1;
        true
    }
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Self {
        let Some(colon) = memchr::memchr(b':', line) else {
            return match line {
                b"" => Line::Blank,
                b"data" | b"event" | b"id" | b"retry" => Line::Silent,
                _ => Line::Bare,
            };
        };
        let (field, value) = (&line[..colon], &line[colon + 1..]);
        match field.trim_ascii_start() {
            b"data" => Line::Data(value),
            b"error" => Line::Error(value),
            b"event" => Line::Event(value),
            b"" | b"id" | b"retry" => Line::Silent,
            _ => Line::Bare,
        }
    }
}

impl Name {
    fn of(name: &[u8]) -> Self {
        let name = name.trim_ascii();
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if HEARTBEATS.iter().any(|known| is(known)) {
            Self::Heartbeat
        } else if is(b"error") {
            Self::Error
        } else {
            Self::Any
        }
    }
}

/// Data without the field that a proxy has put before it once more.
fn without_field(mut value: &[u8]) -> &[u8] {
    value = value.trim_ascii();
    while let Some(inner) = value.strip_prefix(b"data:") {
        value = inner.trim_ascii_start();
    }
    value
}

/// Whether data says nothing; the mark of a stream's end has brackets.
fn is_heartbeat(data: &[u8]) -> bool {
    let has_bracket = || data.iter().any(|byte| matches!(byte, b'{' | b'[' | b'<'));
    data.len() <= MAX_HEARTBEAT_BYTES && !has_bracket()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts that could be read, a text being one where it is in no bracket or all are closed; and how many could not.
    fn read(pieces: &[&[u8]]) -> (Vec<String>, u64) {
        let mut frames = Frames::default();
        let mut all = Vec::new();
        let mut keep = |kind, text: &[u8]| -> Result<Reading, ()> {
            let text = String::from_utf8(text.to_vec()).unwrap();
            if text.contains('{') != text.ends_with('}') {
                return Ok(Reading::Unreadable);
            }
            all.push(match kind {
                Kind::Data => text,
                Kind::Error | Kind::Bare => format!("{kind:?} {text}"),
            });
            Ok(Reading::Read)
        };
        for piece in pieces {
            frames.feed(piece, &mut keep).unwrap();
        }
        frames.finish(&mut keep).unwrap();
        let passed_over = frames.passed_over();
        (all, passed_over)
    }

    const STREAM: &[u8] = b"\xef\xbb\xbf: ping\n\ndata: {1}\n\nevent: x\r\ndata:{\r\ndata: 2}\r\n\r\ndata: {cr}\r\rid: 3\n\
data: {4}\ndata: {5}\ndata: ping\nevent: ping\ndata: {6}\n\n {7}\ndata\n\nevent: error\ndata: {8}\n\nerror: {9}\n\ndata:\n\n\
{\n\"error\": 1\n}\ndata: {10\ndata: {11}\n\n\xef\xbb\xbfdata: [DONE]";

    #[test]
    fn frames_are_told_apart_in_all_the_forms_that_servers_send() {
        let (frames, passed_over) = read(&[STREAM]);
        let expected = [
            "{1}",
            "{\n2}",
            "{cr}",
            "{4}",
            "{5}",
            "Bare {7}",
            "Error {8}",
            "Error  {9}",
            "Bare {\n\"error\": 1\n}",
            "{11}",
            "[DONE]",
        ];
        assert_eq!(frames, expected);
        assert_eq!(passed_over, 1);
    }

    #[test]
    fn a_stream_cut_at_any_byte_reads_the_same() {
        for cut in 0..=STREAM.len() {
            let (head, tail) = STREAM.split_at(cut);
            assert_eq!(read(&[head, tail]), read(&[STREAM]), "cut at {cut}");
        }
    }

    #[test]
    fn a_line_or_a_frame_that_is_too_long_costs_itself_alone() {
        let long = vec![b'a'; MAX_LINE_BYTES + 1];
        let halves = long.split_at(MAX_LINE_BYTES / 2);
        let told = (vec!["{1}".to_owned()], 1);
        let next: &[u8] = b"\n\ndata: {1}\n\n";
        assert_eq!(read(&[&long, next]), told);
        assert_eq!(read(&[halves.0, halves.1, next]), told);
        let data = [b"data: {".as_slice(), &long[..MAX_LINE_BYTES / 2], b"\n"].concat();
        let mut lines = vec![data.as_slice(); 5];
        lines.push(next);
        let (frames, passed_over) = read(&lines);
        assert_eq!((frames, passed_over), (vec!["{1}".to_owned()], 2));
    }
}
