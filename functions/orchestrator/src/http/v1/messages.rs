//! A conversation in OpenAI's form, read as a question, the turns before it, and instructions.

use run::EarlierTurn;
use serde_json::{Map, Value};

use super::super::ApiError;
use super::super::start_request::MAX_QUERY_CHARS;

/// Longest instructions, in characters: system texts of chat pages are longer than what a person writes.
pub(super) const MAX_INSTRUCTIONS_CHARS: usize = 16_000;
/// Between texts of one kind.
const BETWEEN: &str = "\n\n";
/// The question of an answer that none stands before.
pub(super) const NO_QUESTION: &str = "(no question stands before this)";

/// What is asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Conversation {
    pub(super) question: String,
    /// Oldest first.
    pub(super) turns: Vec<EarlierTurn>,
    pub(super) instructions: Option<String>,
}

/// One message, as text.
pub(super) struct Message {
    pub(super) role: Role,
    pub(super) text: String,
    /// Where the text stands.
    path: String,
    /// Parts that are no text, by their path and their type.
    unread: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    System,
    User,
    Assistant,
    Tool,
}

/// Refuses a conversation without a message of the user.
pub(super) fn check_asked(field: &str, messages: &[Message]) -> Result<(), ApiError> {
    if messages.iter().any(|message| message.role == Role::User) {
        Ok(())
    } else {
        Err(wrong(field, "must hold a message of the role user"))
    }
}

fn question(message: &Message) -> Result<String, ApiError> {
    let path = &*message.path;
    if let Some((path, kind)) = message.unread.first() {
        return Err(wrong(
            path,
            &format!("must be text: parts of the type `{kind}` are not read by this service"),
        ));
    }
    let chars = message.text.chars().count();
    if chars > MAX_QUERY_CHARS {
        let message = format!(
            "must have at most {MAX_QUERY_CHARS} characters, got {chars}: a chat page that puts documents into the question has to put in less"
        );
        return Err(wrong(path, &message));
    }
    if message.text.trim().is_empty() {
        return Err(wrong(path, "must not be empty or blank"));
    }
    Ok(message.text.clone())
}

impl Conversation {
    /// The last message of the user is the question; what was said or done since is a turn before it.
    /// `field` is where the messages stand, and `instructions` those that stand beside them.
    pub(super) fn of(
        field: &str,
        messages: &[Message],
        instructions: Option<String>,
    ) -> Result<Self, ApiError> {
        let asked = messages.iter().rposition(|it| it.role == Role::User);
        let asked = asked.unwrap_or_default();
        let mut conversation = Self {
            question: question(&messages[asked])?,
            turns: Vec::new(),
            instructions,
        };
        for (at, message) in messages.iter().enumerate() {
            if at == asked && !messages[at..].iter().any(Message::is_answer) {
                continue;
            }
            conversation.add(message);
        }
        let instructions = conversation.instructions.as_deref().unwrap_or_default();
        let chars = instructions.chars().count();
        if chars > MAX_INSTRUCTIONS_CHARS {
            let message = format!(
                "must have at most {MAX_INSTRUCTIONS_CHARS} characters in all of its system and developer texts, got {chars}"
            );
            return Err(wrong(field, &message));
        }
        Ok(conversation)
    }

    fn add(&mut self, message: &Message) {
        let text = message.told();
        if text.trim().is_empty() {
            return;
        }
        match message.role {
            Role::System => join(self.instructions.get_or_insert_default(), &text),
            Role::User => match self.turns.last_mut() {
                // Several messages of the user are one question.
                Some(turn) if turn.answer.is_none() => join(&mut turn.query, &text),
                Some(_) | None => self.turns.push(EarlierTurn {
                    query: text,
                    answer: None,
                }),
            },
            Role::Assistant | Role::Tool => {
                if self.turns.is_empty() {
                    self.turns.push(EarlierTurn {
                        query: NO_QUESTION.to_owned(),
                        answer: None,
                    });
                }
                if let Some(turn) = self.turns.last_mut() {
                    join(turn.answer.get_or_insert_default(), &text);
                }
            }
        }
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str(BETWEEN);
    }
    text.push_str(more);
}

impl Message {
    fn is_answer(&self) -> bool {
        matches!(self.role, Role::Assistant | Role::Tool) && !self.text.trim().is_empty()
    }

    /// Its text, with a note for each part that is none.
    pub(super) fn told(&self) -> String {
        let mut text = self.text.clone();
        for (_, kind) in &self.unread {
            join(&mut text, &format!("({kind}: not read)"));
        }
        text
    }

    pub(super) const fn new(role: Role, text: String, path: String) -> Self {
        Self {
            role,
            text,
            path,
            unread: Vec::new(),
        }
    }

    pub(super) fn read(path: &str, message: &Value) -> Result<Self, ApiError> {
        let message = message
            .as_object()
            .ok_or_else(|| wrong(path, "must be an object"))?;
        let role = message.get("role").and_then(Value::as_str);
        let role = match role {
            Some("system" | "developer") => Role::System,
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("tool" | "function") => Role::Tool,
            Some(_) | None => {
                return Err(wrong(
                    &format!("{path}.role"),
                    "must be one of developer, system, user, assistant, tool, function",
                ));
            }
        };
        let mut read = Self::new(role, String::new(), format!("{path}.content"));
        read.add_content(message.get("content").unwrap_or(&Value::Null))?;
        if role == Role::Assistant {
            for call in calls(message) {
                join(&mut read.text, &call);
            }
        }
        read.mark_returned();
        Ok(read)
    }

    /// What a tool of the caller's has returned.
    pub(super) fn returned(path: String, output: &Value) -> Result<Self, ApiError> {
        let mut read = Self::new(Role::Tool, String::new(), path);
        read.add_content(output)?;
        read.mark_returned();
        Ok(read)
    }

    fn mark_returned(&mut self) {
        if self.role == Role::Tool && !self.text.is_empty() {
            self.text.insert_str(0, "(a tool returned) ");
        }
    }

    fn add_content(&mut self, content: &Value) -> Result<(), ApiError> {
        match content {
            Value::Null => Ok(()),
            Value::String(text) => {
                self.text.push_str(text);
                Ok(())
            }
            Value::Array(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    self.add_part(&format!("{}[{at}]", self.path), part)?;
                }
                Ok(())
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                Err(wrong(&self.path, "must be a text or a list of parts"))
            }
        }
    }

    fn add_part(&mut self, path: &str, part: &Value) -> Result<(), ApiError> {
        let text = match part {
            Value::String(text) => Some(&**text),
            part => ["text", "refusal"]
                .into_iter()
                .find_map(|field| part.get(field)?.as_str()),
        };
        match (text, part.get("type").and_then(Value::as_str)) {
            (Some(text), _) => join(&mut self.text, text),
            (None, Some(kind)) => self.unread.push((path.to_owned(), kind.to_owned())),
            (None, None) => return Err(wrong(path, "must be a part with a type and a text")),
        }
        Ok(())
    }
}

/// Calls that a model made in an earlier turn, of tools that the caller has.
fn calls(message: &Map<String, Value>) -> impl Iterator<Item = String> {
    let several = message.get("tool_calls").and_then(Value::as_array);
    let functions = several
        .into_iter()
        .flatten()
        .filter_map(|call| call.get("function"));
    functions
        .chain(message.get("function_call"))
        .filter_map(|function| {
            let name = function.get("name")?.as_str()?;
            let arguments = function
                .get("arguments")
                .and_then(Value::as_str)
                .unwrap_or("");
            Some(called(name, arguments))
        })
}

/// A call, as it stands in a turn.
pub(super) fn called(name: &str, arguments: &str) -> String {
    format!("(called the tool {name}: {arguments})")
}

pub(super) fn wrong(path: &str, problem: &str) -> ApiError {
    ApiError::invalid_field(path, format!("{path} {problem}"))
}
