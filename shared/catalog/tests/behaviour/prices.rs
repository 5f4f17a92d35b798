//! What a call of a model costs: its tokens by their prices, which are for a million of them.

use run::{Cost, Usage};
use serde_json::json;

use super::kit::given_shipped;

#[test]
fn a_call_costs_what_it_read_and_what_it_wrote() {
    let given = given_shipped().with(
        "/models/qwen/usd_per_million",
        json!({"input": 0.5, "output": 2.0}),
    );
    let prices = given.catalog().models[0].prices;
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
fn a_model_without_prices_costs_nothing() {
    let prices = given_shipped()
        .without("/models/qwen/usd_per_million")
        .catalog()
        .models[0]
        .prices;
    let usage = Usage {
        input_tokens: 5_000_000,
        output_tokens: 5_000_000,
    };
    assert_eq!(prices.cost(usage), Cost::ZERO);
}
