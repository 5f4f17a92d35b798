//! What the service says of itself, and the page.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::loopback::ClosedPort;
use tests::model_server::ModelServer;
use tests::raw_http::exchange;
use tests::stack::Setup;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify";

fn expected_config(available: [bool; 3], rehearsal: bool) -> Value {
    let catalog: Value = serde_json::from_str(include_str!("../../tools_config.json")).unwrap();
    let models = catalog["models"].as_object().unwrap().iter().zip(available);
    let models = models.map(|((id, model), available)| {
        json!({
            "id": id, "name": model["name"], "description": model["description"], "available": available,
            "rehearsal": rehearsal,
        })
    });
    let tools = catalog["tools"].as_array().unwrap().iter().map(|tool| {
        json!({
            "name": tool["function"]["name"], "description": tool["function"]["description"],
            "available": true, "problem": null,
        })
    });
    json!({
        "version": env!("CARGO_PKG_VERSION"), "owner": "local", "paused": null,
        "orchestrator": {"model": "qwen", "prompt": "chat", "calls": "native", "calls_reason": null},
        "models": models.collect::<Vec<_>>(),
        "tools": tools.collect::<Vec<_>>(),
        "limits": {
            "query_chars": 32_000, "instructions_chars": 4_000, "max_rounds": 50, "max_tokens": 32_768,
            "body_bytes": 1_048_576, "calls_per_round": 16, "run_seconds": 3600, "watchers_per_run": 20,
            "runs_per_minute": null, "parallel": null, "usd_per_day": null,
        },
        "examples": [
            {
                "query": "If a train travels 120 km in 2 hours, then increases speed by 20% for the next hour, how far does it travel total?",
                "tools": ["enhance_reasoning", "answer"],
            },
            {"query": "What is the current population of Tokyo?", "tools": ["search", "answer"]},
            {
                "query": "Generate the first 10 Fibonacci numbers and find their sum",
                "tools": ["code_interpreter", "answer"],
            },
            {
                "query": "Search for the latest Python version, then write code to check if it's installed on my system",
                "tools": ["search", "code_interpreter", "answer"],
            },
        ],
    })
}

#[tokio::test]
async fn the_configuration_tells_of_models_and_tools_and_of_no_address() {
    let models = ModelServer::start().await;
    let closed = ClosedPort::take();
    let stack = Setup::new()
        .model("qwen", models.address())
        .model("phi", &closed.address)
        .start()
        .await;
    let config = stack.client.json("/api/config").await;
    assert_eq!(config, expected_config([true, false, false], false));
    for secret in [models.address(), &closed.address, tests::model_server::KEY] {
        let secret = secret.trim_start_matches("http://");
        assert!(!config.to_string().contains(secret), "{config}");
    }
}

#[tokio::test]
async fn the_rehearsal_model_is_told_as_what_it_is() {
    let stack = Setup::new().start().await;
    let config = stack.client.json("/api/config").await;
    assert_eq!(config, expected_config([true; 3], true));
}

#[tokio::test]
async fn health_is_ok_with_the_version() {
    let stack = Setup::new().start().await;
    let health = stack.client.json("/health").await;
    assert_eq!(
        health,
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})
    );
}

fn page_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../static")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn the_page_is_served_under_its_policy_at_its_addresses() {
    let stack = Setup::new().start().await;
    let page = std::fs::read_to_string(page_folder().join("index.html")).unwrap();
    for path in [
        "/",
        "/orchestrator",
        "/orchestrator/",
        "/orchestrator/?run=x",
    ] {
        let response = stack.client.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["content-security-policy"], POLICY);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(response.text().await.unwrap(), page, "{path}");
    }
}

#[tokio::test]
async fn every_file_of_the_page_is_served_as_it_is_with_its_media_type() {
    let stack = Setup::new().start().await;
    let folder = page_folder();
    let files = files(&folder);
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        let response = stack.client.get(&format!("/static/{name}")).await;
        assert_eq!(response.status(), 200, "{name}");
        let expected = match file.extension().unwrap().to_str().unwrap() {
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            other => panic!("{name}: which media type has {other}?"),
        };
        assert_eq!(response.headers()["content-type"], expected, "{name}");
        assert_eq!(
            response.headers()["content-security-policy"],
            POLICY,
            "{name}"
        );
        assert_eq!(
            response.headers()["x-content-type-options"],
            "nosniff",
            "{name}"
        );
        assert_eq!(
            response.bytes().await.unwrap(),
            std::fs::read(&file).unwrap(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn nothing_outside_the_pages_folder_is_served() {
    let stack = Setup::new().start().await;
    // Of a kind that is served, and there: only its place keeps it back.
    let outside = "tests/page/browser.mjs";
    let script = "tests/page/unit";
    assert!(page_folder().join("..").join(script).is_dir());
    let beyond = [
        "/static/../Cargo.toml",
        "/static/../../Cargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e%2fCargo.toml",
        "/static/..%5cCargo.toml",
        "/static/view/../../Cargo.toml",
        "/static/view/..%2f..%2fCargo.toml",
        "/static/....//Cargo.toml",
        "/static/%252e%252e/Cargo.toml",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/app.js%00.html",
        "/static/../docs/page.png",
        "/static/..%2fdocs%2fpage.png",
        "/static/",
        "/static",
        "/static/view",
        "/static/absent.js",
        "/static/%ff.js",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        outside,
    ];
    let mut served = Vec::new();
    for target in beyond {
        let target = if target.starts_with('/') {
            target.to_owned()
        } else {
            format!("/static/..%2f{}", target.replace('/', "%2f"))
        };
        let response = exchange(&stack.client.address, "GET", &target, &[]).await;
        let status = response.lines().next().unwrap_or_default().to_owned();
        if !status.starts_with("HTTP/1.1 404") || !response.contains("\"code\":\"not_found\"") {
            served.push(format!(
                "{target}: {status} … {}",
                response.lines().last().unwrap_or_default()
            ));
        }
    }
    assert!(served.is_empty(), "{}", served.join("\n"));
}

#[tokio::test]
async fn a_foreign_host_or_page_is_refused_by_every_route() {
    let stack = Setup::new().start().await;
    for target in ["/", "/health", "/api/config", "/static/app.js", "/nothing"] {
        for foreign in [
            "host: example.org",
            "origin: https://example.org",
            "sec-fetch-site: cross-site",
        ] {
            let response = exchange(&stack.client.address, "GET", target, &[foreign]).await;
            assert!(
                response.starts_with("HTTP/1.1 403"),
                "{target} {foreign}: {response}"
            );
            assert!(
                response.contains("\"code\":\"forbidden\""),
                "{target} {foreign}: {response}"
            );
            assert!(!response.contains("access-control-allow"), "{response}");
        }
    }
}

/// The value of a header in a raw response, in small letters.
fn header(response: &str, name: &str) -> Option<String> {
    let (head, _) = response.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut found = lines.filter(|(known, _)| *known == name);
    let value = found.next().map(|(_, value)| value.to_owned());
    assert_eq!(found.next(), None, "{name} in {head}");
    value
}

fn status(response: &str) -> &str {
    response.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn no_answer_of_the_interface_is_kept_by_anyone_or_taken_for_another_type() {
    let stack = Setup::new().start().await;
    let run_id = stack.client.question("How many?").await.run_id;
    let run = format!("/api/runs/{run_id}");
    let json = "content-type: application/json";
    for (method, target, headers, expected) in [
        ("GET", "/health", &[][..], "200"),
        ("GET", "/api/config", &[], "200"),
        ("GET", "/api/runs", &[], "200"),
        ("GET", &run, &[], "200"),
        ("GET", &format!("{run}/events?after=999"), &[], "400"),
        ("GET", &format!("{run}/artifacts/a.png"), &[], "404"),
        ("GET", "/api/runs/none", &[], "404"),
        ("GET", "/nowhere", &[], "404"),
        ("GET", "/static/nothing.js", &[], "404"),
        ("PUT", "/api/config", &[], "405"),
        (
            "POST",
            "/api/chat/orchestrator/stream",
            &[json, "content-length: 0"],
            "400",
        ),
        (
            "POST",
            "/api/chat/orchestrator/stream",
            &["content-length: 0"],
            "415",
        ),
        (
            "GET",
            "/api/config",
            &["origin: https://evil.example"],
            "403",
        ),
        (
            "POST",
            &format!("{run}/cancel"),
            &["content-length: 0"],
            "200",
        ),
        ("DELETE", &run, &[], "204"),
    ] {
        let response = exchange(&stack.client.address, method, target, headers).await;
        assert_eq!(status(&response), expected, "{method} {target}: {response}");
        let caching = header(&response, "cache-control");
        assert_eq!(caching.as_deref(), Some("no-store"), "{method} {target}");
        let sniffing = header(&response, "x-content-type-options");
        assert_eq!(sniffing.as_deref(), Some("nosniff"), "{method} {target}");
    }
    // What says something of its own keeps it.
    let page = exchange(&stack.client.address, "GET", "/", &[]).await;
    assert_eq!(header(&page, "cache-control").as_deref(), Some("no-cache"));
}

#[tokio::test]
async fn a_request_that_says_twice_where_it_comes_from_or_to_whom_it_goes_is_refused() {
    let stack = Setup::new().start().await;
    let host = stack.client.address.trim_start_matches("http://");
    let own = format!("host: {host}");
    let origin = format!("origin: http://{host}");
    let foreign = "origin: https://evil.example";
    let twice: [(&str, &[&str]); 8] = [
        ("host", &[&own, &own]),
        ("host", &[&own, "host: evil.example"]),
        ("host", &["host: evil.example", &own]),
        ("origin", &[&origin, foreign]),
        ("origin", &[foreign, &origin]),
        (
            "sec-fetch-site",
            &["sec-fetch-site: same-origin", "sec-fetch-site: cross-site"],
        ),
        (
            "authorization",
            &["authorization: Bearer a", "authorization: Bearer b"],
        ),
        ("last-event-id", &["last-event-id: 1", "last-event-id: 2"]),
    ];
    for (name, headers) in twice {
        let response = exchange(&stack.client.address, "GET", "/api/config", headers).await;
        assert_eq!(status(&response), "400", "{headers:?}: {response}");
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let error = &body["error"];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("invalid_request"), &json!(name))
        );
    }
    let absolute = |of: &str| format!("http://{of}/api/config");
    for (target, headers, expected) in [
        (absolute(host), &[][..], "200"),
        (absolute("evil.example"), &[], "403"),
        (absolute(host), &["host: evil.example"], "403"),
        (absolute(&format!("{host}@evil.example")), &[], "403"),
        (absolute("127.0.0.1:1"), &[], "403"),
    ] {
        let response = exchange(&stack.client.address, "GET", &target, headers).await;
        assert_eq!(
            status(&response),
            expected,
            "{target} {headers:?}: {response}"
        );
    }
}
