//! Errors that end a run, in words.

use crate::event::OVER_BUDGET;
use crate::{Cost, INVALID_ANSWER, MAX_RECOVERIES, Problem, Reply};

pub(super) fn empty_reply(reply: &Reply) -> Problem {
    let (did, remedy) = if reply.reasoning.is_some() {
        (
            "thought, and returned neither text nor a tool call",
            "Ask again; if it stays so, give its server a larger context, or set another model for it that thinks less.",
        )
    } else {
        (
            "returned neither text nor a tool call",
            "Ask again; if it stays so, check that the server's chat template supports tools.",
        )
    };
    Problem {
        code: "empty_reply".to_owned(),
        message: format!(
            "The orchestrator model `{}` {did} (finish reason `{}`).",
            reply.model, reply.finish_reason
        ),
        remedy: remedy.to_owned(),
    }
}

pub(super) fn time_is_up(limit_ms: u64) -> Problem {
    Problem {
        code: "time_limit".to_owned(),
        message: format!("The run used up its {} seconds.", limit_ms / 1000),
        remedy: "Ask a smaller question, or allow fewer rounds.".to_owned(),
    }
}

pub(super) fn over_budget(cap: Cost) -> Problem {
    Problem {
        code: OVER_BUDGET.to_owned(),
        message: format!(
            "The run may cost ${} at most, and what its next call might have cost was more than was left; there is no text yet that \
             could stand as an answer.",
            cap.usd()
        ),
        remedy: "Ask with a larger max_cost_usd, a smaller max_tokens, or cheaper models."
            .to_owned(),
    }
}

pub(super) fn invalid_answer(message: &str) -> Problem {
    Problem {
        code: INVALID_ANSWER.to_owned(),
        message: message.to_owned(),
        remedy: "Ask with a simpler schema, a larger max_tokens, or a stronger model.".to_owned(),
    }
}

pub(super) fn driver_lost_too_often() -> Problem {
    Problem {
        code: "driver_lost".to_owned(),
        message: format!(
            "The process that worked on this run was lost {} times in a row.",
            MAX_RECOVERIES + 1
        ),
        remedy: "Look into the function's log for why it dies, then ask again.".to_owned(),
    }
}
