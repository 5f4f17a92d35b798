//! What a call costs: of a model its tokens by their prices, which are for a million of them, of a tool its calls and its time.

use catalog::{Catalog, ToolPrices};
use run::{Cost, ModelId, Preferences, Usage};
use serde_json::{Value, json};

use super::kit::{ANSWER, SEARCH, given_shipped};

#[test]
fn a_call_costs_what_it_read_and_what_it_wrote() {
    let given = given_shipped().with(
        "/models/qwen/usd_per_million",
        json!({"input": 0.5, "output": 2.0}),
    );
    let prices = given.catalog().models[0].prices.unwrap();
    // Input tokens, output tokens, dollars.
    let cases = [
        (0, 0, 0.0),
        (1_000_000, 0, 0.5),
        (0, 1_000_000, 2.0),
        (300, 70, 0.000_29),
        (1, 1, 0.000_002_5),
    ];
    for (input_tokens, output_tokens, usd) in cases {
        let usage = Usage {
            input_tokens,
            output_tokens,
            ..Usage::default()
        };
        let cost: Cost = prices.cost(usage);
        assert!(
            (cost.usd() - usd).abs() < 1e-12,
            "{input_tokens}, {output_tokens}: {}",
            cost.usd()
        );
    }
}

#[test]
fn what_was_cached_has_its_own_price_or_that_of_all_input() {
    let usage = Usage {
        input_tokens: 1_000_000,
        output_tokens: 0,
        cached_input_tokens: 400_000,
        estimated: false,
    };
    let more = Usage {
        cached_input_tokens: u64::MAX,
        ..usage
    };
    for (prices, usage, usd) in [
        (json!({"input": 0.5, "output": 2.0}), usage, 0.5),
        (
            json!({"input": 0.5, "output": 2.0, "cached_input": 0.05}),
            usage,
            0.32,
        ),
        (
            json!({"input": 0.5, "output": 2.0, "cached_input": 0}),
            usage,
            0.3,
        ),
        (
            json!({"input": 0.5, "output": 2.0, "cached_input": 0.05}),
            more,
            0.05,
        ),
    ] {
        let given = given_shipped().with("/models/qwen/usd_per_million", prices.clone());
        let cost = given.catalog().models[0].prices.unwrap().cost(usage);
        assert!((cost.usd() - usd).abs() < 1e-12, "{prices}: {}", cost.usd());
    }
}

#[test]
fn a_model_of_which_nobody_said_what_it_costs_has_no_price() {
    let without = given_shipped().without("/models/qwen/usd_per_million");
    assert_eq!(without.catalog().models[0].prices, None);
    let free = given_shipped().with(
        "/models/qwen/usd_per_million",
        json!({"input": 0, "output": 0}),
    );
    assert!(free.catalog().models[0].prices.is_some());
}

#[test]
fn a_tool_costs_by_the_call_and_by_the_second() {
    for (per_call, per_second, duration_ms, nano_usd) in [
        (None, None, 5_000, None),
        (Some(0.008), None, 5_000, Some(8_000_000)),
        (None, Some(0.000_1), 5_000, Some(500_000)),
        (Some(0.008), Some(0.000_1), 1, Some(8_000_100)),
        (Some(0.0), None, 5_000, Some(0)),
        (None, Some(1e-12), 1, Some(0)),
        (Some(1e300), Some(1e300), u64::MAX, Some(u64::MAX)),
    ] {
        let prices = ToolPrices {
            per_call,
            per_second,
        };
        let expected = nano_usd.map(|nano_usd| Cost { nano_usd });
        assert_eq!(prices.cost(duration_ms), expected, "{prices:?}");
    }
    let given = given_shipped().with("/tools/2/usd_per_call", json!(0.008));
    let prices = given.catalog().tools[2].prices;
    assert_eq!((prices.per_call, prices.per_second), (Some(0.008), None));
}

/// What a run that may use these models is told of the tool `answer`.
fn told(catalog: &Catalog, models: Option<&[&str]>) -> String {
    let models = models.map(|ids| ids.iter().map(|id| ModelId::new(*id)).collect());
    let preferences = Preferences {
        models,
        ..Preferences::default()
    };
    let functions = catalog.tool_set(&preferences, |_| true).functions();
    let named = |it: &&Value| it["function"]["name"] == "answer";
    let function = functions.iter().find(named).unwrap();
    function["function"]["description"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_place_of_prices_is_filled_with_a_line_for_each_model_that_is_offered() {
    let place = format!("{ANSWER}/function/description");
    let given = given_shipped()
        .with(&place, json!("Answers.\n{prices}\nChoose."))
        .with(
            "/models/qwen/usd_per_million",
            json!({"input": 1.25, "output": 10}),
        )
        .with(
            "/models/phi/usd_per_million",
            json!({"input": 0, "output": 0.000_000_1}),
        )
        .without("/models/llama/usd_per_million");
    let catalog = given.catalog();
    let heading =
        "Answers.\nModel | price per million input tokens | price per million output tokens\n";
    let [qwen, phi, llama] = [
        "answer-1 | $1.25 | $10\n",
        "answer-2 | $0 | $0.0000001\n",
        "answer-3 | unknown | unknown\n",
    ];
    let all = [heading, qwen, phi, llama, "Choose."].concat();
    assert_eq!(told(&catalog, None), all);
    assert_eq!(catalog.description_of(&catalog.tools[1]), all);
    let some = [heading, qwen, llama, "Choose."].concat();
    assert_eq!(told(&catalog, Some(&["llama", "qwen"])), some);
    // Wherever it stands, as often as it does, and nothing else in braces.
    for (written, expected) in [
        (
            "{prices}",
            heading.trim_start_matches("Answers.\n").to_owned() + qwen.trim_end(),
        ),
        (
            "{price} {Prices} {{prices}",
            "{price} {Prices} {".to_owned()
                + heading.trim_start_matches("Answers.\n")
                + qwen.trim_end(),
        ),
        ("As it is.", "As it is.".to_owned()),
    ] {
        let catalog = given.clone().with(&place, json!(written)).catalog();
        assert_eq!(told(&catalog, Some(&["qwen"])), expected, "{written}");
    }
}

#[test]
fn a_tool_that_offers_no_models_has_no_prices_to_tell() {
    let given = given_shipped().with(
        &format!("{SEARCH}/function/description"),
        json!("Searches. {prices}"),
    );
    given.then_it_is_refused("tools[2].function.description", "expected no {prices}");
}
