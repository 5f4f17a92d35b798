//! Frames of streams as they come.

use super::super::line::MAX_FRAME_BYTES;
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
{\n\"error\": 1\n}\ndata: {10\ndata: {\"choices\": 11}\n\n\xef\xbb\xbfdata: [DONE]";

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
        "{\"choices\": 11}",
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
fn the_longest_line_is_read_however_it_is_cut_and_one_byte_more_is_not() {
    for (line_bytes, is_read) in [(MAX_LINE_BYTES, true), (MAX_LINE_BYTES + 1, false)] {
        let line = format!("data:{}", "a".repeat(line_bytes - "data:".len()));
        let event = format!("{line}\n\n");
        let (head, tail) = event.as_bytes().split_at(line_bytes / 2);
        let whole = read(&[event.as_bytes()]);
        assert_eq!(
            (whole.0.len(), whole.1),
            (usize::from(is_read), u64::from(!is_read))
        );
        assert_eq!(read(&[head, tail]), whole);
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
    let rest: &[u8] = b"data: {2}\n\n";
    assert_eq!(read(&[&long, rest, b"data: {1}\n\n"]), told);
    let data = [b"data: {".as_slice(), &long[..MAX_LINE_BYTES / 2], b"\n"].concat();
    let mut lines = vec![data.as_slice(); 5];
    lines.push(next);
    let (frames, passed_over) = read(&lines);
    assert_eq!((frames, passed_over), (vec!["{1}".to_owned()], 2));
    let bare = lines
        .iter()
        .map(|line| line.strip_prefix(b"data: ".as_slice()).unwrap_or(line));
    let bare: Vec<_> = bare.collect();
    assert_eq!(read(&bare), (vec!["{1}".to_owned()], 2));
}

#[test]
fn lines_of_one_frame_have_a_bound_together() {
    let most = vec![b'a'; MAX_FRAME_BYTES];
    let mut lines = Lines::default();
    assert!(lines.push(&most));
    assert!(!lines.push(b"a"));
    assert_eq!((lines.text.len(), lines.count), (0, 0));
    assert!(!lines.push(&[most.as_slice(), b"a"].concat()));
}

#[test]
fn lines_in_no_field_are_one_text_and_a_field_may_be_indented() {
    for (text, told) in [
        ("{\n{1}\n}\n", "Bare {\n{1}\n}"),
        ("  {1}  \n", "Bare {1}"),
        ("  data: {1}\n\n", "{1}"),
        ("\tdata: {1}", "{1}"),
    ] {
        assert_eq!(
            read(&[text.as_bytes()]),
            (vec![told.to_owned()], 0),
            "{text}"
        );
    }
    assert_eq!(read(&[b"[\n{1}\n]\n"]), (Vec::new(), 1));
}

#[test]
fn what_stands_around_a_whole_object_makes_no_other_one_together() {
    let around: &[u8] = b"data: {\ndata: {\"choices\": 1}\ndata: }\n\n";
    assert_eq!(read(&[around]), (vec!["{\"choices\": 1}".to_owned()], 1));
}

#[test]
fn an_event_that_lies_whole_in_the_bytes_is_one_only_where_a_line_begins() {
    let told = |frames: &[&str], passed_over| {
        let frames = frames.iter().map(|frame| (*frame).to_owned());
        (frames.collect::<Vec<_>>(), passed_over)
    };
    let event: &[u8] = b"data: {1}\n\n";
    for (before, expected) in [
        (": ", told(&[], 0)),
        ("data: ", told(&["{1}"], 0)),
        ("x", told(&["Bare xdata: {1}"], 0)),
        ("event: error\n", told(&["Error {1}"], 0)),
        ("event: ping\n", told(&[], 0)),
        ("data: {2\n", told(&["{2\n{1}"], 0)),
        ("data: {2\ndata: 3}\n", told(&["{2\n3}\n{1}"], 0)),
        ("{\n2}\n", told(&["Bare {\n2}", "{1}"], 0)),
    ] {
        assert_eq!(read(&[before.as_bytes(), event]), expected, "{before}");
        let whole = [before.as_bytes(), event].concat();
        assert_eq!(read(&[&whole]), expected, "{before} in one piece");
    }
}
