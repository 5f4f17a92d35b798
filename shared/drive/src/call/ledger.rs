//! What the current attempt has taken so far. It outlives the task of the attempt, so that an aborted attempt is accounted for, too.

use std::time::Instant;

use model::{AskError, Message, Piece, Reply, Server};
use run::{Attempt, Cost, ModelId, Spent, Usage};

use super::endpoint::ModelEndpoint;
use crate::clock::millis;

/// Of one call, from attempt to attempt.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Who is asked in this attempt; none where nobody has been.
    asked: Option<ModelId>,
    began: Instant,
    usage: Option<Usage>,
    cost: Option<Cost>,
}

impl Ledger {
    /// The first attempt begins now.
    pub(crate) fn new() -> Self {
        Self {
            asked: None,
            began: Instant::now(),
            usage: None,
            cost: None,
        }
    }

    /// Notes what a reply of a model took.
    pub(crate) fn add(&mut self, endpoint: &ModelEndpoint<'_>, usage: Usage) {
        *self.usage.get_or_insert_default() += usage;
        *self.cost.get_or_insert_default() += endpoint.cost(usage);
    }

    /// A model is asked in this attempt.
    pub(crate) fn ask(&mut self, model: &ModelId) {
        self.asked = Some(model.clone());
    }

    /// Who has been asked last.
    pub(crate) const fn asked(&self) -> Option<&ModelId> {
        self.asked.as_ref()
    }

    /// The attempt has ended; the next one begins now, with the same model unless another one is asked.
    pub(crate) fn end_attempt(&mut self) -> Attempt {
        let next = Self {
            asked: self.asked.clone(),
            ..Self::new()
        };
        let ended = std::mem::replace(self, next);
        Attempt {
            model: ended.asked,
            spent: Spent {
                duration_ms: millis(ended.began.elapsed()),
                usage: ended.usage,
                cost: ended.cost,
            },
        }
    }
}

/// A reply that is being read. Where it does not come to its end, what its server has counted is noted all the same.
pub(super) struct Metered<'a> {
    /// Until it is whole.
    reply: Option<Reply>,
    endpoint: &'a ModelEndpoint<'a>,
    ledger: &'a mut Ledger,
}

impl<'a> Metered<'a> {
    pub(super) fn new(
        reply: Reply,
        endpoint: &'a ModelEndpoint<'a>,
        ledger: &'a mut Ledger,
    ) -> Self {
        Self {
            reply: Some(reply),
            endpoint,
            ledger,
        }
    }

    /// Of the attempt that the reply is part of.
    pub(super) fn ledger(&mut self) -> &mut Ledger {
        self.ledger
    }

    /// The next piece of the reply, `None` at its end.
    pub(super) async fn next(&mut self, server: &Server) -> Result<Option<Piece>, AskError> {
        match &mut self.reply {
            Some(reply) => reply.next(server).await,
            None => Ok(None),
        }
    }

    pub(super) fn passed_over(&self) -> u64 {
        self.reply.as_ref().map_or(0, Reply::passed_over)
    }

    /// When the first token came; none where the server sends no stream.
    pub(super) fn began(&self) -> Option<tokio::time::Instant> {
        self.reply.as_ref().and_then(Reply::began)
    }

    /// The whole reply, once it has come to its end.
    pub(super) fn into_message(mut self) -> Message {
        let message = self.reply.take().map(Reply::into_message);
        let message = message.unwrap_or_default();
        self.ledger.add(self.endpoint, message.usage);
        message
    }
}

impl Drop for Metered<'_> {
    fn drop(&mut self) {
        if let Some(usage) = self.reply.as_ref().and_then(Reply::counted) {
            self.ledger.add(self.endpoint, usage);
        }
    }
}
