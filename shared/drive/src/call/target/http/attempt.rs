//! One call that is made at a server, and what came of an attempt at it.

use std::time::Duration;

use catalog::Tool;
use run::{CallSpec, Outcome};

use super::super::super::context::CallContext;
use super::super::secrets::Secrets;
use crate::tools::HttpServer;

/// What came of one attempt.
pub(super) struct Attempted {
    pub(super) outcome: Outcome,
    pub(super) again: Again,
}

/// Whether a call that may be repeated is made once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    No,
    Soon,
    After(Duration),
}

/// One call and the server that it is made at.
pub(super) struct Post<'a> {
    pub(super) context: &'a CallContext,
    pub(super) call: &'a CallSpec,
    pub(super) tool: &'a Tool,
    pub(super) server: &'a HttpServer,
    pub(super) secrets: &'a Secrets,
}

impl Post<'_> {
    pub(super) fn time_left(&self) -> Duration {
        let context = self.context;
        context.limit.saturating_sub(context.began.elapsed())
    }
}
