//! What calls can take at most, as they would be made once a run stands as it is given.

use catalog::Catalog;
use model::ChatRequest;
use run::{Call, CallId, CallState, Cost, ModelId, Quote, Reservation, Run};
use tokio::time::Instant;

use super::budget::most_with;
use super::endpoint::ModelEndpoint;
use super::perform::time_limit;
use super::rendering::Rendering;
use crate::clock::millis;
use crate::models::Capabilities;
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
    let quoting = Quoting(Rendering {
        services,
        catalog,
        run,
    });
    let quotes = calls.into_iter().map(|call| Quote {
        call,
        most: quoting.most(call.call_id),
    });
    quotes.collect()
}

struct Quoting<'a>(Rendering<'a>);

impl Quoting<'_> {
    fn most(&self, call_id: CallId) -> Option<Reservation> {
        let Rendering { catalog, run, .. } = self.0;
        let CallId::Tool { .. } = call_id else {
            let round = run.round(call_id.round());
            let asked = round.and_then(|round| round.attempts.model());
            let model = asked.unwrap_or(&catalog.orchestrator.model);
            return self.of_model(model, 0, |endpoint, known| {
                let asked_by = known.asked_by(catalog.orchestrator.calls);
                Some(self.0.decision(endpoint, known, asked_by))
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
            self.0.text(call, endpoint, known)
        })
    }

    /// Of a question to a model. One that has no server is asked nothing.
    fn of_model(
        &self,
        model: &ModelId,
        more_bytes: usize,
        request: impl Fn(&ModelEndpoint<'_>, &Capabilities) -> Option<ChatRequest>,
    ) -> Option<Reservation> {
        let models = &self.0.services.models;
        let Some(server) = models.servers.get(model) else {
            return Some(Reservation::default());
        };
        let model = self.0.catalog.model(model)?;
        let endpoint = ModelEndpoint { server, model };
        let known = models.capabilities(&model.id, Instant::now());
        // What is asked of it is not known yet: the call waits until so much is set aside when it is made.
        let Some(mut request) = request(&endpoint, &known) else {
            return Some(Reservation::default());
        };
        request.overrides.clone_from(&server.overrides);
        most_with(&endpoint, &request, &known, more_bytes)
    }

    /// What the results may add for which an answer waits.
    fn awaited_bytes(&self, call: &CallState) -> usize {
        let round = self.0.run.round(call.call_id.round());
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
        let tool = self.0.catalog.tool(&call.spec.tool);
        let limit = time_limit(self.0.catalog, self.0.run, call.call_id);
        let cost = tool.and_then(|tool| tool.prices.cost(millis(limit)));
        Reservation {
            usage: None,
            cost: cost.unwrap_or(Cost::ZERO),
        }
    }
}
