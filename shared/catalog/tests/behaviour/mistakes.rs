//! A mistake in the file stops the start, and is told with the path of its field and what was expected.

use catalog::Catalog;

use super::kit::{SHIPPED, given_shipped};

/// A field to set (by pointer), what to set it to, and how the refusal begins and what it says.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    (
        "/orchestrator/model",
        r#""gpt""#,
        "orchestrator.model: ",
        "qwen",
    ),
    (
        "/orchestrator/prompt",
        r#""poem""#,
        "orchestrator.prompt: ",
        "chat",
    ),
    (
        "/orchestrator/fallback",
        r#"["phi", "gpt"]"#,
        "orchestrator.fallback[1]: ",
        "a model of `models` (llama, phi, qwen), found `gpt`",
    ),
    (
        "/orchestrator/fallback",
        r#"["qwen"]"#,
        "orchestrator.fallback[0]: ",
        "another model than `qwen` itself",
    ),
    (
        "/orchestrator/fallback",
        r#"["phi", "llama", "phi", "llama", "phi"]"#,
        "orchestrator.fallback[2]: ",
        "`phi` is named already",
    ),
    (
        "/orchestrator/fallback",
        r#"["phi", "llama", "phi", "llama", "phi", "llama"]"#,
        "orchestrator.fallback: ",
        "at most 5 models, found 6",
    ),
    (
        "/orchestrator/fallback",
        r#""phi""#,
        "orchestrator.fallback: ",
        "sequence",
    ),
    (
        "/models/phi/fallback",
        r#"["qwen", "gpt"]"#,
        "models.phi.fallback[1]: ",
        "a model of `models` (llama, phi, qwen), found `gpt`",
    ),
    (
        "/models/phi/fallback",
        r#"["phi"]"#,
        "models.phi.fallback[0]: ",
        "another model than `phi` itself",
    ),
    (
        "/models/phi/fallback",
        r#"["qwen", "qwen"]"#,
        "models.phi.fallback[1]: ",
        "`qwen` is named already",
    ),
    (
        "/models/phi/fallback",
        r#"["qwen", "llama", "qwen", "llama", "qwen", "llama"]"#,
        "models.phi.fallback: ",
        "at most 5 models, found 6",
    ),
    (
        "/models/phi/fallback",
        "[7]",
        "models.phi.fallback[0]: ",
        "string",
    ),
    (
        "/models/phi/url_env",
        r#""PHI""#,
        "models.phi.url_env: ",
        "_API_URL",
    ),
    (
        "/models/phi/context_tokens",
        "0",
        "models.phi.context_tokens: ",
        "at least 1",
    ),
    (
        "/models/phi/context_tokens",
        r#""many""#,
        "models.phi.context_tokens: ",
        "u32",
    ),
    (
        "/models/phi/usd_per_million/input",
        "-1",
        "models.phi.usd_per_million: ",
        "0 or more",
    ),
    (
        "/models/phi/usd_per_million/cached_input",
        "-0.1",
        "models.phi.usd_per_million: ",
        "0 or more",
    ),
    (
        "/models/phi/usd_per_million/cache_write",
        "1",
        "models.phi.usd_per_million.cache_write: ",
        "unknown field",
    ),
    (
        "/tools/2/usd_per_call",
        "-1",
        "tools[2].usd_per_call: ",
        "0 or more",
    ),
    (
        "/tools/2/usd_per_second",
        r#""cheap""#,
        "tools[2].usd_per_second: ",
        "f64",
    ),
    (
        "/tools/0/usd_per_call",
        "1",
        "tools[0].usd_per_call: ",
        "usd_per_million",
    ),
    (
        "/tools/1/usd_per_second",
        "1",
        "tools[1].usd_per_second: ",
        "usd_per_million",
    ),
    (
        "/models/phi/colour",
        "1",
        "models.phi.colour: ",
        "unknown field",
    ),
    (
        "/tools/2/type",
        r#""plugin""#,
        "tools[2].type: ",
        "function",
    ),
    (
        "/tools/2/function/name",
        r#""no spaces""#,
        "tools[2].function.name: ",
        "letters",
    ),
    (
        "/tools/2/function/name",
        r#""answer""#,
        "tools[2].function.name: ",
        "names another tool",
    ),
    (
        "/tools/2/function/parameters",
        r#"{"type": 7}"#,
        "tools[2].function.parameters: ",
        "JSON Schema",
    ),
    ("/tools/2/target", "{}", "tools[2].target: ", "lambda"),
    (
        "/tools/2/target",
        r#"{"lambda": "a", "system": "b"}"#,
        "tools[2].target: ",
        "either",
    ),
    (
        "/tools/2/target",
        r#"{"http": {"url": "x"}}"#,
        "tools[2].target.http.url: ",
        "http or https address",
    ),
    (
        "/tools/0/target/models/reasoner-1",
        r#""gpt""#,
        "tools[0].target.models.reasoner-1: ",
        "qwen",
    ),
    (
        "/tools/2/timeout_ms",
        "0",
        "tools[2].timeout_ms: ",
        "1 to 900000",
    ),
    (
        "/tools/2/timeout_ms",
        "900001",
        "tools[2].timeout_ms: ",
        "1 to 900000",
    ),
    (
        "/tools/2/max_result_bytes",
        "131073",
        "tools[2].max_result_bytes: ",
        "1 to 131072",
    ),
    ("/tools/2/tenant", r#""run""#, "tools[2].tenant: ", "owner"),
    (
        "/tools/2/aliases",
        r#""web_search""#,
        "tools[2].aliases: ",
        "sequence",
    ),
    (
        "/tools/2/aliases",
        r#"["web search"]"#,
        "tools[2].aliases[0]: ",
        "letters, digits, `_`, `-` or `.`",
    ),
    (
        "/tools/2/aliases",
        r#"["find", ""]"#,
        "tools[2].aliases[1]: ",
        "1 to 64",
    ),
    (
        "/tools/2/aliases",
        r#"["wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"]"#,
        "tools[2].aliases[0]: ",
        "1 to 64",
    ),
    (
        "/tools/2/aliases",
        r#"["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q"]"#,
        "tools[2].aliases: ",
        "at most 16, found 17",
    ),
    (
        "/tools/2/aliases",
        r#"["find", "Answer"]"#,
        "tools[2].aliases[1]: ",
        "that no tool has, found `answer`",
    ),
    (
        "/tools/2/aliases",
        r#"["search"]"#,
        "tools[2].aliases[0]: ",
        "that no tool has, found `search`",
    ),
    (
        "/tools/3/aliases",
        r#"["web_search"]"#,
        "tools[3].aliases[0]: ",
        "an alias of `search` already",
    ),
    (
        "/tools/2/retry",
        r#""sometimes""#,
        "tools[2].retry: ",
        "safe",
    ),
];

#[test]
fn a_mistake_is_told_with_its_path_and_what_was_expected() {
    for (pointer, value, path, expected) in MISTAKES {
        let given = given_shipped().with(pointer, serde_json::from_str(value).unwrap());
        given.then_it_is_refused(path.trim_end_matches(": "), expected);
    }
}

#[test]
fn what_is_no_json_or_has_more_behind_it_is_refused() {
    for text in ["", "{", "[]", &format!("{SHIPPED} {{}}")] {
        assert!(
            Catalog::parse(text).is_err(),
            "{}",
            &text[..text.len().min(20)]
        );
    }
}
