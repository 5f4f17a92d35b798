//! The protocol itself: who may speak, in which version, and what is said to what is no request.

use jsonschema::Validator;
use orchestrator::Access;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::says;
use tests::stack::Setup;

use crate::kit::{answer, call, json_of, message, post, result, stack};

#[tokio::test]
async fn a_handshake_and_a_discovery_name_the_server_and_what_it_offers() {
    let (_models, stack) = stack().await;
    let hello = json!({"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
    let (status, told) = answer(post(&stack.client, &message("initialize", &hello))).await;
    assert_eq!(status, 200);
    let told = &told["result"];
    assert_eq!(told["protocolVersion"], "2025-03-26");
    assert_eq!(told["capabilities"], json!({"tools": {}}));
    assert_eq!(told["serverInfo"]["name"], "serverless-llm");
    assert!(told.get("resultType").is_none());
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let response = send(post(&stack.client, &ready)).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.bytes().await.unwrap().len(), 0);
    let (status, found) = answer(stateless(&stack.client, "server/discover", json!({}))).await;
    assert_eq!(status, 200);
    let found = &found["result"];
    assert_eq!(found["resultType"], "complete");
    assert_eq!(found["supportedVersions"][0], "2026-07-28");
    assert_eq!(
        found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
        "serverless-llm"
    );
}

/// A request in the version without a handshake.
fn stateless(
    client: &tests::client::Client,
    method: &str,
    mut params: Value,
) -> reqwest::RequestBuilder {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let request = post(client, &message(method, &params))
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method);
    match params["name"].as_str() {
        Some(name) => request.header("mcp-name", name),
        None => request,
    }
}

#[tokio::test]
async fn the_tools_are_listed_in_both_ways_and_what_they_give_fits_their_schemas() {
    let (models, stack) = stack().await;
    let client = &stack.client;
    let (_, listed) = answer(post(client, &message("tools/list", &json!({})))).await;
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ask", "get_run", "cancel_run"]);
    let (_, again) = answer(stateless(client, "tools/list", json!({}))).await;
    assert_eq!(again["result"]["tools"], listed["result"]["tools"]);
    assert!(again["result"]["ttlMs"].is_u64() && again["result"]["cacheScope"].is_string());
    let validator = |schema: &Value| jsonschema::validator_for(schema).unwrap();
    let schemas: Vec<(Validator, Validator)> = tools
        .iter()
        .map(|tool| {
            (
                validator(&tool["inputSchema"]),
                validator(&tool["outputSchema"]),
            )
        })
        .collect();
    models.orchestrator([says("Seven.")]);
    let asked = json!({"query": "How many?"});
    assert!(schemas[0].0.is_valid(&asked) && !schemas[0].0.is_valid(&json!({"query": 7})));
    let first = result(client, "ask", &asked).await;
    let named = json!({"run_id": first["structuredContent"]["run_id"]});
    for (index, tool, arguments) in [
        (0, "ask", &asked),
        (1, "get_run", &named),
        (2, "cancel_run", &named),
    ] {
        let given = if index == 0 {
            first.clone()
        } else {
            result(client, tool, arguments).await
        };
        assert!(schemas[index].0.is_valid(arguments));
        assert_eq!(unread(&tools[index]["inputSchema"]), [""; 0], "{tool}");
        let fault = schemas[index].1.validate(&given["structuredContent"]);
        assert!(fault.is_ok(), "{tool}: {fault:?}");
        let members = given["structuredContent"].as_object().unwrap();
        let members: Vec<_> = members.keys().collect();
        assert_eq!(
            members,
            ["run_id", "status", "answer", "sources", "cost_usd", "next"]
        );
    }
}

/// Words of a schema that some servers of models refuse, or make grammars of that cannot be used: the rest is in the descriptions.
fn unread(schema: &Value) -> Vec<String> {
    let read = [
        "type",
        "properties",
        "required",
        "description",
        "minimum",
        "maximum",
    ];
    let named = schema.as_object().unwrap().keys();
    let here = named.filter(|it| !read.contains(&it.as_str())).cloned();
    let inner = schema.get("properties").and_then(Value::as_object);
    let inner = inner
        .into_iter()
        .flat_map(|it| it.values())
        .flat_map(unread);
    here.chain(inner).collect()
}

#[tokio::test]
async fn a_call_without_a_handshake_is_answered_as_one_with_it() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven.")]);
    let params = json!({"name": "ask", "arguments": {"query": "How many?"}});
    let (status, told) = answer(stateless(&stack.client, "tools/call", params)).await;
    assert_eq!(
        (status, &told["result"]["resultType"]),
        (200, &json!("complete"))
    );
    assert_eq!(told["result"]["structuredContent"]["answer"], "Seven.");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_in_the_words_of_the_protocol() {
    let (_models, stack) = stack().await;
    let client = &stack.client;
    let raw = |body: &'static str| {
        let request = client.request(Method::POST, "/mcp");
        request
            .header("content-type", "application/json")
            .body(body)
    };
    let no_arguments = message("tools/call", &json!({"name": "ask", "arguments": [1]}));
    for (request, status, code) in [
        (raw("{"), 400, -32700),
        (raw(""), 400, -32700),
        (raw("[]"), 400, -32600),
        (raw("7"), 400, -32600),
        (
            raw(r#"{"jsonrpc": "2.0", "id": null, "method": "ping"}"#),
            400,
            -32600,
        ),
        (
            post(client, &message("resources/list", &json!({}))),
            200,
            -32601,
        ),
        (stateless(client, "resources/list", json!({})), 404, -32601),
        (
            stateless(client, "tools/list", json!({})).header("mcp-method", "ping"),
            400,
            -32020,
        ),
        (post(client, &call("shell", &json!({}))), 200, -32602),
        (post(client, &no_arguments), 200, -32602),
        (
            post(client, &message("tools/call", &json!({}))),
            200,
            -32602,
        ),
    ] {
        let (got, answer) = answer(request).await;
        assert_eq!(
            (got, &answer["error"]["code"]),
            (status, &json!(code)),
            "{answer}"
        );
        assert_eq!(answer["jsonrpc"], "2.0");
    }
    let (_, pong) = answer(post(client, &message("ping", &json!({})))).await;
    assert_eq!(pong, json!({"jsonrpc": "2.0", "id": 1, "result": {}}));
}

#[tokio::test]
async fn no_session_is_kept_and_none_can_be_opened_or_ended() {
    let (_models, stack) = stack().await;
    for method in [Method::GET, Method::DELETE] {
        let response = send(stack.client.request(method, "/mcp")).await;
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "POST");
    }
    let request = post(&stack.client, &message("ping", &json!({})));
    let response = send(
        request
            .header("mcp-session-id", "any")
            .header("last-event-id", "7"),
    )
    .await;
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("mcp-session-id"));
}

/// Keys alone open the door: whoever finds a way to ask for another kind of permission does not use the key.
#[tokio::test]
async fn only_who_has_the_key_is_heard_and_no_other_permission_is_told_of() {
    let models = ModelServer::start().await;
    let key = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
    let setup = Setup::with_models(&models).access(&[("ACCESS_KEY_SHA256", key)], Access::CLOSED);
    let stack = setup.start().await;
    let ping = message("ping", &json!({}));
    let refused = send(post(&stack.client, &ping)).await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");
    assert_eq!(json_of(refused).await["error"]["code"], "unauthorized");
    let (status, _) = answer(post(&stack.client, &ping).bearer_auth("token")).await;
    assert_eq!(status, 200);
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration",
        "/mcp/.well-known/openid-configuration",
        "/register",
    ] {
        assert_eq!(stack.client.get(path).await.status(), 404, "{path}");
    }
    let foreign = post(&stack.client, &ping).bearer_auth("token");
    let foreign = send(foreign.header("origin", "https://evil.example")).await;
    assert_eq!(foreign.status(), 403);
}
