//! Who is asked, in which order, how often, and for how long.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::stand::{
    Answer, BRAVE, INSTANT, JSON, PAGE, SEARXNG, SERPER, Stand, TAVILY, WIKIPEDIA, failed, found,
    pages,
};

const ALL: [(&str, &str); 6] = [
    ("tavily", TAVILY),
    ("searxng", SEARXNG),
    ("brave", BRAVE),
    ("serper", SERPER),
    ("duckduckgo", PAGE),
    ("wikipedia", WIKIPEDIA),
];
const CHALLENGE: &str = "answered with a challenge that only a person can solve";
const LEFT_ALONE: &str =
    "is left alone for 15 minutes more: it answered with a challenge that only a person can solve";
const LIMITED: &str = "refuses more searches for now";

fn good(path: &str) -> Answer {
    match path {
        TAVILY => Answer::json(pages::TAVILY),
        SEARXNG => Answer::json(pages::SEARXNG),
        BRAVE => Answer::json(pages::BRAVE),
        SERPER => Answer::json(pages::SERPER),
        PAGE => Answer::html(pages::RESULTS),
        WIKIPEDIA => Answer::json(pages::WIKIPEDIA),
        other => panic!("{other}"),
    }
}

/// The default order, with everything set up and working.
async fn all_good() -> Stand {
    let stand = Stand::with(&[]).await;
    for (_, path) in ALL {
        stand.answer(path, good(path));
    }
    stand
}

fn tried(told: &[(&str, &str)]) -> Value {
    told.iter()
        .map(|(provider, problem)| json!({"provider": provider, "problem": problem}))
        .collect()
}

#[tokio::test]
async fn where_one_provider_after_the_other_dies_the_next_one_answers_and_the_dead_are_named() {
    let deaths = [
        Answer::status(500),
        Answer::status(429),
        Answer::status(202),
        Answer::Broken,
        Answer::of(200, JSON, "{}"),
    ];
    for death in deaths {
        let stand = all_good().await;
        let mut dead: Vec<&str> = Vec::new();
        for (at, (provider, path)) in ALL.into_iter().enumerate() {
            // Each time another query: the last one is known.
            let told = stand.search(&format!("rust {at}")).await;
            assert_eq!(told["result"]["provider"], provider, "{death:?}");
            let tried = told["result"]["tried"].as_array().unwrap();
            let names: Vec<&Value> = tried.iter().map(|it| &it["provider"]).collect();
            assert_eq!(names, dead, "{death:?}");
            stand.answer(path, death.clone());
            dead.push(provider);
        }
        let told = stand.search("rust at last").await;
        assert_eq!(told["ok"], false, "{death:?}");
        let message = told["error"]["message"].as_str().unwrap();
        let remedies = ["TAVILY_API_KEY", "SEARXNG_URL"];
        for words in remedies.into_iter().chain(dead) {
            assert!(message.contains(words), "{message}");
        }
    }
}

#[tokio::test]
async fn one_dead_provider_wherever_it_stands_is_passed_over() {
    for (dead, path) in ALL {
        for (next, _) in ALL.into_iter().filter(|(next, _)| *next != dead) {
            let stand = Stand::of(&format!("{dead},{next}")).await;
            for (_, path) in ALL {
                stand.answer(path, good(path));
            }
            stand.answer(path, Answer::status(500));
            let told = stand.search("rust").await;
            assert_eq!(told["result"]["provider"], next, "{dead}");
            assert_eq!(
                told["result"]["tried"],
                tried(&[(dead, "answered with status 500")])
            );
        }
    }
}

#[tokio::test]
async fn nothing_found_is_an_answer_only_of_who_knows_the_web() {
    let nothing = "found nothing";
    let empty = found(
        "rust",
        "duckduckgo",
        &json!([]),
        &tried(&[("wikipedia", nothing)]),
    );
    let stand = Stand::of("duckduckgo,wikipedia").await;
    stand.answer(PAGE, Answer::html(pages::EMPTY));
    stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA_NOTHING));
    assert_eq!(stand.search("rust").await, empty);
    // The encyclopedia has nothing, and the web was not searched.
    stand.answer(PAGE, Answer::status(500));
    let expected = failed(
        "unavailable",
        "duckduckgo answered with status 500; wikipedia found nothing",
        true,
    );
    assert_eq!(stand.search("rust").await, expected);
    // The web has nothing, and the encyclopedia did not answer.
    stand.answer(PAGE, Answer::html(pages::EMPTY));
    stand.answer(WIKIPEDIA, Answer::status(500));
    let empty = found(
        "rust",
        "duckduckgo",
        &json!([]),
        &tried(&[("wikipedia", "answered with status 500")]),
    );
    assert_eq!(stand.search("rust").await, empty);
    // And found by the encyclopedia, where the web has nothing.
    stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA));
    let told = stand.search("rust").await;
    assert_eq!(told["result"]["provider"], "wikipedia");
    assert_eq!(told["result"]["tried"], tried(&[("duckduckgo", nothing)]));
}

#[tokio::test]
async fn who_challenged_is_left_alone_with_all_that_it_offers() {
    let stand = Stand::of("duckduckgo,wikipedia").await;
    stand.answer(PAGE, Answer::challenge(202));
    stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA));
    let told = stand.search("rust").await;
    assert_eq!(told["result"]["tried"], tried(&[("duckduckgo", CHALLENGE)]));
    assert_eq!(stand.paths(), [INSTANT, PAGE, WIKIPEDIA]);
    for query in ["more rust", "even more rust"] {
        let told = stand.search(query).await;
        assert_eq!(told["result"]["provider"], "wikipedia");
        assert_eq!(
            told["result"]["tried"],
            tried(&[("duckduckgo", LEFT_ALONE)])
        );
        assert_eq!(stand.paths(), [WIKIPEDIA]);
    }
    stand.answer(WIKIPEDIA, Answer::status(500));
    let said = format!("duckduckgo {LEFT_ALONE}; wikipedia answered with status 500");
    assert_eq!(
        stand.search("rust once more").await,
        failed("unavailable", &said, true)
    );
}

#[tokio::test]
async fn who_refused_is_left_alone_for_as_long_as_it_asked() {
    let cases = [
        (
            TAVILY,
            "tavily",
            Answer::status(429).with("retry-after", "1800"),
            "30 minutes",
            LIMITED,
        ),
        (TAVILY, "tavily", Answer::status(429), "1 minute", LIMITED),
        (
            TAVILY,
            "tavily",
            Answer::status(429).with("retry-after", "1e99"),
            "24 hours",
            LIMITED,
        ),
        (
            TAVILY,
            "tavily",
            Answer::status(401),
            "60 minutes",
            "refuses the key in TAVILY_API_KEY (status 401)",
        ),
        (
            SEARXNG,
            "searxng",
            Answer::status(503).with("retry-after", "600"),
            "10 minutes",
            "answered with status 503",
        ),
        (
            BRAVE,
            "brave",
            Answer::of(429, JSON, "{}")
                .with("x-ratelimit-remaining", "1,0")
                .with("x-ratelimit-reset", "1,1800"),
            "30 minutes",
            LIMITED,
        ),
        (
            PAGE,
            "duckduckgo",
            Answer::challenge(403).with("retry-after", "7200"),
            "2 hours",
            CHALLENGE,
        ),
        (
            PAGE,
            "duckduckgo",
            Answer::challenge(200).with("retry-after", "1"),
            "15 minutes",
            CHALLENGE,
        ),
    ];
    for (path, provider, refusal, pause, reason) in cases {
        let stand = Stand::of(&format!("{provider},wikipedia")).await;
        stand.answer(path, refusal.clone());
        stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA));
        stand.search("rust").await;
        stand.asked();
        let told = stand.search("rust again").await;
        let said = told["result"]["tried"][0]["problem"].as_str().unwrap();
        assert_eq!(
            said,
            format!("is left alone for {pause} more: it {reason}"),
            "{refusal:?}"
        );
        assert_eq!(stand.paths(), [WIKIPEDIA], "{refusal:?}");
    }
}

#[tokio::test]
async fn what_is_no_refusal_closes_nobody_out() {
    let stand = Stand::of("tavily,wikipedia").await;
    stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA));
    for (at, answer) in [
        Answer::status(500),
        Answer::Broken,
        Answer::json("{}"),
        Answer::json(r#"{"results": []}"#),
    ]
    .into_iter()
    .enumerate()
    {
        stand.answer(TAVILY, answer);
        assert_eq!(
            stand.search(&format!("rust {at}")).await["result"]["provider"],
            "wikipedia"
        );
    }
    stand.answer(TAVILY, Answer::json(pages::TAVILY));
    assert_eq!(stand.search("rust").await["result"]["provider"], "tavily");
}

#[tokio::test]
async fn a_page_that_nobody_knows_beside_a_direct_answer_keeps_nobody_away() {
    let stand = Stand::of("duckduckgo").await;
    stand.answer(INSTANT, Answer::json(pages::ARTICLE));
    stand.answer(PAGE, Answer::json(pages::ARTICLE));
    // Half of an answer is not kept: the same question goes out again.
    for query in ["rust", "rust", "more rust"] {
        let told = stand.search(query).await;
        assert_eq!(told["result"]["num_results"], 5);
        let problem = told["result"]["tried"][0]["problem"].as_str().unwrap();
        assert!(problem.contains("has changed"), "{problem}");
        assert_eq!(stand.paths(), [INSTANT, PAGE]);
    }
    // Without the answer it is a failure, and is left alone for a moment.
    stand.answer(INSTANT, Answer::json(pages::NOTHING));
    assert_eq!(
        stand.search("other rust").await["error"]["code"],
        "bad_response"
    );
    stand.asked();
    assert_eq!(
        stand.search("another rust").await["error"]["code"],
        "unavailable"
    );
    assert!(stand.paths().is_empty());
}

#[tokio::test]
async fn the_same_question_does_not_go_out_twice_and_a_failure_is_asked_again() {
    let stand = Stand::of("tavily").await;
    stand.answer(TAVILY, Answer::status(500));
    assert_eq!(stand.search("rust").await["ok"], false);
    stand.answer(TAVILY, Answer::json(r#"{"results": []}"#));
    assert_eq!(stand.search("rust").await["result"]["num_results"], 0);
    stand.answer(TAVILY, Answer::json(pages::TAVILY));
    let first = stand.search("rust").await;
    assert_eq!(stand.asked().len(), 3);
    stand.answer(TAVILY, Answer::status(500));
    assert_eq!(stand.search("search for  rust").await, first);
    let fewer = stand
        .call(json!({"query": "rust", "num_results": 1}), 60_000)
        .await;
    assert_eq!(
        fewer["result"]["results"],
        json!([first["result"]["results"][0]])
    );
    assert_eq!(fewer["result"]["num_results"], 1);
    assert_eq!(stand.asked().len(), 0);
    assert_eq!(stand.search("Rust!").await["ok"], false);
}

#[tokio::test]
async fn of_questions_asked_at_once_the_same_goes_out_once_and_a_challenge_is_met_once() {
    let stand = Stand::of("tavily").await;
    stand.answer(TAVILY, Answer::json(pages::TAVILY));
    let same = join_all((0..8).map(|_| stand.search("rust"))).await;
    assert!(
        same.iter()
            .all(|told| *told == same[0] && told["ok"] == true)
    );
    assert_eq!(stand.asked().len(), 1);

    let stand = Stand::of("duckduckgo,wikipedia").await;
    stand.answer(PAGE, Answer::challenge(202));
    stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA));
    let queries: Vec<String> = (0..8).map(|at| format!("rust {at}")).collect();
    let told = join_all(queries.iter().map(|query| stand.search(query))).await;
    assert!(
        told.iter()
            .all(|told| told["result"]["provider"] == "wikipedia")
    );
    let paths = stand.paths();
    assert_eq!(paths.iter().filter(|path| *path == PAGE).count(), 1);
    assert_eq!(paths.iter().filter(|path| *path == WIKIPEDIA).count(), 8);
}

#[tokio::test]
async fn a_silent_provider_takes_its_share_of_the_time_and_no_more() {
    for silent in [Answer::Silent, Answer::Stalled] {
        let stand = Stand::of("tavily,searxng,wikipedia").await;
        stand.answer(TAVILY, silent.clone());
        stand.answer(SEARXNG, silent.clone());
        stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA));
        let told = stand.call(json!({"query": "rust"}), 4_000).await;
        let late = "did not answer in time";
        assert_eq!(told["result"]["provider"], "wikipedia", "{told}");
        assert_eq!(
            told["result"]["tried"],
            tried(&[("tavily", late), ("searxng", late)])
        );
    }
    let stand = Stand::of("duckduckgo").await;
    stand.answer(PAGE, Answer::Silent);
    stand.answer(INSTANT, Answer::Silent);
    for time_ms in [0, 400] {
        let told = stand.call(json!({"query": "rust"}), time_ms).await;
        assert_eq!(
            told,
            failed("timeout", "duckduckgo did not answer in time", true)
        );
    }
}

#[tokio::test]
async fn of_two_halves_the_silent_one_does_not_take_the_other_along() {
    let stand = Stand::of("duckduckgo").await;
    stand.answer(INSTANT, Answer::Silent);
    stand.answer(PAGE, Answer::html(pages::RESULTS));
    assert_eq!(stand.search("tokyo").await["result"]["num_results"], 3);
    stand.answer(PAGE, Answer::Silent);
    stand.answer(INSTANT, Answer::json(pages::ARTICLE));
    let told = stand.call(json!({"query": "rust"}), 2_000).await;
    assert_eq!(
        told["result"]["results"][0]["title"],
        "Rust (programming language)"
    );
    assert_eq!(
        told["result"]["tried"],
        tried(&[("duckduckgo", "did not answer in time")])
    );
}

#[tokio::test]
async fn who_is_named_and_not_set_up_is_told_with_what_is_missing() {
    let stand = Stand::with(&[
        ("SEARCH_PROVIDERS", "tavily,searxng,wikipedia"),
        ("TAVILY_API_KEY", ""),
        ("SEARXNG_URL", ""),
    ])
    .await;
    stand.answer(WIKIPEDIA, Answer::json(pages::WIKIPEDIA));
    let missing = |variable| format!("is named in SEARCH_PROVIDERS and not set up: set {variable}");
    let told = stand.search("rust").await;
    assert_eq!(told["result"]["provider"], "wikipedia");
    assert_eq!(
        told["result"]["tried"],
        tried(&[
            ("tavily", &missing("TAVILY_API_KEY")),
            ("searxng", &missing("SEARXNG_URL"))
        ])
    );
}

#[tokio::test]
async fn a_provider_that_refuses_connections_is_unreachable_and_secrets_stay() {
    // Nothing but the operating system may listen on port 1.
    let address = "http://user:hidden@127.0.0.1:1/token";
    let all = [
        (
            "SEARCH_PROVIDERS",
            "tavily,searxng,brave,serper,duckduckgo,wikipedia",
        ),
        ("TAVILY_URL", address),
        ("SEARXNG_URL", address),
        ("BRAVE_URL", address),
        ("SERPER_URL", address),
        ("DUCKDUCKGO_URL", address),
        ("WIKIPEDIA_URL", address),
    ];
    let stand = Stand::with(&all).await;
    let variables = [
        "TAVILY_URL",
        "SEARXNG_URL",
        "BRAVE_URL",
        "SERPER_URL",
        "DUCKDUCKGO_URL",
        "WIKIPEDIA_URL",
    ];
    let said = ALL.iter().zip(variables).map(|((provider, _), variable)| {
        format!("{provider} cannot be reached; the operator should check this machine's network access and {variable}")
    });
    let said: Vec<String> = said.collect();
    let told = stand.search("rust").await;
    assert_eq!(told, failed("unreachable", &said.join("; "), true));
    for secret in ["hidden", "token", "secret-"] {
        assert!(!told.to_string().contains(secret), "{told}");
    }
}
