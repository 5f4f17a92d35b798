//! The orchestrator is told of the tools that end its run by their names, and where there are none to answer itself.

use super::super::instructions::ending;
use super::*;

/// The sentences about answering in the first and the last round, of a run whose catalogue has these tools that end it.
fn told_of(names: &[&str]) -> [String; 3] {
    let tools = names.iter().map(|name| {
        json!({
            "type": "function",
            "function": {"name": name, "description": "Answers.", "parameters": {"type": "object", "properties": {}}},
            "target": {"models": {"one": "qwen"}, "system": "You answer."},
            "ends_run": true, "timeout_ms": 15000, "retry": "safe",
        })
    });
    let catalog = json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": {"qwen": {
            "name": "Qwen", "url_env": "QWEN_API_URL", "model": "qwen", "context_tokens": 8192,
        }},
        "tools": tools.collect::<Vec<_>>(),
    });
    let catalog = Catalog::parse(&catalog.to_string()).unwrap();
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    assert_eq!(ending(&tool_set).is_none(), names.is_empty());
    let form = Form {
        context_tokens: 8192,
        calls: AskedBy::Native,
        thinks_first: false,
    };
    let mut start = Start::clone(&run_at_its_start().start);
    start.request.max_rounds = 1;
    let mut last = Run::begin(start);
    last.apply(&Event::RoundStart {
        round: 1,
        reserved: None,
    });
    let chat = Conversation::new(&last, &tool_set, form).request(&last);
    let system: Value = serde_json::from_str(chat.messages[0].json()).unwrap();
    let system = system["content"].as_str().unwrap();
    let paper = super::super::toolorchestra(&last, &tool_set, form);
    let paper: Value = serde_json::from_str(paper.messages[1].json()).unwrap();
    let line = |begins: &str| {
        let mut lines = system.lines().filter(|line| line.starts_with(begins));
        lines.next().unwrap().trim_start_matches("- ").to_owned()
    };
    let paper = paper["content"].as_str().unwrap().lines().last().unwrap();
    [
        line("- When enough"),
        line("- This is the last"),
        paper.to_owned(),
    ]
}

#[test]
fn the_tools_that_end_the_run_are_named() {
    let cases: [(&[&str], [&str; 3]); 3] = [
        (
            &["answer"],
            [
                "When enough is known, call `answer`, which writes the final answer from all results so far. \
                 For a question that needs no tool you may answer directly in text.",
                "This is the last round: call `answer` now, or answer in text.",
                "This is the last round: call `answer`.",
            ],
        ),
        (
            &["reply", "report"],
            [
                "When enough is known, call `reply` or `report`, which writes the final answer from all results so far. \
                 For a question that needs no tool you may answer directly in text.",
                "This is the last round: call `reply` or `report` now, or answer in text.",
                "This is the last round: call `reply` or `report`.",
            ],
        ),
        (
            &[],
            [
                "When enough is known, write the final answer in text, and call no tool beside it.",
                "This is the last round: answer in text now.",
                "This is the last round: answer in text.",
            ],
        ),
    ];
    for (names, expected) in cases {
        assert_eq!(told_of(names), expected);
    }
}
