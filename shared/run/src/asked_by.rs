//! How a model is asked for its decision.

use serde::{Deserialize, Serialize};

/// How a model is asked for calls of tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// The tools stand in their own field of the request, and calls in theirs of the reply.
    #[default]
    Native,
    /// The tools are described in a message, and the reply is JSON as a schema has it.
    Schema,
    /// The tools are described in a message, and calls are read from the text of the reply.
    Text,
}

impl AskedBy {
    /// Its name in the log, on the wire and in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Schema => "schema",
            Self::Text => "text",
        }
    }

    pub const fn is_native(&self) -> bool {
        matches!(self, Self::Native)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_one_name_wherever_it_is_written_and_only_tools_in_their_own_field_are_native() {
        for (it, name) in [
            (AskedBy::Native, "native"),
            (AskedBy::Schema, "schema"),
            (AskedBy::Text, "text"),
        ] {
            assert_eq!(it.as_str(), name);
            assert_eq!(serde_json::to_value(it).unwrap(), name);
            assert_eq!(it.is_native(), name == "native");
        }
    }
}
