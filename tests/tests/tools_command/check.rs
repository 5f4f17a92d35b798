//! `tools check`.

use serde_json::{Value, json};

use crate::desk::{Desk, TOKEN, tool};

fn weather(url: &str) -> Value {
    json!({"http": {"url": url, "headers": {"authorization": {"env": "WEATHER_TOKEN"}}}})
}

#[tokio::test]
async fn where_all_is_well_each_model_and_tool_has_a_row_and_the_end_is_success() {
    let desk = Desk::with(|server, endpoint, _| {
        vec![
            tool("weather", &weather(&format!("{server}/weather?units=si"))),
            tool(
                "forecast",
                &json!({"lambda": "forecast", "endpoint": endpoint}),
            ),
        ]
    })
    .await;
    let printed = desk.commands.prints(&["tools", "check", "--json"]).await;
    let rows: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["kind"].as_str().unwrap(),
                row["name"].as_str().unwrap(),
                row["ok"]
            )
        })
        .collect();
    let expected = [
        "model qwen true",
        "model phi true",
        "model llama true",
        "models enhance_reasoning true",
        "models answer true",
        "lambda search true",
        "lambda code_interpreter true",
        "lambda read_url true",
        "discussion discuss true",
        "http weather true",
        "lambda forecast true",
    ];
    let mut told_in_order = told.clone();
    let mut expected_in_order = expected.map(str::to_owned).to_vec();
    told_in_order.sort();
    expected_in_order.sort();
    assert_eq!(told_in_order, expected_in_order);
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(
        row("weather")["target"],
        format!("{}/weather", desk.server())
    );
    assert_eq!(row("search")["target"], "search in this process");
    assert!(
        rows.iter()
            .all(|row| row["took_ms"].is_u64() && row.get("problem").is_none())
    );
    assert_eq!(desk.stored(), ["catalogue.json"]);
}

#[tokio::test]
async fn what_does_not_answer_is_told_with_what_to_do_and_no_secret() {
    let desk = Desk::with(|server, endpoint, closed| {
        vec![
            tool("refuses", &weather(&format!("{server}/refuses"))),
            tool("nowhere", &weather(&format!("{server}/nowhere?key={TOKEN}"))),
            tool("gateway", &weather(&format!("{server}/gateway"))),
            tool("moved", &weather(&format!("{server}/moved"))),
            tool("fails", &weather(&format!("{server}/fails"))),
            tool("down", &weather(closed)),
            tool("unset", &json!({"http": {"url": server, "headers": {"x-key": {"env": "NOT_SET_ANYWHERE"}}}})),
            tool("absent", &json!({"lambda": "absent"})),
            tool("forecast", &json!({"lambda": "forecast", "endpoint": endpoint})),
            tool("stopped", &json!({"lambda": "forecast", "endpoint": closed})),
        ]
    })
    .await;
    let closed = desk.closed.address.clone();
    let commands = desk.commands.with("PHI_API_URL", &closed);
    let ended = commands.run(&["tools", "check"]).await;
    assert_eq!(
        (ended.code, &*ended.err),
        (Some(1), "error: 9 of 19 have a problem\n"),
        "{}",
        ended.out
    );
    let problem = |name: &str| {
        let line = ended
            .out
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        let line = line.unwrap_or_else(|| panic!("{name}: {}", ended.out));
        line.split_once("PROBLEM: ")
            .map_or("", |(_, problem)| problem)
            .to_owned()
    };
    for (name, says) in [
        (
            "phi",
            "no model server answers there: start it, or set PHI_API_URL",
        ),
        (
            "refuses",
            "it answers with 401: check the headers of its entry",
        ),
        (
            "nowhere",
            "it answers with 404: check the path of its address",
        ),
        (
            "gateway",
            "it answers with 502: the gateway before it gets no answer",
        ),
        (
            "moved",
            "it answers with 308: it redirects, which is not followed",
        ),
        ("down", "nothing answers there"),
        ("unset", "The variable NOT_SET_ANYWHERE is not set."),
        ("absent", "there is no such function: deploy it"),
        ("stopped", "nothing can be reached there"),
    ] {
        assert!(problem(name).starts_with(says), "{name}: {}", problem(name));
    }
    for name in ["qwen", "answer", "fails", "forecast", "search"] {
        assert_eq!(problem(name), "", "{name}");
    }
    assert!(ended.out.starts_with("NAME "), "{}", ended.out);
    assert!(!ended.out.contains(TOKEN), "{}", ended.out);
}
