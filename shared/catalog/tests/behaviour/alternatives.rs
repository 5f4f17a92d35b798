//! Who is asked where a model cannot answer.

use catalog::Catalog;
use run::{ModelId, Preferences, Priority, ToolName};
use serde_json::json;

use super::kit::{Given, given_shipped};

const ALL: [&str; 4] = ["qwen", "phi", "llama", "gemma"];

/// The catalogue that ships with one model more, which no tool has: Phi's servers are cheaper than Llama's.
fn given() -> Given {
    given_shipped()
        .with(
            "/models/gemma",
            json!({"name": "Gemma", "url_env": "GEMMA_API_URL", "model": "g", "context_tokens": 8192}),
        )
        .with("/models/llama/usd_per_million", json!({"input": 0.1, "output": 0.4}))
        .with("/models/phi/fallback", json!(["gemma", "llama"]))
}

fn priority(priority: Priority) -> Preferences {
    Preferences {
        priority,
        ..Preferences::default()
    }
}

fn found(
    catalog: &Catalog,
    asked: &str,
    preferences: &Preferences,
    served: &[&str],
) -> Vec<String> {
    let tool = catalog.tool(&ToolName::new("answer")).unwrap();
    let served = |id: &ModelId| served.contains(&id.as_str());
    // Qwen is slow, Llama fast; of the others nothing is known.
    let took_ms = |id: &ModelId| match id.as_str() {
        "qwen" => Some(9000),
        "llama" => Some(700),
        _ => None,
    };
    let found = catalog.alternatives(tool, &ModelId::new(asked), preferences, served, took_ms);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn the_other_models_of_the_tool_come_first_in_the_order_of_the_priority_and_then_the_models_own() {
    let catalog = given().catalog();
    for (asked, preferred, expected) in [
        (
            "phi",
            Priority::Balanced,
            ["qwen", "llama", "gemma"].as_slice(),
        ),
        ("phi", Priority::Quality, &["qwen", "llama", "gemma"]),
        ("phi", Priority::Cost, &["qwen", "llama", "gemma"]),
        ("qwen", Priority::Cost, &["phi", "llama"]),
        ("phi", Priority::Latency, &["llama", "qwen", "gemma"]),
        ("llama", Priority::Latency, &["qwen", "phi"]),
        // One that no tool has: all of the tool's.
        ("gemma", Priority::Balanced, &["qwen", "phi", "llama"]),
        ("gemma", Priority::Cost, &["phi", "qwen", "llama"]),
    ] {
        let found = found(&catalog, asked, &priority(preferred), &ALL);
        assert_eq!(found, expected, "{asked}, {preferred:?}");
    }
}

#[test]
fn what_models_cost_is_compared_by_input_and_output_together() {
    let costs = |input: f64, output: f64| json!({"input": input, "output": output});
    let given = given()
        .with("/models/qwen/usd_per_million", costs(0.0, 5.0))
        .with("/models/phi/usd_per_million", costs(0.5, 0.5))
        .with("/models/llama/usd_per_million", costs(1.5, 0.5));
    let found = found(&given.catalog(), "gemma", &priority(Priority::Cost), &ALL);
    assert_eq!(found, ["phi", "llama", "qwen"]);
}

#[test]
fn nobody_is_asked_whom_the_caller_does_not_allow_or_who_has_no_server() {
    let catalog = given().catalog();
    let allows = |models: &[&str]| Preferences {
        models: Some(models.iter().map(|id| ModelId::new(*id)).collect()),
        ..Preferences::default()
    };
    for (allowed, served, expected) in [
        (allows(&["phi"]), ALL.as_slice(), [].as_slice()),
        (allows(&["phi", "gemma"]), &ALL, &["gemma"]),
        (allows(&["llama", "phi"]), &ALL, &["llama"]),
        (Preferences::default(), &["phi", "llama"], &["llama"]),
        (Preferences::default(), &["phi"], &[]),
    ] {
        assert_eq!(found(&catalog, "phi", &allowed, served), expected);
    }
}

#[test]
fn of_many_models_five_are_asked_and_each_once() {
    let mut given = given_shipped();
    for number in 1..=8 {
        given = given
            .with(
                &format!("/models/m{number}"),
                json!({"name": "M", "url_env": format!("M{number}_API_URL"), "model": "m", "context_tokens": 8192}),
            )
            .with(&format!("/tools/1/target/models/m-{number}"), json!(format!("m{number}")))
            .with(&format!("/tools/1/target/models/n-{number}"), json!(format!("m{number}")));
    }
    let served = ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"];
    let found = found(&given.catalog(), "m2", &Preferences::default(), &served);
    assert_eq!(found, ["m1", "m3", "m4", "m5", "m6"]);
}

#[test]
fn a_part_of_a_discussion_is_done_by_nobody_who_takes_part_in_it_already() {
    let catalog = given().catalog();
    let takes_part = |id: &ModelId| ["qwen", "phi", "llama"].contains(&id.as_str());
    let of = |asked: &str| {
        let preferences = Preferences::default();
        let asked = ModelId::new(asked);
        catalog.alternatives_in_discussion(&asked, takes_part, &preferences, |_| true)
    };
    assert_eq!(of("phi"), [ModelId::new("gemma")]);
    assert_eq!(of("qwen"), []);
}
