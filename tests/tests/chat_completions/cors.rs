//! Chat pages that call from the browser, where an operator has named them.

use orchestrator::Access;
use reqwest::{Method, RequestBuilder, Response};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::says;
use tests::stack::{Setup, Stack};

use crate::kit::{request, whole};

const PAGE: &str = "https://chat.example.org";

async fn stack(models: &ModelServer) -> Stack {
    let named = [(
        "CORS_ORIGINS",
        "https://chat.example.org, http://localhost:3000",
    )];
    let setup = Setup::with_models(models).access(&named, Access::OPEN);
    setup.start().await
}

/// As the browser says who sends it.
async fn from(origin: &str, request: RequestBuilder) -> Response {
    let request = request.header("origin", origin);
    send(request.header("sec-fetch-site", "cross-site")).await
}

fn asks_before(stack: &Stack, path: &str) -> RequestBuilder {
    let request = stack.client.request(Method::OPTIONS, path);
    let request = request.header("access-control-request-method", "POST");
    request.header(
        "access-control-request-headers",
        "authorization,content-type,x-stainless-lang",
    )
}

#[tokio::test]
async fn a_page_that_is_named_may_ask_and_read() {
    let models = ModelServer::start().await;
    models.always(says("Seven."));
    let stack = stack(&models).await;
    for page in [PAGE, "http://localhost:3000"] {
        let before = from(page, asks_before(&stack, "/v1/chat/completions")).await;
        assert_eq!(before.status(), 204);
        let head = before.headers();
        assert_eq!(head["access-control-allow-origin"], page);
        assert_eq!(head["access-control-allow-methods"], "GET, POST, DELETE");
        assert_eq!(
            head["access-control-allow-headers"],
            "authorization,content-type,x-stainless-lang"
        );
        assert_eq!(head["vary"], "origin");
        let answer = from(page, request(&stack.client, &whole("How many?"))).await;
        assert_eq!(answer.status(), 200);
        let head = answer.headers();
        assert_eq!(head["access-control-allow-origin"], page);
        assert!(
            head["access-control-expose-headers"]
                .to_str()
                .unwrap()
                .contains("x-run-id")
        );
        assert!(!head.contains_key("access-control-allow-credentials"));
        let refused = from(page, stack.client.request(Method::GET, "/v1/models/none")).await;
        assert_eq!(
            (
                refused.status().as_u16(),
                &refused.headers()["access-control-allow-origin"]
            ),
            (404, &page.parse().unwrap())
        );
    }
}

/// Neither a page that is not named, nor a named one where it has no business.
#[tokio::test]
async fn all_other_pages_are_kept_out_as_before() {
    let models = ModelServer::start().await;
    let stack = stack(&models).await;
    let get = |path: &str| stack.client.request(Method::GET, path);
    for (page, request) in [
        ("https://evil.example", get("/v1/models")),
        ("https://chat.example.org.evil.example", get("/v1/models")),
        ("http://chat.example.org", get("/v1/models")),
        ("null", get("/v1/models")),
        (
            "https://evil.example",
            asks_before(&stack, "/v1/chat/completions"),
        ),
        (PAGE, get("/api/runs")),
        (PAGE, get("/api/config")),
        (PAGE, asks_before(&stack, "/api/runs")),
    ] {
        let response = from(page, request).await;
        assert_eq!(response.status(), 403, "{page}");
        let head = response.headers();
        assert!(!head.contains_key("access-control-allow-origin"), "{page}");
    }
}
