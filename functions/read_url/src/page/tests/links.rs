//! Links of pages.

use super::*;

#[test]
fn links_are_absolute_of_the_web_and_each_once() {
    let cases: [(&str, &[(&str, &str)]); 20] = [
        (
            "<a href=other>a</a>",
            &[("a", "https://example.org/docs/other")],
        ),
        (
            "<a href='../x#y'>a</a>",
            &[("a", "https://example.org/x#y")],
        ),
        ("<a href=//cdn.org/x>a</a>", &[("a", "https://cdn.org/x")]),
        (
            "<a href=' http://b.org/a b '>a</a>",
            &[("a", "http://b.org/a%20b")],
        ),
        (
            "<base href='/v2/'><a href=x>a</a>",
            &[("a", "https://example.org/v2/x")],
        ),
        (
            "<base href='https://b.org/'><base href='https://c.org/'><a href=x>a</a>",
            &[("a", "https://b.org/x")],
        ),
        (
            "<base href='javascript:x'><a href=x>a</a>",
            &[("a", "https://example.org/docs/x")],
        ),
        (
            "<base href=''><a href=x>a</a>",
            &[("a", "https://example.org/docs/x")],
        ),
        (
            "<a href='javascript:alert(1)'>a</a><a href=' jAvascript:x'>b</a><a href='java\nscript:x'>c</a>",
            &[],
        ),
        (
            "<a href='data:text/html,x'>a</a><a href='mailto:a@b.c'>b</a><a href='tel:1'>c</a><a href='ftp://b.c/'>d</a><a href='file:///x'>e</a>",
            &[],
        ),
        (
            "<a href='#top'>top</a><a href='/docs/page?q=1#b'>here</a><a href=''>x</a>",
            &[],
        ),
        (
            "<a href='https://u:p@b.org/'>a</a><a href='http://'>b</a><a href='http://[::1'>c</a>",
            &[],
        ),
        (
            "<a href=/x>a</a><a href=/x>b</a>",
            &[("a", "https://example.org/x")],
        ),
        (
            "<a href=/x></a><a href=/x><b>  b\n c</b></a>",
            &[("b c", "https://example.org/x")],
        ),
        (
            "<a href=/x><img alt=Logo></a>",
            &[("[image: Logo]", "https://example.org/x")],
        ),
        (
            "<a href=/x aria-label='Next page'></a>",
            &[("Next page", "https://example.org/x")],
        ),
        (
            "<a href=/x>a\u{202e}b&#x200b;</a>",
            &[("ab", "https://example.org/x")],
        ),
        ("<a name=x>a</a><a>b</a><area href=/x>", &[]),
        (
            "<nav><a href=/n>menu</a></nav><a href=/x>a</a>",
            &[
                ("menu", "https://example.org/n"),
                ("a", "https://example.org/x"),
            ],
        ),
        (
            "<a href=/x>a<div>block</div></a>",
            &[("a block", "https://example.org/x")],
        ),
    ];
    for (html, expected) in cases {
        let found = page(&format!("<body>{html}")).links;
        let found: Vec<_> = found.iter().map(|link| (&*link.text, &*link.url)).collect();
        let mut found = found;
        found.sort_by_key(|(_, url)| expected.iter().position(|(_, known)| known == url));
        assert_eq!(found, expected, "{html}");
    }
}

#[test]
fn links_are_bounded() {
    let many: String = (0..3000)
        .map(|n| format!("<a href=/{n}>{n}</a> "))
        .collect();
    assert_eq!(page(&many).links.len(), 100);
    let long: String = (0..300)
        .map(|n| {
            format!(
                "<a href=/{n}{}>{}</a> ",
                "a".repeat(1500),
                "word ".repeat(900)
            )
        })
        .collect();
    let links = page(&long).links;
    assert!(
        links
            .iter()
            .map(|link| link.text.len() + link.url.len())
            .sum::<usize>()
            <= 16 * 1024
    );
    assert!(
        links
            .iter()
            .all(|link| link.text.len() <= 120 && link.text.ends_with('…'))
    );
    assert!(
        page(&format!("<a href=/{}>x</a>", "a".repeat(3000)))
            .links
            .is_empty()
    );
}
