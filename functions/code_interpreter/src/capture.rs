//! Reads a stream of any length in bounded memory: its beginning, its end, and how long it really was.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

const READ_BYTES: usize = 64 << 10;

/// What was kept of a stream.
#[derive(Debug)]
pub struct Capture {
    /// Of the beginning, and of the end.
    keep_bytes: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    bytes: u64,
}

impl Capture {
    /// Keeps `bytes` in all: half of them from the beginning, half from the end.
    pub fn keeping(bytes: u64) -> Self {
        Self {
            keep_bytes: usize::try_from(bytes / 2).unwrap_or(usize::MAX),
            head: Vec::new(),
            tail: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Takes in `stream` until its end. What was taken in stays if this is dropped before.
    pub async fn read(&mut self, mut stream: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) => return,
                Ok(count) => self.push(&buffer[..count]),
                Err(error) => return tracing::warn!(%error, "an output stream broke"),
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let room = self.keep_bytes - self.head.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(first);
        let newest = &rest[rest.len().saturating_sub(self.keep_bytes)..];
        let excess = (self.tail.len() + newest.len()).saturating_sub(self.keep_bytes);
        self.tail.drain(..excess);
        self.tail.extend(newest);
    }

    /// The true length of the stream, as far as it was read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn is_cut(&self) -> bool {
        self.cut_bytes() > 0
    }

    fn cut_bytes(&self) -> u64 {
        self.bytes - (self.head.len() + self.tail.len()) as u64
    }

    /// The stream as text, with a note where it was cut and U+FFFD for what is not UTF-8.
    pub fn into_text(mut self) -> String {
        let cut = self.cut_bytes();
        let tail = self.tail.make_contiguous();
        if cut == 0 {
            self.head.extend_from_slice(tail);
            return String::from_utf8_lossy(&self.head).into_owned();
        }
        let head = String::from_utf8_lossy(without_broken_end(&self.head));
        let tail = String::from_utf8_lossy(without_broken_start(tail));
        format!("{head}\n… [{cut} bytes cut] …\n{tail}")
    }
}

/// A character that the cut went through is no fault of the program: it is left out.
fn without_broken_end(bytes: &[u8]) -> &[u8] {
    match bytes.utf8_chunks().last() {
        Some(last) if is_beginning(last.invalid()) => &bytes[..bytes.len() - last.invalid().len()],
        Some(_) | None => bytes,
    }
}

fn without_broken_start(bytes: &[u8]) -> &[u8] {
    let is_inside = |byte: &&u8| (0x80..0xc0).contains(*byte);
    &bytes[bytes.iter().take(3).take_while(is_inside).count()..]
}

/// Whether `bytes` could go on to be a character.
fn is_beginning(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD_BYTES: usize = 8 << 10;
    const TAIL_BYTES: usize = 8 << 10;

    fn text(chunks: &[&[u8]]) -> (String, u64) {
        let mut capture = Capture::keeping((HEAD_BYTES + TAIL_BYTES) as u64);
        for chunk in chunks {
            capture.push(chunk);
        }
        let bytes = capture.bytes();
        (capture.into_text(), bytes)
    }

    #[test]
    fn what_fits_is_whole_however_it_arrives() {
        let whole: Vec<u8> = (b'a'..=b'z')
            .cycle()
            .take(HEAD_BYTES + TAIL_BYTES)
            .collect();
        let expected = (
            String::from_utf8(whole.clone()).unwrap(),
            whole.len() as u64,
        );
        for size in [1, 7, 8191, 8192, 8193, whole.len()] {
            let chunks: Vec<&[u8]> = whole.chunks(size).collect();
            assert_eq!(text(&chunks), expected, "chunks of {size}");
        }
    }

    #[test]
    fn what_is_longer_keeps_its_ends_and_tells_its_size_however_it_arrives() {
        let long: Vec<u8> = (b'a'..=b'z').cycle().take(100_003).collect();
        let head = String::from_utf8_lossy(&long[..HEAD_BYTES]);
        let tail = String::from_utf8_lossy(&long[long.len() - TAIL_BYTES..]);
        let cut = long.len() - HEAD_BYTES - TAIL_BYTES;
        let expected = (format!("{head}\n… [{cut} bytes cut] …\n{tail}"), 100_003);
        for size in [1, 7, 8191, 8192, 8193, 65_536, long.len()] {
            let chunks: Vec<&[u8]> = long.chunks(size).collect();
            assert_eq!(text(&chunks), expected, "chunks of {size}");
        }
    }

    #[test]
    fn a_cut_goes_between_characters() {
        for shift in 0..4 {
            let long = format!("{}{}", "a".repeat(shift), "𝄞".repeat(10_000));
            let (text, bytes) = text(&[long.as_bytes()]);
            assert_eq!(bytes, long.len() as u64);
            assert!(!text.contains('\u{fffd}'), "shifted by {shift}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_replaced() {
        assert_eq!(text(&[b"a\xffb\xc3"]), ("a\u{fffd}b\u{fffd}".to_owned(), 4));
    }
}
