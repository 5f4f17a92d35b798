//! What is set aside for a request, and what is left of it.

use catalog::{Catalog, Model};
use model::{ChatMessage, DecisionSchema, Overrides, Server};
use run::{Attempt, CallId, Outcome, Spent, Status, ToolResult};
use serde_json::{Value, json};
use tokio::sync::oneshot::error::TryRecvError;

use super::*;

const fn usd(nano_usd: u64) -> Cost {
    Cost { nano_usd }
}

/// A model whose tokens cost a billionth of a dollar each.
fn model() -> Model {
    let catalog = json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": {"qwen": {
            "name": "Qwen", "url_env": "QWEN_API_URL", "model": "q", "context_tokens": 8192,
            "usd_per_million": {"input": 0.001, "output": 0.001},
        }},
        "tools": [{
            "type": "function",
            "function": {"name": "look", "description": "", "parameters": {"type": "object"}},
            "target": {"lambda": "look"}, "timeout_ms": 1000, "retry": "safe",
        }],
    });
    let catalog = Catalog::parse(&catalog.to_string()).unwrap();
    catalog.models[0].clone()
}

fn server() -> Server {
    Server::new("http://127.0.0.1:8001", None, "q", "QWEN_API_URL").unwrap()
}

/// What is set aside for a request, in tokens that are read and tokens that are written.
fn tokens(request: &ChatRequest, more_bytes: usize) -> (u64, u64) {
    let (server, model) = (&server(), &model());
    let endpoint = ModelEndpoint { server, model };
    let known = Capabilities::default();
    let reserved = match more_bytes {
        0 => most(&endpoint, request, &known),
        more => most_with(&endpoint, request, &known, more),
    };
    let Reservation { usage, cost } = reserved.unwrap();
    let usage = usage.unwrap();
    assert_eq!(cost, usd(usage.input_tokens + usage.output_tokens));
    (usage.input_tokens, usage.output_tokens)
}

#[test]
fn whatever_is_added_to_a_request_is_set_aside_for_byte_by_byte() {
    let bytes = |value: &Value| value.to_string().len() as u64;
    let message = json!({"role": "user", "content": "How many \u{1F980}?"});
    let tool = json!({"type": "function", "function": {"name": "look"}});
    let schema = json!({"type": "object", "properties": {"tool": {"const": "look"}}});
    let fields = json!({"top_k": 20, "stop": ["\n"]});
    let decision = DecisionSchema {
        schema: schema.clone(),
        answer: None,
    };
    let mut request = ChatRequest {
        max_tokens: Some(100),
        ..ChatRequest::default()
    };
    let mut expected = 512;
    assert_eq!(tokens(&request, 0), (expected, 100));
    for _ in 0..3 {
        request.messages.push(ChatMessage::from(message.clone()));
        expected += bytes(&message) + 16;
        assert_eq!(tokens(&request, 0), (expected, 100));
    }
    request.overrides = Arc::new(Overrides::read(fields.as_object().unwrap()));
    expected += bytes(&fields);
    assert_eq!(tokens(&request, 0), (expected, 100));
    request.tools = vec![tool.clone(), tool.clone()];
    assert_eq!(tokens(&request, 0), (expected + 2 * bytes(&tool), 100));
    // Its messages describe the tools.
    request.calls = CallForm::Schema(Arc::new(decision));
    expected += bytes(&schema);
    assert_eq!(tokens(&request, 0), (expected, 100));
    assert_eq!(tokens(&request, 7000), (expected + 7000, 100));
    // Nothing ends the reply but the context.
    request.max_tokens = None;
    assert_eq!(tokens(&request, 0), (expected, 8192));
}

#[test]
fn of_what_was_set_aside_as_much_is_left_as_was_not_spent_since() {
    let (server, model) = (&server(), &model());
    let endpoint = ModelEndpoint { server, model };
    let reserved = Reservation {
        usage: None,
        cost: usd(100),
    };
    let budget = Budget::new(Arc::default(), reserved);
    let mut ledger = Ledger::new();
    let mut spend = |tokens: u64, left: u64, granted: Option<u64>| {
        let usage = Usage {
            output_tokens: tokens,
            ..Usage::default()
        };
        ledger.add(&endpoint, usage);
        if let Some(granted) = granted {
            budget.is_granted(usd(granted), &ledger);
        }
        assert!(budget.covers(usd(left), &ledger));
        assert!(!budget.covers(usd(left + 1), &ledger));
    };
    spend(0, 100, None);
    spend(30, 70, None);
    spend(30, 50, Some(50));
    spend(20, 30, None);
    spend(31, 0, None);
    spend(0, 7, Some(7));
}

#[test]
fn an_attempt_goes_on_when_the_log_sets_its_money_aside_and_ends_where_it_does_not() {
    const WAITS: Result<(), TryRecvError> = Err(TryRecvError::Empty);
    const ENDS: Result<(), TryRecvError> = Err(TryRecvError::Closed);
    let call = |index: u32, attempt: u32| Call {
        call_id: CallId::Tool { round: 1, index },
        attempt,
    };
    let retry = |of: Call, reserved: Option<Reservation>| Event::Retry {
        call_id: of.call_id,
        attempt: of.attempt,
        reason: "because".to_owned(),
        model: None,
        ended: Attempt::default(),
        reserved,
    };
    let result = Event::ToolResult(ToolResult {
        call_id: call(1, 2).call_id,
        outcome: Outcome::OverBudget { has_begun: true },
        spent: Spent::default(),
    });
    let complete = Event::Complete {
        status: Status::OverBudget,
        duration_ms: 0,
        attempt: None,
    };
    let set_aside = Some(Reservation::default());
    for (event, first, second) in [
        (retry(call(1, 2), set_aside), Ok(()), WAITS),
        (retry(call(2, 2), set_aside), WAITS, Ok(())),
        (retry(call(1, 3), set_aside), WAITS, WAITS),
        (retry(call(1, 2), None), ENDS, WAITS),
        (result, ENDS, WAITS),
        (complete, ENDS, ENDS),
    ] {
        let grants = Grants::default();
        let mut waiting = [call(1, 2), call(2, 2)].map(|attempt| grants.expect(attempt));
        grants.read(&event);
        let told = waiting.each_mut().map(oneshot::Receiver::try_recv);
        assert_eq!(told, [first, second], "{event:?}");
    }
}
