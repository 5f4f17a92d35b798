//! What calls can take at most, as they would be made once a run stands as it is given.

use catalog::{Catalog, Target};
use model::ChatRequest;
use run::{Call, CallId, CallState, Cost, ModelId, Quote, Reservation, Run};
use tokio::time::Instant;

use super::budget::most_with;
use super::endpoint::ModelEndpoint;
use super::orchestrator::fresh_request;
use super::perform::time_limit;
use crate::clock::millis;
use crate::models::Capabilities;
use crate::prompt::{self, Step};
use crate::services::Services;

/// What is expected of each result that an answer waits for, in bytes. Should it be more, the answer waits until more is set aside.
const BYTES_OF_A_RESULT: usize = 8 * 1024;

/// What each of these calls can take at most.
pub(crate) fn quotes(
    services: &Services,
    catalog: &Catalog,
    run: &Run,
    calls: Vec<Call>,
) -> Vec<Quote> {
    let quoting = Quoting {
        services,
        catalog,
        run,
    };
    let quotes = calls.into_iter().map(|call| Quote {
        call,
        most: quoting.most(call.call_id),
    });
    quotes.collect()
}

struct Quoting<'a> {
    services: &'a Services,
    catalog: &'a Catalog,
    run: &'a Run,
}

impl Quoting<'_> {
    fn most(&self, call_id: CallId) -> Option<Reservation> {
        let Self {
            services,
            catalog,
            run,
        } = self;
        let CallId::Tool { .. } = call_id else {
            let round = run.round(call_id.round());
            let asked = round.and_then(|round| round.attempts.model());
            let model = asked.unwrap_or(&catalog.orchestrator.model);
            return self.of_model(model, 0, |endpoint, known| {
                Some(fresh_request(services, catalog, run, endpoint, known))
            });
        };
        let call = run.call(call_id)?;
        // Each of its steps is a call of its own.
        if call.spec.composition.is_some() {
            return Some(Reservation::default());
        }
        let Some(model) = call.model() else {
            return Some(self.of_tool(call));
        };
        let more_bytes = self.awaited_bytes(call);
        self.of_model(model, more_bytes, |endpoint, known| {
            self.request(call, endpoint, known)
        })
    }

    /// Of a question to a model. One that has no server is asked nothing.
    fn of_model(
        &self,
        model: &ModelId,
        more_bytes: usize,
        request: impl Fn(&ModelEndpoint<'_>, &Capabilities) -> Option<ChatRequest>,
    ) -> Option<Reservation> {
        let models = &self.services.models;
        let Some(server) = models.servers.get(model) else {
            return Some(Reservation::default());
        };
        let model = self.catalog.model(model)?;
        let endpoint = ModelEndpoint { server, model };
        let known = models.capabilities(&model.id, Instant::now());
        // What is asked of it is not known yet: the call waits until so much is set aside when it is made.
        let Some(request) = request(&endpoint, &known) else {
            return Some(Reservation::default());
        };
        most_with(&endpoint, &request, &known, more_bytes)
    }

    /// The question of a call of a tool that is a model, or of a step in which a model writes.
    fn request(
        &self,
        call: &CallState,
        endpoint: &ModelEndpoint<'_>,
        known: &Capabilities,
    ) -> Option<ChatRequest> {
        let context_tokens = known.context_tokens(endpoint.model.context_tokens);
        let asked = self.run.start.request.max_tokens;
        let reply_tokens = known.reply_tokens(asked, endpoint.model.context_tokens);
        if let Some(step) = Step::of(self.run, call) {
            let request = prompt::discussion(self.run, &step, context_tokens, reply_tokens);
            return Some(request);
        }
        match &self.catalog.tool(&call.spec.tool)?.target {
            Target::Models(aliases) => Some(prompt::expert(
                self.run,
                &call.spec,
                aliases,
                context_tokens,
                reply_tokens,
            )),
            Target::Chain(chain) => Some(prompt::chained(
                self.run,
                &chain.ask,
                context_tokens,
                reply_tokens,
            )),
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Discuss(_) => None,
        }
    }

    /// What the results may add for which an answer waits.
    fn awaited_bytes(&self, call: &CallState) -> usize {
        let round = self.run.round(call.call_id.round());
        let Some(round) = round.filter(|round| round.waits(call)) else {
            return 0;
        };
        let others = round
            .open_calls()
            .filter(|other| other.call_id != call.call_id);
        others.count().saturating_mul(BYTES_OF_A_RESULT)
    }

    /// Of a tool that is no model, in the longest time that it may take.
    fn of_tool(&self, call: &CallState) -> Reservation {
        let tool = self.catalog.tool(&call.spec.tool);
        let limit = time_limit(self.catalog, self.run, call.call_id);
        let cost = tool.and_then(|tool| tool.prices.cost(millis(limit)));
        Reservation {
            usage: None,
            cost: cost.unwrap_or(Cost::ZERO),
        }
    }
}
