//! A second process reads the file of a stack that is running.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::command_line::{CommandLine, Ended};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, finish, gate, says, sse, text, usage};
use tests::stack::{Setup, Stack};
use tests::story::Told;
use tests::wait::within;

use crate::{lines_of, parsed};

async fn stack() -> (ModelServer, Stack, CommandLine) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let commands = CommandLine::on_data_dir(stack.data_dir.path());
    (models, stack, commands)
}

/// A run of two rounds: a program and an expert at once, then an answer.
async fn whole_run(models: &ModelServer, stack: &Stack) -> Told {
    let program = json!({"code": "print(6 * 7)"});
    let problem = json!({"model": "reasoner-1", "problem": "Six times seven"});
    models.orchestrator([
        calls([
            call("code_interpreter", program),
            call("enhance_reasoning", problem),
        ]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("It is even."), says("It is 42.")]);
    stack.client.question("What is six times seven?").await
}

async fn served(stack: &Stack, path: &str) -> String {
    stack.client.get(path).await.text().await.unwrap()
}

#[tokio::test]
async fn json_is_that_of_the_interface() {
    let (models, stack, commands) = stack().await;
    let told = whole_run(&models, &stack).await;
    let run_id = &*told.run_id;
    for _ in 0..2 {
        models.orchestrator([says("Seven.")]);
        stack.client.question("How many?").await;
    }
    let shown = commands.prints(&["runs", "show", run_id, "--json"]).await;
    let path = format!("/api/runs/{run_id}");
    assert_eq!(shown, format!("{}\n", served(&stack, &path).await));

    let noted = async { while served(&stack, "/api/runs").await.contains("running") {} };
    within("the ends to be noted", noted).await;
    let rated = json!({"rating": "good", "comment": "Yes.\n\u{1b}[2J"});
    let rating = stack
        .client
        .request(Method::POST, &format!("{path}/rating"));
    assert_eq!(send(rating.json(&rated)).await.status(), 204);
    let page = commands.prints(&["runs", "show", run_id]).await;
    assert!(
        page.contains("\nrated good\n  Yes.\n  \\u{1b}[2J\n"),
        "{page}"
    );
    for (days, option) in [("", &[][..]), ("?days=1", &["--days", "1"])] {
        let stats = served(&stack, &format!("/api/stats{days}")).await;
        let arguments = [&["runs", "stats", "--json"], option].concat();
        assert_eq!(commands.prints(&arguments).await, format!("{stats}\n"));
    }
    let table = commands.prints(&["runs", "stats"]).await;
    let created = told.of("start")[0]["created_at"].clone();
    let day = &created.as_str().unwrap()[..10];
    for said in [
        &*format!("\n{day}        3          3  "),
        "\nall               3          3  ",
        "\ncode_interpreter  ",
        "\nqwen  ",
    ] {
        assert!(table.contains(said), "{said}\n{table}");
    }
    let nobody = commands.prints(&["runs", "stats", "--owner", "bob"]).await;
    assert!(
        nobody.starts_with("no run of bob has ended within 30 days in "),
        "{nobody}"
    );

    let list = served(&stack, "/api/runs").await;
    let listed = commands.prints(&["runs", "list", "--json"]).await;
    assert_eq!(listed, format!("{list}\n"));
    let first = served(&stack, "/api/runs?limit=2").await;
    let listed = commands
        .prints(&["runs", "list", "--limit", "2", "--json"])
        .await;
    assert_eq!(listed, format!("{first}\n"));
    let first: Value = serde_json::from_str(&first).unwrap();
    let cursor = first["cursor"].as_str().unwrap();
    let second = served(&stack, &format!("/api/runs?limit=2&cursor={cursor}")).await;
    let arguments = ["runs", "list", "--limit=2", "--cursor", cursor, "--json"];
    assert_eq!(commands.prints(&arguments).await, format!("{second}\n"));
}

#[tokio::test]
async fn events_are_those_of_the_stream_with_their_ids() {
    let (models, stack, commands) = stack().await;
    let told = whole_run(&models, &stack).await;
    let run_id = &*told.run_id;
    let lines = commands.prints(&["runs", "tail", run_id, "--json"]).await;
    assert_eq!(parsed(&lines), lines_of(&told));
    let last = told.stored().len();
    for after in [1, last / 2, last] {
        let after_text = after.to_string();
        let arguments = ["runs", "tail", run_id, "--after", &after_text, "--json"];
        let lines = commands.prints(&arguments).await;
        assert_eq!(parsed(&lines), lines_of(&told)[after..], "after {after}");
    }
}

#[tokio::test]
async fn an_export_holds_snapshot_and_events_and_is_the_same_each_time() {
    let (models, stack, commands) = stack().await;
    let told = whole_run(&models, &stack).await;
    let run_id = &*told.run_id;
    let exported = commands.prints(&["runs", "export", run_id]).await;
    let document: Value = serde_json::from_str(&exported).unwrap();
    let mut snapshot = stack.client.json(&format!("/api/runs/{run_id}")).await;
    // Whether there is a link of it changes after its end.
    snapshot.as_object_mut().unwrap().remove("shared");
    let expected = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "snapshot": snapshot,
        "events": lines_of(&told),
    });
    assert_eq!(document, expected);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let arguments = ["runs", "export", run_id, "--output", file.to_str().unwrap()];
    assert_eq!(commands.prints(&arguments).await, "");
    assert_eq!(std::fs::read_to_string(file).unwrap(), exported);
}

#[tokio::test]
async fn a_tail_follows_a_run_to_its_end() {
    let (models, stack, commands) = stack().await;
    let held = Gate::shut();
    models.orchestrator([
        calls([call("code_interpreter", json!({"code": "print(7)"}))]),
        sse([gate(&held), text("Seven."), finish("stop"), usage(10, 5)]),
    ]);
    let events = stack.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let mut tail = commands.start(&["runs", "tail", &run_id, "--json"]).await;
    held.reached().await;
    let mut lines = Vec::new();
    while lines.last().is_none_or(|it: &Value| it["round"] != 2) {
        lines.extend(parsed(&tail.line().await.unwrap()));
    }
    let page = commands.prints(&["runs", "show", &run_id]).await;
    for said in [
        "\nstatus      running\n",
        "\ndriver      holds the run\n",
        " so far\n",
    ] {
        assert!(page.contains(said), "{page}");
    }
    held.open();
    let told = events.told().await;
    let Ended { code, out, err } = tail.ended().await;
    assert_eq!((code, &*err), (Some(0), ""));
    lines.extend(parsed(&out));
    assert_eq!(lines, lines_of(&told));
}

#[tokio::test]
async fn commands_that_read_all_the_time_hold_no_run_up() {
    const RUNS: usize = 12;
    let (models, stack, commands) = stack().await;
    models.orchestrator((0..RUNS).map(|_| says("Seven.")));
    let client = &stack.client;
    let runs = futures_util::future::join_all((0..RUNS).map(|_| client.question("How many?")));
    let reading = async {
        loop {
            commands.prints(&["runs", "list", "--json"]).await;
        }
    };
    let runs = tokio::select! {
        runs = runs => runs,
        () = reading => unreachable!("it reads until the runs have ended"),
    };
    for told in runs {
        assert_eq!(told.status(), "completed");
        assert_eq!(told.summary()["resumed"], 0);
    }
}
