//! What the current attempt has taken so far. It outlives the task of the attempt, so that an aborted attempt is accounted for, too.

use std::time::Instant;

use catalog::ToolPrices;
use model::{AskError, ChatRequest, Message, Piece, Prompt, Reply, Server};
use run::{Attempt, Cost, ModelId, PromptDigest, Spent, Usage};

use super::endpoint::ModelEndpoint;
use crate::clock::millis;
use crate::prompt::request_bytes;

/// What is estimated of a question that no server has counted: so many bytes of it a token.
const BYTES_PER_TOKEN: u64 = 4;

/// Of one call, from attempt to attempt.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Who is asked in this attempt; none where nobody has been.
    asked: Option<ModelId>,
    began: Instant,
    usage: Option<Usage>,
    cost: Option<Cost>,
    /// Of the latest question that was answered.
    prompt: Option<PromptDigest>,
    /// Of the tool that is being called, where it has prices.
    tool: ToolPrices,
    /// What all attempts have cost.
    paid: Cost,
}

impl Ledger {
    /// The first attempt begins now.
    pub(crate) fn new() -> Self {
        Self {
            asked: None,
            began: Instant::now(),
            usage: None,
            cost: None,
            prompt: None,
            tool: ToolPrices::default(),
            paid: Cost::ZERO,
        }
    }

    /// Notes what a reply of a model took.
    pub(crate) fn add(&mut self, endpoint: &ModelEndpoint<'_>, usage: Usage) {
        *self.usage.get_or_insert_default() += usage;
        self.charge(endpoint.cost(usage));
    }

    /// Notes what a call of a tool costs that begins now and is paid for however it ends, by the time that it takes.
    pub(crate) fn meter(&mut self, prices: ToolPrices) {
        self.tool = prices;
    }

    /// What all attempts have cost so far.
    pub(crate) const fn paid(&self) -> Cost {
        self.paid
    }

    fn charge(&mut self, cost: Option<Cost>) {
        if let Some(cost) = cost {
            *self.cost.get_or_insert_default() += cost;
            self.paid += cost;
        }
    }

    /// Notes what a model was shown that has begun to answer.
    fn showed(&mut self, prompt: &Prompt<'_>) {
        self.prompt = Some(prompt.digest());
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
        let duration_ms = millis(self.began.elapsed());
        self.charge(self.tool.cost(duration_ms));
        let next = Self {
            asked: self.asked.clone(),
            paid: self.paid,
            ..Self::new()
        };
        let ended = std::mem::replace(self, next);
        Attempt {
            model: ended.asked,
            spent: Spent {
                duration_ms,
                usage: ended.usage,
                cost: ended.cost,
                prompt: ended.prompt,
            },
            invalid_answer: None,
        }
    }
}

/// One question to a model, from when it is sent. Where its reply does not come to its end, what it took by then is noted all the same:
/// servers count what they have read and written, whoever hangs up.
pub(super) struct Metered<'a> {
    stage: Stage,
    endpoint: &'a ModelEndpoint<'a>,
    ledger: &'a mut Ledger,
}

enum Stage {
    /// On its way; it takes so many tokens by estimate.
    Sent { input_tokens: u64 },
    /// Its reply is being read.
    Answered(Box<Reply>),
    /// What it took is noted, or it took nothing.
    Settled,
}

impl<'a> Metered<'a> {
    /// The question is about to be sent.
    pub(super) fn new(
        request: &ChatRequest,
        endpoint: &'a ModelEndpoint<'a>,
        ledger: &'a mut Ledger,
    ) -> Self {
        let input_tokens = (request_bytes(request) as u64).div_ceil(BYTES_PER_TOKEN);
        Self {
            stage: Stage::Sent { input_tokens },
            endpoint,
            ledger,
        }
    }

    /// The head of the answer is there, or will not come: a server that refused the question, or was not reached, takes nothing for it.
    /// `prompt` is what the model reads of the question.
    pub(super) fn begin(
        &mut self,
        answer: Result<Reply, AskError>,
        prompt: &Prompt<'_>,
    ) -> Result<(), AskError> {
        match answer {
            Ok(reply) => {
                self.ledger.showed(prompt);
                self.stage = Stage::Answered(Box::new(reply));
                Ok(())
            }
            Err(error) => {
                if !matches!(error, AskError::Silent { .. }) {
                    self.stage = Stage::Settled;
                }
                Err(error)
            }
        }
    }

    /// Of the attempt that the reply is part of.
    pub(super) fn ledger(&mut self) -> &mut Ledger {
        self.ledger
    }

    /// The next piece of the reply, `None` at its end.
    pub(super) async fn next(&mut self, server: &Server) -> Result<Option<Piece>, AskError> {
        let Stage::Answered(reply) = &mut self.stage else {
            return Ok(None);
        };
        let piece = reply.next(server).await;
        if let Err(AskError::Reported { .. } | AskError::Garbage | AskError::TooLarge) = &piece
            && reply.is_untouched()
        {
            self.stage = Stage::Settled;
        }
        piece
    }

    pub(super) fn passed_over(&self) -> u64 {
        self.reply().map_or(0, Reply::passed_over)
    }

    /// When the first token came; none where the server sends no stream.
    pub(super) fn began(&self) -> Option<tokio::time::Instant> {
        self.reply().and_then(Reply::began)
    }

    fn reply(&self) -> Option<&Reply> {
        match &self.stage {
            Stage::Answered(reply) => Some(reply),
            Stage::Sent { .. } | Stage::Settled => None,
        }
    }

    /// The whole reply, once it has come to its end.
    pub(super) fn into_message(mut self) -> Message {
        match std::mem::replace(&mut self.stage, Stage::Settled) {
            Stage::Answered(reply) => {
                let message = reply.into_message();
                self.ledger.add(self.endpoint, message.usage);
                message
            }
            Stage::Sent { .. } | Stage::Settled => Message::default(),
        }
    }
}

impl Drop for Metered<'_> {
    fn drop(&mut self) {
        let usage = match &self.stage {
            Stage::Sent { input_tokens } => Usage {
                input_tokens: *input_tokens,
                estimated: true,
                ..Usage::default()
            },
            Stage::Answered(reply) => reply.usage(),
            Stage::Settled => return,
        };
        self.ledger.add(self.endpoint, usage);
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
            ..Usage::default()
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
            assert_eq!((next.spent.usage, next.spent.cost), (None, None));
            (spent.spent.usage, spent.spent.cost)
        };
        let both = Some(usage(330, 77));
        let cost = |nano_usd| Some(Cost { nano_usd });
        assert_eq!(of_attempt(&server), (both, cost(330 * 500 + 77 * 2000)));
        server.rehearsal = true;
        assert_eq!(of_attempt(&server), (both, cost(0)));
    }

    #[test]
    fn the_next_attempt_is_with_the_same_model_and_a_tool_is_paid_for_once() {
        let mut ledger = Ledger::new();
        assert_eq!(ledger.asked(), None);
        let qwen = ModelId::new("qwen");
        ledger.ask(&qwen);
        assert_eq!(ledger.asked(), Some(&qwen));
        ledger.meter(ToolPrices {
            per_call: Some(0.008),
            per_second: None,
        });
        let [first, second] = [ledger.end_attempt(), ledger.end_attempt()];
        assert_eq!(
            [&first.model, &second.model],
            [&Some(qwen.clone()), &Some(qwen)]
        );
        let nano_usd = 8_000_000;
        assert_eq!(
            (first.spent.cost, second.spent.cost),
            (Some(Cost { nano_usd }), None)
        );
    }
}
