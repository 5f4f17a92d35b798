//! Refusals of messages and streams, word for word.

use super::super::RequestStyle;
use super::refusals::Told;

/// Messages and streams, and what else is told in the same words.
pub(super) const STYLES: &[(&str, u16, &str, Told)] = &[
    (
        "OpenAI: an organization that is not verified",
        400,
        r#"{"error":{"message":"Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.","type":"invalid_request_error","param":"stream","code":"unsupported_value"}}"#,
        Told::Another(RequestStyle::Unstreamed),
    ),
    (
        "OpenAI: no stream",
        400,
        r#"{"error":{"message":"Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.","type":"invalid_request_error","param":"stream","code":"unsupported_value"}}"#,
        Told::Another(RequestStyle::Unstreamed),
    ),
    (
        "Bedrock: tools, but not in streams",
        400,
        r#"{"message":"This model doesn't support tool use in streaming mode."}"#,
        Told::Another(RequestStyle::Unstreamed),
    ),
    (
        "Gemma's template",
        500,
        r#"{"error":{"code":500,"message":"Jinja Exception: System role not supported","type":"server_error"}}"#,
        Told::Another(RequestStyle::NoSystem),
    ),
    (
        "Gemini: Gemma",
        400,
        r#"{"error":{"code":400,"message":"Developer instruction is not enabled for models/gemma-3-27b-it","status":"INVALID_ARGUMENT"}}"#,
        Told::Another(RequestStyle::NoSystem),
    ),
    (
        "Bedrock: no system",
        400,
        r#"{"message":"This model doesn't support system messages. Try again without a system message or use a model that supports system messages."}"#,
        Told::Another(RequestStyle::NoSystem),
    ),
    (
        "OpenAI: no system",
        400,
        r#"{"error":{"message":"Unsupported value: 'messages[0].role' does not support 'system' with this model.","type":"invalid_request_error","param":"messages[0].role","code":"unsupported_value"}}"#,
        Told::Another(RequestStyle::NoSystem),
    ),
    (
        "Ministral's template",
        500,
        r#"{"error":{"code":500,"message":"Only user, assistant and tool roles are supported, got system.","type":"server_error"}}"#,
        Told::Another(RequestStyle::NoSystem),
    ),
    (
        "TGI: a message without content",
        422,
        "Failed to deserialize the JSON body into the target type: messages[2]: missing field `content` at line 17 column 9",
        Told::Another(RequestStyle::EmptyContent),
    ),
    (
        "FastAPI: a message without content",
        422,
        r#"{"detail":[{"type":"missing","loc":["body","messages",2,"content"],"msg":"Field required","input":{"role":"assistant"}}]}"#,
        Told::Another(RequestStyle::EmptyContent),
    ),
    (
        "Bedrock: text beside calls",
        400,
        r#"{"message":"messages.7.content: Conversation blocks and tool use blocks cannot be provided in the same turn."}"#,
        Told::Another(RequestStyle::CallsAlone),
    ),
    (
        "Gemini 3",
        400,
        r#"[{"error":{"code":400,"message":"Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance.","status":"INVALID_ARGUMENT"}}]"#,
        Told::Another(RequestStyle::SignedCalls),
    ),
    (
        "Gemini: a result without a name",
        400,
        r#"{"error":{"code":400,"message":"* GenerateContentRequest.contents[2].parts[0].function_response.name: Name cannot be empty.","status":"INVALID_ARGUMENT"}}"#,
        Told::Another(RequestStyle::NamedResults),
    ),
    (
        "a template for turns",
        500,
        r#"{"error":{"code":500,"message":"Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...","type":"server_error"}}"#,
        Told::PlainTurns,
    ),
    (
        "Bedrock: turns",
        400,
        r#"{"message":"A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again."}"#,
        Told::PlainTurns,
    ),
    (
        "OCI: tools, but not in streams",
        400,
        r#"{"message":"Tool call with streaming is currently not supported by cohere.command-r-08-2024"}"#,
        Told::Another(RequestStyle::Unstreamed),
    ),
    (
        "DeepSeek: a thought that is wanted back",
        400,
        r#"{"error":{"message":"The `reasoning_content` in the thinking mode must be passed back to the API.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
        Told::ToolsInText,
    ),
    (
        "vLLM, in Python's words: tools in their own field",
        400,
        r#"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'tools'), 'msg': 'Extra inputs are not permitted'}]","type":"BadRequestError","param":null,"code":400}"#,
        Told::ToolsInText,
    ),
    (
        "Mistral: tools in their own field",
        422,
        r#"{"object":"Error","detail":[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted","input":[]}]}"#,
        Told::ToolsInText,
    ),
    (
        "Groq: tools in their own field",
        400,
        r#"{"error":{"message":"property 'tools' is unsupported","type":"invalid_request_error"}}"#,
        Told::ToolsInText,
    ),
    (
        "older OpenAI: tools in their own field",
        400,
        r#"{"error":{"message":"Unrecognized request argument supplied: functions","type":"invalid_request_error","param":null,"code":null}}"#,
        Told::ToolsInText,
    ),
    (
        "Groq: a call that its model made badly",
        400,
        r#"{"error":{"message":"tool call validation failed: attempted to call tool 'telepathy' which was not in request.tools","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"{}"}}"#,
        Told::ToolsInTextNow,
    ),
    (
        "Azure's proxy: no stream",
        400,
        r#"{"message":"Streaming completion is not support yet, please remove 'stream' key value in the request payload."}"#,
        Told::Another(RequestStyle::Unstreamed),
    ),
    (
        "TGI: no stream",
        400,
        r#"{"error":["Error in `stream`: `stream` is not supported for this model"]}"#,
        Told::Another(RequestStyle::Unstreamed),
    ),
    (
        "Anthropic: no system",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"role 'system' is not supported on this model"}}"#,
        Told::Another(RequestStyle::NoSystem),
    ),
    (
        "Mistral's older template",
        400,
        r#"{"object":"error","message":"Only user and assistant roles are supported!","type":"BadRequestError","param":null,"code":400}"#,
        Told::PlainTurns,
    ),
    (
        "Mistral: a role out of its turn",
        400,
        r#"{"object":"error","message":"Unexpected role 'user' after role 'tool'","type":"invalid_request_error","param":null,"code":null}"#,
        Told::PlainTurns,
    ),
    (
        "Anthropic: no results",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages: Unexpected role \"tool\". Allowed roles are \"user\" or \"assistant\"."}}"#,
        Told::PlainTurns,
    ),
    (
        "a gateway to Cursor: no results",
        500,
        r#"{"error":"Unsupported role: tool"}"#,
        Told::PlainTurns,
    ),
    (
        "Moonshot: a thought that is wanted back",
        400,
        r#"{"error":{"type":"<nil>","message":"thinking is enabled but reasoning_content is missing in assistant tool call message at index 13"},"type":"error"}"#,
        Told::ToolsInText,
    ),
    (
        "DeepSeek behind a gateway: the words stand where the field should",
        400,
        r#"{"error":{"code":"400","message":"Param Incorrect","param":"The reasoning_content in the thinking mode must be passed back to the API.","type":""}}"#,
        Told::ToolsInText,
    ),
    (
        "vLLM: a call that its parser does not take",
        400,
        r#"{"error":{"message":"tool call validation failed: parameters for tool search did not match schema: errors: [additionalProperties 'temperature' not allowed]","type":"invalid_request_error","code":"tool_use_failed"}}"#,
        Told::ToolsInTextNow,
    ),
    (
        "a server without streams",
        400,
        r#"{"error":{"message":"Streaming is not supported by this model."}}"#,
        Told::Another(RequestStyle::Unstreamed),
    ),
    (
        "an older template for system messages",
        400,
        r#"{"error":"system role is not supported"}"#,
        Told::Another(RequestStyle::NoSystem),
    ),
    (
        "llama-server: a message without content",
        500,
        r#"{"error":{"code":500,"message":"Missing 'content': Expected 'content' to be a string","type":"server_error"}}"#,
        Told::Another(RequestStyle::EmptyContent),
    ),
    (
        "Vertex: Gemini 3",
        400,
        r#"[{"error":{"code":400,"message":"Unable to submit request because function call `default_api:search` in the 2. content block is missing a `thought_signature`.","status":"INVALID_ARGUMENT"}}]"#,
        Told::Another(RequestStyle::SignedCalls),
    ),
];
