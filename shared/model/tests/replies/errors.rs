//! Errors within a reply that began well.

use super::{DONE, SO, assert_bodies, assert_reads, offered, read, stream};
use model::{Decoder, Next, Window};

#[test]
fn the_servers_own_words_reach_the_person_in_whatever_form_they_come() {
    let forms = [
        "error: {\"code\":500,\"message\":\"no memory\",\"type\":\"server_error\"}\n\n",
        "error: no memory\n\n",
        "event: error\ndata: {\"message\":\"no memory\"}\n\n",
        "event: error\ndata: no memory\n\n",
        "event: error\ndata: {\"code\":500,\"details\":\"no memory\"}\n\n",
        "{\"error\":{\"message\":\"no memory\"}}\n",
        "{\"error\":\"no memory\"}",
        "{\n  \"error\": {\n    \"message\": \"no memory\"\n  }\n}\n",
        "[{\n  \"error\": {\n    \"message\": \"no memory\"\n  }\n}\n]\n",
        "data: {\"error\":\"no memory\"}\n\n",
        "data: {\"detail\":\"no memory\"}\n\n",
        "data: {\"message\":\"no memory\",\"code\":500}\n\n",
        "data: {\"object\":\"error\",\"message\":\"no memory\"}\n\n",
        "data: {\"type\":\"error\",\"error\":{\"message\":\"no memory\"}}\n\n",
        "data: {\"errors\":[{\"message\":\"no memory\"}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}],\"error\":{\"message\":\"no memory\"}}\n\n",
        "data: [{\"error\":{\"message\":\"no memory\"}}]\n\n",
        "data: {\"type\":\"about:blank\",\"title\":\"Bad Gateway\",\"status\":502,\"detail\":\"no memory\"}\n\n",
        "data: {\"type\":\"overloaded\",\"message\":\"no memory\",\"code\":\"503\"}\n\n",
        "{\"errorMessage\":\"no memory\",\"errorType\":\"Sandbox.Killed\"}",
        "{\"Message\":\"no memory\"}",
    ];
    for form in forms {
        let told = " | model_error: reported an error: no memory";
        assert_bodies(&[(form.as_bytes(), told)]);
        let later = [stream(&[SO]), form.as_bytes().to_vec(), stream(&[DONE])].concat();
        assert_bodies(&[(&later, "So. | model_error: reported an error: no memory")]);
    }
}

#[test]
fn a_context_that_is_too_small_is_told_apart_in_a_stream_too() {
    let bodies: [&[u8]; 4] = [
        b"error: {\"code\":400,\"message\":\"too long\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":6009,\"n_ctx\":4096}\n\n",
        b"{\"error\":{\"code\":400,\"message\":\"request (6009 tokens) exceeds the available context size (4096 tokens),\n try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":6009,\"n_ctx\":4096}}\n",
        b"event: error\ndata: {\"message\":\"This model's maximum context length is 4096 tokens. However, you requested 6009 tokens.\"}\n\n",
        b"data: {\"choices\":null,\"error_message\":\"This model's maximum context length is 4096 tokens. However, you requested 6009 tokens.\"}\n\n",
    ];
    for body in bodies {
        let error = read(Decoder::new(offered()), [body]).ended.unwrap_err();
        let window = Some(Window {
            prompt_tokens: Some(6009),
            context_tokens: 4096,
        });
        assert_eq!(error.next(), Next::Shrink { window }, "{error}");
    }
    let full = [
        r#"{"choices":[{"delta":{"content":""},"finish_reason":"model_context_window_exceeded"}]}"#,
        DONE,
    ];
    let error = read(Decoder::new(offered()), [&*stream(&full)])
        .ended
        .unwrap_err();
    assert_eq!(error.next(), Next::Shrink { window: None });
    assert!(error.to_string().contains("leaves no room for an answer"));
}

#[test]
fn what_only_looks_like_an_error_is_none() {
    for field in [
        r#""error":null"#,
        r#""error":"""#,
        r#""error":{"code":null,"message":""}"#,
        r#""error":0"#,
        r#""error":{"code":0,"message":""}"#,
        r#""type":"status","message":"queued","status":200"#,
        r#""message":"warming up""#,
        r#""base_resp":{"status_code":0,"status_msg":""}"#,
        r#""type":"status","message":"queued""#,
        r#""type":"status","detail":"queued""#,
        r#""status":"processing","message":"Loading 40%""#,
        r#""code":0,"message":"success""#,
        r#""code":200,"message":"OK""#,
        r#""timings":{"message":"done"}"#,
        r#""SlowException":"none""#,
        r#""choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1},"detail":"as counted""#,
    ] {
        let frame = format!("{{{field}}}");
        let stop = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
        assert_reads(&[(&[&frame, SO, &frame, stop], "So. |  |  | stop")]);
    }
}

#[test]
fn an_error_that_says_nothing_is_none_and_more_of_the_reply_is_more_of_the_reply() {
    let stop = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
    for nothing in [
        "error: null\n\n".to_owned(),
        "error:\n\n".to_owned(),
        "error: {}\n\n".to_owned(),
        "event: error\ndata: {\"error\":\"\"}\n\n".to_owned(),
        "event: error\ndata:\n\n".to_owned(),
    ] {
        let body = format!("{nothing}data: {SO}\n\n{nothing}data: {stop}\n\n");
        assert_bodies(&[(body.as_bytes(), "So. |  |  | stop")]);
    }
    let named = format!("event: error\ndata: {SO}\n\ndata: {stop}\n\n");
    assert_bodies(&[(named.as_bytes(), "So. |  |  | stop")]);
    for (error, words) in [
        (r#"{"code":"1214","msg":"bad"}"#, "bad"),
        (r#"{"errors":["bad"]}"#, "bad"),
        (r#"{"error_msg":"bad"}"#, "bad"),
    ] {
        assert_reads(&[(
            &[error],
            &format!(" | model_error: reported an error: {words}"),
        )]);
    }
}
