//! One transcript of each kind of run, as the server writes it and the page reads it: `tests/fixtures/transcripts`.
//!
//! Each is recorded on a whole stack with a scripted model and compared with its file. After a change of the wire all are
//! written anew by `TRANSCRIPTS=write cargo test --workspace --test transcripts`; the page's tests then read the new ones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answered;
mod chained;
mod discussed;
mod failing;
mod handed_over;
mod steady;

use std::path::PathBuf;

use tests::laws;
use tests::stream::Frame;

/// Stands between the frames of two connections. A comment: readers of the stream pass it by.
const NEXT_CONNECTION: &str = ": the next connection\n\n";
const VARIABLE: &str = "TRANSCRIPTS";

/// Compares what the connections of one client were told of a run with the transcript of its kind, or writes that. `awaited`: the
/// pieces of text that the test has waited for; whether others are shown before they are stored depends on the machine.
fn recorded(kind: &str, connections: &[Vec<Frame>], awaited: &[&str]) {
    laws::check(&connections.concat());
    let told = steady::written(connections, awaited);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts");
    let path = folder.join(format!("{kind}.sse"));
    match std::env::var(VARIABLE).as_deref() {
        Ok("write") => {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, told).unwrap();
        }
        Ok(other) => panic!("{VARIABLE} is `write` or not set, not `{other}`"),
        Err(_) => {
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                told.lines().collect::<Vec<_>>(),
                kept.lines().collect::<Vec<_>>(),
                "{kind}: the wire has changed; where that is meant, {VARIABLE}=write takes it over"
            );
        }
    }
}

/// Whether a frame is the result of this call.
fn is_result(call_id: &str) -> impl Fn(&Frame) -> bool {
    move |frame| frame.event() == "tool_result" && frame.data["call_id"] == call_id
}

/// Whether a frame is this piece of text of this call, shown before it is stored.
fn is_live(call_id: &str, piece: &str) -> impl Fn(&Frame) -> bool {
    move |frame| {
        let data = &frame.data;
        steady::is_live(frame) && data["call_id"] == call_id && data["content"] == piece
    }
}
