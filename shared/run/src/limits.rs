//! Bounds of a run. Each is checked where the thing is made, and told to the caller by `/api/config` where it concerns them.

/// Text of one call is stored when this much has gathered, in bytes of UTF-8. One item stays far below 400 KB.
pub const CHUNK_BYTES: usize = 16 * 1024;

/// Text waits this long to be stored together, in milliseconds.
pub const FLUSH_AFTER_MS: u64 = 500;

/// A driver that has written nothing for this long polls the log for what others have written, in milliseconds.
pub const POLL_AFTER_MS: u64 = 500;

/// Calls that one round may hold; a model that asks for more is told so.
pub const MAX_CALLS_PER_ROUND: usize = 16;

/// Text, reasoning or arguments that one call of a model may write, each, in bytes of UTF-8: 32,768 tokens at 8 bytes, the largest `max_tokens`.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;

/// Question, answer and sources that a follow-up takes over, each, in bytes of JSON: all of them are in one stored event.
pub const MAX_PRIOR_BYTES: usize = 24 * 1024;

/// The schema of an answer, in bytes of JSON: it stands in the run's first event, and in each question for the answer.
pub const MAX_ANSWER_SCHEMA_BYTES: usize = 64 * 1024;

/// What is kept of an answer that does not fit its schema, in bytes of UTF-8: the model that mends it is shown as much.
pub const MAX_INVALID_ANSWER_BYTES: usize = 16 * 1024;

/// All tools that servers list, as a run keeps them, in bytes of JSON: with the longest question and what a follow-up takes over they
/// fit into one stored event.
pub const MAX_LISTED_BYTES: usize = 64 * 1024;

/// What a run keeps of what its orchestrator is told of models, in bytes of JSON: a hundred models and more.
pub const MAX_TOLD_BYTES: usize = 16 * 1024;

/// Takeovers after a lost driver without one finished round between them; the next one fails the run.
pub const MAX_RECOVERIES: u32 = 5;

/// Sources listed with an answer.
pub const MAX_SOURCES: usize = 20;

/// Arrays and objects that may stand in each other in what a model or a tool gives: with what stands around it in the log, whoever
/// reads JSON can read it again (many go no deeper than 128 levels).
pub const MAX_JSON_LEVELS: usize = 64;

/// Longest time from a run's start to its end, suspensions included, in milliseconds: one hour.
pub const RUN_TIME_LIMIT_MS: u64 = 60 * 60 * 1000;
