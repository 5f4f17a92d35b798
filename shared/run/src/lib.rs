//! The pure core: a run is an append-only log of events, everything else is a fold over it.
//!
//! [`Run`] is the fold. [`decide`] is the loop: it takes what happened and says what to do next. This crate refuses IO:
//! no runtime, no HTTP, no AWS, no clock, no randomness; time and ids come in with the input.

mod answer_schema;
mod artifact;
mod asked_by;
mod attempt;
mod by_key;
mod call;
mod call_end;
mod chain;
mod command;
mod composition;
mod decide;
mod event;
mod fold;
mod hex;
mod ids;
mod input;
mod json;
mod limits;
mod listed_tool;
mod live;
mod money;
mod outcome;
mod prompt_digest;
mod propose;
mod request;
mod reservation;
mod source;
mod spent;
mod start;
mod status;
mod told_of_model;
mod update;

pub use answer_schema::{AnswerSchema, InvalidAnswer, answer_json};
pub use artifact::{ARTIFACTS, ArtifactEntry, ToolObject};
pub use asked_by::AskedBy;
pub use attempt::{Attempt, Attempts};
pub use by_key::by_key;
pub use call::{Call, CallSpec, Origin, Role};
pub use call_end::{CallEnd, Reply, Restart};
pub use chain::{Chain, ChainedCall, Otherwise, Take};
pub use command::{Command, StopReason};
pub use composition::{Composition, Discussion, Stage};
pub use decide::{State, decide};
pub use event::{Delta, Event, Problem, RunError, Thought, ToolCall, ToolResult};
pub use fold::{CallState, Decision, FilesOf, Phase, Round, Run, Step, Streamed, Summary, Tally};
pub use hex::hex;
pub use ids::{CallId, Epoch, MalformedId, ModelId, Owner, RunId, Seq, ToolName};
pub use input::{Input, Takeover};
pub use json::{is_within_levels, json_bytes};
pub use limits::{
    CHUNK_BYTES, FLUSH_AFTER_MS, MAX_ANSWER_SCHEMA_BYTES, MAX_CALLS_PER_ROUND,
    MAX_INVALID_ANSWER_BYTES, MAX_JSON_LEVELS, MAX_LISTED_BYTES, MAX_PRIOR_BYTES, MAX_RECOVERIES,
    MAX_SOURCES, MAX_TEXT_BYTES, MAX_TOLD_BYTES, POLL_AFTER_MS, RUN_TIME_LIMIT_MS,
};
pub use listed_tool::{ListedTool, ToldOfTool};
pub use money::Cost;
pub use outcome::{CallError, INVALID_ANSWER, Outcome};
pub use prompt_digest::PromptDigest;
pub use request::{Mode, Preferences, Priority, Request, ToolFilter};
pub use reservation::{Quote, Reservation};
pub use source::Source;
pub use spent::{Spent, Usage};
pub use start::{Allowance, EarlierTurn, Fallback, Plan, Prior, Start};
pub use status::Status;
pub use told_of_model::ToldOfModel;
pub use update::Update;
