//! Server-sent events, from bytes: the data of each event, however the bytes are cut.
//!
//! Written here and not taken from a crate because those known keep no bound, or drop a last event that has no blank line
//! behind it, which real servers send. An event that lies whole in the bytes is lent from there, not copied.

use memchr::memchr2;

/// Longest line that is read, in bytes.
pub(crate) const MAX_LINE_BYTES: usize = 2 * 1024 * 1024;
/// Longest event that is read, in bytes.
pub(crate) const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// How the lines that carry no data may begin; a comment begins with its colon.
const FIELDS: [&[u8]; 5] = [b":", b"event", b"id", b"retry", b"data"];

/// An event longer than any server has reason to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameTooLarge;

/// Splits a byte stream into the data of its events.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// A line that has begun.
    line: Vec<u8>,
    /// The lines of data of an event that has begun.
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was a carriage return, which a line feed may still belong to.
    after_cr: bool,
    saw_foreign_text: bool,
}

impl Frames {
    /// Takes in bytes and hands over the data of each event that they complete.
    pub(crate) fn feed<E: From<FrameTooLarge>>(
        &mut self,
        bytes: &[u8],
        mut event: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = self.past_line_feed(bytes);
        while !rest.is_empty() {
            rest = if let Some((data, after)) = self.whole_event(rest) {
                event(data)?;
                after
            } else {
                self.next_line(rest, &mut event)?
            };
        }
        Ok(())
    }

    /// Hands over the event that the end of the stream completes, if any.
    pub(crate) fn finish<E: From<FrameTooLarge>>(
        &mut self,
        mut event: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.line.is_empty() {
            self.end_line(&mut event)?;
        }
        self.end_event(&mut event)
    }

    /// Whether a line was none of this format: the body is no event stream.
    pub(crate) const fn saw_foreign_text(&self) -> bool {
        self.saw_foreign_text
    }

    /// An event of one line that lies whole in the bytes, and what follows it.
    fn whole_event<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        if self.has_data || !self.line.is_empty() {
            return None;
        }
        let value = bytes.strip_prefix(b"data:")?;
        let end = memchr2(b'\n', b'\r', value).filter(|end| *end < MAX_LINE_BYTES)?;
        let (value, after) = value.split_at(end);
        let after = after
            .strip_prefix(b"\n\n")
            .or_else(|| after.strip_prefix(b"\r\n\r\n"))?;
        Some((without_space(value), after))
    }

    /// Takes a line, or what there is of it, and gives what follows.
    fn next_line<'a, E: From<FrameTooLarge>>(
        &mut self,
        bytes: &'a [u8],
        event: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<&'a [u8], E> {
        let end = memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        let (line, after) = bytes.split_at(end);
        if self.line.len() + line.len() > MAX_LINE_BYTES {
            return Err(FrameTooLarge.into());
        }
        self.line.extend_from_slice(line);
        let Some((&terminator, after)) = after.split_first() else {
            return Ok(after);
        };
        self.after_cr = terminator == b'\r';
        self.end_line(event)?;
        Ok(self.past_line_feed(after))
    }

    fn past_line_feed<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if bytes.is_empty() || !std::mem::take(&mut self.after_cr) {
            return bytes;
        }
        bytes.strip_prefix(b"\n").unwrap_or(bytes)
    }

    fn end_line<E: From<FrameTooLarge>>(
        &mut self,
        event: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.line.is_empty() {
            return self.end_event(event);
        }
        if let Some(value) = self.line.strip_prefix(b"data:") {
            if self.data.len() + value.len() > MAX_FRAME_BYTES {
                return Err(FrameTooLarge.into());
            }
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(without_space(value));
        } else if !FIELDS.iter().any(|field| self.line.starts_with(field)) {
            self.saw_foreign_text = true;
        }
        self.line.clear();
        Ok(())
    }

    fn end_event<E>(&mut self, event: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if !std::mem::take(&mut self.has_data) {
            return Ok(());
        }
        let handed = event(&self.data);
        self.data.clear();
        handed
    }
}

fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<String>, FrameTooLarge> {
        let mut frames = Frames::default();
        let mut all = Vec::new();
        let mut keep = |data: &[u8]| {
            all.push(String::from_utf8(data.to_vec()).unwrap());
            Ok(())
        };
        for piece in pieces {
            frames.feed(piece, &mut keep)?;
        }
        frames.finish(&mut keep)?;
        Ok(all)
    }

    const STREAM: &[u8] =
        b": ping\n\ndata: one\n\nevent: x\r\ndata:two\r\ndata: lines\r\n\r\ndata: cr\r\rid: 3\ndata: last";

    #[test]
    fn lf_crlf_cr_comments_and_an_unterminated_last_event_are_read() {
        assert_eq!(
            read(&[STREAM]).unwrap(),
            ["one", "two\nlines", "cr", "last"]
        );
    }

    #[test]
    fn a_stream_cut_at_any_byte_reads_the_same() {
        for cut in 0..=STREAM.len() {
            let (head, tail) = STREAM.split_at(cut);
            assert_eq!(read(&[head, tail]), read(&[STREAM]), "cut at {cut}");
        }
    }

    #[test]
    fn an_endless_line_and_an_endless_event_are_refused() {
        let line = vec![b'a'; MAX_LINE_BYTES + 1];
        assert_eq!(read(&[&line]), Err(FrameTooLarge));
        let halves = line.split_at(MAX_LINE_BYTES / 2);
        assert_eq!(read(&[halves.0, halves.1]), Err(FrameTooLarge));
        let data = [b"data: ".as_slice(), &line[..MAX_LINE_BYTES / 2], b"\n"].concat();
        assert_eq!(read(&[data.as_slice(); 9]), Err(FrameTooLarge));
    }
}
