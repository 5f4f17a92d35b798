//! Several calls wrapped in one.

use serde::Deserialize;
use serde_json::Value;

use crate::dialect::Offered;
use crate::message::AskedCall;

/// The calls within a call of `multi_tool_use.parallel`, as GPT models wrap them; any other is one call.
pub(super) fn unwrapped(name: &str, arguments: String, offered: &Offered) -> Vec<AskedCall> {
    let is_wrapper = name.ends_with("parallel") && offered.fitting(name).is_none();
    let wrapped = is_wrapper.then(|| serde_json::from_str::<ParallelCalls>(&arguments));
    let Some(Ok(ParallelCalls { tool_uses })) = wrapped else {
        let name = name.to_owned();
        return vec![AskedCall { name, arguments }];
    };
    let calls = tool_uses.into_iter().map(|call| AskedCall {
        name: match offered.fitting(&call.recipient_name) {
            Some(name) => name.to_owned(),
            None => call.recipient_name,
        },
        arguments: call.parameters.to_string(),
    });
    calls.collect()
}

#[derive(Deserialize)]
struct ParallelCalls {
    tool_uses: Vec<ParallelCall>,
}

#[derive(Deserialize)]
struct ParallelCall {
    recipient_name: String,
    #[serde(default)]
    parameters: Value,
}
