//! An error in full, with what to do about it, for the person who has to mend it.

use run::Problem;

use super::AskError;
use super::too_long::too_long;
use crate::next::Next;
use crate::server::Server;

/// `rustls` says so of a certificate that no authority vouches for.
const UNTRUSTED: &str = "invalid peer certificate";

impl AskError {
    /// In full, with what to do.
    ///
    /// `context_tokens`: the model's context, as far as the caller knows.
    pub fn problem(&self, name: &str, server: &Server, context_tokens: u32) -> Problem {
        let address = server.address();
        let variable = &server.variable;
        Problem {
            code: self.code().to_owned(),
            message: sentence(&format!("The model {name} at {address} {self}")),
            remedy: match self.next() {
                Next::Shrink { window } => too_long(&address, variable, window, context_tokens),
                Next::Retry { .. }
                | Next::ToolsInText
                | Next::ToolsInTextNow
                | Next::WithoutSchema
                | Next::WithoutSchemaNow
                | Next::Adapt(_)
                | Next::PlainTurns
                | Next::OtherModel
                | Next::GiveUp
                | Next::Stop => self.remedy(server),
            },
        }
    }

    fn remedy(&self, server: &Server) -> String {
        let address = server.address();
        let variable = &server.variable;
        match self {
            Self::Unwritable => "Report it: it is a fault of this service.".to_owned(),
            Self::Unreachable { detail } => unreachable(detail, &address, variable),
            Self::Silent { .. } => format!(
                "Look whether the server at {address} is loading or overloaded; a longer wait is set by \
                 MODEL_IDLE_SECONDS, another server by {variable}."
            ),
            Self::Refused {
                next: Next::Stop, ..
            }
            | Self::Reported {
                next: Next::Stop, ..
            } => format!(
                "Ask in other words, or set {variable} to a server that answers it: that at {address} does not by its rules."
            ),
            Self::Refused {
                status: 401 | 403, ..
            } => format!(
                "Set {} to a key that the server accepts.",
                variable.replace("_API_URL", "_API_KEY")
            ),
            Self::Refused {
                status: 404 | 405, ..
            } => format!(
                "{}. Check {variable}, and set {} to a model that the server lists under {}.",
                server.asked_at(),
                variable.replace("_API_URL", "_MODEL"),
                server.shown_url("models")
            ),
            Self::CircuitOpen { .. } => format!(
                "Look into the log of the server at {address}, or set {variable} to another one; ask again in a moment."
            ),
            Self::RateLimited { .. } => {
                format!("Ask again in a moment, or set {variable} to a server with more room.")
            }
            Self::Refused { .. } | Self::Reported { .. } => self.of_refusal(server),
            Self::Empty | Self::Cut => format!(
                "Ask again; if it stays so, look into the log of the server at {address} for a context that is \
                 too small or a crash, or set {variable} to another one."
            ),
            Self::OnlyThought => {
                "Ask again with a larger max_tokens, or choose a model that thinks less; the context of the server has to hold \
                 question, thought and answer together."
                    .to_owned()
            }
            Self::NoDecision | Self::Blanks => format!(
                "Look whether the server at {address} keeps replies to a JSON schema, set `orchestrator.calls` of the catalogue to \
                 `text`, or set {variable} to another server."
            ),
            Self::TooLong => format!(
                "Look whether the model repeats itself, and whether the server at {address} keeps to max_tokens; {variable} \
                 sets another one."
            ),
            Self::Garbage | Self::TooLarge => format!(
                "{}. Check that {variable} is the address of an OpenAI-compatible server, such as http://127.0.0.1:8001/v1.",
                server.asked_at()
            ),
        }
    }
}

impl AskError {
    /// Where a refusal names a field that the operator has set, that is looked at.
    fn of_refusal(&self, server: &Server) -> String {
        let (address, variable) = (server.address(), &server.variable);
        match self.refused_field(server) {
            Some(field) => format!(
                "Look at `{field}` under `request` of this model in the catalogue: the server at {address} does not take it so."
            ),
            None => format!(
                "Look into the log of the server at {address}, or set {variable} to another one, then ask again."
            ),
        }
    }

    /// The field of the operator's that a refusal of the request's form names.
    fn refused_field<'a>(&self, server: &'a Server) -> Option<&'a str> {
        let Self::Refused {
            status: 400 | 422,
            message,
            ..
        } = self
        else {
            return None;
        };
        server.overrides.named_in(message)
    }
}

fn unreachable(detail: &str, address: &str, variable: &str) -> String {
    if detail.contains(UNTRUSTED) {
        format!(
            "Where an authority of your own has signed the certificate of {address}, name its certificate in EXTRA_CA_CERTS. (A \
             server's own certificate that is an authority's at the same time is not taken: sign one by it.)"
        )
    } else {
        format!("Start the server at {address}, or set {variable} to the address of one that runs.")
    }
}

/// Ends with one full stop: the server's own words most often have theirs.
fn sentence(words: &str) -> String {
    format!("{}.", words.strip_suffix('.').unwrap_or(words))
}
