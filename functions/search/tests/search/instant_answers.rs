//! `DuckDuckGo`'s Instant Answer API, beside a page that found nothing.

use serde_json::json;

use crate::stand::{Answer, INSTANT, PAGE, Stand, found, pages};

#[tokio::test]
async fn an_article_comes_back_as_its_summary_its_site_and_its_topics() {
    let stand = Stand::of("duckduckgo").await;
    stand.answer(
        INSTANT,
        Answer::of(200, "application/x-javascript", pages::ARTICLE),
    );
    stand.answer(PAGE, Answer::html(pages::EMPTY));
    let summary = json!({
        "title": "Rust (programming language)",
        "snippet": "Rust is a general-purpose programming language. It is noted for its emphasis on performance, type safety, concurrency, and memory safety.",
        "url": "https://en.wikipedia.org/wiki/Rust_(programming_language)",
    });
    let site = json!({"title": "Official site", "snippet": "Official site", "url": "https://www.rust-lang.org/"});
    let topics = [
        json!({
            "title": "Concurrent programming languages",
            "snippet": "Concurrent programming languages",
            "url": "https://duckduckgo.com/c/Concurrent_programming_languages",
        }),
        json!({
            "title": "Outline of the Rust programming language",
            "snippet": "Outline of the Rust programming language The following outline is provided as an overview of & topical guide to Rust.",
            "url": "https://duckduckgo.com/Outline_of_the_Rust_programming_language",
        }),
        json!({
            "title": "Rust (fungus)",
            "snippet": "Rust (fungus) Rusts are fungal plant pathogens of the order Pucciniales.",
            "url": "https://duckduckgo.com/Rust_(fungus)",
        }),
    ];
    let [first, second, third] = topics;
    let all = [summary, site, first, second, third];

    for count in 1..=5 {
        let arguments = json!({"query": "rust programming language", "num_results": count});
        let expected = found(
            "rust programming language",
            "duckduckgo",
            &json!(all[..count]),
            &json!([]),
        );
        assert_eq!(stand.call(arguments, 60_000).await, expected);
    }
}

#[tokio::test]
async fn what_the_service_does_not_know_or_garbles_leaves_the_page_to_answer() {
    let page =
        "<!DOCTYPE html><html><head><title>DuckDuckGo</title></head><body>Error</body></html>";
    let long = format!("{{\"Answer\": \"{}\"}}", "a".repeat(1 << 20));
    let half = &pages::ARTICLE[..pages::ARTICLE.len() / 2];
    let media_type = "application/x-javascript";
    let answers = [
        Answer::of(200, media_type, pages::NOTHING),
        Answer::of(202, media_type, pages::NOTHING),
        Answer::of(202, media_type, ""),
        Answer::of(200, media_type, "{}"),
        Answer::of(200, media_type, "[]"),
        Answer::of(200, media_type, "\u{0}\u{1}garbage"),
        Answer::of(200, media_type, half),
        Answer::of(200, media_type, long),
        Answer::of(200, "text/html", page),
        Answer::of(202, "text/html", page),
        Answer::status(303).with("location", "https://elsewhere.example/"),
        Answer::status(403),
        Answer::status(429),
        Answer::status(500),
        Answer::Broken,
    ];
    for (at, answer) in answers.into_iter().enumerate() {
        let stand = Stand::of("duckduckgo").await;
        stand.answer(INSTANT, answer.clone());
        stand.answer(PAGE, Answer::html(pages::RESULTS));
        let told = stand.search("rust").await;
        assert_eq!(
            (&told["result"]["num_results"], &told["result"]["tried"]),
            (&json!(3), &json!([])),
            "{at} {answer:?}"
        );
        stand.answer(PAGE, Answer::html(pages::EMPTY));
        assert_eq!(
            stand.search("more rust").await,
            found("more rust", "duckduckgo", &json!([]), &json!([])),
            "{at}"
        );
    }
}
