//! Errors as servers word them, and what may help.

mod effort_of_reading;

use std::time::Duration;

use super::{
    BUSY, FORBIDDEN, LOADING, MALFORMED, NO_TOOLS, NOT_HERE, Next, TOO_LONG, UNREAD_CALL, Window,
};
use crate::error::AskError;
use crate::restriction::{RequestStyle, Restriction};
use crate::retry_after::retry_after;
use crate::wire_error::WireError;

const RETRY: Next = Next::Retry { after: None };

const fn shrink(prompt_tokens: Option<u64>, context_tokens: u64) -> Next {
    Next::Shrink {
        window: Some(Window {
            prompt_tokens,
            context_tokens,
        }),
    }
}

/// Who says it, the status, the body, and what may help.
const REFUSALS: &[(&str, u16, &str, Next)] = &[
    (
        "llama-server loads its model",
        503,
        r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#,
        RETRY,
    ),
    (
        "llama-server: too long",
        400,
        r#"{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":2575,"n_ctx":2048}}"#,
        shrink(Some(2575), 2048),
    ),
    (
        "llama-server, older: too long",
        500,
        r#"{"error":{"code":500,"message":"context size has been exceeded","type":"server_error"}}"#,
        Next::Shrink { window: None },
    ),
    (
        "llama-server without --jinja",
        500,
        r#"{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}"#,
        Next::ToolsInText,
    ),
    (
        "llama-server: a call that it cannot parse",
        500,
        r#"{"error":{"code":500,"message":"The model produced output that does not match the expected peg-native format","type":"server_error"}}"#,
        Next::ToolsInTextNow,
    ),
    (
        "llama-server, older: a call that it cannot parse",
        500,
        r#"{"error":{"code":500,"message":"Failed to parse input at pos 31: <tool_call>{\"name\"","type":"server_error"}}"#,
        Next::ToolsInTextNow,
    ),
    (
        "llama-server: a call that its grammar does not take",
        500,
        r#"{"error":{"code":500,"message":"Unexpected empty grammar stack after accepting piece: =search (15)","type":"server_error"}}"#,
        Next::ToolsInTextNow,
    ),
    (
        "Groq: a call that it cannot read",
        400,
        r#"{"error":{"message":"Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=search{}"}}"#,
        Next::ToolsInTextNow,
    ),
    (
        "Ollama: a call that it cannot read",
        500,
        r#"{"error":{"message":"error parsing tool call: raw='{\"code\":\"print(1)\"}]', err=invalid character ']' after top-level value","type":"api_error"}}"#,
        Next::ToolsInTextNow,
    ),
    (
        "Gemini: a call that it cannot read",
        500,
        r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"{\"error\":\"MALFORMED_FUNCTION_CALL\"}"}}}"#,
        Next::ToolsInTextNow,
    ),
    (
        "Ollama: a call in elements that it cannot read",
        500,
        r#"{"error":"XML syntax error on line 4: element <parameter> closed by </function>"}"#,
        Next::ToolsInTextNow,
    ),
    (
        "llama-server: malformed arguments in the history",
        500,
        r#"{"error":{"code":500,"message":"Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error at line 1, column 3","type":"server_error"}}"#,
        Next::GiveUp,
    ),
    (
        "llama-cpp-python: no content in the history",
        500,
        r#"{"error":{"message":"'NoneType' object is not iterable","type":"internal_server_error","param":null,"code":null}}"#,
        Next::GiveUp,
    ),
    (
        "llama-cpp-python: too long",
        400,
        r#"{"error":{"message":"This model's maximum context length is 2048 tokens. However, you requested 2575 tokens (2063 in the messages, 512 in the completion). Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
        shrink(Some(2575), 2048),
    ),
    (
        "vLLM: too long",
        400,
        r#"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.","type":"BadRequestError","param":null,"code":400}"#,
        shrink(Some(5000), 4096),
    ),
    (
        "vLLM without a tool parser",
        400,
        r#"{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}"#,
        Next::ToolsInText,
    ),
    (
        "vLLM: an empty list of tools",
        400,
        r#"{"object":"error","message":"[] is too short - 'tools'","type":"BadRequestError","param":null,"code":400}"#,
        Next::GiveUp,
    ),
    (
        "vLLM: another model",
        404,
        r#"{"object":"error","message":"The model `m` does not exist.","type":"NotFoundError","param":null,"code":404}"#,
        Next::OtherModel,
    ),
    (
        "SGLang: too long",
        400,
        r#"{"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","param":null,"code":400}"#,
        shrink(Some(5000), 4096),
    ),
    (
        "Ollama: a model without tools",
        400,
        r#"{"error":{"message":"registry.ollama.ai/library/gemma:2b does not support tools","type":"api_error","param":null,"code":null}}"#,
        Next::ToolsInText,
    ),
    (
        "Ollama: no such model",
        404,
        r#"{"error":{"message":"model 'm' not found","type":"not_found_error","param":null,"code":null}}"#,
        Next::OtherModel,
    ),
    (
        "TGI: busy",
        429,
        r#"{"error":"Model is overloaded","error_type":"overloaded"}"#,
        RETRY,
    ),
    (
        "TGI: too long",
        422,
        r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`","error_type":"validation"}"#,
        shrink(Some(5000), 4096),
    ),
    (
        "LM Studio: too long",
        400,
        r#"{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}"#,
        shrink(Some(5000), 4096),
    ),
    (
        "LM Studio: tool choice as an object",
        400,
        r#"{"error":"Invalid tool_choice type: 'object'. Supported string values: none, auto, required"}"#,
        Next::GiveUp,
    ),
    (
        "LiteLLM: too long, wrapped",
        400,
        r#"{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: OpenAIException - This model's maximum context length is 8192 tokens. However, your messages resulted in 9,001 tokens.","type":null,"param":null,"code":"400"}}"#,
        shrink(Some(9001), 8192),
    ),
    (
        "LiteLLM: budget",
        400,
        r#"{"error":{"message":"Budget has been exceeded! Current cost: 1.0, Max budget: 0.5","type":"budget_exceeded","param":null,"code":"400"}}"#,
        Next::OtherModel,
    ),
    (
        "OpenAI: rate limit",
        429,
        r#"{"error":{"message":"Rate limit reached for gpt-5 on tokens per min (TPM)","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
        RETRY,
    ),
    (
        "OpenAI: quota",
        429,
        r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
        Next::OtherModel,
    ),
    (
        "OpenAI: key",
        401,
        r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
        Next::OtherModel,
    ),
    (
        "OpenAI: refused",
        400,
        r#"{"error":{"message":"Invalid value: 'x'.","type":"invalid_request_error","param":"messages","code":null}}"#,
        Next::GiveUp,
    ),
    (
        "Bedrock: throttled",
        429,
        r#"{"error":{"code":"throttling_error","message":"Too many tokens, please wait before trying again.","param":null,"type":"invalid_request_error"}}"#,
        RETRY,
    ),
    (
        "Bedrock: no tools",
        400,
        r#"{"message":"This model doesn't support tool use."}"#,
        Next::ToolsInText,
    ),
    (
        "Bedrock: too long",
        400,
        r#"{"message":"Input is too long for requested model."}"#,
        Next::Shrink { window: None },
    ),
    (
        "Bedrock: no access",
        403,
        r#"{"Message":"User is not authorized to perform: bedrock:InvokeModel"}"#,
        Next::OtherModel,
    ),
    (
        "Azure: content",
        400,
        r#"{"error":{"message":"Filtered.","type":null,"param":"prompt","code":"content_filter","status":400}}"#,
        Next::Stop,
    ),
    (
        "DashScope: content",
        400,
        r#"{"error":{"code":"data_inspection_failed","param":null,"message":"Input data may contain inappropriate content.","type":"data_inspection_failed"}}"#,
        Next::Stop,
    ),
    ("llama-swap, while it swaps", 400, "", RETRY),
    ("Cloudflare: unknown", 520, "<html>520</html>", RETRY),
    ("Cloudflare: down", 521, "error code: 521", RETRY),
    ("Cloudflare: timed out", 522, "", RETRY),
    ("Cloudflare: unreachable", 523, "", RETRY),
    ("Cloudflare: timed out behind it", 524, "", RETRY),
    ("Cloudflare: a certificate", 526, "", Next::OtherModel),
    ("a gateway", 502, "<html>Bad gateway</html>", RETRY),
    ("a gateway in time", 504, "", RETRY),
    (
        "a proxy",
        413,
        "Payload Too Large",
        Next::Shrink { window: None },
    ),
    ("a slow client", 408, "", RETRY),
    (
        "out of memory",
        500,
        r#"{"error":{"message":"out of memory"}}"#,
        Next::OtherModel,
    ),
    (
        "FastAPI",
        422,
        r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#,
        Next::GiveUp,
    ),
    ("no words", 500, "{}", Next::OtherModel),
];

/// Words that servers and gateways put into a message, under a status that says nothing by itself.
const WORDINGS: &[(u16, &str, Next)] = &[
    (
        400,
        "deepseek-r1 does not support tool calls",
        Next::ToolsInText,
    ),
    (400, "This model doesn't support tools.", Next::ToolsInText),
    (
        400,
        "This model does not support function calling",
        Next::ToolsInText,
    ),
    (500, "tools param requires --jinja flag", Next::ToolsInText),
    (
        400,
        "auto tool choice requires --enable-auto-tool-choice",
        Next::ToolsInText,
    ),
    (
        400,
        "start the server with --tool-call-parser",
        Next::ToolsInText,
    ),
    (
        400,
        "Tool calling is not supported for this model",
        Next::ToolsInText,
    ),
    (
        400,
        "tools are not supported by this endpoint",
        Next::ToolsInText,
    ),
    (
        400,
        "The parameter tools is not supported",
        Next::ToolsInText,
    ),
    (
        404,
        "No endpoints found that support tool use.",
        Next::ToolsInText,
    ),
    (
        400,
        "Unsupported parameter: 'tools' cannot be used with this model.",
        Next::ToolsInText,
    ),
    (
        400,
        "Requested tokens (2063) exceed context window of 2048",
        shrink(Some(2063), 2048),
    ),
    (
        400,
        "Your input exceeds the context window of this model.",
        Next::Shrink { window: None },
    ),
    (
        400,
        "the prompt exceeds the context length",
        Next::Shrink { window: None },
    ),
    (
        400,
        "tokens exceed context of the model",
        Next::Shrink { window: None },
    ),
    (500, "context overflow", Next::Shrink { window: None }),
    (
        400,
        "prompt is too long: 208310 tokens > 200000 maximum",
        Next::Shrink { window: None },
    ),
    (
        422,
        "`inputs` must have less than 4096 tokens. Given: 5000",
        Next::Shrink { window: None },
    ),
    (400, "Billing hard limit has been reached", Next::OtherModel),
    (
        400,
        "Your credit balance is too low to access the API.",
        Next::OtherModel,
    ),
    (400, "model_not_found", Next::OtherModel),
    (
        400,
        "Function tools with reasoning_effort are not supported for gpt-5.6-luna in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
        Next::ToolsInText,
    ),
    (500, "Model is loading, try again later", RETRY),
    (
        503,
        "Model Qwen/Qwen2.5-7B-Instruct is currently loading",
        RETRY,
    ),
    (500, "The model is still loading", RETRY),
    (503, "the model is being loaded into memory", RETRY),
    (503, "upstream is starting up", RETRY),
    (503, "The engine is warming up", RETRY),
    (
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        Next::Stop,
    ),
    (400, "content_policy_violation", Next::Stop),
    (403, "This request violates our usage policies.", Next::Stop),
    (
        400,
        "Your request was rejected as a result of our safety system.",
        Next::Stop,
    ),
    (
        403,
        "Chat requires moderation: your input was flagged for violence.",
        Next::Stop,
    ),
    (400, "Blocked: PROHIBITED_CONTENT", Next::Stop),
    (400, "Rate limit exceeded", RETRY),
    (500, "rate_limit_exceeded", RETRY),
    (500, "Too Many Requests", RETRY),
    (500, "ThrottlingException", RETRY),
    (500, "The service is temporarily unavailable", RETRY),
    (500, "The chat template has no role `tool`", Next::GiveUp),
    (500, "jinja2.exceptions.UndefinedError", Next::GiveUp),
    (500, "invalid_request_error", Next::GiveUp),
    (
        500,
        "Missing 'content': Expected 'content' to be a string",
        Next::Adapt(Restriction::Another(RequestStyle::EmptyContent)),
    ),
    (500, "ValidationException", Next::GiveUp),
];

#[test]
fn a_wording_says_what_may_help_where_the_status_does_not() {
    for (status, message, next) in WORDINGS {
        let body = serde_json::json!({"error": {"message": message}}).to_string();
        let error = AskError::refused(*status, body.as_bytes(), None);
        assert_eq!(error.next(), *next, "{message}");
    }
}

#[test]
fn every_wording_that_is_looked_for_is_in_a_test() {
    let refusals = REFUSALS.iter().map(|(_, _, body, _)| *body);
    let seen = refusals.chain(WORDINGS.iter().map(|(_, message, _)| *message));
    let seen = seen.collect::<Vec<_>>().join("\n").to_ascii_lowercase();
    let tables: [&[&str]; 8] = [
        &TOO_LONG,
        &NO_TOOLS,
        &UNREAD_CALL,
        &NOT_HERE,
        &FORBIDDEN,
        &LOADING,
        &BUSY,
        &MALFORMED,
    ];
    for words in tables.concat() {
        assert!(seen.contains(words), "{words}");
    }
}

#[test]
fn a_refusal_says_what_may_help() {
    for (who, status, body, next) in REFUSALS {
        let error = AskError::refused(*status, body.as_bytes(), None);
        assert_eq!(error.next(), *next, "{who}: {error}");
    }
}

#[test]
fn the_server_says_how_long_to_wait_and_milliseconds_are_more_exact() {
    let cases = [
        ((None, None), None),
        ((None, Some("20")), Some(Duration::from_secs(20))),
        ((Some("1250"), Some("2")), Some(Duration::from_millis(1250))),
        ((Some("soon"), Some("2")), Some(Duration::from_secs(2))),
        ((None, Some("-1")), None),
        (
            (None, Some("Wed, 21 Oct 2026 07:28:09 GMT")),
            Some(Duration::from_secs(9)),
        ),
        (
            (None, Some("Wed, 21 Oct 2026 07:27:00 GMT")),
            Some(Duration::ZERO),
        ),
        ((None, Some("tomorrow")), None),
    ];
    let now = httpdate::parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap();
    for ((milliseconds, seconds), expected) in cases {
        assert_eq!(retry_after(milliseconds, seconds, now), expected);
    }
    let after = Some(Duration::from_secs(3));
    let error = AskError::refused(429, b"{}", after);
    assert_eq!(error.next(), Next::Retry { after });
    assert!(error.is_retryable());
}

#[test]
fn what_will_not_change_is_not_called_worth_a_second_try() {
    let retryable =
        |status, body: &str| AskError::refused(status, body.as_bytes(), None).is_retryable();
    assert!(retryable(500, r#"{"error":"out of memory"}"#));
    assert!(!retryable(
        429,
        r#"{"error":{"message":"x","code":"insufficient_quota"}}"#
    ));
    assert!(!retryable(
        500,
        r#"{"error":"tools param requires --jinja flag"}"#
    ));
    assert!(!retryable(401, "{}"));
    let unread = AskError::refused(500, b"{\"error\":\"Failed to parse input at pos 3\"}", None);
    assert!(unread.is_retryable() && !unread.is_fault_of_server());
    assert!(AskError::Cut.is_retryable() && !AskError::TooLarge.is_retryable());
}

#[test]
fn the_words_of_an_error_are_found_in_every_form() {
    let cases = [
        (r#"{"error": "model crashed"}"#, "model crashed"),
        (
            r#"{"error": {"message": "no memory", "code": 500}, "choices": []}"#,
            "no memory",
        ),
        (
            r#"{"object": "error", "message": "bad template", "code": 400}"#,
            "bad template",
        ),
        (r#"{"error": {"type": "odd"}}"#, r#"{"type":"odd"}"#),
        (r#"{"detail": "Not Found"}"#, "Not Found"),
        (r#"{"detail": [{"msg": "x"}]}"#, r#"[{"msg":"x"}]"#),
        (r#"{"detail": {"message": "no memory"}}"#, "no memory"),
        (r#"{"error": {"message": {"detail": "x"}}}"#, "x"),
        (r#"{"error": {"message": {}, "reason": "x"}}"#, "x"),
        (r#"{"error": 7}"#, r#"{"error":7}"#),
    ];
    for (body, words) in cases {
        assert_eq!(WireError::read(body.as_bytes()).unwrap().message, words);
    }
    for (text, words) in [
        ("\"no memory\"", Some("no memory")),
        ("no memory", Some("no memory")),
        (
            r#"{"message": " ", "detail": "no memory"}"#,
            Some("no memory"),
        ),
        ("\" \"", None),
        (" \n", None),
        ("{}", None),
        ("null", None),
    ] {
        let read = WireError::read_any(text.as_bytes());
        assert_eq!(read.map(|error| error.message).as_deref(), words, "{text}");
    }
    assert_eq!(WireError::read(b"[1]"), None);
    assert_eq!(WireError::read(b"{}"), None);
}

#[test]
fn a_model_that_is_being_loaded_is_told_from_one_that_is_busy_or_broken() {
    let is_loading =
        |status, body: &str| AskError::refused(status, body.as_bytes(), None).is_loading();
    for body in [
        r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#,
        r#"{"error":"Model mistral is currently loading","estimated_time":20.0}"#,
        "upstream is starting up",
    ] {
        assert!(is_loading(503, body), "{body}");
    }
    for (status, body) in [
        (503, r#"{"error":"overloaded"}"#),
        (429, "the model is loading"),
        (400, r#"{"error":"prompt is too long while loading model"}"#),
        (502, "<h1>Bad gateway</h1>"),
    ] {
        assert!(!is_loading(status, body), "{body}");
    }
    assert!(!AskError::Empty.is_loading());
}
