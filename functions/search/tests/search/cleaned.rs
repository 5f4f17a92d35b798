//! The query on its way: words to whoever searches do not go out.

use serde_json::json;

use crate::stand::{Answer, Stand, TAVILY, found, pages};

#[tokio::test]
async fn the_thing_is_searched_for_and_not_the_task() {
    let cases = [
        (
            "Search for the latest Python version, then write code to check if it's installed on my system",
            "the latest Python version",
        ),
        (
            "  current population\n of Tokyo ",
            "current population of Tokyo",
        ),
        ("rust\u{202e} async\u{0}", "rust async"),
    ];
    for (query, sent) in cases {
        let stand = Stand::of("tavily").await;
        stand.answer(TAVILY, Answer::json(pages::TAVILY));
        let told = stand.search(query).await;
        assert_eq!(stand.asked()[0].body["query"], sent);
        assert_eq!(
            told,
            found(sent, "tavily", &told["result"]["results"], &json!([]))
        );
    }
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_told_before_anybody_is_asked() {
    let cases = [
        (
            json!({"query": "rust", "num_results": 9}),
            "num_results must be between 1 and 5, got 9",
        ),
        (json!({"query": " \n"}), "query must not be blank"),
        (json!({"query": "\u{200b}\u{0}"}), "query must not be blank"),
    ];
    let stand = Stand::of("tavily").await;
    for (arguments, message) in cases {
        let expected = json!({"ok": false, "error": {"code": "invalid_arguments", "message": message, "retryable": false}});
        assert_eq!(stand.call(arguments, 60_000).await, expected);
    }
    assert_eq!(stand.asked().len(), 0);
}
