//! Words for a field of the request that is not taken, and words for other things that name one.

/// Bodies under 400 or 422, and the field that is left out for them of a request with a temperature of 0.
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    // Values of a field.
    (
        r#"{"error":{"message":"invalid temperature: only 1 is allowed for this model","type":"invalid_request_error"}}"#,
        "temperature",
    ),
    (
        r#"{"error":{"message":"invalid temperature: only 0.6 is allowed for this model","type":"invalid_request_error"}}"#,
        "temperature",
    ),
    (
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking"}}"#,
        "temperature",
    ),
    (
        r#"{"message":"temperature: Only temperature=1 is supported with this model","param":"temperature","code":"invalid_value"}"#,
        "temperature",
    ),
    (
        r#"{"error":{"message":"Invalid value for 'temperature': 0.0. Expected 1.","type":"invalid_request_error","param":"temperature","code":null}}"#,
        "temperature",
    ),
    (
        r#"{"error":{"message":"Invalid value for 'temperature': 0.0. Expected 1."}}"#,
        "temperature",
    ),
    (
        r#"{"error":"Invalid request: temperature must be 1.0 for this model"}"#,
        "temperature",
    ),
    (
        r#"{"error":{"message":"temperature参数非法。请检查文档。","code":"1214"}}"#,
        "temperature",
    ),
    (
        r#"{"error":{"message":"max_tokens参数非法。请检查文档。","code":"1214"}}"#,
        "max_tokens",
    ),
    (
        r#"{"error":{"message":"max_tokens is too large."}}"#,
        "max_tokens",
    ),
    (
        r#"{"error":{"message":"This value cannot be used.","param":"temperature","code":"invalid_value"}}"#,
        "temperature",
    ),
    // Fields as such.
    (
        r#"{"error":{"message":"Invalid parameter: 'stream_options'","param":"stream_options","code":"invalid_parameter"}}"#,
        "stream_options",
    ),
    (
        r#"{"error":{"message":"The parameter stream_options is not valid for this model."}}"#,
        "stream_options",
    ),
    (
        r#"{"error":{"message":"unexpected key 'stream_options' in request body"}}"#,
        "stream_options",
    ),
    (
        r#"{"detail":"Unexpected additional property: stream_options"}"#,
        "stream_options",
    ),
    (
        r#"{"message":"stream_options: unknown property"}"#,
        "stream_options",
    ),
    (
        r#"{"error":"stream_options is not a known field"}"#,
        "stream_options",
    ),
    (
        r#"{"error":{"message":"Unrecognised parameter 'stream_options'."}}"#,
        "stream_options",
    ),
    (
        r#"{"error":{"message":"This model does not accept the parameter 'stream_options'"}}"#,
        "stream_options",
    ),
    (
        r#"{"error":{"message":"Unknwon parameter: 'stream_options'."}}"#,
        "stream_options",
    ),
    (
        r#"{"detail":"Unsupported parameter: max_tokens"}"#,
        "max_tokens",
    ),
    ("stream_options: no such thing here", "stream_options"),
    (
        r#"{"error":{"message":"The 'stream_options' parameter is only allowed when 'stream' is enabled.","param":"stream_options"}}"#,
        "stream_options",
    ),
    (
        r#"{"error":{"message":"stream_options is not supported in streaming mode"}}"#,
        "stream_options",
    ),
    (
        r#"{"error":{"message":"`temperature` is not supported together with a system message"}}"#,
        "temperature",
    ),
    // By its new name, in either order.
    (
        r#"{"error":{"message":"Please use max_completion_tokens instead of max_tokens."}}"#,
        "max_tokens",
    ),
    (
        r#"{"error":{"message":"max_tokens has been replaced by max_completion_tokens"}}"#,
        "max_tokens",
    ),
    // Passed on by a gateway.
    (
        r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"invalid temperature: only 1 is allowed for this model\",\"type\":\"invalid_request_error\"}}","provider_name":"Moonshot AI"}}}"#,
        "temperature",
    ),
    (
        r#"{"error":{"message":"Error from provider: {\n  \"error\": {\n    \"message\": \"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.\",\n    \"param\": \"max_tokens\"\n  }\n}"}}"#,
        "max_tokens",
    ),
    (
        r#"{"error":{"message":"Error code: 400 - {'error': {'message': 'invalid temperature: only 1 is allowed for this model', 'type': 'invalid_request_error'}}"}}"#,
        "temperature",
    ),
];

/// Bodies under 400 that name a field of the request, and are about something else.
pub(super) const NOT_MEANT: &[&str] = &[
    // The request is repeated in the refusal.
    r#"{"error":{"message":"Invalid request: {\"model\": \"m\", \"temperature\": 0.0, \"max_tokens\":4096, \"stream\":true}"}}"#,
    r#"{"error":{"message":"Could not parse {\"temperature\":0,\"stream_options\":{\"include_usage\":true}}"}}"#,
    // What a tool takes, or what was said.
    r#"{"detail":[{"type":"missing","loc":["body","tools",0,"function","parameters","properties","temperature"],"msg":"Field required"}]}"#,
    r#"{"error":{"message":"Invalid value","param":"tools[0].function.parameters.properties.max_tokens"}}"#,
    r#"{"error":{"message":"invalid value for parameter 'tools': temperature"}}"#,
    r#"{"detail":[{"type":"string_type","loc":["body","messages",2,"content"],"msg":"Input should be a valid string"}]}"#,
];
