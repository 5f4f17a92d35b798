use super::*;
use serde_json::json;

use crate::hit::{Hit, hits};

/// All that is said, in the order in which it is told.
fn found(body: &str, most: usize) -> Vec<Hit> {
    let Answer { direct, topics } = read(body, "a query").unwrap();
    let all = direct.into_iter().chain(topics).collect();
    hits(all, &Url::parse(SITE).unwrap(), most)
}

fn read_all(body: &Value) -> Vec<(String, String, String)> {
    let hits = found(&body.to_string(), 9);
    let parts = hits
        .into_iter()
        .map(|hit| (hit.title, hit.snippet, hit.url));
    parts.collect()
}

fn hit(title: &str, snippet: &str, url: &str) -> (String, String, String) {
    (title.to_owned(), snippet.to_owned(), url.to_owned())
}

#[test]
fn every_shape_of_an_answer_is_read() {
    let page = "https://duckduckgo.com/?q=a+query";
    let wiki = "https://en.wikipedia.org/wiki/Rust";
    let cases = [
        (json!({}), vec![]),
        (
            json!({"Heading": "", "AbstractText": "", "Answer": "", "RelatedTopics": [], "Results": [], "meta": null}),
            vec![],
        ),
        (
            json!({"Heading": null, "Abstract": null, "AbstractText": null, "Answer": null, "RelatedTopics": null, "Results": ""}),
            vec![],
        ),
        (
            json!({"Answer": "4", "AnswerType": "calc"}),
            vec![hit("a query", "4", page)],
        ),
        // The address of this machine, asked for by whoever wants to know it.
        (
            json!({"Answer": "Your IP address is 203.0.113.7 in Bern", "AnswerType": "ip"}),
            vec![],
        ),
        (json!({"Answer": 4}), vec![hit("a query", "4", page)]),
        (
            json!({"Answer": {"from": "calculator", "result": "2 + 2 = 4", "templates": {"group": "base"}}}),
            vec![hit("a query", "2 + 2 = 4", page)],
        ),
        (
            json!({"Answer": {"id": "calculator", "name": "Calculator", "result": ""}}),
            vec![],
        ),
        (
            json!({"Heading": "Rust", "Abstract": "<b>Rust</b> &amp; iron", "AbstractText": "", "AbstractURL": wiki}),
            vec![hit("Rust", "Rust & iron", wiki)],
        ),
        (
            json!({"AbstractText": "Iron oxide.", "AbstractSource": "Wikipedia", "AbstractURL": wiki}),
            vec![hit("Wikipedia", "Iron oxide.", wiki)],
        ),
        (
            json!({"Heading": "Rust", "AbstractText": "", "AbstractURL": wiki, "Type": "D"}),
            vec![],
        ),
        (
            json!({"Definition": "a reddish coating", "DefinitionSource": "A Dictionary", "DefinitionURL": "https://dictionary.example/rust"}),
            vec![hit(
                "A Dictionary",
                "a reddish coating",
                "https://dictionary.example/rust",
            )],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(read_all(&body), expected, "{body}");
    }
}

#[test]
fn topics_are_flattened_named_and_kept_once() {
    let belt = json!({"Text": "Rust Belt A region.", "Result": "<a href=\"https://duckduckgo.com/Rust_Belt\">Rust Belt</a>A region.", "FirstURL": "https://duckduckgo.com/Rust_Belt", "Icon": {"URL": ""}});
    let body = json!({
        "Results": [{"Text": "Official site - Rust", "Result": "", "FirstURL": "https://www.rust-lang.org"}],
        "RelatedTopics": [
            belt,
            {"Name": "Fungi", "Topics": [
                {"Text": "Rust (fungus)", "FirstURL": "/Rust_(fungus)"},
                {"Name": "Deeper", "Topics": [{"Text": "Soybean rust", "FirstURL": "http://duckduckgo.com/Soybean_rust"}]},
                belt,
            ]},
            {"Text": "runs script", "FirstURL": "javascript:alert(1)"},
            {"Text": "no address", "FirstURL": null},
            {"Text": "", "FirstURL": "https://duckduckgo.com/no_text"},
            {"Text": "odd group", "FirstURL": "https://duckduckgo.com/odd", "Topics": 7},
            null, "text", 7, [],
        ],
    });
    let expected = vec![
        hit(
            "Official site",
            "Official site - Rust",
            "https://www.rust-lang.org/",
        ),
        hit(
            "Rust Belt",
            "Rust Belt A region.",
            "https://duckduckgo.com/Rust_Belt",
        ),
        hit(
            "Rust (fungus)",
            "Rust (fungus)",
            "https://duckduckgo.com/Rust_(fungus)",
        ),
        hit(
            "Soybean rust",
            "Soybean rust",
            "http://duckduckgo.com/Soybean_rust",
        ),
        hit("odd group", "odd group", "https://duckduckgo.com/odd"),
    ];
    assert_eq!(read_all(&body), expected);
}

#[test]
fn long_texts_are_cut_and_long_addresses_dropped() {
    let body = json!({"RelatedTopics": [
        {"Text": "é".repeat(10_000), "FirstURL": "https://example.com/long"},
        {"Text": "address", "FirstURL": format!("https://example.com/{}", "a".repeat(2048))},
    ]});
    let expected = vec![hit(
        &format!("{}…", "é".repeat(199)),
        &format!("{}…", "é".repeat(599)),
        "https://example.com/long",
    )];
    assert_eq!(read_all(&body), expected);
}

#[test]
fn topics_are_told_apart_from_what_answers() {
    let topic = json!({"Text": "Rust Belt", "FirstURL": "/Rust_Belt"});
    let body = json!({"AbstractText": "", "RelatedTopics": [topic]});
    let answer = read(&body.to_string(), "rust").unwrap();
    assert_eq!((answer.direct.len(), answer.topics.len()), (0, 1));
    assert_eq!(read("", "rust").unwrap(), Answer::default());
}

#[test]
fn what_is_no_json_object_is_refused() {
    for body in [
        " ",
        "[]",
        "null",
        "7",
        "<!DOCTYPE html><html></html>",
        "{\"Heading\": \"Ru",
    ] {
        assert!(read(body, "a query").is_err(), "{body}");
    }
}

/// A service, or who stands in for it, may fill its megabyte as it likes.
#[test]
fn effort_of_no_answer_is_more_than_its_length() {
    type Make = fn(usize) -> String;
    let cases: [(&str, Make); 8] = [
        ("one text of brackets", |bytes| {
            json!({"AbstractText": "<".repeat(bytes)}).to_string()
        }),
        ("open tags in every field", |bytes| {
            let open = "<a".repeat(bytes / 20);
            let topic = json!({"Text": open, "Result": open, "FirstURL": "/x"});
            json!({"AbstractText": open, "Answer": open, "Definition": open, "RelatedTopics": vec![topic; 2]})
                .to_string()
        }),
        ("groups in groups", |bytes| {
            let inner = r#"{"Text":"","FirstURL":"/x"},"#.repeat(bytes / 30);
            let open = r#"{"Topics":["#.repeat(50);
            format!(r#"{{"RelatedTopics":[{open}{inner}7{}]}}"#, "]}".repeat(50))
        }),
        ("topics that say nothing", |bytes| {
            json!({"RelatedTopics": vec![json!({"Text": "<b>", "FirstURL": "/x"}); bytes / 40]})
                .to_string()
        }),
        ("topics of one address", |bytes| {
            json!({"RelatedTopics": vec![json!({"Text": "x", "FirstURL": "/x"}); bytes / 40]})
                .to_string()
        }),
        ("one address of steps", |bytes| {
            json!({"AbstractText": "x", "AbstractURL": "/a/..".repeat(bytes / 5)}).to_string()
        }),
        ("addresses of steps", |bytes| {
            let topic = json!({"Text": "", "FirstURL": "/a/..".repeat(400)});
            json!({"Results": vec![topic; bytes / 2000]}).to_string()
        }),
        ("a link without an end", |bytes| {
            json!({"Results": [{"Result": "<a ".repeat(bytes / 3), "FirstURL": "/x"}]}).to_string()
        }),
    ];
    for (name, body) in cases {
        effort::assert_linear(name, body, |body| found(body, 5));
    }
}
