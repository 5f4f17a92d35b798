//! Each provider's interface: what is sent to it, and what is made of a good answer.

use serde_json::{Value, json};

use crate::stand::{
    Answer, BRAVE, INSTANT, PAGE, SEARXNG, SERPER, Stand, TAVILY, WIKIPEDIA, found, pages,
};

fn hit(title: &str, snippet: &str, url: &str) -> Value {
    json!({"title": title, "snippet": snippet, "url": url})
}

fn dated(title: &str, snippet: &str, url: &str, date: &str) -> Value {
    json!({"title": title, "snippet": snippet, "url": url, "date": date})
}

const RUST: &str = "https://www.rust-lang.org/";
const ARTICLE: &str = "https://en.wikipedia.org/wiki/Rust_(programming_language)";

/// A good answer becomes results with title, snippet, address and date.
async fn assert_read(provider: &str, path: &'static str, answer: Answer, results: Value) {
    let stand = Stand::of(provider).await;
    stand.answer(path, answer);
    let expected = found("rust", provider, &results, &json!([]));
    assert_eq!(stand.search("rust").await, expected, "{provider}");
}

#[tokio::test]
async fn tavily_is_read_as_plain_text_each_page_once() {
    let everyone = "A language empowering everyone: Vec<T>, a < b & c.";
    let news = "https://news.example.org/rust";
    let results = json!([
        hit("Rust Programming Language", everyone, RUST),
        dated("Rust in the news", "", news, "2026-11-28"),
    ]);
    assert_read("tavily", TAVILY, Answer::json(pages::TAVILY), results).await;
}

#[tokio::test]
async fn searxng_is_read_with_the_answers_of_its_engines_above() {
    let (answer, blog) = (
        "https://example.org/answer",
        "https://blog.example.org/rust",
    );
    let results = json!([
        hit("Rust is a language.", "Rust is a language.", answer),
        hit(
            "Rust Programming Language",
            "A language empowering everyone.",
            RUST
        ),
        dated("Rust 1.95", "Released.", blog, "2026-11-20"),
        hit("no title", "no title", "https://example.org/untitled"),
    ]);
    assert_read("searxng", SEARXNG, Answer::json(pages::SEARXNG), results).await;
}

#[tokio::test]
async fn brave_is_read_without_its_mark_up() {
    let everyone = "A language empowering everyone & it's fast.";
    let results = json!([
        dated("Rust Programming Language", everyone, RUST, "2026-11-20"),
        dated(
            "Rust forum",
            "Ask.",
            "https://users.example.org/",
            "3 days ago"
        ),
    ]);
    assert_read("brave", BRAVE, Answer::json(pages::BRAVE), results).await;
}

#[tokio::test]
async fn serper_is_read_with_the_box_above() {
    let blog = "https://blog.example.org/rust";
    let results = json!([
        hit("Rust", "A systems language.", ARTICLE),
        hit(
            "Rust Programming Language",
            "A language empowering everyone.",
            RUST
        ),
        dated("Rust 1.95", "Released.", blog, "2026-11-20"),
    ]);
    assert_read("serper", SERPER, Answer::json(pages::SERPER), results).await;
}

#[tokio::test]
async fn the_page_of_duckduckgo_is_read_without_its_advertisements() {
    let metro = "The population of Tokyo as of October 1 is estimated at 14,254,039, 42,318 more than a year before.";
    let article = "Tokyo, officially the Tokyo Metropolis, is the capital and most populous city of Japan; it's home to over 14 million.";
    let results = json!([
        dated(
            "Population of Tokyo (estimate) - Tokyo Metropolitan Government",
            metro,
            "https://www.metro.tokyo.example/statistics/population",
            "2026-10-28",
        ),
        hit(
            "Tokyo - Wikipedia",
            article,
            "https://en.wikipedia.org/wiki/Tokyo"
        ),
        hit(
            "東京都の人口 & more",
            "Area, density, history.",
            "https://cities.example.org/japan/tokyo"
        ),
    ]);
    assert_read("duckduckgo", PAGE, Answer::html(pages::RESULTS), results).await;
}

#[tokio::test]
async fn wikipedia_is_read_in_its_order_without_pages_that_only_list_others() {
    let (oxide, fungus) = (
        "https://en.wikipedia.org/wiki/Rust_(disambiguation)",
        "https://en.wikipedia.org/wiki/Rust_(fungus)",
    );
    let results = json!([
        hit(
            "Rust (disambiguation)",
            "Rust is iron oxide. Rust may also refer to:",
            oxide
        ),
        hit(
            "Rust (programming language)",
            "Rust is a general-purpose programming language.",
            ARTICLE
        ),
        hit("Rust (fungus)", "", fungus),
    ]);
    assert_read(
        "wikipedia",
        WIKIPEDIA,
        Answer::json(pages::WIKIPEDIA),
        results,
    )
    .await;
}

#[tokio::test]
async fn every_request_says_who_asks_and_what_its_provider_wants_to_know() {
    let variables = [
        ("SEARCH_REGION", "ch"),
        ("SEARCH_LANGUAGE", "de"),
        ("SEARCH_CONTACT", "ops@example.org"),
    ];
    let agent = concat!(
        "serverless-llm/",
        env!("CARGO_PKG_VERSION"),
        " (+ops@example.org)"
    );
    let query = "a&b=c #1 + 100% é?";
    let cases = [
        (
            "searxng",
            SEARXNG,
            json!({"q": query, "format": "json", "language": "de-CH"}),
            Value::Null,
            ("accept", "application/json, text/html;q=0.9"),
        ),
        (
            "tavily",
            TAVILY,
            json!({}),
            json!({"query": query, "max_results": 10, "search_depth": "basic"}),
            ("authorization", "Bearer secret-TAVILY_API_KEY"),
        ),
        (
            "brave",
            BRAVE,
            json!({"q": query, "count": "10", "text_decorations": "false", "country": "CH", "search_lang": "de"}),
            Value::Null,
            ("x-subscription-token", "secret-BRAVE_API_KEY"),
        ),
        (
            "serper",
            SERPER,
            json!({}),
            json!({"q": query, "num": 10, "gl": "ch", "hl": "de"}),
            ("x-api-key", "secret-SERPER_API_KEY"),
        ),
        (
            "duckduckgo",
            PAGE,
            json!({"q": query, "b": "", "kl": "ch-de"}),
            Value::Null,
            ("content-type", "application/x-www-form-urlencoded"),
        ),
        (
            "duckduckgo",
            INSTANT,
            json!({"q": query, "format": "json", "no_html": "1", "skip_disambig": "1"}),
            Value::Null,
            ("accept", "application/json"),
        ),
        (
            "wikipedia",
            WIKIPEDIA,
            json!({
                "action": "query", "format": "json", "formatversion": "2", "generator": "search", "gsrsearch": query,
                "gsrlimit": "5", "prop": "extracts|info", "exintro": "1", "explaintext": "1", "exlimit": "max", "inprop": "url",
            }),
            Value::Null,
            ("accept", "application/json"),
        ),
    ];
    for (provider, path, fields, body, (header, value)) in cases {
        let stand =
            Stand::with(&[&variables[..], &[("SEARCH_PROVIDERS", provider)]].concat()).await;
        stand.search(query).await;
        let asked = stand
            .asked()
            .into_iter()
            .find(|asked| asked.path == path)
            .unwrap();
        assert_eq!(json!(asked.fields), fields, "{path}");
        assert_eq!(asked.body, body, "{path}");
        assert_eq!(asked.headers["user-agent"], agent, "{path}");
        assert_eq!(
            asked.headers["accept-language"], "de-CH,de;q=0.9,en;q=0.5",
            "{path}"
        );
        assert_eq!(asked.headers[header], value, "{path}");
        for disguise in ["referer", "cookie", "sec-fetch-mode", "sec-ch-ua"] {
            assert!(!asked.headers.contains_key(disguise), "{path} {disguise}");
        }
    }
}

#[tokio::test]
async fn an_engine_is_not_commanded_by_words_of_a_query() {
    for (provider, path) in [("searxng", SEARXNG), ("duckduckgo", PAGE)] {
        let stand = Stand::of(provider).await;
        stand.search("!g cats :de").await;
        let asked = stand
            .asked()
            .into_iter()
            .find(|asked| asked.path == path)
            .unwrap();
        assert_eq!(asked.fields["q"], "\"!g\" cats \":de\"");
    }
}

#[tokio::test]
async fn each_provider_gets_no_more_of_a_query_than_it_takes() {
    let words = "wort ".repeat(98);
    let words = words.trim();
    let cases = [
        ("tavily", 399, 80),
        ("searxng", 399, 80),
        ("brave", 249, 50),
        ("serper", 159, 32),
        ("duckduckgo", 489, 98),
        ("wikipedia", 299, 60),
    ];
    for (provider, chars, count) in cases {
        let stand = Stand::of(provider).await;
        stand.search(words).await;
        let asked = stand.asked().remove(0);
        let sent = ["q", "gsrsearch"]
            .into_iter()
            .find_map(|name| asked.fields.get(name).cloned());
        let sent = sent
            .or_else(|| {
                Some(
                    asked
                        .body
                        .get("query")
                        .or(asked.body.get("q"))?
                        .as_str()?
                        .to_owned(),
                )
            })
            .unwrap();
        assert_eq!(
            (sent.len(), sent.split(' ').count()),
            (chars, count),
            "{provider}"
        );
        assert!(words.starts_with(&sent), "{provider}");
    }
}

#[tokio::test]
async fn direct_answers_stand_above_the_page_and_topics_only_behind_it() {
    let stand = Stand::of("duckduckgo").await;
    stand.answer(
        INSTANT,
        Answer::of(200, "application/x-javascript", pages::ARTICLE),
    );
    stand.answer(PAGE, Answer::html(pages::RESULTS));
    let told = stand.search("tokyo").await;
    let urls: Vec<&str> = told["result"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["url"].as_str().unwrap())
        .collect();
    let expected = [
        "https://en.wikipedia.org/wiki/Rust_(programming_language)",
        "https://www.metro.tokyo.example/statistics/population",
        "https://en.wikipedia.org/wiki/Tokyo",
        "https://cities.example.org/japan/tokyo",
        "https://www.rust-lang.org/",
    ];
    assert_eq!(urls, expected);
}

#[tokio::test]
async fn topics_alone_are_nothing_that_was_found() {
    let topics = r#"{"Heading": "Rust", "AbstractText": "", "RelatedTopics": [{"Text": "Rust Belt", "FirstURL": "/Rust_Belt"}]}"#;
    let stand = Stand::of("duckduckgo").await;
    stand.answer(INSTANT, Answer::json(topics));
    stand.answer(PAGE, Answer::html(pages::EMPTY));
    assert_eq!(
        stand.search("rust").await,
        found("rust", "duckduckgo", &json!([]), &json!([]))
    );
}
