//! Pages with an article, without one, without a text.

use super::*;

#[test]
fn the_article_is_found_and_what_is_around_it_is_not_the_text() {
    let paragraph = "<p>The transport planner measured, over a year, how far trains run late, and wrote down why each of them did.</p>";
    let frame = "<header><a href=/>Home</a> <a href=/about>About</a></header><nav><ul><li><a href=/a>News</a><li><a href=/b>Sport</a></ul></nav>";
    let side = "<aside class=sidebar><h3>Most read</h3><a href=/m1>One</a></aside><div class=cookie-banner>We value your privacy</div>";
    let html = format!(
        "<title>Late trains - Paper</title><body>{frame}<main><article><h1>Late trains</h1>{}</article></main>{side}<footer>© Paper</footer>",
        paragraph.repeat(12)
    );
    let found = page(&html);
    assert_eq!(found.title, "Late trains - Paper");
    assert!(found.text.contains("transport planner"), "{}", found.text);
    for around in ["About", "Sport", "Most read", "© Paper"] {
        assert!(!found.text.contains(around), "{around}: {}", found.text);
    }
    let links: Vec<_> = found.links.iter().map(|link| &*link.url).collect();
    assert!(
        links.contains(&"https://example.org/about") && links.contains(&"https://example.org/m1"),
        "{links:?}"
    );
}

#[test]
fn a_page_whose_article_is_not_its_main_part_is_taken_whole() {
    // Lists and tables without a paragraph; parts of a text in parts of a page; a biography beside a long text.
    let items = "<li><strong>Seats of this kind are to be recommended in matters of safety, says the test.</strong></li>".repeat(12);
    let in_lists = format!(
        "<main><article><h1>Test</h1><div class=text><ul>{items}</ul></div></article></main>"
    );
    assert_eq!(text(&in_lists).matches("to be recommended").count(), 12);

    let part = |n: usize| {
        format!(
            "<div class=longform-container><div class=content><p>Part {n} of the report, long enough to be one of its parts, with a comma, and another.</p></div></div><div class=ad>x</div>"
        )
    };
    let in_parts: String = (0..12).map(part).collect();
    let whole = text(&in_parts);
    assert_eq!(
        (0..12)
            .filter(|n| whole.contains(&format!("Part {n} ")))
            .count(),
        12,
        "{whole}"
    );

    let rows: String = (0..40)
        .map(|n| format!("<tr><td>Town {n}<td>{}</tr>", n * 1000))
        .collect();
    let table = text(&format!(
        "<h1>Towns</h1><table><tr><th>Name<th>People</tr>{rows}</table>"
    ));
    assert_eq!(table.matches("| Town ").count(), 40, "{table}");
}

#[test]
fn a_page_that_says_less_than_it_shows_says_so() {
    let alone = "[The page shows nothing without its scripts, and scripts are not run here.]";
    let cases = [
        (
            "<body><div id=root></div><script src=/app.js></script>",
            alone,
        ),
        (
            "<body><noscript>You need to enable JavaScript to run this app.</noscript><div id=app></div><script>1</script>",
            alone,
        ),
        ("<body style='opacity:0'><script></script>", alone),
        ("", "[The page has no text.]"),
        ("<body></body>", "[The page has no text.]"),
        ("<body hidden>Shown by a script.", "Shown by a script."),
        (
            "<body>Loading…<script src=x></script>",
            "[The page may show more by its scripts, which are not run here.]\n\nLoading…",
        ),
    ];
    for (html, expected) in cases {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn a_page_that_sends_its_readers_on_is_not_followed_and_says_where() {
    let to = |address: &str| {
        format!("[The page sends its readers on to {address}. It was not followed.]")
    };
    let cases = [
        (
            "<meta http-equiv=refresh content='0; url=/new'>",
            to("https://example.org/new"),
        ),
        (
            "<meta http-equiv=Refresh content=\"5;URL='https://other.org/a'\">",
            to("https://other.org/a"),
        ),
        (
            "<META HTTP-EQUIV='refresh' CONTENT='0;https://other.org/'>",
            to("https://other.org/"),
        ),
        (
            "<meta http-equiv=refresh content='0; url=http://169.254.169.254/'>",
            to("http://169.254.169.254/"),
        ),
        ("<meta http-equiv=refresh content=30>", String::new()),
        (
            "<meta http-equiv=refresh content='0; url=javascript:alert(1)'>",
            String::new(),
        ),
        (
            "<meta http-equiv=refresh content='0; url=/docs/page?q=1'>",
            String::new(),
        ),
        (
            "<noscript><meta http-equiv=refresh content='0; url=/nojs'></noscript>",
            String::new(),
        ),
    ];
    for (html, note) in cases {
        let found = page(&format!("{html}<body>Moved."));
        let expected = if note.is_empty() {
            "Moved.".to_owned()
        } else {
            format!("{note}\n\nMoved.")
        };
        assert_eq!(found.text, expected, "{html}");
    }
    let found = read(
        "<body>Moved.",
        Syntax::Html,
        &url("https://example.org/"),
        "0; url=/elsewhere",
    );
    assert!(
        found.text.starts_with(&to("https://example.org/elsewhere")),
        "{}",
        found.text
    );
    assert_eq!(found.links[0].url, "https://example.org/elsewhere");
}

#[test]
fn what_gives_an_article_its_shape_is_not_lost_where_the_article_is_found() {
    let words = "The service answers within a second, says the chapter, and where it does not, somebody is woken up. ".repeat(4);
    let html = format!(
        "<title>Monitoring - Book</title><nav><a href=/>All</a></nav><main><article><h1>Monitoring</h1><p>{words}</p>\
         <h2>Golden signals</h2><p>{words}</p><dl><dt>Latency</dt><dd>How long it takes.</dd></dl><p>{words}</p>\
         <h3>In numbers</h3><table class=data><tr class=header><th class=header_cell>Signal<th>Bound<tr><td>Latency<td>1 s<tr><td>Errors<td>1 %</table>\
         <pre><code>rate(errors[5m])\n  &gt; 0.01</code></pre><ul><li>first<li>second</ul><p>{words}</p><h2>Conclusion</h2><p>{words}</p></article></main>"
    );
    let text = text(&html);
    for kept in [
        "## Golden signals",
        "### In numbers",
        "## Conclusion",
        "Latency\nHow long it takes.",
        "| Signal | Bound |\n| --- | --- |\n| Latency | 1 s |\n| Errors | 1 % |",
        "```\nrate(errors[5m])\n  > 0.01\n```",
        "- first\n- second",
    ] {
        assert!(text.contains(kept), "{kept}\n{text}");
    }
    assert_eq!(text.matches("somebody is woken up").count(), 20, "{text}");
}

#[test]
fn a_page_in_xhtml_has_elements_that_end_where_they_begin() {
    let xhtml = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><script src='a.js'/><title>T</title><style/></head>\
                 <body><a id='top'/><p>One.<br/>Two.<span/></p><div/><textarea/><iframe src='x'/><h2>Three</h2><div class='x'/><p>Four.</p></body></html>";
    let page = |syntax| read(xhtml, syntax, &url("https://example.org/"), "");
    let found = page(Syntax::Xml);
    assert_eq!(
        (&*found.title, &*found.text),
        ("T", "One.\nTwo.\n\n## Three\n\nFour.")
    );
    assert!(
        page(Syntax::Html)
            .text
            .starts_with("[The page shows nothing without its scripts")
    );
    let deep = format!("{}x", "<div/>".repeat(10_000));
    assert_eq!(
        read(&deep, Syntax::Xml, &url("https://example.org/"), "").text,
        "x"
    );
}

#[test]
fn a_page_of_frames_says_where_they_are() {
    let found = page(
        "<title>Old</title><frameset><frame src=menu.html name=menu><frame src=/main.html title='The text'><noframes>Get a browser.</noframes></frameset>",
    );
    assert_eq!(found.text, "[The page has no text.]");
    let links: Vec<_> = found
        .links
        .iter()
        .map(|link| (&*link.text, &*link.url))
        .collect();
    assert_eq!(
        links,
        [
            ("[frame] menu", "https://example.org/docs/menu.html"),
            ("[frame] The text", "https://example.org/main.html")
        ]
    );
}

#[test]
fn a_text_that_stands_aside_is_the_text_where_there_is_no_other() {
    let words =
        "<p>Country music has become richer by many voices, say those who make it.</p>".repeat(9);
    let html = format!(
        "<div class=cookies>We use cookies. Accept all</div><aside>{words}</aside><footer>Imprint</footer>"
    );
    assert_eq!(text(&html).matches("richer by many voices").count(), 9);
}

#[test]
fn a_reference_work_keeps_the_names_of_what_it_describes() {
    let method = |name: &str| {
        format!(
            "<details open><summary><section class=method><a class=src href=/s>Source</a><h4 class=code-header>pub fn {name}(&amp;mut self, on: <a href=/b>bool</a>) -> &amp;mut Self</h4></section></summary><div class=docblock><p>Sets the option for access of the kind {name}, which, when true, will indicate that a file should be opened so.</p></div></details>"
        )
    };
    let methods: String = ["read", "write", "append", "truncate", "create"]
        .map(method)
        .concat();
    let html = format!(
        "<title>OpenOptions</title><nav class=sidebar><h2>Methods</h2><a href=#read>read</a></nav><main><section id=main-content><h1>Struct OpenOptions</h1>\
         <p>Options and flags which can be used to configure how a file is opened, of which there are some.</p><h2>Implementations</h2>{methods}</section></main>"
    );
    let text = text(&html);
    for name in ["read", "write", "append", "truncate", "create"] {
        assert!(
            text.contains(&format!(
                "#### pub fn {name}(&mut self, on: bool) -> &mut Self"
            )),
            "{name}: {text}"
        );
    }
    assert!(!text.contains("Methods"), "{text}");
}
