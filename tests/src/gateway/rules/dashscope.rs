//! Alibaba's API: names that it keeps for tools of its own.

use serde_json::Value;

use super::super::Refusal;
use super::super::conversation::{Turn, error, offered};
use super::Judged;

const KEPT: &str = "search";

pub(super) fn dashscope(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let message = format!(
        "<400> InternalError.Algo.InvalidParameter: Tool names are not allowed to be [{KEPT}]"
    );
    if offered(request).any(|name| name == KEPT) {
        return Err(Refusal::lesson(400, KEPT, error(&message)));
    }
    if turns.iter().flat_map(Turn::names).any(|name| name == KEPT) {
        return Err(Refusal::fault(400, error(&message)));
    }
    Ok(())
}
