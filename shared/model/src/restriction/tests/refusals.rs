//! Refusals of a request's form, word for word.

use super::super::RequestStyle;

/// What a refusal tells.
#[derive(Clone, Copy)]
pub(super) enum Told {
    Without(&'static [&'static str]),
    Shorter(&'static [u32]),
    ShorterDescriptions(&'static [u32]),
    Temperature,
    ToolNames(&'static [&'static str]),
    Another(RequestStyle),
    PlainTurns,
    ToolsInText,
    ToolsInTextNow,
}

/// Fields and keywords: who says it, the status, the body, and the names in it. The first that is sent is what is refused.
pub(super) const FIELDS: &[(&str, u16, &str, Told)] = &[
    (
        "OpenAI and Azure: the longest reply by its new name",
        400,
        r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#,
        Told::Without(&["max_tokens", "max_completion_tokens"]),
    ),
    (
        "OpenAI: the default temperature",
        400,
        r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#,
        Told::Without(&["temperature"]),
    ),
    (
        "OpenAI: another parameter",
        400,
        r#"{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}"#,
        Told::Without(&["stream_options"]),
    ),
    (
        "OpenAI: an unknown one within another",
        400,
        r#"{"error":{"message":"Unknown parameter: 'stream_options.include_usage'.","type":"invalid_request_error","param":"stream_options.include_usage","code":"unknown_parameter"}}"#,
        Told::Without(&["stream_options"]),
    ),
    (
        "OpenAI: an unknown one of a tool",
        400,
        r#"{"error":{"message":"Unknown parameter: 'tools[0].function.strict'.","type":"invalid_request_error","param":"tools[0].function.strict","code":"unknown_parameter"}}"#,
        Told::Without(&["strict", "strict"]),
    ),
    (
        "OpenAI: by its code alone",
        400,
        r#"{"error":{"message":"This cannot be used with this model.","type":"invalid_request_error","param":"parallel_tool_calls","code":"unsupported_parameter"}}"#,
        Told::Without(&["parallel_tool_calls"]),
    ),
    (
        "Mistral",
        422,
        r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted","input":true}]},"type":"invalid_request_error","param":null,"code":null}"#,
        Told::Without(&["stream_options"]),
    ),
    (
        "Mistral, as text in text",
        422,
        r#"{"object":"error","message":"{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"max_completion_tokens\"],\"msg\":\"Extra inputs are not permitted\",\"input\":0.0,\"url\":\"https://errors.pydantic.dev/2.5/v/extra_forbidden\"}]}","type":"internal_error_proxy","param":null,"code":"1000"}"#,
        Told::Without(&["max_completion_tokens"]),
    ),
    (
        "FastAPI",
        422,
        r#"{"detail":[{"type":"extra_forbidden","loc":["body","tool_choice"],"msg":"Extra inputs are not permitted","input":"auto"}]}"#,
        Told::Without(&["tool_choice"]),
    ),
    (
        "Anthropic",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"stream_options: Extra inputs are not permitted"}}"#,
        Told::Without(&["stream_options"]),
    ),
    (
        "Anthropic: a key of a tool",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"tools.0.custom.strict: Extra inputs are not permitted"}}"#,
        Told::Without(&["strict"]),
    ),
    (
        "Anthropic: a parameter that is no longer taken",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model."}}"#,
        Told::Without(&["temperature"]),
    ),
    (
        "Groq",
        400,
        r#"{"error":{"message":"property 'stream_options' is unsupported, did you mean 'stream'?","type":"invalid_request_error"}}"#,
        Told::Without(&["stream_options", "stream"]),
    ),
    (
        "Groq: a schema",
        400,
        r#"{"error":{"message":"invalid JSON schema for tool view, tools[24].function.parameters: 'required' present but 'properties' is missing","type":"invalid_request_error","param":"tool view, tools[24].function.parameters"}}"#,
        Told::Without(&["parameters", "required", "properties"]),
    ),
    (
        "Gemini",
        400,
        r#"[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"stream_options\": Cannot find field.","status":"INVALID_ARGUMENT"}}]"#,
        Told::Without(&["stream_options"]),
    ),
    (
        "Gemini: keywords of a schema",
        400,
        r#"{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"$schema\" at 'tools[0].function_declarations[0].parameters': Cannot find field.\nInvalid JSON payload received. Unknown name \"additionalProperties\" at 'tools[0].function_declarations[1].parameters.properties[1].value.items': Cannot find field.","status":"INVALID_ARGUMENT"}}"#,
        Told::Without(&["$schema", "parameters", "additionalProperties", "items"]),
    ),
    (
        "Gemini behind a router, as text in text",
        400,
        r#"{"error":{"message":"Error from provider: {\"error\": {\"code\": 400, \"message\": \"Invalid JSON payload received. Unknown name \\\"additionalProperties\\\" at 'tools[0].function_declarations[34].parameters': Cannot find field.\"}}"}}"#,
        Told::Without(&["additionalProperties", "parameters"]),
    ),
    (
        "Gemini: a list of types",
        400,
        r#"{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"type\" at 'tools[0].function_declarations[2].parameters.properties[0].value': Proto field is not repeating, cannot start list.","status":"INVALID_ARGUMENT"}}"#,
        Told::Without(&["type", "value"]),
    ),
    (
        "OpenAI: a keyword of a strict schema",
        400,
        r#"{"error":{"message":"Invalid schema for function 'search': In context=('properties', 'num_results'), 'default' is not permitted.","type":"invalid_request_error","param":"tools[0].function.parameters","code":"invalid_function_parameters"}}"#,
        Told::Without(&["search", "properties", "num_results", "default"]),
    ),
    (
        "Bedrock",
        400,
        r#"{"message":"Malformed input request: #: extraneous key [stream_options] is not permitted, please reformat your input and try again."}"#,
        Told::Without(&["stream_options"]),
    ),
    (
        "a validator of JSON Schema",
        400,
        r#"{"error":"Additional properties are not allowed ('stream_options', 'max_tokens' were unexpected)"}"#,
        Told::Without(&["stream_options", "max_tokens"]),
    ),
    (
        "Python",
        500,
        r#"{"error":{"message":"generate() got an unexpected keyword argument 'max_tokens'","type":"internal_server_error"}}"#,
        Told::Without(&["max_tokens"]),
    ),
    (
        "LiteLLM",
        400,
        r#"{"error":{"message":"litellm.UnsupportedParamsError: azure does not support parameters: ['parallel_tool_calls'], for model=o1. To drop these, set `litellm.drop_params=True`","type":null,"param":null,"code":"400"}}"#,
        Told::Without(&["parallel_tool_calls"]),
    ),
    (
        "vLLM, in Python's words",
        400,
        r#"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted', 'input': {}}]","type":"BadRequestError","param":null,"code":400}"#,
        Told::Without(&[
            "type",
            "extra_forbidden",
            "loc",
            "stream_options",
            "msg",
            "input",
        ]),
    ),
    (
        "Fireworks",
        400,
        r#"{"error":{"object":"error","type":"invalid_request_error","message":"2 request validation errors: Extra inputs are not permitted, field: 'tools[0].strict', value: True; Extra inputs are not permitted, field: 'messages[7].tool_calls[0].x', value: 0"}}"#,
        Told::Without(&["errors", "strict"]),
    ),
    (
        "Cohere",
        422,
        r#"{"message":"unknown field: parameter 'strict' is not a valid field. For proper usage, please refer to https://docs.cohere.com/reference/chat"}"#,
        Told::Without(&["strict"]),
    ),
    (
        "Zhipu: no name at all, in its own language",
        400,
        r#"{"error":{"message":"API 调用参数有误，请检查文档。","code":"1210"}}"#,
        Told::Without(&[
            "stream_options",
            "temperature",
            "max_tokens",
            "max_completion_tokens",
        ]),
    ),
    (
        "Zhipu: no name at all",
        400,
        r#"{"error":{"message":"Upstream request failed: [1210] Invalid API parameter, please check the documentation.invalid input"}}"#,
        Told::Without(&[
            "stream_options",
            "temperature",
            "max_tokens",
            "max_completion_tokens",
        ]),
    ),
    (
        "Upstage: a value of a tool's key",
        400,
        r#"{"error":{"message":"Invalid value: 'true'. The value 'true' isn't supported yet.","type":"invalid_request_error","param":"tools[0].function.strict","code":"invalid_value"}}"#,
        Told::Without(&["true", "true", "strict"]),
    ),
    (
        "DashScope: the name of a tool",
        400,
        r#"{"error":{"code":"invalid_parameter_error","param":null,"message":"<400> InternalError.Algo.InvalidParameter: Tool names are not allowed to be [search]","type":"invalid_request_error"}}"#,
        Told::ToolNames(&["search"]),
    ),
    (
        "DashScope behind OpenRouter",
        400,
        r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"code\":\"invalid_parameter_error\",\"param\":null,\"message\":\"<400> InternalError.Algo.InvalidParameter: Tool names are not allowed to be [search]\"}}","provider_name":"Alibaba"}}}"#,
        Told::ToolNames(&["search"]),
    ),
    (
        "plain text",
        400,
        "max_tokens is not supported",
        Told::Without(&["max_tokens"]),
    ),
];

/// Numbers out of range.
pub(super) const LIMITS: &[(&str, u16, &str, Told)] = &[
    (
        "DeepSeek",
        400,
        r#"{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
        Told::Shorter(&[1, 8192]),
    ),
    (
        "OpenAI",
        400,
        r#"{"error":{"message":"max_tokens is too large: 32768. This model supports at most 16384 completion tokens, whereas you provided 32768.","type":"invalid_request_error","param":"max_tokens","code":"invalid_value"}}"#,
        Told::Shorter(&[32768, 16384, 32768]),
    ),
    (
        "Anthropic",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 128000 > 64,000, which is the maximum allowed number of output tokens for claude-3-7-sonnet-20250219"}}"#,
        Told::Shorter(&[128_000, 64_000]),
    ),
    (
        "Groq",
        400,
        r#"{"error":{"message":"`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model","type":"invalid_request_error","param":"max_tokens"}}"#,
        Told::Shorter(&[8192]),
    ),
    (
        "Bedrock",
        400,
        r#"{"message":"The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096."}"#,
        Told::Shorter(&[4096, 4096]),
    ),
    (
        "Bedrock, older",
        400,
        r#"{"message":"Malformed input request: 8192 is not less or equal to 8191, please reformat your input and try again."}"#,
        Told::Shorter(&[8192, 8191]),
    ),
    (
        "Doubao",
        400,
        r#"{"error":{"code":"InvalidParameter","message":"The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum value, expected a value <= 12288, but got 32000 instead. Request id: 0217752964393142fa50af54af66c5cf","param":"max_completion_tokens","type":"BadRequest"}}"#,
        Told::Shorter(&[12288, 32000]),
    ),
    (
        "DashScope",
        400,
        r#"{"error":{"message":"<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]","type":"invalid_request_error","code":"invalid_parameter_error"}}"#,
        Told::Shorter(&[400, 1, 8192]),
    ),
    (
        "Gemini",
        400,
        r#"{"error":{"code":400,"message":"Unable to submit request because it has a maxOutputTokens value of 32768 but the supported range is from 1 (inclusive) to 8193 (exclusive). Update the value and try again.","status":"INVALID_ARGUMENT"}}"#,
        Told::Shorter(&[32768, 1, 8192]),
    ),
    (
        "OpenAI: the description of a tool",
        400,
        r#"{"error":{"message":"Invalid 'tools[13].function.description': string too long. Expected a string with maximum length 1024, but got a string with length 1103 instead.","type":"invalid_request_error","param":"tools[13].function.description","code":"string_above_max_length"}}"#,
        Told::ShorterDescriptions(&[13, 1024, 1103, 13]),
    ),
    (
        "pydantic: the description of a tool",
        422,
        r#"{"detail":[{"type":"string_too_long","loc":["body","tools",0,"function","description"],"msg":"String should have at most 1024 characters"}]}"#,
        Told::ShorterDescriptions(&[1024]),
    ),
    (
        "Anthropic: temperature",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"temperature: range: 0..1"}}"#,
        Told::Temperature,
    ),
    (
        "pydantic: temperature",
        422,
        r#"{"detail":[{"type":"less_than_equal","loc":["body","temperature"],"msg":"Input should be less than or equal to 1.5","input":2.0}]}"#,
        Told::Temperature,
    ),
    (
        "pydantic: a temperature of 0",
        422,
        r#"{"detail":[{"type":"greater_than","loc":["body","temperature"],"msg":"Input should be greater than 0","input":0.0}]}"#,
        Told::Temperature,
    ),
    (
        "OpenRouter: what a server says of a number, passed on",
        400,
        r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]\"}}"}}}"#,
        Told::Shorter(&[1, 8192]),
    ),
    (
        "TGI: temperature",
        422,
        r#"{"error":"Input validation error: `temperature` must be strictly positive","error_type":"validation"}"#,
        Told::Temperature,
    ),
    (
        "GigaChat: temperature",
        422,
        r#"{"status":422,"message":"Invalid params: temperature must be in range (0, +inf)"}"#,
        Told::Temperature,
    ),
];
