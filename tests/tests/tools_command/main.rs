//! `serverless-llm tools …`: the real binary asks whether models and tools are there, and makes one call, without a stack and without storing
//! anything.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod call;
mod check;
mod desk;
