//! The items of a response, and the frames that tell of them.

use run::{CallId, Event, Run, Seq, Update};
use serde_json::{Value, json};

use super::call_item;
use super::frames::Frames;
use super::object::{response, status, tells_code};
use crate::sse::encode::Standing;
use crate::sse::encode::telling::{Citation, Cited, End, Piece, Telling};

/// A response as far as the log tells it.
#[derive(Debug, Default)]
pub(super) struct Fold {
    telling: Telling,
    output: Vec<Value>,
    /// Where the item of thoughts stands that goes on.
    thinks: Option<usize>,
    /// The same of the answer's item.
    answers: Option<usize>,
    /// The same of calls.
    calls: Vec<(CallId, usize)>,
}

impl Fold {
    pub(super) fn standing(&self) -> Standing {
        self.telling.standing()
    }

    pub(super) fn run(&self) -> Option<&Run> {
        self.telling.run()
    }

    /// Whether the run has ended, and nothing of it is to be kept.
    pub(super) fn is_forgotten(&self) -> bool {
        let ended = self.run().filter(|run| run.ended().is_some());
        ended.is_some_and(|run| run.start.request.is_forgotten())
    }

    /// The response as it stands.
    pub(super) fn object(&self) -> Option<Value> {
        Some(response(self.run()?, &self.output))
    }

    /// Takes an event; text that is not stored yet is none.
    pub(super) fn take(&mut self, update: &Update, frames: &mut Frames) {
        if matches!(update, Update::Live { .. }) {
            return;
        }
        for piece in self.telling.take(update) {
            self.tell(piece, frames);
        }
    }

    fn tell(&mut self, piece: Piece, frames: &mut Frames) {
        match piece {
            Piece::Begun => {
                let mut object = self.object().unwrap_or_default();
                frames.push_response("response.created", &object);
                if object["background"] == true {
                    frames.push_response("response.queued", &object);
                    object["status"] = "in_progress".into();
                }
                frames.push_response("response.in_progress", &object);
            }
            Piece::Reasoning(line) => self.think(&line, frames),
            Piece::Called(call_id, line) => self.call(call_id, &line, frames),
            Piece::Returned(call_id, failed) => {
                self.end_call(call_id, frames);
                if let Some(line) = failed {
                    self.think(&line, frames);
                }
            }
            Piece::Answer(text) => self.answer(&text, frames),
            Piece::Anew { text, .. } => {
                self.end_answer("incomplete", frames);
                self.answer(&text, frames);
            }
            Piece::Cited(cited) => self.cite(&cited, frames),
            Piece::End(end) => self.end(&end, frames),
        }
    }

    /// Adds an item; returns its place.
    fn add(&mut self, item: Value, frames: &mut Frames) -> usize {
        let index = self.output.len();
        frames.push_item("response.output_item.added", index, &item);
        self.output.push(item);
        index
    }

    fn end_item(&self, index: usize, frames: &mut Frames) {
        frames.push_item("response.output_item.done", index, &self.output[index]);
    }

    fn id(&self, kind: &str) -> String {
        let run_id = self.run().map(|run| run.start.run_id.to_string());
        format!(
            "{kind}_{}_{}",
            run_id.unwrap_or_default(),
            self.output.len()
        )
    }

    /// A thought, or a line about a step: a part of an item of its own.
    fn think(&mut self, line: &str, frames: &mut Frames) {
        let index = self.thinks.unwrap_or_else(|| {
            let id = self.id("rs");
            let item =
                json!({"type": "reasoning", "id": id, "status": "in_progress", "summary": [], "encrypted_content": null});
            self.add(item, frames)
        });
        self.thinks = Some(index);
        // Some clients put parts together as they are.
        let part = json!({"type": "summary_text", "text": format!("{line}\n")});
        let item = &mut self.output[index];
        let count = item["summary"].as_array().map_or(0, Vec::len);
        let text = &part["text"];
        let at = format!(r#","summary_index":{count},"#);
        for (kind, member) in [
            (
                "part.added",
                r#""part":{"type":"summary_text","text":""}"#.to_owned(),
            ),
            ("text.delta", format!(r#""delta":{text}"#)),
            ("text.done", format!(r#""text":{text}"#)),
            ("part.done", format!(r#""part":{part}"#)),
        ] {
            let kind = format!("response.reasoning_summary_{kind}");
            frames.push_within(&kind, index, item, &format!("{at}{member}"));
        }
        if let Some(summary) = item["summary"].as_array_mut() {
            summary.push(part);
        }
    }

    fn end_thoughts(&mut self, frames: &mut Frames) {
        if let Some(index) = self.thinks.take() {
            self.output[index]["status"] = "completed".into();
            self.end_item(index, frames);
        }
    }

    /// A call: an item of its own, or a line.
    fn call(&mut self, call_id: CallId, line: &str, frames: &mut Frames) {
        let index = self.output.len();
        let item = self.run().and_then(|run| {
            let call = run.call(call_id)?;
            call_item::item(call, run.start.run_id, index, tells_code(run))
        });
        let Some(item) = item else {
            return self.think(line, frames);
        };
        self.end_thoughts(frames);
        let (begin, second) = call_item::stages(&item);
        let code = item.get("code").map(Value::to_string);
        let index = self.add(item, frames);
        let item = &self.output[index];
        frames.push_within(&format!("{begin}.in_progress"), index, item, "");
        if let Some(code) = code {
            for (stage, member) in [("delta", "delta"), ("done", "code")] {
                let kind = format!("{begin}_code.{stage}");
                frames.push_within(&kind, index, item, &format!(r#","{member}":{code}"#));
            }
        }
        frames.push_within(&format!("{begin}.{second}"), index, item, "");
        self.calls.push((call_id, index));
    }

    fn end_call(&mut self, call_id: CallId, frames: &mut Frames) {
        let Some(at) = self.calls.iter().position(|(open, _)| *open == call_id) else {
            return;
        };
        let (_, index) = self.calls.remove(at);
        let item = &mut self.output[index];
        if let Some(call) = self.telling.run().and_then(|run| run.call(call_id)) {
            call_item::end(item, call);
        }
        if item["status"] == "completed" {
            let (begin, _) = call_item::stages(item);
            frames.push_within(&format!("{begin}.completed"), index, item, "");
        }
        self.end_item(index, frames);
    }

    /// More of the answer. The item begins with the first of it.
    fn answer(&mut self, text: &str, frames: &mut Frames) {
        let index = self.begin_answer(frames);
        if text.is_empty() {
            return;
        }
        let item = &mut self.output[index];
        let delta = Value::from(text);
        let members = format!(r#","content_index":0,"delta":{delta},"logprobs":[]"#);
        frames.push_within("response.output_text.delta", index, item, &members);
        if let Value::String(whole) = &mut item["content"][0]["text"] {
            whole.push_str(text);
        }
    }

    fn begin_answer(&mut self, frames: &mut Frames) -> usize {
        if let Some(index) = self.answers {
            return index;
        }
        self.end_thoughts(frames);
        let item = json!({"type": "message", "id": self.id("msg"), "status": "in_progress", "role": "assistant", "content": []});
        let index = self.add(item, frames);
        self.answers = Some(index);
        let part = json!({"type": "output_text", "text": "", "annotations": [], "logprobs": []});
        let item = &mut self.output[index];
        let members = format!(r#","content_index":0,"part":{part}"#);
        frames.push_within("response.content_part.added", index, item, &members);
        item["content"] = json!([part]);
        index
    }

    /// The answer stands: what it rests on.
    fn cite(&mut self, cited: &Cited, frames: &mut Frames) {
        self.answer(&cited.links, frames);
        let Some(index) = self.answers else {
            return;
        };
        let item = &mut self.output[index];
        let annotations: Vec<_> = cited.citations.iter().map(annotation).collect();
        for (at, annotation) in annotations.iter().enumerate() {
            let members =
                format!(r#","content_index":0,"annotation_index":{at},"annotation":{annotation}"#);
            frames.push_within(
                "response.output_text.annotation.added",
                index,
                item,
                &members,
            );
        }
        item["content"][0]["annotations"] = annotations.into();
    }

    fn end_answer(&mut self, status: &str, frames: &mut Frames) {
        let Some(index) = self.answers.take() else {
            return;
        };
        let item = &mut self.output[index];
        item["status"] = status.into();
        let part = &item["content"][0];
        let text = format!(
            r#","content_index":0,"text":{},"logprobs":[]"#,
            part["text"]
        );
        frames.push_within("response.output_text.done", index, item, &text);
        let part = format!(r#","content_index":0,"part":{part}"#);
        frames.push_within("response.content_part.done", index, item, &part);
        self.end_item(index, frames);
    }

    fn end(&mut self, end: &End, frames: &mut Frames) {
        let status = self.run().map(status).unwrap_or_default();
        self.end_thoughts(frames);
        for (_, index) in std::mem::take(&mut self.calls) {
            self.output[index]["status"] = "incomplete".into();
            self.end_item(index, frames);
        }
        let is_whole = status == "completed";
        let of_answer = if is_whole { "completed" } else { "incomplete" };
        self.end_answer(of_answer, frames);
        if let Err(problem) = &end.as_said {
            let error = crate::sse::failure(problem);
            frames.push("error", &format!(r#""error":{}"#, error["error"]));
        }
        let kind = match status {
            "completed" => "response.completed",
            "failed" => "response.failed",
            // Clients know no end of a stream for what was cancelled; the response says that it was.
            _ => "response.incomplete",
        };
        let object = self.object().unwrap_or_default();
        frames.push_response(kind, &object);
    }
}

/// What a message says, by its place among the items of a run.
pub(crate) fn message_text(events: &[(Seq, Event)], index: usize) -> Option<String> {
    let (mut fold, mut frames) = (Fold::default(), Frames::from(u64::MAX));
    for (seq, event) in events {
        for piece in fold.telling.take_stored(*seq, event) {
            fold.tell(piece, &mut frames);
        }
    }
    let text = fold.output.get(index)?.pointer("/content/0/text")?;
    text.as_str().map(str::to_owned)
}

fn annotation(citation: &Citation) -> Value {
    json!({
        "type": "url_citation",
        "start_index": citation.start,
        "end_index": citation.end,
        "url": citation.source.url,
        "title": citation.source.title,
    })
}
