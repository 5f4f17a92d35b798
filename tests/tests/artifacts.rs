//! Files that tools make: stored beside the log, served so that they run nothing, given to later calls, deleted with the run.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Map, Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, says};
use tests::stack::{Counted, Setup};
use tests::story::Told;
use tool::{File, MAX_ARTIFACT_BYTES, MAX_ARTIFACTS, Request, Response};

const TOOL: &str = "code_interpreter";

fn file(name: &str, media_type: &str, data: &[u8]) -> File {
    File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        data: data.to_vec(),
    }
}

/// A tool that answers each call with the next of these files; what it is given is written down.
struct Maker {
    stack: Counted,
    given: Arc<Mutex<Vec<Vec<File>>>>,
    models: ModelServer,
}

impl Maker {
    async fn start(files: impl IntoIterator<Item = Vec<File>>) -> Self {
        let given = Arc::new(Mutex::new(Vec::new()));
        let models = ModelServer::start().await;
        let (seen, next) = (
            Arc::clone(&given),
            Mutex::new(files.into_iter().collect::<Vec<_>>()),
        );
        let make = move |request: Request| {
            seen.lock().unwrap().push(request.files);
            Response::Ok {
                result: Map::from_iter([("success".to_owned(), Value::Bool(true))]),
                artifacts: next.lock().unwrap().remove(0),
            }
        };
        let stack = Setup::with_models(&models)
            .tool(TOOL, make)
            .start_counted()
            .await;
        Self {
            stack,
            given,
            models,
        }
    }

    /// A run with so many rounds of one call each, and an answer.
    async fn run(&self, rounds: usize) -> Told {
        let work = (0..rounds).map(|_| calls([call(TOOL, json!({"code": "x"}))]));
        self.models
            .orchestrator(work.chain([calls([answer("answer-1")])]));
        self.models.experts([says("Done.")]);
        let told = self.stack.client.ask(&json!({"query": "Draw it."})).await;
        assert_eq!(told.summary()["status"], "completed");
        told
    }

    async fn get(&self, url: &str) -> reqwest::Response {
        self.stack.client.get(url).await
    }
}

fn artifacts(told: &Told) -> Vec<Vec<Value>> {
    let results = told.of("tool_result");
    let lists = results
        .iter()
        .filter_map(|event| event["result"]["artifacts"].as_array());
    lists.cloned().collect()
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn a_figure_is_listed_with_its_address_and_served_as_it_was_made() {
    let picture: Vec<u8> = (0..900_000_u32)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    let maker = Maker::start([vec![file("figure 1.png", "image/png", &picture)]]).await;
    let told = maker.run(1).await;
    let run_id = &told.run_id;
    let url = format!("/api/runs/{run_id}/artifacts/figure%201.png?version=r1.1-1");
    let listed =
        json!([{"name": "figure 1.png", "media_type": "image/png", "bytes": 900_000, "url": url}]);
    assert_eq!(json!(artifacts(&told)), json!([listed]));

    let response = maker.get(&url).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "image/png");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "content-disposition"), "inline");
    assert!(header(&response, "content-security-policy").contains("sandbox"));
    assert!(header(&response, "cache-control").contains("immutable"));
    assert_eq!(response.bytes().await.unwrap(), picture);

    let newest = maker
        .get(&format!("/api/runs/{run_id}/artifacts/figure%201.png"))
        .await;
    assert_eq!(header(&newest, "cache-control"), "private, no-cache");
    assert_eq!(newest.bytes().await.unwrap(), picture);
    for wrong in ["figure.png", "figure%201.png?version=r1.1-2", "..%2Fhead"] {
        let missing = maker
            .get(&format!("/api/runs/{run_id}/artifacts/{wrong}"))
            .await;
        assert_eq!(missing.status(), 404, "{wrong}");
    }
    let snapshot = maker
        .stack
        .client
        .json(&format!("/api/runs/{run_id}"))
        .await;
    assert_eq!(
        snapshot["rounds"][0]["calls"][0]["result"]["artifacts"][0]["url"],
        json!(url)
    );
}

#[tokio::test]
async fn what_could_run_a_script_is_a_download() {
    let page = b"<script>alert(1)</script>";
    let files = [
        ("page.html", "text/html"),
        ("picture.svg", "image/svg+xml"),
        ("odd", "no type at all"),
        ("tricky", "text/html\r\nx-evil: 1"),
    ];
    let made = files.iter().map(|(name, kind)| file(name, kind, page));
    let maker = Maker::start([made.collect()]).await;
    let told = maker.run(1).await;
    for entry in &artifacts(&told)[0] {
        let response = maker.get(entry["url"].as_str().unwrap()).await;
        let disposition = header(&response, "content-disposition");
        assert!(
            disposition.starts_with("attachment; filename*="),
            "{entry}: {disposition}"
        );
        assert!(header(&response, "content-security-policy").contains("default-src 'none'"));
        assert!(!response.headers().contains_key("x-evil"));
        let kind = header(&response, "content-type").to_owned();
        let is_known = [
            "text/html; charset=utf-8",
            "image/svg+xml",
            "application/octet-stream",
        ]
        .contains(&&*kind);
        assert!(is_known, "{kind}");
    }
}

#[tokio::test]
async fn later_calls_get_the_newest_files_and_each_address_keeps_its_bytes() {
    let maker = Maker::start([
        vec![
            file("data.csv", "text/csv", b"1"),
            file("old.txt", "text/plain", b"old"),
        ],
        vec![file("data.csv", "text/csv", b"2")],
        vec![],
    ])
    .await;
    let told = maker.run(3).await;
    let mut given = maker.given.lock().unwrap().clone();
    given[2].sort_by(|a, b| a.name.cmp(&b.name));
    let names = |files: &[File]| {
        files
            .iter()
            .map(|file| file.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&given[0]), [] as [String; 0]);
    assert_eq!(names(&given[1]).len(), 2);
    assert_eq!(
        given[2],
        [
            file("data.csv", "text/csv", b"2"),
            file("old.txt", "text/plain", b"old")
        ]
    );

    let tenant = Some("anonymous".to_owned());
    assert_eq!(
        *maker.stack.tenants.lock().unwrap(),
        [tenant.clone(), tenant.clone(), tenant]
    );

    let listed = artifacts(&told);
    let first = maker.get(listed[0][0]["url"].as_str().unwrap()).await;
    assert_eq!(first.text().await.unwrap(), "1");
    let second = maker.get(listed[1][0]["url"].as_str().unwrap()).await;
    assert_eq!(second.text().await.unwrap(), "2");
    let newest = maker
        .get(&format!("/api/runs/{}/artifacts/data.csv", told.run_id))
        .await;
    assert_eq!(newest.text().await.unwrap(), "2");
}

#[tokio::test]
async fn what_cannot_be_kept_is_listed_with_the_reason() {
    let maker = Maker::start([vec![
        file("../up\u{202e}gnp", "text/plain", b"x"),
        file("big", "text/plain", &vec![0; 4_000_001]),
        file("small", "text/plain", b"x"),
    ]])
    .await;
    let told = maker.run(1).await;
    let listed = &artifacts(&told)[0];
    assert!(listed[0]["error"].as_str().unwrap().contains("name"));
    assert_eq!(listed[0]["name"], "../up\u{fffd}gnp");
    assert!(listed[1]["error"].as_str().unwrap().contains("bytes"));
    assert!(listed[0]["url"].is_null() && listed[1]["url"].is_null());
    assert!(listed[2]["url"].is_string() && listed[2].get("error").is_none());
}

#[tokio::test]
async fn the_files_of_a_call_are_bounded_together_and_so_are_those_that_a_later_call_gets() {
    let half = vec![7; MAX_ARTIFACT_BYTES / 2];
    let more = [&*half, &[7]].concat();
    let of = |name: &str, data: &[u8]| file(name, "text/plain", data);
    let maker = Maker::start([
        vec![of("a", &half), of("b", &more)],
        vec![of("c", &half)],
        vec![of("d", b"d")],
        vec![],
    ])
    .await;
    let told = maker.run(4).await;
    let listed = &artifacts(&told)[0];
    let is_kept: Vec<_> = listed
        .iter()
        .map(|entry| entry["url"].is_string())
        .collect();
    assert_eq!(is_kept, [true, false]);
    assert!(listed[1]["error"].as_str().unwrap().contains("bytes"));
    let given = maker.given.lock().unwrap();
    let names = given.iter().map(|files| {
        let mut names: Vec<_> = files.iter().map(|file| &*file.name).collect();
        names.sort_unstable();
        names
    });
    let names: Vec<_> = names.collect();
    // Where not all fit, those that were made first are left out.
    assert_eq!(names, [&[][..], &["a"], &["a", "c"], &["c", "d"]]);
}

#[tokio::test]
async fn of_more_files_than_a_call_may_bring_or_get_the_number_is_told_and_the_newest_are_given() {
    let names = (0..=MAX_ARTIFACTS).map(|number| format!("f{number}"));
    let many: Vec<_> = names.map(|name| file(&name, "text/plain", b"x")).collect();
    let last = file("last", "text/plain", b"x");
    let maker = Maker::start([many, vec![last], vec![]]).await;
    let told = maker.run(3).await;
    let listed = artifacts(&told);
    assert_eq!(listed[0].len(), MAX_ARTIFACTS + 1);
    assert_eq!(listed[0][MAX_ARTIFACTS]["name"], "… and 1 more");
    assert_eq!(listed[1].len(), 1);
    let given = maker.given.lock().unwrap();
    let counts: Vec<_> = given.iter().map(Vec::len).collect();
    assert_eq!(counts, [0, MAX_ARTIFACTS, MAX_ARTIFACTS]);
    assert!(given[2].iter().any(|file| file.name == "last"));
}

#[tokio::test]
async fn files_are_deleted_with_their_run() {
    let maker = Maker::start([vec![
        file("a", "text/plain", &[7; 800_000]),
        file("b", "text/plain", b"b"),
    ]])
    .await;
    let told = maker.run(1).await;
    let url = artifacts(&told)[0][0]["url"].as_str().unwrap().to_owned();
    let chunks = |items: Vec<tests::table::Item>| {
        let of_files = items.iter().filter(|item| {
            item["PK"]
                .as_str()
                .is_some_and(|key| key.starts_with("ART#"))
        });
        of_files.count()
    };
    assert_eq!(chunks(maker.stack.table.items().await), 4);
    let path = format!("/api/runs/{}", told.run_id);
    let deleted = send(maker.stack.client.request(Method::DELETE, &path)).await;
    assert_eq!(deleted.status(), 204);
    // What stays is what the owner's runs took on that day, and what the model took in that hour.
    let left = maker.stack.table.items().await;
    let mut kinds: Vec<_> = left
        .iter()
        .filter_map(|item| item["PK"].as_str()?.split('#').next())
        .collect();
    kinds.dedup();
    assert_eq!(kinds, ["DAY", "LATENCY"]);
    assert_eq!(maker.get(&url).await.status(), 404);
}

#[tokio::test]
async fn what_a_program_writes_is_served_and_there_for_the_next_program_of_the_run() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start_counted().await;
    let program = |code: &str| calls([call(TOOL, json!({"code": code}))]);
    models.orchestrator([
        program("open('squares.csv', 'w').write('2,4\\n3,9\\n')"),
        program("print(open('squares.csv').read())"),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("Done.")]);
    let told = stack.client.ask(&json!({"query": "Square them."})).await;
    let results = told.of("tool_result");
    assert_eq!(results[1]["result"]["stdout"], "2,4\n3,9\n\n");
    assert_eq!(results[1]["result"]["artifacts"], json!([]), "unchanged");
    let entry = &results[0]["result"]["artifacts"][0];
    assert_eq!(
        (&entry["name"], &entry["media_type"]),
        (&json!("squares.csv"), &json!("text/csv"))
    );
    let served = stack.client.get(entry["url"].as_str().unwrap()).await;
    assert_eq!(served.text().await.unwrap(), "2,4\n3,9\n");
}

#[tokio::test]
async fn a_tool_that_runs_programs_gets_the_files_of_the_others_after_its_own_and_no_other_tool_does()
 {
    let models = ModelServer::start().await;
    let given = Arc::new(Mutex::new(Vec::new()));
    let maker = |files: Vec<Vec<File>>| {
        let (given, files) = (Arc::clone(&given), Mutex::new(files));
        move |request: Request| {
            let mut names: Vec<_> = request
                .files
                .iter()
                .map(|file| {
                    (
                        file.name.clone(),
                        String::from_utf8_lossy(&file.data).into_owned(),
                    )
                })
                .collect();
            names.sort();
            given
                .lock()
                .unwrap()
                .push((request.tool.as_str().to_owned(), names));
            let mut files = files.lock().unwrap();
            Response::Ok {
                result: Map::new(),
                artifacts: if files.is_empty() {
                    Vec::new()
                } else {
                    files.remove(0)
                },
            }
        }
    };
    let page = maker(vec![
        vec![
            file("report.pdf", "application/pdf", b"one"),
            file("own.png", "image/png", b"foreign"),
        ],
        vec![file("report.pdf", "application/pdf", b"two")],
    ]);
    let program = maker(vec![vec![file("own.png", "image/png", b"own")]]);
    let stack = Setup::with_models(&models)
        .tool("read_url", page)
        .tool(TOOL, program)
        .start_counted()
        .await;
    let read = || {
        calls([call(
            "read_url",
            json!({"url": "https://example.org/report.pdf"}),
        )])
    };
    let run = || calls([call(TOOL, json!({"code": "x"}))]);
    models.orchestrator([read(), run(), read(), run(), calls([answer("answer-1")])]);
    models.experts([says("Done.")]);
    let told = stack.client.ask(&json!({"query": "Read it."})).await;
    assert_eq!(told.summary()["status"], "completed");

    let own = ("own.png", "own");
    let foreign = ("own.png", "foreign");
    let expected = [
        ("read_url", vec![]),
        (TOOL, vec![foreign, ("report.pdf", "one")]),
        ("read_url", vec![foreign, ("report.pdf", "one")]),
        (TOOL, vec![own, ("report.pdf", "two")]),
    ];
    assert_eq!(json!(*given.lock().unwrap()), json!(expected));
}
