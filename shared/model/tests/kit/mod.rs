//! A reply read from bytes in pieces, and what came of it.

use model::{AskError, Decoder, Message, Offered, Piece};
use serde_json::Value;

const TOOLS: &str = include_str!("../fixtures/tools.json");

/// What a reader of the reply has at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub shown: String,
    pub ended: Result<Message, AskError>,
}

/// The tools of all tests: `search` and `get_weather`.
pub fn offered() -> Offered {
    let tools: Vec<Value> = serde_json::from_str(TOOLS).unwrap();
    Offered::of_functions(&tools)
}

/// Reads a reply that comes in these pieces.
pub fn read<'a>(mut decoder: Decoder, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut shown = String::new();
    let mut fault = None;
    let mut show = |decoder: &mut Decoder| loop {
        match decoder.next_piece() {
            Ok(Some(Piece::Content(text))) => shown.push_str(&text),
            Ok(Some(Piece::Retract(_))) => shown.clear(),
            Ok(None) => break,
            Err(error) => {
                fault = Some(error);
                break;
            }
        }
    };
    for piece in pieces {
        decoder.feed(piece);
        show(&mut decoder);
    }
    decoder.end();
    show(&mut decoder);
    assert!(decoder.is_over());
    let ended = match fault {
        Some(fault) => Err(fault),
        None => Ok(decoder.into_message(0)),
    };
    if let Ok(message) = &ended {
        assert_eq!(message.content, shown);
    }
    Outcome { shown, ended }
}
