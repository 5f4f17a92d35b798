//! Names of things in a run. They are parsed once, at the edge; the code behind it passes no bare strings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use ulid::Ulid;

/// A run's name: a ULID, so that names sort by the time of their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Ulid);

impl RunId {
    /// Builds an id from the time of the start (milliseconds since 1970) and 80 random bits.
    pub const fn from_parts(at_ms: u64, random: u128) -> Self {
        Self(Ulid::from_parts(at_ms, random))
    }

    /// When the run was started, in milliseconds since 1970.
    pub const fn at_ms(self) -> u64 {
        self.0.timestamp_ms()
    }

    /// The id as the number that it is.
    pub const fn number(self) -> u128 {
        self.0.0
    }
}

/// A text that is no valid id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct MalformedId(&'static str);

impl FromStr for RunId {
    type Err = MalformedId;

    /// Accepts exactly the canonical form, so that one run has one address.
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let id = Ulid::from_string(text).map_err(|_| MalformedId("run id"))?;
        if id.to_string() == text {
            Ok(Self(id))
        } else {
            Err(MalformedId("run id"))
        }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Position of an event in its run's log: 1, 2, 3, … without a gap.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One call of a run: the orchestrator's own call of a round, or a tool call by its place in the round.
///
/// Written `r2.orchestrator` and `r2.1`; rounds and places count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallId {
    Orchestrator { round: u32 },
    Tool { round: u32, index: u32 },
}

impl CallId {
    pub const fn round(self) -> u32 {
        match self {
            Self::Orchestrator { round } | Self::Tool { round, .. } => round,
        }
    }
}

impl CallId {
    /// Its place among the calls of its round, from 1; 0 is the orchestrator's own.
    pub const fn index(self) -> u32 {
        match self {
            Self::Orchestrator { .. } => 0,
            Self::Tool { index, .. } => index,
        }
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orchestrator { round } => write!(f, "r{round}.orchestrator"),
            Self::Tool { round, index } => write!(f, "r{round}.{index}"),
        }
    }
}

impl FromStr for CallId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let parse = || {
            let (round, place) = text.strip_prefix('r')?.split_once('.')?;
            let round = round.parse().ok()?;
            Some(match place {
                "orchestrator" => Self::Orchestrator { round },
                index => Self::Tool {
                    round,
                    index: index.parse().ok()?,
                },
            })
        };
        parse().ok_or(MalformedId("call id"))
    }
}

/// A number that rises with each takeover of a run; a lower one may no longer act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

macro_rules! text_by_display {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}
text_by_display!(RunId, CallId);

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
name!(
    /// A tool's name as the orchestrator calls it. It need not exist: models invent names.
    ToolName
);
name!(
    /// The owner of a run. For all others the run does not exist.
    Owner
);
name!(
    /// A model's id in the catalogue (`qwen`), not its name on its server.
    ModelId
);

impl Owner {
    /// The owner of what is asked with the one key of an environment (`default`), or on a laptop without any (`local`). It is stored under
    /// this name since versions that knew no other owner.
    pub const UNNAMED: &str = "anonymous";

    /// [`Self::UNNAMED`], as an owner.
    pub fn unnamed() -> Self {
        Self::new(Self::UNNAMED)
    }
}
