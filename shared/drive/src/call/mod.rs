//! Calls: of the orchestrator, and of tools. Each reports its text and its end to the loop.

mod again;
mod artifacts;
mod ask;
mod budget;
mod context;
mod contract;
mod endpoint;
mod failure;
mod first_calls;
mod forward;
mod hidden_tools;
mod ledger;
mod loading;
mod orchestrator;
mod perform;
mod question;
mod quote;
mod rendering;
mod retry;
mod route;
mod shown;
mod target;
mod tasks;
mod timing;
mod trial;
mod truncate;
mod wake;
mod wanted;

pub(crate) use budget::{Budget, Grants};
pub(crate) use context::CallContext;
pub(crate) use perform::time_limit;
pub(crate) use quote::quotes;
pub use shown::{NotShown, ShownPrompt, shown_prompt};
pub(crate) use tasks::Calls;
pub use trial::{Trial, try_call};
pub(crate) use wake::wake_driver;
