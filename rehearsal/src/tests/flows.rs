//! The orchestrator's part: which tools a question leads to.

use super::*;

/// Plays the loop: asks for turns, gives each call a canned result, until the model answers or says something.
async fn play(
    question: &str,
    tools: &[&str],
    result: fn(&str) -> Value,
) -> (Vec<(String, Value)>, String) {
    let mut messages = vec![
        json!({"role": "system", "content": "s"}),
        json!({"role": "user", "content": question}),
    ];
    let mut calls = Vec::new();
    loop {
        let body = json!({"model": MODEL, "messages": messages, "tools": offer(tools)});
        let message = ask(&body).await["choices"][0]["message"].take();
        let Some(call) = message["tool_calls"].get(0).cloned() else {
            return (calls, message["content"].as_str().unwrap().to_owned());
        };
        let name = call["function"]["name"].as_str().unwrap().to_owned();
        assert!(tools.contains(&name.as_str()), "{name}");
        assert!(!message["reasoning_content"].as_str().unwrap().is_empty());
        let arguments = call["function"]["arguments"].as_str().unwrap();
        let answer = result(&name);
        let done = name == "answer" && answer.get("error").is_none();
        calls.push((name, serde_json::from_str(arguments).unwrap()));
        if done {
            return (calls, String::new());
        }
        messages.push(json!({"role": "assistant", "tool_calls": [call]}));
        let answer = answer.to_string();
        messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": answer}));
    }
}

fn fine(_: &str) -> Value {
    json!({})
}

fn failing(_: &str) -> Value {
    json!({"error": {"code": "unreachable", "message": "no way there", "retryable": true}})
}

#[tokio::test]
async fn each_question_leads_to_the_tools_it_needs_in_order() {
    let (r, s, c) = ("enhance_reasoning", "search", "code_interpreter");
    let cases: [(&str, &[&str]); 38] = [
        (
            "A printer prints 20 pages in 4 minutes. How long does it take to print 90 pages?",
            &[r],
        ),
        (
            "Calculate the compound interest on 1000 dollars at 5% for 3 years",
            &[r],
        ),
        ("Generate a random number", &[r]),
        (
            "Use Python to find out how many days lie between two dates",
            &[r],
        ),
        (
            "If a train travels 120 km in 2 hours, then increases speed by 20% for the next hour, how far does it travel total?",
            &[r],
        ),
        (
            "A car drives 150 km in 3 hours, then slows down by 10% for the next 2 hours; how far in total?",
            &[r],
        ),
        ("What is the current population of Tokyo?", &[s]),
        ("Who is the current mayor of Osaka?", &[s]),
        ("What's the weather in Lisbon today?", &[s]),
        ("Who wrote The Name of the Rose?", &[s]),
        (
            "Generate the first 10 Fibonacci numbers and find their sum",
            &[c],
        ),
        (
            "Generate the first 15 prime numbers and find their average",
            &[c],
        ),
        ("Compute the sum of the first 12 squares", &[c]),
        ("What is 17 * 23 + 4?", &[c]),
        ("what's 15% of 80", &[c]),
        ("(3 + 4) ** 2", &[c]),
        ("Is 97 a prime number?", &[c]),
        ("What is the factorial of 12?", &[c]),
        ("What is the 20th Fibonacci number?", &[c]),
        ("Find the median of 3, 9, 4 and 1", &[c]),
        ("Write code to reverse the string 'orchestra'", &[c]),
        (
            "How many times does the letter r occur in \"strawberry\"?",
            &[c],
        ),
        ("Write a Python program that draws a pyramid", &[r]),
        ("Is numpy installed?", &[c]),
        (
            "Search for the latest Python version, then write code to check if it's installed on my system",
            &[s, c],
        ),
        (
            "Look up the newest Rust release, then check with code whether it is installed on my computer",
            &[s, c],
        ),
        (
            "Compute the sum of the first 5 cubes and then look up who invented calculus",
            &[c, s],
        ),
        (
            "Look up the tallest building and explain why it is stable",
            &[s, r],
        ),
        ("Explain how binary search works", &[r]),
        ("Why is the sky blue?", &[r]),
        (
            "Alice is older than Bob and Bob is older than Carol. Who is oldest?",
            &[r],
        ),
        ("Plan a menu for six guests", &[r]),
        ("What does COVID-19 mean?", &[r]),
        ("Was the prime minister right?", &[r]),
        ("hello", &[]),
        ("Hi there!", &[]),
        ("Good morning, how are you?", &[]),
        ("Thank you very much", &[]),
    ];
    for (question, expected) in cases {
        let (calls, _) = play(question, &TOOLS, fine).await;
        let tools: Vec<&str> = calls.iter().map(|(tool, _)| tool.as_str()).collect();
        let expected = [expected, &["answer"]].concat();
        assert_eq!(tools, expected, "{question}");
        assert_eq!(calls.last().unwrap().1, json!({"model": "answer-1"}));
    }
}

#[tokio::test]
async fn only_offered_tools_are_called_and_each_answer_model_once() {
    let search = "What is the current population of Tokyo?";
    let (calls, _) = play(search, &["answer"], fine).await;
    assert_eq!(calls, [("answer".to_owned(), json!({"model": "answer-1"}))]);
    let (calls, _) = play(search, &["answer", "enhance_reasoning"], fine).await;
    assert_eq!(calls[0].0, "enhance_reasoning");

    let (calls, text) = play(search, &TOOLS, failing).await;
    let models: Vec<_> = calls
        .iter()
        .map(|(_, arguments)| &arguments["model"])
        .collect();
    assert_eq!(
        models,
        [&Value::Null, &json!("answer-1"), &json!("answer-2")]
    );
    assert!(text.contains("search failed: no way there"), "{text}");
    assert!(text.contains("no weights"), "{text}");

    let (calls, text) = play("hello", &["search"], fine).await;
    assert!(calls.is_empty() && text.starts_with("Hello."), "{text}");
}

#[test]
fn a_query_holds_the_matter_without_the_command() {
    for (question, query) in [
        (
            "What is the current population of Tokyo?",
            "current population of Tokyo",
        ),
        (
            "Who is the current mayor of Osaka?",
            "current mayor of Osaka",
        ),
        (
            "Search for the latest Python version, then write code to check if it's installed on my system",
            "latest Python version",
        ),
        (
            "Look up the newest Rust release, then check with code whether it is installed on my computer",
            "newest Rust release",
        ),
        (
            "Please search the web for news about Zürich.",
            "news about Zürich",
        ),
        (
            "Compute 2 + 2 and then look up who invented calculus",
            "who invented calculus",
        ),
        (
            "Who wrote The Name of the Rose?",
            "Who wrote The Name of the Rose",
        ),
        ("search", "search"),
    ] {
        assert_eq!(lookup::query(question), query);
    }
}

#[tokio::test]
async fn tool_choice_is_followed() {
    let mut body = json!({"tools": offer(&TOOLS), "messages": [{"role": "user", "content": "What is 1 + 1?"}]});
    body["tool_choice"] = json!({"type": "function", "function": {"name": "answer"}});
    let call =
        ask(&body).await["choices"][0]["message"]["tool_calls"][0]["function"]["name"].take();
    assert_eq!(call, "answer");
    body["tool_choice"] = "none".into();
    let message = ask(&body).await["choices"][0]["message"].take();
    assert_eq!(message.get("tool_calls"), None);
}

#[tokio::test]
async fn the_question_is_found_among_reminders_and_earlier_questions() {
    let ask_for = async |messages: Value| {
        let answer = ask(&json!({"messages": messages, "tools": offer(&TOOLS)})).await;
        let call = &answer["choices"][0]["message"]["tool_calls"][0]["function"];
        call["name"].as_str().unwrap().to_owned()
    };
    let user = |content: &str| json!({"role": "user", "content": content});
    let question = user("What is 3 * 4?");
    let reminder = user("This is the last round: call `answer` now.");
    let said = json!({"role": "assistant", "content": "Hello.", "tool_calls": []});
    assert_eq!(
        ask_for(json!([question, reminder])).await,
        "code_interpreter"
    );
    let with_history = json!([user("Who is the mayor?"), said, question, reminder]);
    assert_eq!(ask_for(with_history).await, "code_interpreter");
}
