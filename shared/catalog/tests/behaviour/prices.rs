//! What a call costs: of a model its tokens by their prices, which are for a million of them, of a tool its calls and its time.

use std::collections::BTreeMap;

use catalog::{Catalog, ToolPrices};
use run::{Cost, MAX_TOLD_BYTES, ModelId, Preferences, ToldOfModel, Usage};
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
fn at_most_a_call_costs_what_the_dearest_share_of_read_input_makes_of_it() {
    for prices in [
        json!({"input": 0.5, "output": 2.0}),
        json!({"input": 0.5, "output": 2.0, "cached_input": 0.05}),
        json!({"input": 0.5, "output": 2.0, "cached_input": 0.7}),
    ] {
        let given = given_shipped().with("/models/qwen/usd_per_million", prices.clone());
        let of_qwen = given.catalog().models[0].prices.unwrap();
        for (input_tokens, output_tokens) in [(0, 0), (1_000_000, 0), (0, 70), (300, 70)] {
            let usage = Usage {
                input_tokens,
                output_tokens,
                ..Usage::default()
            };
            let shares = (0..=4).map(|quarters| Usage {
                cached_input_tokens: input_tokens / 4 * quarters,
                ..usage
            });
            let dearest = shares.map(|usage| of_qwen.cost(usage)).max();
            assert_eq!(Some(of_qwen.most(usage)), dearest, "{prices} {usage:?}");
        }
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
    told_with(catalog, models, &BTreeMap::new())
}

/// The same, of a run that has kept this.
fn told_with(
    catalog: &Catalog,
    models: Option<&[&str]>,
    kept: &BTreeMap<ModelId, ToldOfModel>,
) -> String {
    let models = models.map(|ids| ids.iter().map(|id| ModelId::new(*id)).collect());
    let preferences = Preferences {
        models,
        ..Preferences::default()
    };
    let tool_set = catalog.tool_set(&preferences, |_| true).telling(kept);
    let functions = tool_set.functions();
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
    assert_eq!(catalog.description_of(&catalog.tools[1], |_| None), all);
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

/// A catalogue whose tool `answer` tells of Qwen, Phi and Llama, and which says how long Phi takes.
fn telling() -> super::kit::Given {
    given_shipped()
        .with(&format!("{ANSWER}/function/description"), json!("{prices}"))
        .with("/models/phi/typical_ms", json!(31_000))
}

/// What a run keeps that begins now, when this is known of what models take.
fn kept(catalog: &Catalog, takes_ms: &[(&str, u64)]) -> BTreeMap<ModelId, ToldOfModel> {
    let known = |id: &ModelId| {
        let mut known = takes_ms.iter();
        let measured = known.find(|(of, _)| *of == id.as_str()).map(|(_, ms)| *ms);
        measured.or_else(|| catalog.model(id)?.typical_ms)
    };
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    tool_set.told_of_models(known)
}

#[test]
fn how_long_models_take_is_a_column_where_it_is_known_of_one_of_them() {
    let heading = "Model | price per million input tokens | price per million output tokens";
    let catalog = telling().catalog();
    let rows = |rows: [&str; 3], latency: &str| {
        let [qwen, phi, llama] = rows;
        format!(
            "{heading}{latency}\nanswer-1 | $0.2 | $0.2{qwen}\nanswer-2 | $0.1 | $0.1{phi}\nanswer-3 | $0.1 | $0.1{llama}"
        )
    };
    let with = |rows_of: [&str; 3]| rows(rows_of, " | average latency");
    let measured = kept(&catalog, &[("qwen", 9000), ("phi", 1500), ("llama", 400)]);
    assert_eq!(
        told_with(&catalog, None, &measured),
        with([" | about 9 s", " | about 1.5 s", " | about 0.4 s"])
    );
    let by_catalogue = kept(&catalog, &[]);
    let told_so = with([" | unknown", " | about 31 s", " | unknown"]);
    assert_eq!(told_with(&catalog, None, &by_catalogue), told_so);
    let takes_ms = |id: &ModelId| catalog.model(id)?.typical_ms;
    assert_eq!(catalog.description_of(&catalog.tools[1], takes_ms), told_so);
    // Of those that a run is not offered nothing is told, nor that they are known.
    let some = told_with(&catalog, Some(&["qwen"]), &by_catalogue);
    assert_eq!(some, format!("{heading}\nanswer-1 | $0.2 | $0.2"));
    let nothing = telling().without("/models/phi/typical_ms").catalog();
    let told_so = rows([""; 3], "");
    assert_eq!(told_with(&nothing, None, &kept(&nothing, &[])), told_so);
}

#[test]
fn times_are_told_in_two_digits() {
    let catalog = telling().catalog();
    for (ms, told) in [
        (0, "about 0 s"),
        (1, "about 0.001 s"),
        (449, "about 0.45 s"),
        (500, "about 0.5 s"),
        (999, "about 1 s"),
        (1000, "about 1 s"),
        (9449, "about 9.4 s"),
        (9450, "about 9.5 s"),
        (31_000, "about 31 s"),
        (99_499, "about 99 s"),
        (99_500, "about 100 s"),
        (149_000, "about 150 s"),
        (900_000, "about 900 s"),
    ] {
        let kept = kept(&catalog, &[("qwen", ms)]);
        let latency = kept[&ModelId::new("qwen")].latency.as_deref();
        assert_eq!(latency, Some(told), "{ms}");
    }
    // A table of times that no clock tells is no reason to fail.
    assert!(
        kept(&catalog, &[("qwen", u64::MAX)])[&ModelId::new("qwen")]
            .latency
            .is_some()
    );
}

#[test]
fn a_run_tells_what_it_has_kept_whatever_the_catalogue_says_by_then() {
    let before = telling().catalog();
    let kept = kept(&before, &[("qwen", 7000)]);
    let told_before = told_with(&before, None, &kept);
    let after = telling()
        .with(
            "/models/qwen/usd_per_million",
            json!({"input": 7, "output": 7}),
        )
        .with("/models/phi/typical_ms", json!(1))
        .without("/models/llama/usd_per_million")
        .catalog();
    // Through the log and back.
    let stored = serde_json::to_string(&kept).unwrap();
    let read: BTreeMap<ModelId, ToldOfModel> = serde_json::from_str(&stored).unwrap();
    assert_eq!(told_with(&after, None, &read), told_before);
    assert_ne!(told_with(&after, None, &BTreeMap::new()), told_before);
}

#[test]
fn a_run_keeps_nothing_of_models_that_no_description_tells_of_and_no_more_than_has_room() {
    let silent = given_shipped().catalog();
    assert_eq!(kept(&silent, &[("qwen", 7000)]), BTreeMap::new());

    let mut given = telling();
    let mut names = Vec::new();
    for number in 0..1000 {
        let id = format!("\n{number}{}", "\u{1F980}".repeat(10));
        given = given.with(
            &format!("/models/{id}"),
            json!({
                "name": "M", "url_env": "QWEN_API_URL", "model": "m", "context_tokens": 8192,
                "typical_ms": 7000, "usd_per_million": {"input": 0.123_456_789, "output": 1e-9},
            }),
        );
        names.push((format!("answer-{number}"), json!(id)));
    }
    let all: serde_json::Map<_, _> = names.iter().cloned().collect();
    let argument: Vec<_> = names.iter().map(|(name, _)| name.clone()).collect();
    let catalog = given
        .with(&format!("{ANSWER}/target/models"), Value::Object(all))
        .with(
            &format!("{ANSWER}/function/parameters/properties/model/enum"),
            json!(argument),
        )
        .catalog();
    let kept = kept(&catalog, &[]);
    let bytes = serde_json::to_string(&kept).unwrap().len();
    assert!(bytes <= MAX_TOLD_BYTES + 2 && kept.len() > 100, "{bytes}");
    // The others are told of as the catalogue has them.
    assert_eq!(told_with(&catalog, None, &kept).lines().count(), 1001);
}

#[test]
fn how_long_a_model_takes_is_a_number_of_milliseconds() {
    let path = "/models/phi/typical_ms";
    for (written, problem) in [
        (json!(0), "expected 1 to 900000, found 0"),
        (json!(900_001), "expected 1 to 900000, found 900001"),
        (json!(-1), "invalid value"),
        (json!(1.5), "invalid type"),
        (json!("9 s"), "invalid type"),
    ] {
        telling()
            .with(path, written)
            .then_it_is_refused("models.phi.typical_ms", problem);
    }
    assert_eq!(telling().catalog().models[1].typical_ms, Some(31_000));
    assert_eq!(given_shipped().catalog().models[1].typical_ms, None);
}
