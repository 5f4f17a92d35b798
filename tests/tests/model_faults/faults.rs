//! Everything that a model server may do wrong, and how each is told.

#[path = "in_words.rs"]
mod in_words;
#[path = "on_the_wire.rs"]
mod on_the_wire;

use serde_json::json;
use tests::gate::Gate;
use tests::model_server::KEY;
use tests::raw_server::Move;
use tests::script::{Part, Script, Step, gate, json_body, plain, sse, text, unfinished};

pub const HTML: &str = "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n";

/// A fault of a model server, and how it is told.
pub struct Fault {
    pub name: &'static str,
    pub reply: Reply,
    pub code: &'static str,
    /// Whether the orchestrator is told that another try may help.
    pub retryable: bool,
    /// Words of the message.
    pub says: &'static str,
    /// The variable that the remedy names, by its ending.
    pub variable: &'static str,
    /// How often the model is asked where its server says what is written down.
    pub tries: usize,
    pub helped_by: HelpedBy,
}

/// Who can answer in the place of a model with the fault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum HelpedBy {
    Any,
    /// A model with a larger context.
    Larger,
    Nobody,
}

impl Fault {
    /// What may pass by itself is tried again, as long as nothing has been shown; a text that broke off is asked for once more.
    pub const fn asked(mut self, tries: usize) -> Self {
        self.tries = tries;
        self
    }

    pub const fn helped_by(mut self, who: HelpedBy) -> Self {
        self.helped_by = who;
        self
    }
}

pub enum Reply {
    /// Nothing listens.
    Refused,
    Scripted(Script),
    /// The script holds a gate, to be opened when its first text has been seen.
    Held(Script, Gate),
    /// The server is silent: it is waited for no longer than the test wants.
    Silent(Script),
    /// The same whenever it is asked, for no longer either.
    Always(Script),
    /// For each connection the same, where no HTTP library would do it.
    Raw(Vec<Move>),
    /// The same where TLS is spoken to it.
    Tls(Vec<Move>),
    /// Its name is in no directory.
    Unknown,
}

pub const fn fault(
    name: &'static str,
    reply: Reply,
    (code, retryable): (&'static str, bool),
    says: &'static str,
    variable: &'static str,
) -> Fault {
    Fault {
        name,
        reply,
        code,
        retryable,
        says,
        variable,
        tries: 1,
        helped_by: HelpedBy::Any,
    }
}

pub fn raw(bytes: &str) -> Part {
    Part::Step(Step::Bytes(bytes.as_bytes().to_vec()))
}

pub fn echoing_key() -> String {
    format!("Incorrect API key provided: {KEY}.")
}

pub fn faults() -> Vec<Fault> {
    let statuses = refusals();
    let streams = broken_streams();
    let silences = silences();
    let refused = fault(
        "refuses connections",
        Reply::Refused,
        ("model_unreachable", true),
        "cannot be reached",
        "URL",
    );
    let wire = on_the_wire::faults();
    let words = in_words::faults();
    [vec![refused], statuses, streams, silences, wire, words]
        .into_iter()
        .flatten()
        .collect()
}

fn refusals() -> Vec<Fault> {
    let error = |message: &str| json!({"error": {"message": message, "type": "server_error"}});
    let status = |name, script, code, retryable, says, variable| {
        fault(
            name,
            Reply::Scripted(script),
            (code, retryable),
            says,
            variable,
        )
    };
    let busy = Script::Plain {
        status: 429,
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("retry-after", "1".to_owned()),
        ],
        body: json!({"error": "Model is overloaded", "error_type": "overloaded"})
            .to_string()
            .into(),
    };
    let loading =
        json!({"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}});
    let unauthorized = json!({"error": {"message": echoing_key(), "code": "invalid_api_key"}});
    vec![
        status(
            "answers 500",
            json_body(500, &error("out of memory")),
            "model_error",
            true,
            "500: out of memory",
            "URL",
        ),
        status(
            "answers 500 in words",
            plain(500, "text/plain", echoing_key()),
            "model_error",
            true,
            "500",
            "URL",
        ),
        fault(
            "answers 503 while it loads",
            Reply::Always(json_body(503, &loading)),
            ("model_error", true),
            "Loading model",
            "URL",
        ),
        status(
            "answers 429",
            busy,
            "model_rate_limited",
            true,
            "429",
            "URL",
        )
        .asked(3),
        status(
            "answers 401",
            json_body(401, &unauthorized),
            "model_error",
            false,
            "401",
            "KEY",
        ),
        status(
            "answers 403",
            json_body(403, &error("no")),
            "model_error",
            false,
            "403",
            "KEY",
        ),
        status(
            "answers 404",
            json_body(404, &error("no such model")),
            "model_error",
            false,
            "404",
            "MODEL",
        ),
        status(
            "answers 404 in HTML",
            plain(404, "text/html", HTML),
            "model_error",
            false,
            "404",
            "URL",
        ),
    ]
}

fn broken_streams() -> Vec<Fault> {
    let garbage = ("model_bad_answer", false);
    let no_chat = "no chat completion";
    let cut = ("model_answer_cut", true);
    let empty = ("model_empty_answer", true);
    let reported = ("model_error", false);
    let scripted =
        |name, script, code, says| fault(name, Reply::Scripted(script), code, says, "URL");
    let error = json!({"error": {"message": echoing_key(), "type": "server_error", "code": 500}});
    let flat = json!({"object": "error", "message": "slot is gone", "code": 400});
    let held = Gate::shut();
    let breaks = [text("Half "), gate(&held), Part::Step(Step::Break)];
    vec![
        scripted(
            "sends garbage",
            plain(200, "application/json", "}{ garbage"),
            garbage,
            no_chat,
        ),
        scripted(
            "sends half a JSON object",
            plain(200, "application/json", "{\"choices\": ["),
            garbage,
            no_chat,
        ),
        scripted(
            "streams garbage",
            plain(200, "text/event-stream", "data: {garbage\n\n"),
            garbage,
            no_chat,
        ),
        scripted(
            "sends HTML",
            plain(200, "text/html", HTML),
            garbage,
            no_chat,
        ),
        scripted(
            "sends nothing",
            plain(200, "text/event-stream", ""),
            empty,
            "nothing",
        )
        .asked(3),
        scripted(
            "sends only its end",
            plain(200, "text/event-stream", "data: [DONE]\n\n"),
            empty,
            "nothing",
        )
        .asked(3),
        scripted(
            "only pings",
            plain(200, "text/event-stream", ": ping\n\n: ping\n\n"),
            empty,
            "nothing",
        )
        .asked(3),
        scripted(
            "ends in the middle",
            unfinished([text("Half ")]),
            cut,
            "broke off",
        )
        .asked(2),
        fault(
            "breaks in the middle",
            Reply::Held(unfinished(breaks), held),
            cut,
            "broke off",
            "URL",
        )
        .asked(2),
        scripted(
            "reports an error",
            unfinished([Part::Frame(error)]),
            reported,
            "reported an error",
        ),
        scripted(
            "reports an error after text",
            sse([text("Half "), Part::Frame(flat)]),
            reported,
            "slot is gone",
        )
        .asked(2),
        scripted(
            "reports an error in words",
            unfinished([raw("data: {\"error\": \"too hot\"}\n\n")]),
            reported,
            "too hot",
        ),
    ]
}

fn silences() -> Vec<Fault> {
    let silent = |name, script| {
        fault(
            name,
            Reply::Silent(script),
            ("model_timeout", true),
            "sent nothing for",
            "URL",
        )
    };
    vec![
        silent("never answers", Script::Silence),
        silent(
            "never goes on after its head",
            unfinished([Part::Step(Step::Silence)]),
        ),
        silent(
            "never goes on after its text",
            unfinished([text("Half "), Part::Step(Step::Silence)]),
        )
        .asked(2),
        silent(
            "only pings after its text",
            unfinished([text("Half "), Part::Step(Step::Pings)]),
        )
        .asked(2),
    ]
}
