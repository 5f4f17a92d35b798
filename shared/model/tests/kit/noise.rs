//! A law: what carries no content changes nothing in a stream, wherever it stands and however it is damaged; and a stream that is
//! cut is told as cut.

use std::fs;
use std::path::Path;

use model::{AskError, Decoder};

use super::kit::{Outcome, offered, read};

/// Streams of all servers that came to a message, in their frames.
pub fn good_streams() -> Vec<Vec<Vec<u8>>> {
    // The fuzz targets are a package of their own beside the tests.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests/fixtures", "../tests/fixtures"].map(|folder| package.join(folder));
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap();
    let servers = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = servers.filter(|path| path.is_dir()).flat_map(|folder| {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
    });
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "sse"))
        .collect();
    files.sort();
    let streams = files.iter().map(|file| fs::read(file).unwrap());
    let good = streams.filter(|body| read(Decoder::new(offered()), [&**body]).ended.is_ok());
    let frames: Vec<_> = good.map(|body| frames(&body)).collect();
    assert!(frames.len() > 30);
    frames
}

fn frames(body: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8(body.to_vec())
        .unwrap()
        .replace("\r\n", "\n");
    let frames = text.split("\n\n").filter(|frame| !frame.trim().is_empty());
    frames
        .map(|frame| format!("{frame}\n\n").into_bytes())
        .collect()
}

/// Frames that carry no content.
pub const SILENT: [&[u8]; 22] = [
    b": ping\n\n",
    b"data:\n\n",
    b"data: ping\n\n",
    b"event: ping\ndata: {\"x\": 1}\n\n",
    b"id: 3\nretry: 7\n\n",
    b"data: {\"choices\": []}\n\n",
    b"data: {\"choices\": [{\"delta\": {\"role\": \"assistant\", \"content\": null}}]}\n\n",
    b"data: {\"choices\": [{\"delta\": {\"content\": \"\", \"tool_calls\": []}}], \"created\": NaN}\n\n",
    b"data: {\"choices\": [{\"delta\": {}, \"finish_reason\": null, \"delta\": {}}]}\n\n",
    b"data: {\"choices\": [], \"error\": \"\"}\n\n",
    b"data: {\"object\": \"chat.completion.chunk\", \"choices\": {}, \"usage\": \"\"}\n\n",
    b"data: {\"type\": \"ping\"}\n\n",
    b"data: {\"prompt_filter_results\": [{\"note\": \"\\ud83d\"}], \"choices\": []}\n\n",
    b"\xef\xbb\xbfdata: {\"choices\": []}\n\n",
    b"<!-- a proxy -->\n\n",
    b"\n",
    b"event: ping\ndata: {}\n",
    b"data: ping\n",
    b"data: {\"type\": \"status\", \"message\": \"queued\"}\n",
    b"data: {\"code\": 0, \"message\": \"success\"}\n\n",
    b"data: {\"choices\": [{\"delta\": {\"function_call\": {}, \"tool_calls\": [{}]}}]}\n\n",
    b"retry: 5\n",
];

/// Whether a frame carries no content: damage may have made some.
fn is_silent(frame: &[u8]) -> bool {
    let stop = b"data: {\"choices\": [{\"finish_reason\": \"stop\"}]}\n\n";
    let told = read(Decoder::new(offered()), [frame, stop]);
    let nothing = (String::new(), None, Vec::new());
    told.ended.is_ok() && content(&told) == nothing
}

/// The text, the calls and the thoughts of a message; counts of tokens may come with frames that are cut.
fn content(outcome: &Outcome) -> (String, Option<String>, Vec<(String, String)>) {
    let message = outcome.ended.as_ref().unwrap();
    let calls = message
        .calls
        .iter()
        .map(|call| (call.name.clone(), call.arguments.clone()));
    (
        message.content.clone(),
        message.reasoning.clone(),
        calls.collect(),
    )
}

fn in_pieces(bytes: &[u8], places: &[usize]) -> Outcome {
    let mut places: Vec<_> = places.iter().map(|at| at % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    let pieces = places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
    read(Decoder::new(offered()), pieces)
}

/// A good stream, and what is done to it.
#[derive(Debug)]
pub struct Noisy {
    pub stream: Vec<Vec<u8>>,
    /// Frames without content, each with the place that it is put at.
    pub extra: Vec<(usize, Vec<u8>)>,
    /// No blank line stands between frames, where each is one line.
    pub tight: bool,
    /// The byte that the stream ends at, if it is cut.
    pub end: Option<usize>,
    /// Where the pieces end that it comes in.
    pub places: Vec<usize>,
}

/// Checks the law.
pub fn holds(noisy: Noisy) {
    let whole = content(&read(Decoder::new(offered()), [&*noisy.stream.concat()]));
    let mut frames = noisy.stream;
    for (at, frame) in noisy
        .extra
        .into_iter()
        .filter(|(_, frame)| is_silent(frame))
    {
        frames.insert(at % (frames.len() + 1), frame);
    }
    // The name of an event is that of the next line of data, where no blank line stands between.
    let is_one_line = |frame: &Vec<u8>| {
        let line = frame.trim_ascii_end();
        !line.contains(&b'\n') && !line.starts_with(b"event")
    };
    if noisy.tight && frames.iter().all(is_one_line) {
        for frame in &mut frames {
            *frame = [frame.trim_ascii_end(), b"\n"].concat();
        }
    }
    let bytes = frames.concat();
    assert_eq!(content(&in_pieces(&bytes, &noisy.places)), whole);

    let cut = &bytes[..noisy.end.map_or(bytes.len(), |at| at % (bytes.len() + 1))];
    let told = in_pieces(cut, &noisy.places);
    let has_content = match &told.ended {
        Ok(_) => {
            let (text, _, calls) = content(&told);
            assert!(whole.0.starts_with(&text), "{text}");
            assert!(whole.2.starts_with(&calls), "{calls:?}");
            !text.is_empty()
        }
        Err(_) => !told.shown.is_empty(),
    };
    if let Err(error) = &told.ended {
        let is_told_as_cut = matches!(error, AskError::Cut | AskError::Empty);
        assert!(
            is_told_as_cut || *error == AskError::Garbage && !has_content,
            "{error}"
        );
    }
}
