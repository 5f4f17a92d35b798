//! References to items of earlier responses, which some clients send in place of what those said.

use serde_json::{Map, Value, json};

use super::super::super::runs::events::read_log;
use super::super::super::{ApiError, App, Caller};
use super::input::FIELD;
use crate::sse::message_text;

/// References that are followed, the newest of a request: of a conversation that is longer no model is told all.
const MOST_FOLLOWED: usize = 32;

/// Puts what was said in the place of references to messages. Those to other items are passed over as the items are.
pub(super) async fn follow(
    app: &App,
    caller: &Caller,
    body: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(Value::Array(items)) = body.get_mut(FIELD) else {
        return Ok(());
    };
    let references = items.iter_mut().enumerate().rev().filter_map(|(at, item)| {
        let is_reference = item.get("type").is_some_and(|it| it == "item_reference");
        let id = item.get("id")?.as_str()?;
        let id = id.strip_prefix("msg_").filter(|_| is_reference)?.to_owned();
        Some((at, item, id))
    });
    for (at, item, id) in references.take(MOST_FOLLOWED) {
        let missing = || {
            let path = format!("{FIELD}[{at}]");
            let problem =
                "names an item that is not there: send what it said, or previous_response_id";
            ApiError::not_found(format!("{path} {problem}")).about(&path)
        };
        let (run_id, index) = id.split_once('_').ok_or_else(missing)?;
        let run_id = run_id.parse().map_err(|_| missing())?;
        let events = read_log(app, caller, run_id).await;
        let events = events.map_err(|error| {
            if error.is_not_found() {
                missing()
            } else {
                error
            }
        })?;
        let index = index.parse().map_err(|_| missing())?;
        let text = message_text(&events, index).ok_or_else(missing)?;
        *item = json!({"role": "assistant", "content": text});
    }
    Ok(())
}
