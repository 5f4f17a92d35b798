//! What is printed for people: nothing in it reaches a terminal as a command, and it may be read in part.

use serde_json::{Value, json};
use tests::command_line::CommandLine;
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};
use tests::stack::{Setup, Stack};
use tests::table::{Item, Table};

/// Clears the screen, names the window, moves back, turns the direction around, ends lines, hides words.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\u{8}\u{7f}\u{202e}gnihton\u{2028}\u{200b}\u{e0041}";
/// More than any pipe holds.
const LONG_BYTES: usize = 200 * 1024;

/// A run as a version has left it in a table, and what is printed of it.
const LOG: &str = include_str!("../../fixtures/logs/schema-1.json");
const RUN_ID: &str = "01M82B6WK1K9R53M1PQBKJS5QP";
const LIST: &str = "\
RUN                         STATUS         CREATED                           TOOK        COST  TITLE
01M82B6WK1K9R53M1PQBKJS5QP  completed      2026-11-22T19:19:58.817Z        371 ms    $0.00017  What is six times seven?
";
const PAGE: &str = "\
run         01M82B6WK1K9R53M1PQBKJS5QP
status      completed
owner       default
created     2026-11-22T19:19:58.817Z
took        371 ms
cost        $0.00017
tokens      823 in, 27 out
events      17

question
  What is six times seven?

round 1  qwen, 9 ms, 803 + 17 tokens, $0.000164
  r1.1 code_interpreter  ok  323 ms
    {\"code\":\"print(6*7)\"}
  r1.2 nothing  rejected  0 ms
    {}
    unknown_tool: There is no tool `nothing` now; offered are: enhance_reasoning, answer, search, code_interpreter.

round 2  qwen, 2 ms, 10 + 5 tokens, $0.000003, tool_calls
  r2.1 answer (qwen)  ok  1 ms, 10 + 5 tokens, $0.000003
    {\"model\":\"answer-1\"}

answer (r2.1)
  It is 42.
";
const TAIL_AFTER_9: &str = r#"   10  tool_result            r1.1 code_interpreter: ok, 323 ms: {"success":true,"stdout":"42\n","stderr":"","returncode":0,"value":null,"error":null,"truncated":null,"artifacts":[],"isolation":"subprocess"}
   11  round_start            round 2
   12  round_decided          round 2: qwen, 2 ms, 10 + 5 tokens, $0.000003, tool_calls
   13  tool_call              r2.1 answer: {"model":"answer-1"}
   14  delta                  r2.1 attempt 1: at 0: It is 42.
   15  tool_result            r2.1 answer: ok, 1 ms, 10 + 5 tokens, $0.000003: {"content":"It is 42.","model_name":"Qwen 2.5-7B","model_id":"qwen","tokens_used":15,"finish_reason":"stop"}
   16  final_answer           r2.1: It is 42.
   17  complete               completed, 371 ms, 823 + 27 tokens, $0.00017
"#;

#[tokio::test]
async fn a_stored_run_is_printed_like_this() {
    let table = Table::start().await;
    let items: Vec<Item> = serde_json::from_str(LOG).unwrap();
    for item in &items {
        table.put(item).await;
    }
    let commands = CommandLine::on_table(table.address());
    assert_eq!(commands.prints(&["runs", "list"]).await, LIST);
    assert_eq!(commands.prints(&["runs", "show", RUN_ID]).await, PAGE);
    let tail = ["runs", "tail", RUN_ID, "--after", "9"];
    assert_eq!(commands.prints(&tail).await, TAIL_AFTER_9);
}

/// All texts in a document, keys included.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(fields) => {
            let texts = fields
                .iter()
                .map(|(name, value)| [vec![name.clone()], strings(value)].concat());
            texts.flatten().collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

async fn answered(question: &str, answer: &str) -> (Stack, CommandLine, String) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let unknown = call(&format!("tool{HOSTILE}"), json!({"text": HOSTILE}));
    models.orchestrator([calls([unknown]), says(answer)]);
    let told = stack.client.question(question).await;
    let commands = CommandLine::on_data_dir(stack.data_dir.path());
    (stack, commands, told.run_id)
}

#[tokio::test]
async fn a_page_tells_the_run_from_its_question_to_its_answer() {
    let (_stack, commands, run_id) = answered("How\nmany?", "Seven.\n\nOr so.").await;
    let page = commands.prints(&["runs", "show", &run_id]).await;
    for said in [
        &*format!("run         {run_id}\nstatus      completed\nowner       default\n"),
        "\ntokens      20 in, 10 out\n",
        "\nquestion\n  How\n  many?\n",
        "\nround 1  qwen, ",
        "    unknown_tool: ",
        "\nround 2  qwen, ",
        "\nanswer (r2.orchestrator)\n  Seven.\n\n  Or so.\n",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let list = commands.prints(&["runs", "list"]).await;
    let row = list.lines().nth(1).unwrap();
    assert!(row.starts_with(&format!("{run_id}  completed")), "{list}");
    assert!(row.ends_with("  How many?"), "{list}");
    let tail = commands.prints(&["runs", "tail", &run_id]).await;
    let events = commands.prints(&["runs", "tail", &run_id, "--json"]).await;
    assert_eq!(tail.lines().count(), events.lines().count());
    for (line, id) in tail.lines().zip(1..) {
        assert!(line.trim_start().starts_with(&format!("{id}  ")), "{line}");
    }
}

#[tokio::test]
async fn no_text_of_a_question_or_a_model_is_obeyed_by_a_terminal() {
    let (stack, commands, run_id) = answered(HOSTILE, HOSTILE).await;
    for arguments in [
        vec!["runs", "list"],
        vec!["runs", "show", &run_id],
        vec!["runs", "tail", &run_id],
        vec!["runs", "list", "--json"],
        vec!["runs", "show", &run_id, "--json"],
        vec!["runs", "tail", &run_id, "--json"],
        vec!["runs", "export", &run_id],
        vec!["runs", "list", "--owner", HOSTILE],
    ] {
        let printed = commands.prints(&arguments).await;
        let obeyed = printed.chars().find(|&it| it.is_control() && it != '\n');
        assert_eq!(obeyed, None, "{arguments:?}: {printed:?}");
        let unseen = ['\u{202e}', '\u{2028}', '\u{200b}', '\u{e0041}'];
        assert!(!printed.contains(unseen), "{arguments:?}: {printed:?}");
        let is_json = arguments.contains(&"--json") || arguments.contains(&"export");
        if is_json {
            // What is read of it is what was written.
            let documents = serde_json::Deserializer::from_str(&printed).into_iter::<Value>();
            let read = documents.flat_map(|document| strings(&document.unwrap()));
            let read = read.collect::<Vec<_>>().join("\n");
            assert!(read.contains("\u{202e}gnihton"), "{arguments:?}: {read:?}");
        }
    }
    drop(stack);
}

#[tokio::test]
async fn whoever_stops_reading_is_no_error() {
    let (_stack, commands, run_id) = answered("How many?", &"seven ".repeat(LONG_BYTES / 6)).await;
    for arguments in [
        vec!["runs", "show", &run_id],
        vec!["runs", "show", &run_id, "--json"],
        vec!["runs", "tail", &run_id, "--json"],
        vec!["runs", "export", &run_id],
    ] {
        let mut command = commands.start(&arguments).await;
        if !arguments.contains(&"export") {
            assert!(command.line().await.is_some());
        }
        let ended = command.close().await;
        assert_eq!((ended.code, &*ended.err), (Some(0), ""), "{arguments:?}");
    }
}
