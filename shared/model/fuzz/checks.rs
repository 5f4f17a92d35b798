//! What must hold for any input: the fuzz targets call it, and a test with the kept corpus.

#[path = "../tests/kit/mod.rs"]
mod kit;
#[path = "../tests/kit/noise.rs"]
mod noise;
#[path = "../tests/kit/text.rs"]
mod text;

use std::sync::OnceLock;

use kit::{offered, read};
use model::{Decoder, Offered};
use serde_json::json;

/// The first byte says how the others are cut.
fn cut(data: &[u8]) -> Option<(usize, &[u8])> {
    let (&size, rest) = data.split_first()?;
    Some((usize::from(size).max(1), rest))
}

/// A body of these bytes ends in a message or an error, the same however it is cut.
pub fn body(data: &[u8]) {
    let Some((size, bytes)) = cut(data) else {
        return;
    };
    let whole = read(Decoder::new(offered()), [bytes]);
    let pieces = read(Decoder::new(offered()), bytes.chunks(size));
    assert_eq!(pieces, whole);
    read(Decoder::for_thinking_first(Offered::default()), [bytes]);
}

/// A text comes out the same however it is cut, and whole where there is no call, no thought, no channel and no mark of a template
/// in it.
pub fn text(data: &[u8]) {
    let Some((size, bytes)) = cut(data) else {
        return;
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let characters: Vec<char> = text.chars().collect();
    let pieces: Vec<String> = characters.chunks(size).map(String::from_iter).collect();
    let whole = stream(std::slice::from_ref(&text), "stop");
    let told = read(Decoder::new(offered()), [whole.as_slice()]);
    let told_in_pieces = read(
        Decoder::new(offered()),
        [stream(&pieces, "stop").as_slice()],
    );
    assert_eq!(told_in_pieces, told);
    read(
        Decoder::new(offered()),
        [stream(&pieces, "length").as_slice()],
    );
    let thinks = text::thinks(&text) || text.contains("<|message|>");
    let calls = told.ended.as_ref().map_or(0, |message| message.calls.len());
    if !thinks && calls == 0 {
        assert!(text::is_shown_as_it_is(&told.shown, &text), "{text}");
    }
    if !thinks {
        let untold = read(Decoder::new(Offered::default()), [whole.as_slice()]);
        assert!(text::is_shown_as_it_is(&untold.shown, &text), "{text}");
    }
}

/// Frames without content change nothing in a good stream. The bytes say which stream, which frames where and how damaged, where it
/// ends, and how it is cut.
pub fn noise(data: &[u8]) {
    let mut bytes = data.iter().copied().map(usize::from);
    let mut next = || bytes.next().unwrap_or(0);
    let streams = STREAMS.get_or_init(noise::good_streams);
    let stream = streams[next() % streams.len()].clone();
    let extra = (0..next() % 6)
        .map(|_| (next(), damaged(next(), next(), next())))
        .collect();
    let how = next();
    let end = (how % 2 == 1).then(|| next() * 256 + next());
    let places = (0..next() % 6).map(|_| next() * 256 + next()).collect();
    noise::holds(noise::Noisy {
        stream,
        extra,
        tight: how / 2 % 2 == 1,
        end,
        places,
    });
}

static STREAMS: OnceLock<Vec<Vec<Vec<u8>>>> = OnceLock::new();

fn damaged(frame: usize, how: usize, at: usize) -> Vec<u8> {
    let frame = noise::SILENT[frame % noise::SILENT.len()];
    let at = at % frame.len();
    let mut bytes = frame.to_vec();
    match how {
        0..=127 => return bytes,
        128..=191 => bytes.truncate(at),
        _ => bytes.insert(at, u8::try_from(how % 256).unwrap_or(u8::MAX)),
    }
    bytes.extend_from_slice(b"\n\n");
    bytes
}

fn stream(pieces: &[String], finish_reason: &str) -> Vec<u8> {
    let said = pieces
        .iter()
        .map(|piece| json!({"choices": [{"delta": {"content": piece}}]}));
    let end = json!({"choices": [{"delta": {}, "finish_reason": finish_reason}]});
    let frames: Vec<_> = said
        .chain([end])
        .map(|frame| format!("data: {frame}\n\n"))
        .collect();
    frames.concat().into_bytes()
}
