//! What a model reads of a request, and the mark of it that stands in a run's log.

use std::borrow::Cow;

use run::PromptDigest;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::request::{ChatMessage, RESPONSE_FORMAT};

/// The part of a request that a model reads, in the form in which its server is sent it: `messages`, and `tools` or `response_format`.
pub struct Prompt<'a> {
    pub(crate) messages: Cow<'a, [ChatMessage]>,
    pub(crate) offers: Offers<'a>,
}

/// What calls are made from. Servers that get tools and a schema together forget one of them.
pub(crate) enum Offers<'a> {
    Nothing,
    Tools(Cow<'a, [Value]>),
    /// A schema under `json_schema`, with a name.
    Schema(NamedSchema<'a>),
    /// One under `schema` beside the type `json_object`, as `llama-cpp-python` and some gateways have it.
    ObjectOf(&'a Value),
}

#[derive(serde::Serialize)]
struct ObjectFormat<'a> {
    r#type: &'static str,
    schema: &'a Value,
}

#[derive(serde::Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: &'a NamedSchema<'a>,
}

/// A schema that a reply has to fit.
#[derive(serde::Serialize)]
pub(crate) struct NamedSchema<'a> {
    pub(crate) name: &'static str,
    pub(crate) strict: bool,
    pub(crate) schema: &'a Value,
}

impl Prompt<'_> {
    /// Its mark: equal prompts have equal ones, and no two others are likely to.
    pub fn digest(&self) -> PromptDigest {
        // One that cannot be written cannot be sent either.
        let written = serde_json::to_vec(self).unwrap_or_default();
        let hash = Sha256::digest(written);
        let first = hash.first_chunk().copied().unwrap_or_default();
        PromptDigest(u64::from_be_bytes(first))
    }

    /// Its fields, as fields of a request.
    pub(crate) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("messages", &self.messages)?;
        match &self.offers {
            Offers::Nothing => Ok(()),
            Offers::Tools(tools) => map.serialize_entry("tools", tools),
            Offers::Schema(json_schema) => {
                let r#type = "json_schema";
                let format = ResponseFormat {
                    r#type,
                    json_schema,
                };
                map.serialize_entry(RESPONSE_FORMAT, &format)
            }
            Offers::ObjectOf(schema) => {
                let r#type = "json_object";
                map.serialize_entry(RESPONSE_FORMAT, &ObjectFormat { r#type, schema })
            }
        }
    }
}

impl Serialize for Prompt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use serde_json::json;

    use crate::{CallForm, ChatRequest, Overrides, RequestProfile};

    fn request() -> ChatRequest {
        ChatRequest {
            messages: vec![json!({"role": "user", "content": "How many?"}).into()],
            tools: vec![json!({"type": "function", "function": {"name": "search"}})],
            temperature: Some(0.7),
            max_tokens: Some(100),
            ..ChatRequest::default()
        }
    }

    #[test]
    fn a_prompt_is_what_the_request_holds_of_it_and_nothing_else() {
        let profile = RequestProfile::default();
        let request = request();
        let prompt = serde_json::to_value(profile.prompt(&request)).unwrap();
        assert_eq!(
            prompt,
            json!({
                "messages": [{"role": "user", "content": "How many?"}],
                "tools": [{"type": "function", "function": {"name": "search"}}],
            })
        );
        let sent = serde_json::to_value(profile.body(&request, "qwen")).unwrap();
        for (field, value) in prompt.as_object().unwrap() {
            assert_eq!(&sent[field], value);
        }
    }

    #[test]
    fn another_prompt_has_another_mark_and_the_same_one_the_same_however_a_reply_is_asked_for() {
        let digest = |request: &ChatRequest| RequestProfile::default().prompt(request).digest();
        let same = [
            request(),
            ChatRequest {
                temperature: None,
                max_tokens: Some(7),
                ..request()
            },
            ChatRequest {
                overrides: Arc::new(Overrides::read(json!({"top_k": 20}).as_object().unwrap())),
                ..request()
            },
        ];
        assert!(same.iter().all(|it| digest(it) == digest(&request())));
        let others = [
            request(),
            ChatRequest {
                messages: vec![json!({"role": "user", "content": "How many."}).into()],
                ..request()
            },
            ChatRequest {
                messages: Vec::new(),
                ..request()
            },
            ChatRequest {
                tools: Vec::new(),
                ..request()
            },
            ChatRequest {
                calls: CallForm::Text,
                ..request()
            },
        ];
        let marks: BTreeSet<_> = others.iter().map(|it| digest(it).0).collect();
        // Whoever has no tools and whoever is told of them in words is sent the same fields.
        assert_eq!(marks.len(), others.len() - 1);
    }
}
