//! What a server takes of a request, as its refusals have told, and the request made so.
//!
//! Model, messages and tools are never left out; they are put in other words.

mod names;
mod styles;
mod tools;

use std::borrow::Cow;
use std::collections::BTreeSet;

use names::{Aliases, Names};
use serde_json::Value;
use tools::{reduced, shorten_description};

use run::AnswerSchema;

use crate::prompt::{NamedSchema, Offers, Prompt};
use crate::request::{CallForm, ChatMessage, ChatRequest};
use crate::request::{
    MAX_COMPLETION_TOKENS, MAX_TOKENS, OPTIONAL, RESPONSE_FORMAT, STREAM_OPTIONS, TEMPERATURE,
};
use crate::request_body::Body;
use crate::restriction::{RequestStyle, Restriction};

/// A server that refuses a temperature of 0 takes one that is next to it.
const NEXT_TO_ZERO: f64 = 0.01;
/// A limit below this is none of the reply's, in tokens.
const SHORTEST_REPLY: u32 = 16;
/// Nor of a description's, in characters.
const SHORTEST_DESCRIPTION: u32 = 64;

/// What a server takes of a request. By default all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestProfile {
    /// Fields of the request that it refuses.
    omitted: BTreeSet<String>,
    /// Keywords that it refuses in the descriptions of tools.
    tool_keys: BTreeSet<String>,
    /// Names that it does not take for tools.
    tool_names: BTreeSet<String>,
    styles: BTreeSet<RequestStyle>,
    /// The longest reply that may be asked for, in tokens.
    reply_tokens: Option<u32>,
    /// The longest description of a tool, in characters.
    description_chars: Option<u32>,
    /// The highest temperature that it has refused of those below 1, and the lowest above.
    refused_low: Option<f64>,
    refused_high: Option<f64>,
}

impl RequestProfile {
    /// Takes in what a refusal of `request` has told, and names what is new about it; `None` where nothing in the request could
    /// be changed for it.
    pub fn learn(&mut self, restriction: &Restriction, request: &ChatRequest) -> Option<String> {
        let mut changed = self.clone();
        let name = changed.take(restriction, request)?;
        if written(request, &changed) == written(request, self) {
            return None;
        }
        *self = changed;
        Some(name)
    }

    /// Whether a request is the same to a server of this profile and to one of another.
    pub fn are_equal_for(&self, others: &Self, request: &ChatRequest) -> bool {
        self == others || written(request, self) == written(request, others)
    }

    /// The longest reply that the server is asked for, in tokens, where it takes a limit.
    pub fn reply_limit(&self, request: &ChatRequest) -> Option<u32> {
        self.reply_tokens(request).map(|(_, tokens)| tokens)
    }

    fn take(&mut self, restriction: &Restriction, request: &ChatRequest) -> Option<String> {
        match restriction {
            Restriction::Without(names) => self.do_without(names, request),
            Restriction::OtherToolNames(names) => {
                self.tool_names.extend(names.iter().cloned());
                Some("tools.name".to_owned())
            }
            Restriction::ShorterReply(named) => {
                let (field, sent) = self.reply_tokens(request)?;
                let shorter = named
                    .iter()
                    .filter(|tokens| (SHORTEST_REPLY..sent).contains(tokens));
                self.reply_tokens = Some(*shorter.max()?);
                Some(field.to_owned())
            }
            Restriction::ShorterDescriptions(named) => {
                let known = self.description_chars.unwrap_or(u32::MAX);
                let shorter = named
                    .iter()
                    .filter(|chars| (SHORTEST_DESCRIPTION..known).contains(chars));
                self.description_chars = Some(*shorter.min()?);
                Some("tools.description".to_owned())
            }
            Restriction::OtherTemperature => {
                let sent = self.temperature(request)?;
                if sent > 1.0 {
                    self.refused_high = Some(sent);
                } else if sent < 1.0 {
                    self.refused_low = Some(sent);
                } else {
                    self.omitted.insert(TEMPERATURE.to_owned());
                }
                Some(TEMPERATURE.to_owned())
            }
            // Who refuses both forms of a schema takes none.
            Restriction::Another(RequestStyle::SchemaOfObject)
                if self.styles.contains(&RequestStyle::SchemaOfObject) =>
            {
                self.do_without(&[RESPONSE_FORMAT.to_owned()], request)
            }
            Restriction::Another(style) => {
                self.styles.insert(*style);
                Some(style.as_str().to_owned())
            }
        }
    }

    /// Of the request's fields only the first that is named is left out: others may be named as what to send in its place.
    fn do_without(&mut self, names: &[String], request: &ChatRequest) -> Option<String> {
        let is_sent = |name: &&String| match name.as_str() {
            TEMPERATURE => self.temperature(request).is_some(),
            RESPONSE_FORMAT => matches!(
                self.offers(request),
                Offers::Schema(_) | Offers::ObjectOf(_)
            ),
            STREAM_OPTIONS => self.streams() && !self.omits(STREAM_OPTIONS),
            other => self
                .reply_tokens(request)
                .is_some_and(|(field, _)| field == other),
        };
        let optional = |name: &&String| OPTIONAL.contains(&name.as_str());
        if let Some(name) = names.iter().filter(optional).find(is_sent) {
            self.omitted.insert(name.clone());
            return Some(name.clone());
        }
        let mut used = BTreeSet::new();
        for tool in &request.tools {
            let _ = reduced(tool, &names.iter().cloned().collect(), &mut used);
        }
        let first = used.difference(&self.tool_keys).next()?.clone();
        self.tool_keys.append(&mut used);
        Some(first)
    }

    /// Whether replies may be asked for by a schema.
    pub fn takes_schema(&self) -> bool {
        !self.omits(RESPONSE_FORMAT)
    }

    /// The request as this server takes it.
    pub(crate) fn body<'a>(&self, request: &'a ChatRequest, model: &'a str) -> Body<'a> {
        Body {
            model,
            prompt: self.prompt(request),
            temperature: self.temperature(request),
            reply_tokens: self.reply_tokens(request),
            is_streamed: self.streams(),
            includes_usage: !self.omits(STREAM_OPTIONS),
            others: &request.overrides.fields,
        }
    }

    /// What the model reads of it.
    pub fn prompt<'a>(&self, request: &'a ChatRequest) -> Prompt<'a> {
        Prompt {
            messages: self.messages(&request.messages, &request.aliases),
            offers: self.offers(request),
        }
    }

    fn offers<'a>(&self, request: &'a ChatRequest) -> Offers<'a> {
        match &request.calls {
            CallForm::Native if request.tools.is_empty() => {
                let schema = request.answer_schema.as_deref();
                match schema.filter(|_| self.takes_schema()) {
                    Some(AnswerSchema { schema, strict }) => self.schema("answer", *strict, schema),
                    None => Offers::Nothing,
                }
            }
            CallForm::Native => Offers::Tools(self.tools(&request.tools, &request.aliases)),
            CallForm::Schema(decision) if self.takes_schema() => {
                self.schema("decision", true, &decision.schema)
            }
            CallForm::Schema(_) | CallForm::Text => Offers::Nothing,
        }
    }

    fn schema<'a>(&self, name: &'static str, strict: bool, schema: &'a Value) -> Offers<'a> {
        if self.styles.contains(&RequestStyle::SchemaOfObject) {
            return Offers::ObjectOf(schema);
        }
        Offers::Schema(NamedSchema {
            name,
            strict,
            schema,
        })
    }

    pub(crate) fn omits(&self, field: &str) -> bool {
        self.omitted.contains(field)
    }

    /// Whether replies are asked for as streams.
    pub fn streams(&self) -> bool {
        !self.styles.contains(&RequestStyle::Unstreamed)
    }

    pub(crate) fn temperature(&self, request: &ChatRequest) -> Option<f64> {
        let overrides = &request.overrides;
        let asked = overrides.temperature.or(request.temperature)?;
        if self.omits(TEMPERATURE) || overrides.omits(TEMPERATURE) {
            return None;
        }
        if self.refused_high.is_some_and(|refused| asked >= refused) {
            return None;
        }
        match self.refused_low {
            Some(refused) if refused < NEXT_TO_ZERO && asked <= refused => Some(NEXT_TO_ZERO),
            Some(refused) if asked <= refused => None,
            Some(_) | None => Some(asked),
        }
    }

    /// The field that says how long a reply may be, and the number in it.
    pub(crate) fn reply_tokens(&self, request: &ChatRequest) -> Option<(&'static str, u32)> {
        let most = self.reply_tokens.unwrap_or(u32::MAX);
        let tokens = request.max_tokens?.min(most);
        let mut names = [MAX_TOKENS, MAX_COMPLETION_TOKENS].into_iter();
        let is_sent = |name: &&str| !self.omits(name) && !request.overrides.omits(name);
        Some((names.find(is_sent)?, tokens))
    }

    pub(crate) fn tools<'a>(&self, tools: &'a [Value], aliases: &Aliases) -> Cow<'a, [Value]> {
        let is_plain = self.tool_keys.is_empty() && self.tool_names.is_empty();
        if is_plain && self.description_chars.is_none() {
            return Cow::Borrowed(tools);
        }
        let fitted = |tool| {
            let mut tool = reduced(tool, &self.tool_keys, &mut BTreeSet::new());
            if let Some(chars) = self.description_chars {
                shorten_description(&mut tool, chars as usize);
            }
            self.names(aliases).rename_tool(&mut tool);
            tool
        };
        Cow::Owned(tools.iter().map(fitted).collect())
    }

    pub(crate) fn messages<'a>(
        &self,
        messages: &'a [ChatMessage],
        aliases: &Aliases,
    ) -> Cow<'a, [ChatMessage]> {
        let in_messages = |style: &RequestStyle| {
            !matches!(
                style,
                RequestStyle::Unstreamed | RequestStyle::SchemaOfObject
            )
        };
        if self.tool_names.is_empty() && !self.styles.iter().any(in_messages) {
            return Cow::Borrowed(messages);
        }
        let mut values: Vec<_> = messages.iter().map(ChatMessage::value).collect();
        self.names(aliases).rename_calls(&mut values);
        for style in &self.styles {
            style.apply(&mut values);
        }
        Cow::Owned(values.into_iter().map(ChatMessage::from).collect())
    }

    const fn names<'a>(&'a self, aliases: &'a Aliases) -> Names<'a> {
        Names {
            refused: &self.tool_names,
            aliases,
        }
    }
}

fn written(request: &ChatRequest, profile: &RequestProfile) -> Option<Vec<u8>> {
    serde_json::to_vec(&profile.body(request, "")).ok()
}

#[cfg(test)]
mod tests;
