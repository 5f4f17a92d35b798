//! Counts as servers give them. Most shapes stand in public reports of clients and gateways that summed them wrongly.

use proptest::prelude::*;

use super::*;

/// Of a question and a text so long, in bytes: what would be estimated is told apart from what was counted.
const PROMPT_BYTES: usize = 4_000_000;
const WRITTEN_BYTES: usize = 8_000_000;

fn read(usage: &str) -> Usage {
    let usage: WireUsage = serde_json::from_str(usage).unwrap();
    usage.counted().usage(PROMPT_BYTES, WRITTEN_BYTES)
}

fn counted(input_tokens: u64, cached_input_tokens: u64, output_tokens: u64) -> Usage {
    Usage {
        input_tokens,
        output_tokens,
        cached_input_tokens,
        estimated: false,
    }
}

/// Who, what it sends, input with its cached part, output.
const SPELLINGS: &[(&str, &str, (u64, u64, u64))] = &[
    (
        "OpenAI: cached and reasoning are parts",
        r#"{"prompt_tokens": 2006, "completion_tokens": 300, "total_tokens": 2306, "prompt_tokens_details": {"cached_tokens": 1920,
                "audio_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 192, "accepted_prediction_tokens": 0}}"#,
        (2006, 1920, 300),
    ),
    (
        "OpenAI's second interface",
        r#"{"input_tokens": 328, "input_tokens_details": {"cached_tokens": 300}, "output_tokens": 52, "total_tokens": 380}"#,
        (328, 300, 52),
    ),
    (
        "an older server",
        r#"{"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}"#,
        (12, 0, 5),
    ),
    (
        "vLLM without the flag for details",
        r#"{"prompt_tokens": 31, "total_tokens": 44, "completion_tokens": 13, "prompt_tokens_details": null}"#,
        (31, 0, 13),
    ),
    (
        "Anthropic: cached and written stand beside the input",
        r#"{"input_tokens": 21, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200, "output_tokens": 39}"#,
        (1221, 1000, 39),
    ),
    (
        "a gateway that includes the cached in OpenAI's name",
        r#"{"total_tokens": 2489, "prompt_tokens": 2455, "completion_tokens": 34, "prompt_tokens_details": {"cached_tokens": 2400},
                "cache_read_input_tokens": 2400, "cache_creation_input_tokens": 0}"#,
        (2455, 2400, 34),
    ),
    (
        "a gateway that fills one spelling with zero",
        r#"{"total_tokens": 2482, "prompt_tokens": 2459, "completion_tokens": 23, "prompt_tokens_details": {"cached_tokens": 0},
                "cache_read_input_tokens": 2455}"#,
        (2459, 2455, 23),
    ),
    (
        "a gateway that leaves the cached out of OpenAI's name: it is more than there was",
        r#"{"prompt_tokens": 3, "completion_tokens": 9, "cache_read_input_tokens": 4096}"#,
        (4099, 4096, 9),
    ),
    (
        "the same where the total tells it",
        r#"{"prompt_tokens": 5000, "completion_tokens": 9, "total_tokens": 9105, "cache_read_input_tokens": 4096}"#,
        (9096, 4096, 9),
    ),
    (
        "DeepSeek",
        r#"{"prompt_tokens": 1200, "completion_tokens": 80, "total_tokens": 1280, "prompt_cache_hit_tokens": 1152,
                "prompt_cache_miss_tokens": 48}"#,
        (1200, 1152, 80),
    ),
    (
        "DeepSeek behind a gateway that drops the sum",
        r#"{"completion_tokens": 80, "prompt_cache_hit_tokens": 1152, "prompt_cache_miss_tokens": 48}"#,
        (1200, 1152, 80),
    ),
    (
        "Moonshot",
        r#"{"prompt_tokens": 900, "completion_tokens": 10, "total_tokens": 910, "cached_tokens": 768}"#,
        (900, 768, 10),
    ),
    (
        "OpenRouter, which tells dollars too",
        r#"{"prompt_tokens": 194, "completion_tokens": 2, "total_tokens": 196, "cost": 0.95, "is_byok": false,
                "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 94}, "completion_tokens_details": {"reasoning_tokens": 0}}"#,
        (194, 100, 2),
    ),
    (
        "xAI: reasoning stands beside the completion",
        r#"{"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 135, "completion_tokens_details": {"reasoning_tokens": 94}}"#,
        (32, 0, 103),
    ),
    (
        "xAI with a cached part",
        r#"{"prompt_tokens": 10120, "completion_tokens": 1499, "total_tokens": 14428, "prompt_tokens_details": {"cached_tokens": 128},
                "completion_tokens_details": {"reasoning_tokens": 2809}}"#,
        (10120, 128, 4308),
    ),
    (
        "Gemini: thoughts in the total alone",
        r#"{"completion_tokens": 0, "total_tokens": 81, "prompt_tokens": 21, "completion_tokens_details": {"reasoning_tokens": 60}}"#,
        (21, 0, 60),
    ),
    (
        "Gemini where all was thought",
        r#"{"total_tokens": 81, "prompt_tokens": 21}"#,
        (21, 0, 60),
    ),
    (
        "reasoning that is a part, as the total proves",
        r#"{"prompt_tokens": 500, "completion_tokens": 500, "total_tokens": 1000, "completion_tokens_details": {"reasoning_tokens": 200}}"#,
        (500, 0, 500),
    ),
    (
        "counts as floats and texts",
        r#"{"prompt_tokens": 12.0, "completion_tokens": "7", "prompt_tokens_details": {"cached_tokens": 4.0}}"#,
        (12, 4, 7),
    ),
    (
        "more cached than read, which cannot be",
        r#"{"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 900}}"#,
        (10, 10, 1),
    ),
    (
        "a total that is too small",
        r#"{"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 3}"#,
        (10, 0, 4),
    ),
];

#[test]
fn each_server_is_read_in_its_own_spelling() {
    for (who, usage, (input, cached, output)) in SPELLINGS {
        assert_eq!(read(usage), counted(*input, *cached, *output), "{who}");
    }
}

#[test]
fn what_was_not_counted_is_estimated_and_says_so() {
    let estimate = |input_tokens, output_tokens| Usage {
        input_tokens,
        output_tokens,
        cached_input_tokens: 0,
        estimated: true,
    };
    for (usage, expected) in [
        ("{}", estimate(1_000_000, 2_000_000)),
        (
            r#"{"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}"#,
            estimate(1_000_000, 2_000_000),
        ),
        (r#"{"prompt_tokens": 7}"#, estimate(7, 2_000_000)),
        (
            r#"{"prompt_tokens": 7, "completion_tokens": 0}"#,
            estimate(7, 2_000_000),
        ),
        (r#"{"completion_tokens": 9}"#, estimate(1_000_000, 9)),
        (
            r#"{"prompt_tokens": -1, "completion_tokens": 1.5}"#,
            estimate(1_000_000, 2_000_000),
        ),
        (
            r#"{"prompt_tokens": null, "completion_tokens_details": [], "input_tokens_details": "?"}"#,
            estimate(1_000_000, 2_000_000),
        ),
    ] {
        assert_eq!(read(usage), expected, "{usage}");
    }
    let nothing = Counted {
        input: Some(7),
        ..Counted::default()
    };
    assert_eq!(nothing.usage(4, 0), counted(7, 0, 0), "nothing was written");
}

#[test]
fn llama_cpp_tells_its_work_apart() {
    let timings: Timings =
        serde_json::from_str(r#"{"cache_n": 236, "prompt_n": 1, "prompt_ms": 30.9, "predicted_n": 35, "predicted_ms": 661.0}"#).unwrap();
    assert_eq!(timings.counted().usage(0, 1), counted(237, 236, 35));
    let usage: WireUsage =
        serde_json::from_str(r#"{"prompt_tokens": 237, "completion_tokens": 34}"#).unwrap();
    let both = usage.counted().or(timings.counted());
    assert_eq!(both.usage(0, 1), counted(237, 236, 34));
    let of_input: WireUsage = serde_json::from_str(r#"{"prompt_tokens": 237}"#).unwrap();
    let both = of_input.counted().or(timings.counted());
    assert_eq!(both.usage(0, 1), counted(237, 236, 35));
}

#[test]
fn an_input_that_was_read_from_a_cache_as_a_whole_is_counted_once() {
    let usage = r#"{"prompt_tokens": 100, "cache_read_input_tokens": 100, "completion_tokens": 5}"#;
    assert_eq!(read(usage), counted(100, 100, 5));
}

#[test]
fn frames_that_count_again_are_not_summed() {
    let frames = [
        r#"{"prompt_tokens": 31, "completion_tokens": 1}"#,
        r#"{"prompt_tokens": 31, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 16}}"#,
        r#"{"prompt_tokens": 31, "completion_tokens": 13}"#,
        r#"{"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}"#,
        "{}",
    ];
    let mut joined = Counted::default();
    for frame in frames {
        let usage: WireUsage = serde_json::from_str(frame).unwrap();
        joined.join(usage.counted());
    }
    assert_eq!(joined.usage(0, 1), counted(31, 16, 13));
    // The first frame of Anthropic's streams tells the input, the last one the output.
    let mut joined = Counted::default();
    for frame in [
        r#"{"input_tokens": 25, "cache_read_input_tokens": 100, "output_tokens": 1}"#,
        r#"{"output_tokens": 15}"#,
    ] {
        let usage: WireUsage = serde_json::from_str(frame).unwrap();
        joined.join(usage.counted());
    }
    assert_eq!(joined.usage(0, 1), counted(125, 100, 15));
}

proptest! {
    /// Whatever numbers stand there, the cached part is within the input, and what was told is counted.
    #[test]
    fn the_cached_part_is_never_more_than_the_input(
        counts in proptest::collection::vec(proptest::option::of(any::<u64>()), 9),
        prompt_bytes in 0_usize..10_000,
    ) {
        let count = |at: usize| Count(counts[at]);
        let wire = WireUsage {
            prompt_tokens: count(0),
            completion_tokens: count(1),
            total_tokens: count(2),
            prompt_tokens_details: Lenient(Some(InputDetails { cached_tokens: count(3) })),
            input_tokens: count(4),
            output_tokens: count(5),
            input_tokens_details: Lenient(None),
            cache_read_input_tokens: count(6),
            cache_creation_input_tokens: count(7),
            cached_tokens: count(8),
            prompt_cache_hit_tokens: Count(None),
            prompt_cache_miss_tokens: Count(None),
        };
        let usage = wire.counted().usage(prompt_bytes, 1);
        prop_assert!(usage.cached_input_tokens <= usage.input_tokens);
        if let Some(output) = counts[1].filter(|output| *output > 0) {
            prop_assert!(usage.output_tokens >= output);
        }
        if let Some(input) = counts[0].filter(|input| *input > 0) {
            prop_assert!(usage.input_tokens >= input);
        }
    }
}
