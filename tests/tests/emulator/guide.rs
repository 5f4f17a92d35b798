//! The guide's four questions through the binaries, with real Python.

use serde_json::json;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::emulator::Setup;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, says};

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn the_four_questions_are_worked_with_the_tools_as_functions() {
    let models = ModelServer::start().await;
    let url = "https://example.org/tokyo";
    let search = DuckDuckGo::saying(&article("Tokyo", "14 million people live there.", url)).await;
    let stage = Setup::with_models(&models).search(&search).start().await;
    let _functions = ["orchestrator", "search", "code_interpreter"].map(|name| stage.run(name));
    let reason = || call("enhance_reasoning", json!({"model": "reasoner-2"}));
    let queries = ["population of Tokyo", "latest Python version"];
    let look_up = |query: &str| call("search", json!({"query": query, "num_results": 1}));
    let python = |code: &str| call("code_interpreter", json!({"code": code}));
    let fibonacci =
        "a, b, total = 0, 1, 0\nfor _ in range(10):\n    total += a\n    a, b = b, a + b\ntotal";
    let version = "import sys\nprint(sys.version_info.major)";
    let cases = [
        (
            "If a train travels 120 km in 2 hours, then increases speed by 20% for the next hour, how far does it travel total?",
            vec![("enhance_reasoning", reason())],
            "60 km/h, then 72 km/h",
        ),
        (
            "What is the current population of Tokyo?",
            vec![("search", look_up(queries[0]))],
            "14 million people",
        ),
        (
            "Generate the first 10 Fibonacci numbers and find their sum",
            vec![("code_interpreter", python(fibonacci))],
            "\"value\":\"88\"",
        ),
        (
            "Search for the latest Python version, then write code to check if it's installed on my system",
            vec![
                ("search", look_up(queries[1])),
                ("code_interpreter", python(version)),
            ],
            "\"stdout\":\"3\\n\"",
        ),
    ];
    for (question, work, finding) in cases {
        let (mut tools, work): (Vec<_>, Vec<_>) = work.into_iter().unzip();
        if tools == ["enhance_reasoning"] {
            models.experts([says(finding)]);
        }
        models.orchestrator(work.into_iter().map(|call| calls([call])));
        models.orchestrator([calls([answer("answer-1")])]);
        models.experts([says("The answer.")]);
        let told = stage.client.question(question).await;
        tools.push("answer");
        assert_eq!(told.tools_used(), tools, "{question}");
        assert_eq!(told.answer(), "The answer.", "{question}");
        assert!(
            told.of("tool_result").iter().all(|it| it["ok"] == true),
            "{told:#?}"
        );
        let asked = models.asked_of_experts();
        let prompt = asked.last().unwrap()["messages"][1]["content"]
            .as_str()
            .unwrap();
        assert!(prompt.contains(finding), "{prompt}");
        let sources = &told.of("final_answer")[0]["sources"];
        let expected = if tools.contains(&"search") {
            json!([{"title": "Tokyo", "url": url}])
        } else {
            json!([])
        };
        assert_eq!(*sources, expected, "{question}");
    }
    models.assert_spent();
    assert_eq!(search.queries(), queries);
}
