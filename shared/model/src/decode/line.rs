//! Lines of server-sent events.

/// Longest frame in several lines that is read, in bytes.
pub(super) const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;
const END_MARK: &[u8] = b"[DONE]";
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
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

/// Lines that only make sense together, if at all.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) text: Vec<u8>,
    pub(super) count: usize,
}

/// Of an event that has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Name {
    #[default]
    Any,
    Heartbeat,
    Error,
}

/// A line by its field.
pub(super) enum Line<'a> {
    Data(&'a [u8]),
    Error(&'a [u8]),
    Event(&'a [u8]),
    /// A comment, or a field that says nothing here.
    Silent,
    Blank,
    Bare,
}

impl Lines {
    /// Adds a line; false where all are given up because they are too long together.
    pub(super) fn push(&mut self, line: &[u8]) -> bool {
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
    #[inline]
    pub(super) fn of(line: &'a [u8]) -> Self {
        // Nearly all are.
        if let Some(value) = line.strip_prefix(b"data:") {
            return Line::Data(value);
        }
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
    pub(super) fn of(name: &[u8]) -> Self {
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

/// Data without the field that a proxy has put before it once more, and without a byte order mark.
#[inline]
pub(super) fn without_field(mut value: &[u8]) -> &[u8] {
    value = value.trim_ascii();
    while let Some(inner) = value
        .strip_prefix(b"data:")
        .or_else(|| value.strip_prefix(BYTE_ORDER_MARK))
    {
        value = inner.trim_ascii_start();
    }
    value
}

/// The end of a stream, as OpenAI writes it and as others garble it. What stands behind it counts as little as what follows.
#[inline]
pub(super) fn is_end_mark(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let bare = text.strip_prefix(b"\"").unwrap_or(text);
    bare.get(..END_MARK.len())
        .is_some_and(|mark| mark.eq_ignore_ascii_case(END_MARK))
}

/// Whether a line without its end is the mark, and nothing else so far.
#[inline]
pub(super) fn is_bare_end_mark(line: &[u8]) -> bool {
    line.strip_prefix(b"data:")
        .is_some_and(|value| value.trim_ascii_start() == END_MARK)
}

/// Whether a line has the marks of a whole frame.
pub(super) fn is_marked(line: &[u8]) -> bool {
    let has = |mark: &[u8]| memchr::memmem::find(line, mark).is_some();
    is_end_mark(line) || line.starts_with(b"{") && (has(b"\"choices\"") || has(b"\"error\""))
}

/// Whether data says nothing; the mark of a stream's end has brackets.
#[inline]
pub(super) fn is_heartbeat(data: &[u8]) -> bool {
    let has_bracket = || data.iter().any(|byte| matches!(byte, b'{' | b'[' | b'<'));
    data.len() <= MAX_HEARTBEAT_BYTES && !has_bracket()
}
