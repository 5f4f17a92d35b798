//! Frames as they come over a line: cut anywhere, and in forms that other services write.

use client::{Frame, take_frames};
use proptest::prelude::*;
use serde_json::{Value, json};

fn frame(id: Option<u64>, data: Value) -> Frame {
    Frame { id, data }
}

/// A frame as the service writes it.
fn written(frame: &Frame) -> String {
    let id = frame.id.map(|id| format!("id: {id}\n"));
    format!("{}data: {}\n\n", id.unwrap_or_default(), frame.data)
}

#[test]
fn what_is_no_frame_of_the_contract_is_told() {
    for (bytes, fault) in [
        // Lines that end as other servers end them.
        (
            &b"data: {}\r\n\r\ndata: {}\n\n"[..],
            "no id where one must be",
        ),
        (b"id: 1\r\ndata: {}\n\n", "an id that is no whole number"),
        (b"data: {}\r\rdata: {}\n\n", "a line too many"),
        // A mark of the byte order, comments, and fields that nobody promised.
        (b"\xef\xbb\xbfdata: {}\n\n", "no data where it must be"),
        (b": ping\n\n", "no data where it must be"),
        (b"event: delta\ndata: {}\n\n", "no id where one must be"),
        (b"retry: 500\n\n", "no data where it must be"),
        (b"\n\n", "no data where it must be"),
        // Ids that an `EventSource` would take, or forget.
        (b"id:\ndata: {}\n\n", "no id where one must be"),
        (b"id: \ndata: {}\n\n", "an id that is no whole number"),
        (b"id: +7\ndata: {}\n\n", "an id that is no whole number"),
        (b"id: -1\ndata: {}\n\n", "an id that is no whole number"),
        (
            b"id: 99999999999999999999999\ndata: {}\n\n",
            "an id that is no whole number",
        ),
        (b"data: {}\nid: 1\n\n", "no id where one must be"),
        // Data in several lines, in another form, or none.
        (b"data: {\ndata: }\n\n", "no id where one must be"),
        (b"id: 1\ndata: {\ndata: }\n\n", "a line too many"),
        (b"data:{}\n\n", "no data where it must be"),
        (b"data: \n\n", "data that is no JSON"),
        (b"data: [DONE]\n\n", "data that is no JSON"),
        (b"data: {}\n\n", "data without an event"),
        (b"data: {\"event\": 1}\n\n", "data without an event"),
        (b"data: [\"event\"]\n\n", "data without an event"),
        (b"data: \xff\n\n", "bytes that are no UTF-8"),
    ] {
        let mut unread = bytes.to_vec();
        let told = take_frames(&mut unread).unwrap_err().to_string();
        assert!(
            told.contains(fault),
            "{told}: {}",
            String::from_utf8_lossy(bytes)
        );
        assert!(told.len() < 1000);
    }
}

#[test]
fn frames_before_a_malformed_one_are_read_and_it_stays() {
    let mut unread = b"data: {\"event\":\"ping\"}\n\nid: x\ndata: 2\n\nrest".to_vec();
    let frames = take_frames(&mut unread).unwrap();
    assert_eq!(frames, [frame(None, json!({"event": "ping"}))]);
    for _ in 0..2 {
        assert!(take_frames(&mut unread).is_err());
        assert_eq!(unread, b"id: x\ndata: 2\n\nrest");
    }
}

#[test]
fn a_frame_is_taken_when_it_is_whole() {
    let whole = b"id: 7\ndata: {\"event\":\"start\"}\n\n";
    for cut in 0..whole.len() {
        let mut unread = whole[..cut].to_vec();
        assert_eq!(take_frames(&mut unread), Ok(Vec::new()), "{cut}");
        unread.extend_from_slice(&whole[cut..]);
        let frames = take_frames(&mut unread).unwrap();
        assert_eq!(frames, [frame(Some(7), json!({"event": "start"}))]);
        assert_eq!((frames[0].event(), frames[0].is_stored()), ("start", true));
        assert_eq!(unread, b"");
    }
}

proptest! {
    #[test]
    fn a_stream_cut_anywhere_reads_the_same(
        told in prop::collection::vec((proptest::option::of(any::<u64>()), any::<String>()), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let frames: Vec<_> = told.into_iter().map(|(id, text)| frame(id, json!({"event": "delta", "content": text}))).collect();
        let bytes = frames.iter().map(written).collect::<String>().into_bytes();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let (mut unread, mut read) = (Vec::new(), Vec::new());
        for part in cuts.windows(2) {
            unread.extend_from_slice(&bytes[part[0]..part[1]]);
            read.extend(take_frames(&mut unread).unwrap());
        }
        prop_assert_eq!(read, frames);
        prop_assert!(unread.is_empty());
    }
}
