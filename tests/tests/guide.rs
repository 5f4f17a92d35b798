//! The guide's four questions, and questions like them that nothing was written for.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::model_server::ModelServer;
use tests::recorded_web::{POPULATION, PROVIDERS, RecordedWeb};
use tests::script::{answer, call, calls, says};
use tests::stack::Setup;
use tests::story::Told;

const TRAIN: &str = "If a train travels 120 km in 2 hours, then increases speed by 20% for the next hour, how far does it travel total?";
const TOKYO: &str = "What is the current population of Tokyo?";
const FIBONACCI: &str = "Generate the first 10 Fibonacci numbers and find their sum";
const PYTHON: &str =
    "Search for the latest Python version, then write code to check if it's installed on my system";

#[tokio::test]
async fn the_rehearsal_model_reasons_and_computes_with_the_tools_that_a_question_needs() {
    let stack = Setup::new().start().await;
    let cases: [(&str, &[&str], &str); 6] = [
        (TRAIN, &["enhance_reasoning", "answer"], "192"),
        (
            "If a cyclist rides 60 km in 3 hours, then increases speed by 50% for the next 2 hours, how far does she ride in total?",
            &["enhance_reasoning", "answer"],
            "120",
        ),
        (
            "A ship sails 90 km in 5 hours, then slows down by 50% for the next 4 hours. How far does it sail in total?",
            &["enhance_reasoning", "answer"],
            "126",
        ),
        (FIBONACCI, &["code_interpreter", "answer"], "88"),
        (
            "Generate the first 14 Fibonacci numbers and find their sum",
            &["code_interpreter", "answer"],
            "609",
        ),
        (
            "Compute the first 9 prime numbers and find their sum",
            &["code_interpreter", "answer"],
            "100",
        ),
    ];
    join_all(cases.map(async |(question, tools, result)| {
        let told = stack.client.question(question).await;
        assert_eq!(told.tools_used(), tools, "{question}");
        assert_eq!(told.status(), "completed", "{question}");
        assert!(holds_number(told.answer(), result), "{}", told.answer());
        assert!(told.answer().contains("no weights"), "{}", told.answer());
        assert_eq!(told.of("final_answer")[0]["sources"], json!([]));
    }))
    .await;
}

#[tokio::test]
async fn the_rehearsal_model_quotes_what_a_search_found_and_names_its_source() {
    let title = "A heading that no rule holds";
    let summary = "Marmalade was counted 4711 times in the harbour.";
    let url = "https://example.org/harbour/marmalade";
    let search = DuckDuckGo::saying(&article(title, summary, url)).await;
    let stack = Setup::new().search(&search).start().await;
    let (s, c, a) = ("search", "code_interpreter", "answer");
    let cases: [(&str, &[&str]); 6] = [
        (TOKYO, &[s, a]),
        ("What is the current population of Lagos?", &[s, a]),
        ("Who is the current president of Finland?", &[s, a]),
        (PYTHON, &[s, c, a]),
        (
            "Search for the latest Perl version, then write code to check if it's installed on my computer",
            &[s, c, a],
        ),
        (
            "Look up the newest Git release, then run code to find out whether it is installed here",
            &[s, c, a],
        ),
    ];
    join_all(cases.map(async |(question, tools)| {
        let told = stack.client.question(question).await;
        assert_eq!(told.tools_used(), tools, "{question}");
        assert_eq!(told.status(), "completed", "{question}");
        for quoted in [title, summary, url, "no weights"] {
            assert!(told.answer().contains(quoted), "{}", told.answer());
        }
        let sources = &told.of("final_answer")[0]["sources"];
        assert_eq!(
            *sources,
            json!([{"title": title, "url": url}]),
            "{question}"
        );
    }))
    .await;
    assert_eq!(search.queries().len(), cases.len());
}

/// The Tokyo question on a stack of its own: who refused one is left alone in it.
async fn tokyo(web: &RecordedWeb) -> Told {
    let variables = web.variables();
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let stack = Setup::new().searching(&variables).start().await;
    let told = stack.client.question(TOKYO).await;
    assert_eq!(told.tools_used(), ["search", "answer"]);
    assert_eq!(told.status(), "completed");
    told
}

#[tokio::test]
async fn the_population_of_tokyo_is_answered_from_a_found_page_with_its_source_whoever_is_dead() {
    let web = RecordedWeb::start().await;
    for dead in 0..PROVIDERS.len() {
        web.dead(&PROVIDERS[..dead]);
        let told = tokyo(&web).await;
        assert_eq!(web.asked(), PROVIDERS[..=dead]);
        let (title, url) = RecordedWeb::source(PROVIDERS[dead]);
        for quoted in [POPULATION, &title, &url] {
            assert!(told.answer().contains(quoted), "{}", told.answer());
        }
        let sources = &told.of("final_answer")[0]["sources"];
        assert_eq!(sources[0], json!({"title": title, "url": url}));
        let result = &told.of("tool_result")[0]["result"];
        assert_eq!(result["provider"], PROVIDERS[dead]);
        let tried: Vec<&Value> = result["tried"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["provider"])
            .collect();
        assert_eq!(tried, PROVIDERS[..dead]);
    }
    web.dead(&PROVIDERS);
    let told = tokyo(&web).await;
    for words in [
        "search failed",
        "TAVILY_API_KEY",
        "SEARXNG_URL",
        "status 502",
    ] {
        assert!(told.answer().contains(words), "{}", told.answer());
    }
    assert_eq!(told.of("final_answer")[0]["sources"], json!([]));
}

#[tokio::test]
async fn each_dead_provider_alone_is_passed_over() {
    let web = RecordedWeb::start().await;
    for dead in PROVIDERS {
        web.dead(&[dead]);
        let told = tokyo(&web).await;
        let answers = PROVIDERS
            .into_iter()
            .find(|provider| *provider != dead)
            .unwrap();
        assert_eq!(told.of("tool_result")[0]["result"]["provider"], answers);
        assert!(told.answer().contains(POPULATION), "{}", told.answer());
    }
}

#[tokio::test]
async fn where_the_web_cannot_be_reached_the_search_fails_clearly_and_the_answer_is_honest() {
    let stack = Setup::new().start().await;
    let questions = [
        TOKYO,
        PYTHON,
        "What is the current population of Lagos?",
        "Who is the current mayor of Turin?",
    ];
    join_all(questions.map(async |question| {
        let told = stack.client.question(question).await;
        let search = &told.of("tool_result")[0];
        assert_eq!(
            (&search["tool"], &search["ok"]),
            (&json!("search"), &json!(false))
        );
        let error = &search["result"]["error"];
        assert_eq!(error["code"], "unreachable");
        assert_eq!(error["retryable"], true);
        let message = error["message"].as_str().unwrap();
        for words in [
            "duckduckgo cannot be reached",
            "wikipedia cannot be reached",
            "DUCKDUCKGO_URL",
            "TAVILY_API_KEY",
            "SEARXNG_URL",
        ] {
            assert!(message.contains(words), "{message}");
        }
        assert_eq!(told.status(), "completed", "{question}");
        for words in ["search failed", "cannot be reached", "no weights"] {
            assert!(told.answer().contains(words), "{}", told.answer());
        }
        assert_eq!(told.of("final_answer")[0]["sources"], json!([]));
    }))
    .await;
}

#[tokio::test]
async fn a_greeting_needs_no_tool() {
    let stack = Setup::new().start().await;
    let told = stack.client.question("Hello!").await;
    assert_eq!(told.tools_used(), ["answer"]);
    assert!(told.answer().contains("no weights"), "{}", told.answer());
}

#[tokio::test]
async fn a_model_server_works_the_four_questions_with_the_real_tools() {
    let models = ModelServer::start().await;
    let found = article(
        "Tokyo",
        "14 million people live there.",
        "https://example.org/tokyo",
    );
    let search = DuckDuckGo::saying(&found).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    let reason = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    let look_up = call("search", json!({"query": "latest", "num_results": 1}));
    let fibonacci =
        "a, b, total = 0, 1, 0\nfor _ in range(10):\n    total += a\n    a, b = b, a + b\ntotal";
    let python = "import sys\nprint(sys.version_info.major)";
    let run = |code: &str| call("code_interpreter", json!({"code": code}));
    let cases = [
        (TRAIN, vec![reason], "192 km"),
        (TOKYO, vec![look_up.clone()], "14 million"),
        (FIBONACCI, vec![run(fibonacci)], "88"),
        (PYTHON, vec![look_up, run(python)], "Python 3 is there"),
    ];
    for (question, work, text) in cases {
        let mut tools: Vec<String> = work.iter().map(|call| tool(call).to_owned()).collect();
        if tools.contains(&"enhance_reasoning".to_owned()) {
            models.experts([says("60 km/h, then 72 km/h")]);
        }
        models.orchestrator(work.into_iter().map(|call| calls([call])));
        models.orchestrator([calls([answer("answer-1")])]);
        models.experts([says(text)]);
        let told = stack.client.question(question).await;
        tools.push("answer".to_owned());
        assert_eq!(told.tools_used(), tools, "{question}");
        assert_eq!(told.answer(), text, "{question}");
        assert!(
            told.of("tool_result").iter().all(|it| it["ok"] == true),
            "{told:#?}"
        );
    }
    models.assert_spent();
    let asked: Vec<Value> = models.asked_of_experts();
    let last_words: Vec<&str> = asked
        .iter()
        .map(|request| request["messages"][1]["content"].as_str().unwrap())
        .collect();
    // What a model is asked with holds what the tools before it have returned.
    let expected = [
        "60 km",
        "14 million people",
        "\"value\":\"88\"",
        "\"stdout\":\"3\\n\"",
    ];
    assert!(last_words[0].starts_with("Problem:\nIf a train travels"));
    for (words, found) in last_words[1..].iter().zip(expected) {
        assert!(words.contains(found), "{words}");
    }
}

fn tool(call: &tests::script::Part) -> &str {
    match call {
        tests::script::Part::Call { name, .. } => name,
        other => panic!("no call: {other:?}"),
    }
}

/// Whether a number stands in a text by itself, not as part of another.
fn holds_number(text: &str, number: &str) -> bool {
    let in_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut numbers = text.split(|c: char| !in_number(c));
    numbers.any(|it| it.trim_end_matches('.') == number || it == format!("{number}.0"))
}
