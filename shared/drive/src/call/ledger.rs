//! What the current attempt has taken so far. It outlives the task of the attempt, so that an aborted attempt is accounted for, too.

use std::time::Instant;

use model::{AskError, Message, Piece, Reply, Server};
use run::{Cost, Spent, Usage};

use super::endpoint::ModelEndpoint;
use crate::clock::millis;

/// Of one call, from attempt to attempt.
#[derive(Debug)]
pub(crate) struct Ledger {
    began: Instant,
    usage: Option<Usage>,
    cost: Option<Cost>,
}

impl Ledger {
    /// The first attempt begins now.
    pub(crate) fn new() -> Self {
        Self {
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

    /// The attempt has ended; the next one begins now.
    pub(crate) fn end_attempt(&mut self) -> Spent {
        let ended = std::mem::replace(self, Self::new());
        Spent {
            duration_ms: millis(ended.began.elapsed()),
            usage: ended.usage,
            cost: ended.cost,
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_attempt_takes_what_its_replies_took_together_and_the_next_begins_with_nothing() {
        let catalog = json!({
            "orchestrator": {"model": "qwen", "prompt": "chat"},
            "models": {"qwen": {
                "name": "Qwen", "url_env": "QWEN_API_URL", "model": "q", "context_tokens": 8192,
                "usd_per_million": {"input": 0.5, "output": 2.0},
            }},
            "tools": [{
                "type": "function",
                "function": {"name": "look", "description": "", "parameters": {"type": "object"}},
                "target": {"lambda": "look"}, "timeout_ms": 1000, "retry": "safe",
            }],
        });
        let catalog = catalog::Catalog::parse(&catalog.to_string()).unwrap();
        let mut server = Server::new("http://127.0.0.1:8001", None, "q", "QWEN_API_URL").unwrap();
        let usage = |input_tokens, output_tokens| Usage {
            input_tokens,
            output_tokens,
        };
        let of_attempt = |server: &Server| {
            let endpoint = ModelEndpoint {
                server,
                model: &catalog.models[0],
            };
            let mut ledger = Ledger::new();
            ledger.add(&endpoint, usage(300, 70));
            ledger.add(&endpoint, usage(30, 7));
            let spent = ledger.end_attempt();
            let next = ledger.end_attempt();
            assert_eq!((next.usage, next.cost), (None, None));
            (spent.usage, spent.cost)
        };
        let both = Some(usage(330, 77));
        let cost = |nano_usd| Some(Cost { nano_usd });
        assert_eq!(of_attempt(&server), (both, cost(330 * 500 + 77 * 2000)));
        server.rehearsal = true;
        assert_eq!(of_attempt(&server), (both, cost(0)));
    }
}
