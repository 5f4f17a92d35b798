//! What a model says, as a text or in parts.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lenient::Text;

/// What a model says: text, and the thinking that some servers send as parts of it.
#[derive(Debug, Default)]
pub(crate) struct ContentParts<'a> {
    pub(crate) text: Cow<'a, str>,
    thought: Option<Box<str>>,
}

impl<'a> ContentParts<'a> {
    fn new(text: Cow<'a, str>, thought: String) -> Self {
        let thought = Some(thought).filter(|thought| !thought.is_empty());
        Self {
            text,
            thought: thought.map(String::into_boxed_str),
        }
    }

    #[inline]
    pub(crate) fn thought(&self) -> &str {
        self.thought.as_deref().unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ContentParts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentPartsVisitor)
    }
}

struct ContentPartsVisitor;

impl<'de> Visitor<'de> for ContentPartsVisitor {
    type Value = ContentParts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or parts of one")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(ContentParts {
            text: Cow::Borrowed(text),
            thought: None,
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(ContentParts {
            text: Cow::Owned(text.to_owned()),
            thought: None,
        })
    }

    /// Some gateways read each piece of text as JSON: numbers and truth values are pieces that happened to be some.
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.visit_str(&value.to_string())
    }

    /// How a float is written is lost in reading it: it is read as the text that it is by [`super::frame_repair`].
    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(E::custom("a float in place of a text"))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(ContentParts::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let (mut text, mut thought) = (String::new(), String::new());
        while let Some(part) = parts.next_element::<ContentParts<'de>>()? {
            text.push_str(&part.text);
            thought.push_str(part.thought());
        }
        Ok(ContentParts::new(Cow::Owned(text), thought))
    }

    /// One part: `{"type": "text", "text": "…"}`, or `{"type": "thinking", "thinking": …}` as Mistral and Anthropic write it.
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut text, mut thought, mut is_thought) = (Cow::Borrowed(""), String::new(), false);
        while let Some(Text(field)) = fields.next_key()? {
            match &*field {
                "type" => {
                    let kind = fields.next_value::<Text<'de>>()?;
                    is_thought =
                        ["thinking", "reasoning", "reasoning_text"].contains(&kind.as_str());
                }
                "text" => text = fields.next_value::<Text<'de>>()?.0,
                "thinking" | "reasoning" => {
                    thought.push_str(fields.next_value::<Text<'de>>()?.as_str());
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        if is_thought {
            thought.push_str(&std::mem::take(&mut text));
        }
        Ok(ContentParts::new(text, thought))
    }
}
