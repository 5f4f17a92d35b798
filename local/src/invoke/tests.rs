use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Region};
use aws_sdk_lambda::error::ProvideErrorMetadata as _;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tokio::sync::mpsc;

use super::*;
use crate::guard::{AccessKey, locked, loopback};

async fn client(functions: Functions) -> Client {
    let key = AccessKey::random().unwrap();
    let url = loopback::serve(locked(router(functions), key.clone())).await;
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .credentials_provider(key.credentials())
        .http_client(loopback::http_client())
        .endpoint_url(url)
        .build();
    Client::from_conf(config)
}

fn payload(value: Value) -> Blob {
    Blob::new(value.to_string())
}

#[tokio::test]
async fn a_tool_gets_its_request_and_its_response_comes_back() {
    let echo = |request: tool::Request| async move {
        tool::Response::Ok {
            result: request.arguments,
            artifacts: Vec::new(),
        }
    };
    let client = client(Functions::default().with_tool("echo", echo)).await;
    let request = json!({"call_id": "r1.1", "idempotency_key": "k", "tool": "echo", "arguments": {"n": 1},
        "deadline_ms": 1, "run_id": "01JZZZZZZZZZZZZZZZZZZZZZZZ", "round": 1});
    for name in [
        "echo",
        "arn:aws:lambda:eu-west-1:123456789012:function:echo:live",
    ] {
        let call = client
            .invoke()
            .function_name(name)
            .payload(payload(request.clone()));
        let output = call.send().await.unwrap();
        assert_eq!((output.status_code, output.function_error()), (200, None));
        let answer: Value = serde_json::from_slice(output.payload.unwrap().as_ref()).unwrap();
        assert_eq!(answer, json!({"ok": true, "result": {"n": 1}}));
    }
}

#[tokio::test]
async fn a_function_that_fails_or_panics_is_a_function_error_with_a_message() {
    let functions = Functions::default()
        .with("panics", |_| async { panic!("no {}", "way") })
        .with("fails", |_| async { anyhow::bail!("out of luck") })
        .with("large", |_| async {
            Ok(Value::String("x".repeat(MAX_SYNC_BYTES)))
        });
    let client = client(functions).await;
    for (name, kind, message) in [
        ("panics", "Panic", "no way"),
        ("fails", "Error", "out of luck"),
        (
            "large",
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded 6291456 bytes.",
        ),
    ] {
        let output = client.invoke().function_name(name).send().await.unwrap();
        assert_eq!(output.function_error(), Some("Unhandled"));
        let answer: Value = serde_json::from_slice(output.payload.unwrap().as_ref()).unwrap();
        assert_eq!(answer, json!({"errorType": kind, "errorMessage": message}));
    }
}

#[tokio::test]
async fn what_cannot_be_invoked_is_refused_by_the_codes_of_lambda() {
    let client = client(Functions::default().with("f", |value| async { Ok(value) })).await;
    let large = payload(Value::String("x".repeat(MAX_SYNC_BYTES)));
    let large_event = payload(Value::String("x".repeat(MAX_EVENT_BYTES)));
    let call = || client.invoke().function_name("f");
    for (call, code) in [
        (
            client.invoke().function_name("absent"),
            "ResourceNotFoundException",
        ),
        (call().payload(large), "RequestTooLargeException"),
        (
            call()
                .invocation_type(InvocationType::Event)
                .payload(large_event),
            "RequestTooLargeException",
        ),
        (
            call().payload(Blob::new("{")),
            "InvalidRequestContentException",
        ),
        (
            call().invocation_type(InvocationType::from("Later")),
            "InvalidParameterValueException",
        ),
    ] {
        let refusal = call.send().await.unwrap_err();
        assert_eq!(refusal.code(), Some(code), "{refusal:?}");
    }
}

#[tokio::test]
async fn a_dry_run_finds_the_function_and_runs_nothing() {
    let functions = Functions::default().with("f", |_| async { anyhow::bail!("it was run") });
    let client = client(functions).await;
    let dry_run = |name: &str| {
        let call = client.invoke().function_name(name);
        call.invocation_type(InvocationType::DryRun).send()
    };
    assert_eq!(dry_run("f").await.unwrap().status_code, 204);
    let refusal = dry_run("absent").await.unwrap_err();
    assert_eq!(refusal.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn an_event_is_accepted_before_it_is_done() {
    let (done, mut ended) = mpsc::unbounded_channel();
    let gate = Arc::new(tokio::sync::Notify::new());
    let opened = gate.clone();
    let functions = Functions::default().with("slow", move |value| {
        let (done, gate) = (done.clone(), gate.clone());
        async move {
            gate.notified().await;
            done.send(value.clone())?;
            Ok(value)
        }
    });
    let client = client(functions).await;
    let call = client
        .invoke()
        .function_name("slow")
        .payload(payload(json!(7)));
    let output = call
        .invocation_type(InvocationType::Event)
        .send()
        .await
        .unwrap();
    assert_eq!(output.status_code, 202);
    opened.notify_one();
    assert_eq!(ended.recv().await, Some(json!(7)));
}

#[tokio::test]
async fn a_call_that_the_client_drops_is_dropped_here_too() {
    struct Dropped(mpsc::UnboundedSender<&'static str>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.send("dropped").unwrap();
        }
    }
    let (says, mut heard) = mpsc::unbounded_channel();
    let functions = Functions::default().with("endless", move |_| {
        let says = says.clone();
        async move {
            says.send("started")?;
            let _held = Dropped(says);
            futures_util::future::pending().await
        }
    });
    let client = client(functions).await;
    let call = tokio::spawn(client.invoke().function_name("endless").send());
    assert_eq!(heard.recv().await, Some("started"));
    call.abort();
    let dropped = tokio::time::timeout(Duration::from_secs(10), heard.recv());
    assert_eq!(dropped.await.unwrap(), Some("dropped"));
}
