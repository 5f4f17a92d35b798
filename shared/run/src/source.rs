//! Pages on which an answer may rest.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A page that the run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub title: String,
    pub url: String,
}

impl Source {
    /// A page as a tool lists it, where it is one of the web.
    pub(crate) fn read(listed: &Value) -> Option<Self> {
        let source = Self::deserialize(listed).ok()?;
        let schemes = ["https://", "http://"];
        let is_of_web = schemes.iter().any(|scheme| source.url.starts_with(scheme));
        is_of_web.then_some(source)
    }
}
