//! Wishes of a start that each can be had, and not with what this run is offered.

use std::iter;

use catalog::ToolSet;
use drive::Services;
use run::{Mode, ModelId, Request};

use super::ApiError;
use super::start_request::{MAX_COST, MODE};

/// Refuses a mode in which this run could have no answer.
pub(super) fn check_mode(request: &Request, tool_set: &ToolSet<'_>) -> Result<(), ApiError> {
    match request.preferences.mode {
        Mode::Discussion if tool_set.ending().next().is_none() => {
            let path = format!("preferences.{MODE}");
            let message = format!(
                "{path} is discussion, and no discussion is offered to this run: allow a tool that is one and a model that takes part in \
                 it, or leave {path} out"
            );
            Err(ApiError::invalid_field(path, message))
        }
        Mode::Auto | Mode::Discussion => Ok(()),
    }
}

/// Refuses a cap where a model that the run may use has no price: then nobody can say what the run costs.
pub(super) fn check_prices(
    request: &Request,
    services: &Services,
    tool_set: &ToolSet<'_>,
) -> Result<(), ApiError> {
    if request.preferences.max_cost.is_none() {
        return Ok(());
    }
    match unpriced(request, services, tool_set) {
        None => Ok(()),
        Some(model) => {
            let path = format!("preferences.{MAX_COST}");
            let message = format!(
                "{path} cannot be kept, as the model `{model}`, which the run may use, has no usd_per_million in the catalogue: leave \
                 {path} out, or, unless the model decides for the run or may stand in for the one that does, leave the model out of \
                 preferences.models"
            );
            Err(ApiError::invalid_field(path, message))
        }
    }
}

/// The same where the caller may spend so much a day: a cap comes with each of its runs.
pub(super) fn check_prices_of_day(request: &Request, services: &Services) -> Result<(), ApiError> {
    let tool_set = services.tool_set(&services.catalog, &request.preferences);
    match unpriced(request, services, &tool_set) {
        None => Ok(()),
        Some(model) => {
            let message = format!(
                "The limit of dollars a day cannot be kept, as the model `{model}`, which the run may use, has no usd_per_million in the \
                 catalogue: leave the model out of preferences.models, or ask the operator for its price"
            );
            Err(ApiError::invalid_field("preferences.models", message))
        }
    }
}

/// A model that the run may use and of which nobody knows what it costs.
fn unpriced(request: &Request, services: &Services, tool_set: &ToolSet<'_>) -> Option<ModelId> {
    let orchestrator = &services.catalog.orchestrator;
    let allowed = request.preferences.models.as_ref();
    let in_its_place = |model| services.catalog.model(model).map(|model| &model.fallback);
    let of_tools = tool_set.models().flat_map(|model| {
        let others = in_its_place(model).into_iter().flatten();
        let others = others.filter(|other| allowed.is_none_or(|allowed| allowed.contains(*other)));
        iter::once(model).chain(others)
    });
    let mut models = iter::once(&orchestrator.model)
        .chain(&orchestrator.fallback)
        .chain(of_tools);
    models.find(|model| !services.is_priced(model)).cloned()
}
