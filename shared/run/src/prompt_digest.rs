//! The mark of a prompt in the log: it shows whether a prompt that is rendered again is the one that a model was sent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The first eight bytes of the SHA-256 of a prompt; 16 hexadecimal digits in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptDigest(pub u64);

impl fmt::Display for PromptDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for PromptDigest {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

impl Serialize for PromptDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PromptDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_with_16_digits_and_read_again() {
        for (digest, text) in [
            (0, "0000000000000000"),
            (0xab, "00000000000000ab"),
            (u64::MAX, "ffffffffffffffff"),
        ] {
            let digest = PromptDigest(digest);
            assert_eq!(serde_json::to_value(digest).unwrap(), text);
            assert_eq!(
                serde_json::from_value::<PromptDigest>(text.into()).unwrap(),
                digest
            );
        }
        assert!(serde_json::from_value::<PromptDigest>("none".into()).is_err());
    }
}
