//! Server-sent events, from bytes: the data of each event, however the bytes are cut.
//!
//! Written here and not taken from a crate because those known keep no bound, or drop a last event that has no blank line
//! behind it, which real servers send.

/// Longest event that is read, in bytes.
const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// How the lines that carry no data may begin; a comment begins with its colon.
const FIELDS: [&[u8]; 5] = [b":", b"event", b"id", b"retry", b"data"];

/// An event longer than any server has reason to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameTooLarge;

/// Splits a byte stream into the data of its events.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was a carriage return, which a line feed may still belong to.
    after_cr: bool,
    saw_foreign_text: bool,
}

impl Frames {
    /// Takes in bytes and gives the data of each event that they complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, FrameTooLarge> {
        let mut done = Vec::new();
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r');
            let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.line.extend_from_slice(line);
            rest = after;
            if let Some((&terminator, after)) = after.split_first() {
                self.after_cr = terminator == b'\r';
                rest = after;
                done.extend(self.end_line());
            }
            if self.line.len() + self.data.len() > MAX_FRAME_BYTES {
                return Err(FrameTooLarge);
            }
        }
        Ok(done)
    }

    /// Whether a line was none of this format: the body is no event stream.
    pub(crate) const fn saw_foreign_text(&self) -> bool {
        self.saw_foreign_text
    }

    /// The event that the end of the stream completes, if any.
    pub(crate) fn finish(&mut self) -> Option<Vec<u8>> {
        let from_line = if self.line.is_empty() {
            None
        } else {
            self.end_line()
        };
        from_line.or_else(|| self.end_event())
    }

    fn end_line(&mut self) -> Option<Vec<u8>> {
        if self.line.is_empty() {
            return self.end_event();
        }
        if let Some(value) = self.line.strip_prefix(b"data:") {
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data
                .extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        } else if !FIELDS.iter().any(|field| self.line.starts_with(field)) {
            self.saw_foreign_text = true;
        }
        self.line.clear();
        None
    }

    fn end_event(&mut self) -> Option<Vec<u8>> {
        std::mem::take(&mut self.has_data).then(|| std::mem::take(&mut self.data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut frames = Frames::default();
        let mut all: Vec<Vec<u8>> = Vec::new();
        for piece in pieces {
            all.extend(frames.feed(piece).unwrap());
        }
        all.extend(frames.finish());
        all.into_iter()
            .map(|data| String::from_utf8(data).unwrap())
            .collect()
    }

    const STREAM: &[u8] =
        b": ping\n\ndata: one\n\nevent: x\r\ndata:two\r\ndata: lines\r\n\r\ndata: cr\r\rid: 3\ndata: last";

    #[test]
    fn lf_crlf_cr_comments_and_an_unterminated_last_event_are_read() {
        assert_eq!(read(&[STREAM]), ["one", "two\nlines", "cr", "last"]);
    }

    #[test]
    fn a_stream_cut_at_any_byte_reads_the_same() {
        for cut in 0..=STREAM.len() {
            let (head, tail) = STREAM.split_at(cut);
            assert_eq!(read(&[head, tail]), read(&[STREAM]), "cut at {cut}");
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut frames = Frames::default();
        let line = vec![b'a'; MAX_FRAME_BYTES + 1];
        assert_eq!(frames.feed(&line), Err(FrameTooLarge));
    }
}
