//! A response as a stream of frames.
//!
//! No frame has an `id:` line: OpenAI's Python client takes a frame of nothing else for one of its own, and fails (openai-python, issue 2722).

use run::Update;

use super::fold::Fold;
use super::frames::Frames;
use crate::sse::encode::chat::interrupted;
use crate::sse::encode::{Encode, Standing, failure};

const DONE: &str = "data: [DONE]\n\n";

/// Writes the frames of one client.
#[derive(Debug)]
pub(crate) struct ResponseStream {
    fold: Fold,
    frames: Frames,
    is_done: bool,
}

impl ResponseStream {
    /// For a client that has seen the frames before this number elsewhere.
    pub(crate) fn from(first: u64) -> Self {
        Self {
            fold: Fold::default(),
            frames: Frames::from(first),
            is_done: false,
        }
    }

    fn finish(&mut self, out: &mut String) {
        out.push_str(&std::mem::take(&mut self.frames.out));
        if !self.is_done && self.standing() == Standing::Over {
            out.push_str(DONE);
            self.is_done = true;
        }
    }

    /// The connection ends, and the run goes on.
    fn break_off(&mut self, out: &mut String) {
        if self.is_done {
            return;
        }
        let run_id = self.fold.run().map(|run| run.start.run_id.to_string());
        let error = failure(&interrupted(&run_id.unwrap_or_default()));
        let error = format!(r#""error":{}"#, error["error"]);
        self.frames.push_aside("error", &error);
        out.push_str(&std::mem::take(&mut self.frames.out));
        out.push_str(DONE);
        self.is_done = true;
    }
}

impl Encode for ResponseStream {
    fn comes_again(&self) -> bool {
        false
    }

    fn standing(&self) -> Standing {
        self.fold.standing()
    }

    fn forgets(&self) -> bool {
        self.is_done && self.fold.is_forgotten()
    }

    fn encode(&mut self, update: &Update, out: &mut String) {
        self.fold.take(update, &mut self.frames);
        self.finish(out);
    }

    fn ping(&mut self, out: &mut String) {
        if !self.is_done {
            out.push_str(": ping\n\n");
        }
    }

    fn come_again(&mut self, out: &mut String) {
        self.break_off(out);
    }

    fn end(&mut self, out: &mut String) {
        self.break_off(out);
    }
}
