//! The body of a request, as it is sent.

use serde::Serialize;
use serde::ser::SerializeMap as _;
use serde_json::{Map, Value};

use crate::prompt::Prompt;
use crate::request::{STREAM_OPTIONS, TEMPERATURE};

/// A request as one server takes it.
pub(crate) struct Body<'a> {
    pub(crate) model: &'a str,
    pub(crate) prompt: Prompt<'a>,
    pub(crate) temperature: Option<f64>,
    /// The field that says how long the reply may be, and the number in it.
    pub(crate) reply_tokens: Option<(&'static str, u32)>,
    pub(crate) is_streamed: bool,
    /// Whether a stream is to tell its tokens.
    pub(crate) includes_usage: bool,
    /// Further fields.
    pub(crate) others: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl Serialize for Body<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", self.model)?;
        self.prompt.write(&mut map)?;
        if let Some(temperature) = self.temperature {
            map.serialize_entry(TEMPERATURE, &temperature)?;
        }
        if let Some((field, tokens)) = self.reply_tokens {
            map.serialize_entry(field, &tokens)?;
        }
        map.serialize_entry("stream", &self.is_streamed)?;
        if self.is_streamed && self.includes_usage {
            let options = StreamOptions {
                include_usage: true,
            };
            map.serialize_entry(STREAM_OPTIONS, &options)?;
        }
        for (field, value) in self.others {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}
