//! The frames of a stream as the contract has them: an id or none, and one line of JSON. No comment, no field besides, no other
//! line end.

use serde_json::Value;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Of stored events.
    pub id: Option<u64>,
    pub data: Value,
}

/// Something that is no frame of the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a frame: {fault} in {block:?}")]
pub struct Malformed {
    fault: &'static str,
    /// Its beginning.
    block: String,
}

/// Characters of a malformed frame that are told.
const TOLD_CHARS: usize = 200;

impl Frame {
    /// The kind of the event.
    pub fn event(&self) -> &str {
        // Without one it is no frame.
        self.data["event"].as_str().unwrap_or_default()
    }

    pub const fn is_stored(&self) -> bool {
        self.id.is_some()
    }
}

/// Takes the whole frames from the front of the bytes; what is left is the beginning of another.
///
/// # Errors
/// What stands in front is no frame, and stays there. One further on is told when those before it have been taken.
pub fn take_frames(unread: &mut Vec<u8>) -> Result<Vec<Frame>, Malformed> {
    let mut frames = Vec::new();
    let mut rest = &unread[..];
    let read = loop {
        let Some(end) = frame_end(rest) else {
            break Ok(());
        };
        match read(&rest[..end]) {
            Ok(frame) => frames.push(frame),
            Err(malformed) => break Err(malformed),
        }
        rest = &rest[end + 2..];
    };
    let taken = unread.len() - rest.len();
    unread.drain(..taken);
    match read {
        Err(malformed) if frames.is_empty() => Err(malformed),
        Ok(()) | Err(_) => Ok(frames),
    }
}

/// Where the first frame ends, before its empty line.
fn frame_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|it| it == b"\n\n")
}

fn read(block: &[u8]) -> Result<Frame, Malformed> {
    let text = String::from_utf8_lossy(block);
    let malformed = |fault| Malformed {
        fault,
        block: text.chars().take(TOLD_CHARS).collect(),
    };
    let block = str::from_utf8(block).map_err(|_| malformed("bytes that are no UTF-8"))?;
    let (id, data) = match block.split_once('\n') {
        Some((id, data)) => (Some(id), data),
        None => (None, block),
    };
    let id = id.map(|line| {
        let digits = line.strip_prefix("id: ").ok_or("no id where one must be")?;
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let id = digits.parse().ok().filter(|_| is_plain);
        id.ok_or("an id that is no whole number")
    });
    let id = id.transpose().map_err(malformed)?;
    let json = data.strip_prefix("data: ");
    let json = json.ok_or_else(|| malformed("no data where it must be"))?;
    if json.contains(['\n', '\r']) {
        return Err(malformed("a line too many"));
    }
    let data: Value = serde_json::from_str(json).map_err(|_| malformed("data that is no JSON"))?;
    if data["event"].is_string() {
        Ok(Frame { id, data })
    } else {
        Err(malformed("data without an event"))
    }
}
