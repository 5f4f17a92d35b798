//! What a provider says that has no results: each is told as what it is, and never as "nothing found".

use serde_json::json;

use crate::stand::{
    Answer, BRAVE, HTML, INSTANT, JSON, PAGE, SEARXNG, SERPER, Stand, TAVILY, WIKIPEDIA, failed,
    found, pages,
};

/// Provider, interface, what it answers; code, what is told, whether it may go better within a minute.
type Case = (
    &'static str,
    &'static str,
    Answer,
    &'static str,
    String,
    bool,
);

async fn hold(cases: Vec<Case>) {
    for (at, (provider, path, answer, code, problem, retryable)) in cases.into_iter().enumerate() {
        let stand = Stand::of(provider).await;
        stand.answer(path, answer.clone());
        let expected = failed(code, &format!("{provider} {problem}"), retryable);
        assert_eq!(stand.search("rust").await, expected, "{at}: {answer:?}");
    }
}

fn unreadable(what: &str) -> String {
    format!("answered with something that is not search results: {what}")
}

#[tokio::test]
async fn challenges_and_pages_that_are_none_are_told_apart_from_empty_ones() {
    let challenge = "answered with a challenge that only a person can solve".to_owned();
    let unrecognized = "answered with a page that holds neither results nor the mark of an empty one: it refuses, or has changed".to_owned();
    let blocked = "refuses requests from this address (status 403)".to_owned();
    let it = |answer, code, problem: &String, retryable| -> Case {
        ("duckduckgo", PAGE, answer, code, problem.clone(), retryable)
    };
    hold(vec![
        it(Answer::challenge(202), "blocked", &challenge, false),
        it(Answer::challenge(200), "blocked", &challenge, false),
        it(Answer::challenge(403), "blocked", &challenge, false),
        it(Answer::challenge(418), "blocked", &challenge, false),
        it(Answer::of(202, HTML, ""), "blocked", &challenge, false),
        it(Answer::status(202), "blocked", &challenge, false),
        it(Answer::status(403), "blocked", &blocked, false),
        it(Answer::status(200), "bad_response", &unrecognized, false),
        it(
            Answer::of(200, HTML, ""),
            "bad_response",
            &unrecognized,
            false,
        ),
        it(
            Answer::json(pages::ARTICLE),
            "bad_response",
            &unrecognized,
            false,
        ),
        it(
            Answer::status(429),
            "rate_limited",
            &"refuses more searches for now".to_owned(),
            true,
        ),
        it(
            Answer::status(429).with("retry-after", "3600"),
            "rate_limited",
            &"refuses more searches for now".to_owned(),
            false,
        ),
        it(
            Answer::status(500),
            "bad_response",
            &"answered with status 500".to_owned(),
            true,
        ),
        it(
            Answer::status(404),
            "bad_response",
            &"answered with status 404".to_owned(),
            false,
        ),
        it(
            Answer::status(303).with("location", "https://www.google.example/search?q=rust"),
            "bad_response",
            &"sends to another address (status 303)".to_owned(),
            false,
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_empty_page_is_an_empty_page_whatever_its_status() {
    for status in [200, 202] {
        let stand = Stand::of("duckduckgo").await;
        stand.answer(PAGE, Answer::of(status, HTML, pages::EMPTY));
        assert_eq!(
            stand.search("rust").await,
            found("rust", "duckduckgo", &json!([]), &json!([])),
            "{status}"
        );
    }
}

fn refused(variable: &str, status: u16) -> String {
    format!("refuses the key in {variable} (status {status})")
}

fn used_up(variable: &str, status: u16) -> String {
    format!("says that the plan of the key in {variable} is used up (status {status})")
}

fn status(status: u16) -> String {
    format!("answered with status {status}")
}

#[tokio::test]
async fn a_key_of_tavily_that_is_refused_or_used_up_is_for_a_person() {
    let body =
        r#"{"detail":{"error":"Unauthorized: missing or invalid API key secret-TAVILY_API_KEY."}}"#;
    let key = "TAVILY_API_KEY";
    let it = |answer, problem| -> Case { ("tavily", TAVILY, answer, "refused", problem, false) };
    hold(vec![
        it(Answer::of(401, JSON, body), refused(key, 401)),
        it(Answer::of(403, JSON, body), refused(key, 403)),
        it(Answer::status(402), used_up(key, 402)),
        it(Answer::status(432), used_up(key, 432)),
        it(Answer::status(433), used_up(key, 433)),
    ])
    .await;
}

#[tokio::test]
async fn a_key_of_brave_is_told_apart_from_a_query_by_the_code() {
    let body = |code: &str| {
        format!(r#"{{"type":"ErrorResponse","error":{{"code":"{code}","status":422}},"time":1}}"#)
    };
    let old = r#"{"errors":[{"code":"SUBSCRIPTION_TOKEN_INVALID"}]}"#;
    let key = "BRAVE_API_KEY";
    let it = |answer, code, problem| -> Case { ("brave", BRAVE, answer, code, problem, false) };
    let invalid = body("SUBSCRIPTION_TOKEN_INVALID");
    hold(vec![
        it(Answer::of(422, JSON, invalid), "refused", refused(key, 422)),
        it(Answer::of(422, JSON, old), "refused", refused(key, 422)),
        it(
            Answer::of(422, JSON, body("VALIDATION")),
            "bad_response",
            status(422),
        ),
        it(Answer::status(422), "bad_response", status(422)),
        it(
            Answer::of(429, JSON, body("QUOTA_LIMITED")),
            "refused",
            used_up(key, 429),
        ),
        it(Answer::status(402), "refused", used_up(key, 402)),
        it(Answer::status(401), "refused", refused(key, 401)),
    ])
    .await;
}

#[tokio::test]
async fn credits_of_serper_that_are_gone_have_the_status_of_a_wrong_request() {
    let key = "SERPER_API_KEY";
    let (denied, gone) = (
        r#"{"message":"Unauthorized."}"#,
        r#"{"message":"Not enough credits"}"#,
    );
    let it = |answer, code, problem| -> Case { ("serper", SERPER, answer, code, problem, false) };
    hold(vec![
        it(Answer::of(403, JSON, denied), "refused", refused(key, 403)),
        it(Answer::of(400, JSON, gone), "refused", used_up(key, 400)),
        it(
            Answer::of(400, JSON, r#"{"message":"Missing query"}"#),
            "bad_response",
            status(400),
        ),
        it(Answer::status(400), "bad_response", status(400)),
    ])
    .await;
}

#[tokio::test]
async fn limits_are_told_as_limits() {
    let limited = || "refuses more searches for now".to_owned();
    let it = |provider, path, answer, retryable| -> Case {
        (provider, path, answer, "rate_limited", limited(), retryable)
    };
    let brave = r#"{"type":"ErrorResponse","error":{"code":"RATE_LIMITED","status":429}}"#;
    let wikipedia = r#"{"error":{"code":"ratelimited","info":"You've exceeded your rate limit."}}"#;
    hold(vec![
        it(
            "tavily",
            TAVILY,
            Answer::of(429, JSON, r#"{"error":"slow down"}"#).with("retry-after", "60"),
            true,
        ),
        it(
            "searxng",
            SEARXNG,
            Answer::of(429, "text/plain", "Too Many Requests"),
            true,
        ),
        it(
            "brave",
            BRAVE,
            Answer::of(429, JSON, brave)
                .with("x-ratelimit-remaining", "0, 5")
                .with("x-ratelimit-reset", "1, 900"),
            true,
        ),
        it(
            "brave",
            BRAVE,
            Answer::of(429, JSON, brave)
                .with("x-ratelimit-remaining", "1, 0")
                .with("x-ratelimit-reset", "1, 900"),
            false,
        ),
        it("serper", SERPER, Answer::status(429), true),
        it("wikipedia", WIKIPEDIA, Answer::status(429), true),
        it(
            "wikipedia",
            WIKIPEDIA,
            Answer::of(200, JSON, wikipedia).with("retry-after", "900"),
            false,
        ),
    ])
    .await;
}

#[tokio::test]
async fn engines_that_did_not_answer_are_no_empty_result() {
    let off = "does not give JSON: its operator has to add `json` to `search.formats` in its settings (status 403)".to_owned();
    let failed = "got no answer from its engines: brave (Suspended: too many requests), duckduckgo (Suspended: CAPTCHA), google (timeout) and 1 more".to_owned();
    let odd = r#"{"results": [], "unresponsive_engines": ["google", [], ["x"], [1, 2]]}"#;
    let it = |answer, code, problem, retryable| -> Case {
        ("searxng", SEARXNG, answer, code, problem, retryable)
    };
    hold(vec![
        it(
            Answer::json(pages::SEARXNG_UNRESPONSIVE),
            "unavailable",
            failed,
            true,
        ),
        it(
            Answer::of(200, JSON, odd),
            "unavailable",
            "got no answer from its engines: google, , x and 1 more".to_owned(),
            true,
        ),
        it(Answer::status(403), "refused", off, false),
        it(
            Answer::of(400, JSON, r#"{"error": "No query"}"#),
            "bad_response",
            "answered with status 400".to_owned(),
            false,
        ),
        it(
            Answer::status(302).with("location", "https://login.example/"),
            "bad_response",
            "sends to another address (status 302)".to_owned(),
            false,
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_answer_of_a_provider_is_told_and_never_an_empty_one() {
    let json_providers = [
        ("tavily", TAVILY, "no list of results"),
        ("searxng", SEARXNG, "no list of results"),
        ("brave", BRAVE, "neither results nor a query"),
        ("serper", SERPER, "no list of results"),
        (
            "wikipedia",
            WIKIPEDIA,
            "neither pages nor the mark of a whole answer",
        ),
    ];
    for (provider, path, missing) in json_providers {
        let it = |answer, problem: String, retryable| -> Case {
            (provider, path, answer, "bad_response", problem, retryable)
        };
        hold(vec![
            it(
                Answer::of(200, HTML, "<html><title>Just a moment...</title></html>"),
                unreadable("a web page where JSON was asked for"),
                false,
            ),
            it(
                Answer::of(200, JSON, ""),
                unreadable("nothing at all"),
                false,
            ),
            it(
                Answer::of(200, JSON, "{\"results\": [{\"url\": \"http"),
                unreadable("damaged JSON"),
                false,
            ),
            it(
                Answer::of(200, JSON, "\u{0}\u{1}garbage"),
                unreadable("damaged JSON"),
                false,
            ),
            it(
                Answer::of(200, JSON, "[]"),
                unreadable("JSON of another kind"),
                false,
            ),
            it(
                Answer::of(200, JSON, "[".repeat(100_000)),
                unreadable("damaged JSON"),
                false,
            ),
            it(Answer::of(200, JSON, "{}"), unreadable(missing), false),
            it(
                Answer::of(200, JSON, "a".repeat((1 << 20) + 1)),
                "answered with more than 1048576 bytes".to_owned(),
                false,
            ),
            it(
                Answer::Broken,
                "broke off in the middle of its answer".to_owned(),
                true,
            ),
            it(
                Answer::status(500),
                "answered with status 500".to_owned(),
                true,
            ),
            it(
                Answer::status(503).with("retry-after", "120"),
                "answered with status 503".to_owned(),
                true,
            ),
        ])
        .await;
    }
}

#[tokio::test]
async fn results_that_lead_nowhere_are_not_taken_for_an_empty_answer() {
    let nowhere = r#"{"results": [{"title": "x", "url": "javascript:alert(1)"}, {"title": "no address"}, {"url": "https://a:b@c.example/"}]}"#;
    let problem = unreadable("results without addresses of the web");
    hold(vec![(
        "tavily",
        TAVILY,
        Answer::of(200, JSON, nowhere),
        "bad_response",
        problem,
        false,
    )])
    .await;
}

#[tokio::test]
async fn each_provider_can_say_that_there_is_nothing() {
    let cases = [
        ("tavily", TAVILY, r#"{"results": []}"#),
        ("searxng", SEARXNG, pages::SEARXNG_NOTHING),
        (
            "brave",
            BRAVE,
            r#"{"type": "search", "query": {"original": "rust"}, "mixed": {}}"#,
        ),
        ("brave", BRAVE, r#"{"web": {"results": []}}"#),
        (
            "serper",
            SERPER,
            r#"{"searchParameters": {"q": "rust"}, "organic": []}"#,
        ),
        ("serper", SERPER, r#"{"searchParameters": {"q": "rust"}}"#),
        ("wikipedia", WIKIPEDIA, pages::WIKIPEDIA_NOTHING),
        (
            "wikipedia",
            WIKIPEDIA,
            r#"{"batchcomplete": "", "query": {"pages": [{"title": "A", "extract": "A may refer to:\nx", "fullurl": "https://en.wikipedia.org/wiki/A"}]}}"#,
        ),
    ];
    for (provider, path, body) in cases {
        let stand = Stand::of(provider).await;
        stand.answer(path, Answer::json(body));
        assert_eq!(
            stand.search("rust").await,
            found("rust", provider, &json!([]), &json!([])),
            "{body}"
        );
    }
}

#[tokio::test]
async fn who_asks_for_no_key_and_refuses_means_the_one_who_asks() {
    let refuses = |status| format!("refuses requests from this address (status {status})");
    hold(vec![
        (
            "wikipedia",
            WIKIPEDIA,
            Answer::status(403),
            "blocked",
            refuses(403),
            false,
        ),
        (
            "searxng",
            SEARXNG,
            Answer::status(401),
            "blocked",
            refuses(401),
            false,
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_error_of_the_encyclopedia_has_the_status_of_a_success() {
    let error = r#"{"error": {"code": "cirrussearch-query-too-long", "info": "Search request is longer than the maximum allowed length."}}"#;
    hold(vec![(
        "wikipedia",
        WIKIPEDIA,
        Answer::json(error),
        "bad_response",
        unreadable("an error of the encyclopedia"),
        false,
    )])
    .await;
}

#[tokio::test]
async fn texts_in_other_encodings_are_read() {
    let latin = b"<div class=result><a class=result__a href=https://example.org/>Caf\xe9</a></div>"
        .to_vec();
    let marked = ["<meta charset=shift_jis>".as_bytes(), b"<div class=result><a class=result__a href=https://example.org/>\x93\x8c\x8b\x9e</a></div>"].concat();
    let lies = "<div class=result><a class=result__a href=https://example.org/>Café 東京</a></div>";
    let cases: [(&str, &str, Answer, &str); 6] = [
        (
            "duckduckgo",
            PAGE,
            Answer::of(200, "text/html; charset=iso-8859-1", latin.clone()),
            "Café",
        ),
        (
            "duckduckgo",
            PAGE,
            Answer::of(200, "text/html", latin),
            "Café",
        ),
        (
            "duckduckgo",
            PAGE,
            Answer::of(200, "text/html", marked),
            "東京",
        ),
        (
            "duckduckgo",
            PAGE,
            Answer::of(200, "text/html; charset=iso-8859-1", lies),
            "Café 東京",
        ),
        (
            "tavily",
            TAVILY,
            Answer::of(
                200,
                "application/json; charset=latin1",
                b"{\"results\":[{\"title\":\"Caf\xe9\",\"url\":\"https://example.org/\"}]}"
                    .to_vec(),
            ),
            "Café",
        ),
        (
            "tavily",
            TAVILY,
            Answer::of(
                200,
                JSON,
                "\u{feff}{\"results\":[{\"title\":\"Café\",\"url\":\"https://example.org/\"}]}",
            ),
            "Café",
        ),
    ];
    for (provider, path, answer, title) in cases {
        let stand = Stand::of(provider).await;
        stand.answer(path, answer);
        assert_eq!(
            stand.search("x").await["result"]["results"][0]["title"],
            title
        );
    }
}

#[tokio::test]
async fn a_direct_answer_counts_also_where_the_page_was_refused_and_the_refusal_is_told() {
    let stand = Stand::of("duckduckgo").await;
    stand.answer(INSTANT, Answer::json(r#"{"Heading": "Rust", "AbstractText": "Iron oxide.", "AbstractURL": "https://example.org/rust"}"#));
    stand.answer(PAGE, Answer::challenge(202));
    let results =
        json!([{"title": "Rust", "snippet": "Iron oxide.", "url": "https://example.org/rust"}]);
    let tried = json!([{"provider": "duckduckgo", "problem": "answered with a challenge that only a person can solve"}]);
    assert_eq!(
        stand.search("rust").await,
        found("rust", "duckduckgo", &results, &tried)
    );
}
