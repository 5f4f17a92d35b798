//! The routes, each described once: the router and `docs/openapi.json` are both made from this table.

mod of_v1;

use super::operation::{Answer, Content, Method, Operation, Route};
use super::{config, mcp, page, runs, start, stats};

/// A stream of a run, or the status that says that all of it was seen.
const STREAM: &[Answer] = &[
    Answer(
        200,
        "The run's events, from the first that was not seen.",
        Content::Events,
    ),
    Answer(
        204,
        "The run is over, and all of it was seen.",
        Content::Nothing,
    ),
];
const PAGE: &[Answer] = &[Answer(200, "The page.", Content::Page)];

/// Routes that ask for the access key.
pub(super) fn with_key() -> Vec<Route> {
    let mut routes = of_runs();
    routes.extend(of_changes());
    routes.extend(of_sharing());
    routes.extend(of_caller());
    routes.extend(of_v1::routes());
    routes.push(of_mcp());
    routes
}

/// Runs: started and seen.
fn of_runs() -> Vec<Route> {
    vec![
        Operation {
            method: Method::Post,
            path: "/api/chat/orchestrator/stream",
            id: "startRun",
            summary: "Starts a run and streams its events. With the key of an earlier start it goes on with that run.",
            parameters: &["IdempotencyKey", "LastEventId", "Watcher"],
            body: Some("StartRequest"),
            answers: STREAM,
            refusals: &[402, 404, 409, 413, 415, 429],
        }
        .at(start::start),
        Operation {
            method: Method::Get,
            path: "/api/runs",
            id: "listRuns",
            summary: "The caller's runs, newest first, page by page: all, those whose titles hold some words, or those that are pinned.",
            parameters: &["Limit", "Cursor", "Words", "Pinned"],
            body: None,
            answers: &[Answer(200, "One page.", Content::Json("RunList"))],
            refusals: &[],
        }
        .at(runs::list::list),
        Operation {
            method: Method::Get,
            path: "/api/runs/{id}",
            id: "getRun",
            summary: "A run as it stands.",
            parameters: &["Share"],
            body: None,
            answers: &[Answer(200, "The run so far.", Content::Json("Snapshot"))],
            refusals: &[404],
        }
        .at(runs::show::show),
        Operation {
            method: Method::Get,
            path: "/api/runs/{id}/events",
            id: "followRun",
            summary: "Replays a run from a position, then follows it. A run whose driver was lost is taken over.",
            parameters: &["After", "LastEventId", "Watcher", "Share"],
            body: None,
            answers: STREAM,
            refusals: &[404, 429],
        }
        .at(runs::events::events),
        Operation {
            method: Method::Get,
            path: "/api/runs/{id}/artifacts/{name}",
            id: "getArtifact",
            summary: "A file that a tool made.",
            parameters: &["Version", "Share"],
            body: None,
            answers: &[Answer(200, "Its bytes, with the media type that the tool gave.", Content::File)],
            refusals: &[404],
        }
        .at(runs::artifact::artifact),
        Operation {
            method: Method::Get,
            path: "/api/runs/{id}/calls/{call_id}/prompt",
            id: "getPrompt",
            summary: "What a model was shown for a call, rendered again from the run's log.",
            parameters: &[],
            body: None,
            answers: &[Answer(200, "What it was shown.", Content::Json("Prompt"))],
            refusals: &[404],
        }
        .at(runs::prompt::prompt),
    ]
}

/// What may be done to a run that is there.
fn of_changes() -> Vec<Route> {
    vec![
        Operation {
            method: Method::Patch,
            path: "/api/runs/{id}",
            id: "changeRun",
            summary: "Gives a run another title, or pins it. What is left out stays as it is.",
            parameters: &[],
            body: Some("RunChange"),
            answers: &[Answer(200, "The run's line of the list.", Content::Json("ListedRun"))],
            refusals: &[404, 415],
        }
        .at(runs::change::change),
        Operation {
            method: Method::Post,
            path: "/api/runs/{id}/cancel",
            id: "cancelRun",
            summary: "Ends a run, keeping what it has so far.",
            parameters: &[],
            body: None,
            answers: &[
                Answer(200, "It was over before; its final status.", Content::Json("Cancelled")),
                Answer(202, "It ends within half a second.", Content::Json("Cancelled")),
            ],
            refusals: &[404],
        }
        .at(runs::cancel::cancel),
        Operation {
            method: Method::Post,
            path: "/api/runs/{id}/rating",
            id: "rateRun",
            summary: "Says what somebody thinks of a run that has ended. The last rating counts; it stands in the list of runs and in the sums of the run's day.",
            parameters: &[],
            body: Some("Rating"),
            answers: &[Answer(204, "It is stored, in place of the one before.", Content::Nothing)],
            refusals: &[404, 409, 415],
        }
        .at(runs::rating::rate),
        Operation {
            method: Method::Delete,
            path: "/api/runs/{id}",
            id: "deleteRun",
            summary: "Deletes everything that is stored of a run that has ended.",
            parameters: &[],
            body: None,
            answers: &[Answer(204, "Nothing of it is left.", Content::Nothing)],
            refusals: &[404, 409],
        }
        .at(runs::delete::delete),
    ]
}

/// What lets others read a run.
fn of_sharing() -> Vec<Route> {
    vec![
        Operation {
            method: Method::Post,
            path: "/api/runs/{id}/share",
            id: "shareRun",
            summary: "Gives the link by which whoever has it reads the run: the same one while it is shared.",
            parameters: &[],
            body: None,
            answers: &[Answer(200, "The link.", Content::Json("ShareLink"))],
            refusals: &[404],
        }
        .at(runs::share::share),
        Operation {
            method: Method::Delete,
            path: "/api/runs/{id}/share",
            id: "unshareRun",
            summary: "Ends the run's share link.",
            parameters: &[],
            body: None,
            answers: &[Answer(204, "It opens nothing any more.", Content::Nothing)],
            refusals: &[404],
        }
        .at(runs::share::unshare),
    ]
}

/// What the caller has used, and may use.
fn of_caller() -> Vec<Route> {
    vec![
        Operation {
            method: Method::Get,
            path: "/api/stats",
            id: "getStats",
            summary: "What the caller's runs took, by the day (UTC) on which they were started. A run counts once it has ended; its sums stay when it is deleted.",
            parameters: &["Days"],
            body: None,
            answers: &[Answer(200, "The days that have any, newest first.", Content::Json("Stats"))],
            refusals: &[],
        }
        .at(stats::stats),
        Operation {
            method: Method::Get,
            path: "/api/config",
            id: "getConfig",
            summary: "What this service is and can do.",
            parameters: &[],
            body: None,
            answers: &[Answer(200, "No secret, no internal address.", Content::Json("Config"))],
            refusals: &[],
        }
        .at(config::config),
    ]
}

/// The orchestra as tools.
fn of_mcp() -> Route {
    Operation {
        method: Method::Post,
        path: "/mcp",
        id: "speakMcp",
        summary: "Takes a message of the Model Context Protocol (streamable HTTP without sessions): the tools ask, get_run and cancel_run. \
                  What is wrong with a message is said in an answer of the protocol.",
        parameters: &[],
        body: Some("McpMessage"),
        answers: &[
            Answer(200, "The answer; in a stream the progress before it.", Content::Mcp),
            Answer(202, "A notification, of which nothing follows.", Content::Nothing),
        ],
        refusals: &[404, 413, 415],
    }
    .at(mcp::post)
}

/// Routes that are open to everyone.
pub(super) fn open() -> Vec<Route> {
    let page = |path, id| Operation {
        method: Method::Get,
        path,
        id,
        summary: "The page.",
        parameters: &[],
        body: None,
        answers: PAGE,
        refusals: &[],
    };
    vec![
        Operation {
            method: Method::Get,
            path: "/health",
            id: "getHealth",
            summary: "Whether the service answers.",
            parameters: &[],
            body: None,
            answers: &[Answer(200, "It does.", Content::Json("Health"))],
            refusals: &[],
        }
        .at(config::health),
        page("/", "getIndex").at(page::index),
        page("/orchestrator", "getPage").at(page::index),
        page("/orchestrator/", "getPageWithSlash").at(page::index),
        Operation {
            summary: "A file of the page.",
            refusals: &[404],
            ..page("/static/{*file}", "getPageFile")
        }
        .at(page::file),
    ]
}
