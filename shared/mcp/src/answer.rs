//! What a tool has given, as the result of a call: one JSON object, and files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use run::{MAX_JSON_LEVELS, is_within_levels};
use serde_json::{Map, Value, json};
use tool::{File, is_plain_name};

/// Links that are shown, and longest text of one, in characters.
const MAX_LINKS: usize = 50;
const MAX_LINK_CHARS: usize = 500;
/// Parts of an answer that are read.
const MAX_PARTS: usize = 1_000;
/// Longest question of a server that is told, in characters.
const MAX_ASKED_CHARS: usize = 500;

/// What a call came to, as far as the server tells it.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    Done(Answer),
    /// The tool did not do what it was asked, for a reason that the model is told.
    Failed {
        code: &'static str,
        message: String,
    },
}

/// What a tool has given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The structured result itself, where there is nothing else to show; else its parts by name.
    pub result: Map<String, Value>,
    /// The structured result, to be held against what the server says of it.
    pub structured: Option<Value>,
    pub files: Vec<File>,
}

/// The parts of an answer.
#[derive(Default)]
struct Parts {
    texts: Vec<String>,
    links: Vec<Value>,
    files: Vec<File>,
    notes: Vec<String>,
}

/// Reads an answer.
pub(crate) fn read(answer: Value) -> Answered {
    match answer.get("resultType").and_then(Value::as_str) {
        Some("input_required") => return asks(&answer),
        Some("task") => {
            return failed(
                "task_unsupported",
                "The tool answers with a task that has to be asked for later, which this service does not do.",
            );
        }
        Some(_) | None => {}
    }
    let is_error = answer.get("isError").and_then(Value::as_bool) == Some(true);
    let structured = answer.get("structuredContent").cloned();
    let mut parts = Parts::default();
    let content = answer.get("content").and_then(Value::as_array);
    let content = content.map(Vec::as_slice).unwrap_or_default();
    for part in content.iter().take(MAX_PARTS) {
        parts.add(part);
    }
    if content.len() > MAX_PARTS {
        let more = content.len() - MAX_PARTS;
        parts
            .notes
            .push(format!("{more} more parts were left out."));
    }
    // A level for the object around it.
    if structured
        .as_ref()
        .is_some_and(|it| !is_within_levels(it, MAX_JSON_LEVELS - 1))
    {
        return failed(
            "bad_response",
            "The tool answered with what is nested too deeply to be kept.",
        );
    }
    if is_error {
        let text = parts.texts.join("\n\n");
        let said = structured.filter(|_| text.is_empty());
        let said = said.map_or(text, |it| it.to_string());
        let none = "The tool failed and gave no reason.".to_owned();
        return failed("tool_error", if said.is_empty() { none } else { said });
    }
    Answered::Done(parts.into_answer(structured))
}

fn failed(code: &'static str, message: impl Into<String>) -> Answered {
    Answered::Failed {
        code,
        message: message.into(),
    }
}

/// A server that wants to know something of a person, of whom there is none in a run.
fn asks(answer: &Value) -> Answered {
    let requests = answer.get("inputRequests").and_then(Value::as_object);
    let asked = requests.into_iter().flat_map(Map::values);
    let asked = asked.filter_map(|request| request.pointer("/params/message")?.as_str());
    let asked: Vec<_> = asked
        .map(|text| shortened(text, MAX_ASKED_CHARS))
        .take(3)
        .collect();
    let asked = if asked.is_empty() {
        String::new()
    } else {
        format!(" It asks: {}", asked.join(" | "))
    };
    failed(
        "input_required",
        format!(
            "The tool needs an answer from a person, and nobody can be asked. Call it with what it needs, or do without.{asked}"
        ),
    )
}

impl Parts {
    fn add(&mut self, part: &Value) {
        let text = |name: &str| part.get(name).and_then(Value::as_str);
        match text("type") {
            Some("text") => self.texts.extend(text("text").map(str::to_owned)),
            Some(kind @ ("image" | "audio")) => {
                let media_type = text("mimeType").unwrap_or_default();
                self.add_file(kind, None, media_type, text("data").unwrap_or_default());
            }
            Some("resource") => self.add_resource(part.get("resource").unwrap_or(&Value::Null)),
            Some("resource_link") => self.add_link(part),
            Some(other) => {
                let other = shortened(other, 40);
                self.notes.push(format!(
                    "A part of the unknown kind `{other}` was left out."
                ));
            }
            None => self
                .notes
                .push("A part without a kind was left out.".to_owned()),
        }
    }

    fn add_resource(&mut self, resource: &Value) {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        let uri = text("uri").unwrap_or_default();
        match (text("text"), text("blob")) {
            (Some(content), _) => self
                .texts
                .push(format!("{}:\n{content}", shortened(uri, MAX_LINK_CHARS))),
            (None, Some(blob)) => {
                let name = uri
                    .rsplit(['/', '\\'])
                    .next()
                    .filter(|name| is_plain_name(name));
                self.add_file("resource", name, text("mimeType").unwrap_or_default(), blob);
            }
            (None, None) => self
                .notes
                .push("A resource without content was left out.".to_owned()),
        }
    }

    fn add_file(&mut self, kind: &str, name: Option<&str>, media_type: &str, encoded: &str) {
        let Ok(data) = STANDARD.decode(encoded.trim()) else {
            self.notes.push(format!(
                "A part of the kind `{kind}` is not in base64, and was left out."
            ));
            return;
        };
        let count = self.files.len() + 1;
        let made = || format!("{kind}-{count}.{}", extension(media_type));
        let name = name.map_or_else(made, str::to_owned);
        let is_taken = self.files.iter().any(|file| file.name == name);
        self.files.push(File {
            name: if is_taken {
                format!("{count}-{name}")
            } else {
                name
            },
            media_type: media_type.to_owned(),
            data,
        });
    }

    fn add_link(&mut self, link: &Value) {
        if self.links.len() == MAX_LINKS {
            return;
        }
        let fields = ["uri", "name", "title", "description", "mimeType"];
        let told = fields.iter().filter_map(|field| {
            let text = link.get(field)?.as_str()?;
            Some(((*field).to_owned(), json!(shortened(text, MAX_LINK_CHARS))))
        });
        self.links.push(Value::Object(told.collect()));
    }

    fn into_answer(self, structured: Option<Value>) -> Answer {
        let text = self.texts.join("\n\n");
        let repeats = structured
            .as_ref()
            .is_some_and(|it| is_repeated(&self.texts, &text, it));
        let is_alone = self.links.is_empty() && self.notes.is_empty();
        let result = match &structured {
            Some(Value::Object(members)) if is_alone && (repeats || text.is_empty()) => {
                members.clone()
            }
            _ => {
                let mut result = Map::new();
                if !text.is_empty() && !repeats || structured.is_none() {
                    result.insert("text".to_owned(), Value::String(text));
                }
                result.extend(structured.clone().map(|it| ("structured".to_owned(), it)));
                if !self.links.is_empty() {
                    result.insert("links".to_owned(), Value::Array(self.links));
                }
                if !self.notes.is_empty() {
                    result.insert("note".to_owned(), Value::String(self.notes.join(" ")));
                }
                result
            }
        };
        Answer {
            result,
            structured,
            files: self.files,
        }
    }
}

/// Whether texts only say again what is structured: as JSON, in one text or a text for each element, or what `FastMCP` puts under `result`.
fn is_repeated(texts: &[String], joined: &str, structured: &Value) -> bool {
    let inner = match structured {
        Value::Object(members) if members.len() == 1 => members.get("result"),
        _ => None,
    };
    let is_same = |value: &Value| {
        let as_json = |text: &str| serde_json::from_str::<Value>(text).ok();
        let is_text = value.as_str() == Some(joined);
        let each = value.as_array().is_some_and(|items| {
            items.len() == texts.len()
                && items.iter().zip(texts).all(|(item, text)| {
                    item.as_str() == Some(text) || as_json(text).as_ref() == Some(item)
                })
        });
        is_text || each || as_json(joined).as_ref() == Some(value)
    };
    is_same(structured) || inner.is_some_and(is_same)
}

fn extension(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        "audio/wav" | "audio/x-wav" => "wav",
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "application/pdf" => "pdf",
        "application/json" => "json",
        "text/plain" => "txt",
        "text/csv" => "csv",
        _ => "bin",
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
