use super::*;

/// A page as the real service makes it, with so many results as are given.
fn page(query: &str, results: &str) -> String {
    format!(
        r#"<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="content-type" content="text/html; charset=UTF-8" />
<title>{query} at DuckDuckGo</title></head><body class="body--html"><form id="search_form" action="/html/" method="post">
<input name="q" type="text" value="{query}" /></form><div><div class="serp__results"><div id="links" class="results">
{results}
<div class="nav-link"><form action="/html/" method="post"><input type="hidden" name="q" value="{query}" /></form></div>
</div></div></div></body></html>"#
    )
}

fn result(href: &str, title: &str, snippet: &str) -> String {
    classed("web-result", href, title, snippet)
}

fn classed(class: &str, href: &str, title: &str, snippet: &str) -> String {
    format!(
        r#"<div class="result results_links results_links_deep {class} "><div class="links_main links_deep result__body">
<h2 class="result__title"><a rel="nofollow" class="result__a" href="{href}">{title}</a></h2>
<div class="result__extras"><div class="result__extras__url"><span class="result__icon"><a rel="nofollow" href="{href}">
<img class="result__icon__img" width="16" height="16" alt="" src="//external-content.duckduckgo.com/ip3/x.ico" /></a></span>
<a class="result__url" href="{href}">example.org/shown</a><span>&nbsp; &nbsp; 2025-12-30T00:00:00.0000000</span></div></div>
<a class="result__snippet" href="{href}">{snippet}</a><div class="clear"></div></div></div>"#
    )
}

const NO_RESULTS: &str = r#"<div class="result results_links results_links_deep web-result result--no-result">
<div class="links_main links_deep result__body"><div class="no-results__container result__title"><span class='no-results'>
<div class="no-results__message"><h1>No results found for <strong>x</strong></h1></div></span></div></div></div>"#;

const CHALLENGE: &str = r#"<form id="challenge-form" action="//duckduckgo.com/anomaly.js?sv=html&amp;cc=botnet" method="POST">
<div class="anomaly-modal__mask"><div class="anomaly-modal__modal"><div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div>
<img class="anomaly-modal__image" src="../assets/anomaly/images/challenge/a.jpg" /></div></div></form>"#;

fn read_all(html: &str) -> Vec<(String, String, String, String)> {
    match read(html) {
        Reading::Results(results) => results
            .into_iter()
            .map(|it| (it.title.trim().to_owned(), it.snippet, it.url, it.date))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn addresses(html: &str) -> Vec<String> {
    read_all(html)
        .into_iter()
        .map(|(_, _, url, _)| url)
        .collect()
}

#[test]
fn a_result_is_its_link_its_text_and_its_date() {
    let html = page(
        "rust",
        &result(
            "https://doc.rust-lang.org/book/",
            "The <b>Rust</b> Book",
            "Learn <b>Rust</b> &amp; more.<br>Vec&lt;T&gt; it&#x27;s",
        ),
    );
    let expected = (
        "The Rust Book".to_owned(),
        "Learn Rust & more. Vec<T> it's".to_owned(),
        "https://doc.rust-lang.org/book/".to_owned(),
        "2025-12-30T00:00:00.0000000".to_owned(),
    );
    assert_eq!(read_all(&html), [expected]);
}

#[test]
fn links_lead_where_the_result_is() {
    let cases = [
        (
            "//duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.org%2Fa%3Fx%3D1%26y%3D%2525&amp;rut=abc",
            Some("https://example.org/a?x=1&y=%25"),
        ),
        (
            "/l/?kh=-1&amp;uddg=http%3A%2F%2Fexample.org%2F",
            Some("http://example.org/"),
        ),
        (
            "https://duckduckgo.com/l/?uddg=https://example.org/plain",
            Some("https://example.org/plain"),
        ),
        (
            "https://example.org/l/?uddg=x",
            Some("https://example.org/l/?uddg=x"),
        ),
        (
            "https://duckduckgo.com/about",
            Some("https://duckduckgo.com/about"),
        ),
        (
            "/l/?uddg=https%3A%2F%2Fexample.org%2F%3Fq%3Da%252Bb%26c%3D1%23top&amp;rut=x",
            Some("https://example.org/?q=a%2Bb&c=1#top"),
        ),
        (
            "https://html.duckduckgo.com/l?uddg=https%3A%2F%2Fexample.org%2F",
            Some("https://example.org/"),
        ),
        (
            "https://duckduckgo.com.example/l/?uddg=https%3A%2F%2Fevil.example%2F",
            Some("https://duckduckgo.com.example/l/?uddg=https%3A%2F%2Fevil.example%2F"),
        ),
        (
            "https://notduckduckgo.com/y.js",
            Some("https://notduckduckgo.com/y.js"),
        ),
        ("//duckduckgo.com/l/?rut=abc", None),
        ("//duckduckgo.com/l/?uddg=%2F%2Fexample.org", None),
        (
            "//duckduckgo.com/l/?uddg=https%3A%2F%2Fduckduckgo.com%2Fy.js%3Fad_domain%3Dx",
            None,
        ),
        (
            "//duckduckgo.com/l/?uddg=https%3A%2F%2Fduckduckgo.com%2Fl%2F%3Fuddg%3Dx",
            None,
        ),
        (
            "https://duckduckgo.com/y.js?ad_domain=top10.com&amp;u3=https%3A%2F%2Fwww.bing.com",
            None,
        ),
        ("http://[", None),
    ];
    for (href, expected) in cases {
        let html = page(
            "x",
            &(result(href, "A", "a") + &result("https://example.org/last", "Z", "z")),
        );
        let expected: Vec<&str> = expected
            .into_iter()
            .chain(["https://example.org/last"])
            .collect();
        assert_eq!(addresses(&html), expected, "{href}");
    }
}

#[test]
fn advertisements_are_no_results() {
    let ads = [
        classed("result--ad", "https://ads.example/1", "Ad", "buy"),
        classed(
            "result--ad result--ad--small",
            "https://ads.example/2",
            "Ad",
            "buy",
        ),
        result(
            "https://ads.example/3",
            "Ad <button class=\"badge--ad\">Ad</button>",
            "buy",
        ),
        result("https://duckduckgo.com/y.js?ad_domain=x", "Ad", "buy"),
    ];
    let html = page(
        "cheap things",
        &(ads.concat() + &result("https://example.org/", "Real", "text")),
    );
    assert_eq!(addresses(&html), ["https://example.org/"]);
    assert_eq!(read(&page("cheap things", &ads.concat())), Reading::Unknown);
}

#[test]
fn a_page_without_results_is_what_its_marks_say_and_never_simply_empty() {
    let echo =
        "anomaly.js anomaly-modal challenge-form no-results Unfortunately, bots use DuckDuckGo too";
    let cases = [
        ("empty", page("x", NO_RESULTS), Reading::Empty),
        (
            "empty, the query names a challenge",
            page(echo, NO_RESULTS),
            Reading::Empty,
        ),
        ("challenge", CHALLENGE.to_owned(), Reading::Challenge),
        (
            "challenge with the query echoed",
            page(echo, CHALLENGE),
            Reading::Challenge,
        ),
        (
            "challenge that only its classes tell",
            "<div class='x anomaly-modal__mask'></div>".to_owned(),
            Reading::Challenge,
        ),
        (
            "challenge that only its action tells",
            "<form action=//duckduckgo.com/anomaly.js?x>".to_owned(),
            Reading::Challenge,
        ),
        ("the query alone", page(echo, ""), Reading::Unknown),
        (
            "marks in a script, a comment and a text",
            format!(
                "<script>'{CHALLENGE}'</script><!--{CHALLENGE}--><textarea>{NO_RESULTS}</textarea>"
            ),
            Reading::Unknown,
        ),
        (
            "no results behind the last page",
            page(
                "x",
                &result("https://x.example", "DEEP_ERROR_NO_RESULTS", ""),
            ),
            Reading::Empty,
        ),
        (
            "another page",
            "<html><body><h1>Welcome to nginx!</h1></body></html>".to_owned(),
            Reading::Unknown,
        ),
        ("nothing", String::new(), Reading::Unknown),
        (
            "json",
            "{\"AbstractText\": \"x\"}".to_owned(),
            Reading::Unknown,
        ),
    ];
    for (name, html, expected) in cases {
        assert_eq!(read(&html), expected, "{name}");
    }
}

#[test]
fn results_count_before_all_signs_of_a_challenge() {
    let html = page(
        "anomaly.js source map",
        &(result("https://example.org/", "anomaly.js", "anomaly-modal") + CHALLENGE),
    );
    assert_eq!(addresses(&html), ["https://example.org/"]);
}

#[test]
fn mark_up_may_be_written_in_any_way() {
    let cases = [
        // The order and the quotes of attributes mean nothing.
        "<div CLASS='web-result result'><A HREF='https://example.org/' rel=x class=result__a>T</A><td class=\"result__snippet\">s</td></div>",
        // Nothing is closed.
        "<div class=result><a class=result__a href=https://example.org/>T<span class=result__snippet>s",
        // Another container, or none.
        "<li><a class='result__a' href='https://example.org/'>T</a> <p class='result__snippet'>s</p></li>",
        // Elements of the same name within.
        "<div class='result web-result'><a class='result__a' href='https://example.org/'>T</a><div class='result__snippet'><div></div>s</div> not this</div>",
        "<div class='result'><a class='result__a' href='https://example.org/'>T</a><span class='result__snippet'>s</span></div><a class='result__snippet'>not this</a>",
    ];
    for html in cases {
        let read = read_all(html);
        let (title, snippet, url, _) = &read[0];
        assert_eq!(
            (&**title, &**snippet, &**url),
            ("T", "s", "https://example.org/"),
            "{html}"
        );
        assert_eq!(read.len(), 1, "{html}");
    }
}

#[test]
fn what_is_too_much_is_left_out() {
    let many = result("https://example.org/", "T", "s").repeat(MAX_RESULTS + 5);
    assert_eq!(read_all(&page("x", &many)).len(), MAX_RESULTS);
    let long = result("https://example.org/", &"é".repeat(MAX_TEXT_BYTES), "s");
    assert_eq!(read_all(&long)[0].0.len(), MAX_TEXT_BYTES);
}

/// Who stands in for the service may fill its megabyte as it likes.
#[test]
fn effort_of_no_page_is_more_than_its_length() {
    let cases = [
        "<div>",
        "<div class=result>",
        "<a class=result__a href=/x>",
        "<p><b><i>",
        "</div>",
        "<div ",
        "<x a=1 b=2 c=3 ",
        "<",
        "<!--",
        "&amp",
        "&#",
        "<script>",
        "<div class=\"a b c d e f \">",
        "<table><tr><td>",
        "\"'>",
        "é",
    ];
    for piece in cases {
        effort::assert_linear(piece, effort::repeated(piece), read);
    }
    effort::assert_linear(
        "attributes of one tag",
        |bytes| {
            let names: Vec<String> = (0..bytes / 8).map(|at| format!("a{at:06}")).collect();
            format!("<div {}>", names.join(" "))
        },
        read,
    );
    effort::assert_linear(
        "classes of one tag",
        |bytes| format!("<div class='{}'>", "result ".repeat(bytes / 7)),
        read,
    );
}
