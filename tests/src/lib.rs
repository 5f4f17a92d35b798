//! The kit of the end-to-end tests: the real stack in this process, a scripted model server, a fake search service, a table
//! that counts, and a client that holds every stream to the contract.
//!
//! Refuses to sleep, to retry and to change the environment: every wait is for an event, under one bound
//! (a program in the sandbox can tell of none: its file is looked for).

#![expect(clippy::unwrap_used, reason = "a kit for tests fails by panicking")]

pub mod campaign;
pub mod client;
pub mod command_line;
pub mod crash;
pub mod duckduckgo;
pub mod emulator;
pub mod expected;
pub mod fault_proxy;
pub mod gate;
pub mod gateway;
pub mod laws;
pub mod llama;
pub mod logged;
pub mod loopback;
pub mod model_server;
pub mod openapi;
pub mod pages;
pub mod process;
pub mod program;
mod pypi;
pub mod raw_http;
pub mod raw_server;
pub mod recorded_web;
pub mod reserved;
pub mod script;
pub mod seeds;
pub mod stack;
pub mod story;
pub mod stream;
pub mod table;
pub mod tls;
pub mod wait;
pub mod weights;
