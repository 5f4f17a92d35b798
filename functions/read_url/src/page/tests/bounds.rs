//! Pages that are made to do harm.

use super::*;
use proptest::prelude::*;

#[test]
fn a_text_that_is_long_is_cut_and_told() {
    let long = page(
        &"<p>One of very many paragraphs, and it says, as each of them, nothing new.</p>"
            .repeat(3000),
    );
    assert!(
        long.truncated && long.text.len() <= MAX_TEXT_BYTES && long.text.len() > MAX_TEXT_BYTES / 2,
        "{}",
        long.text.len()
    );
    assert!(long.text.ends_with("new."));
    assert!(!page("<p>short").truncated);
}

#[test]
fn no_nesting_and_no_number_of_elements_does_harm() {
    let tags = [
        "div",
        "b",
        "i",
        "a href=x",
        "table",
        "table><tr><td",
        "ul><li",
        "blockquote",
        "pre",
        "svg",
        "math",
        "svg><foreignObject",
        "font size=1",
        "button",
        "select",
        "template",
        "h1",
        "p",
        "form",
        "span",
        "sup",
        "code",
        "center",
        "nobr",
        "dl><dd",
        "ruby><rt",
        "object",
        "details",
        "frameset",
        "body",
        "html",
    ];
    for tag in tags {
        for count in [150, 1_000, 10_000] {
            let html = format!(
                "<p>before</p>{}deep{}",
                format!("<{tag}>").repeat(count),
                "</div>".repeat(count / 2)
            );
            let found = page(&html);
            assert!(found.text.len() <= MAX_TEXT_BYTES);
            let is_unseen = ["svg", "select", "template", "object", "button"]
                .iter()
                .any(|unseen| tag.starts_with(unseen));
            assert!(
                is_unseen || found.text.contains("deep") || tag == "frameset",
                "{tag} {count}: {}",
                &found.text[..found.text.len().min(200)]
            );
        }
    }
    let flat = page(&"<i>x</i> ".repeat(100_000));
    assert!(flat.truncated);
}

#[test]
fn what_was_too_deep_keeps_its_text_and_what_follows_it_its_place() {
    let html = format!(
        "{}deep{}<h2>After</h2><ul><li>x</ul>",
        "<div>".repeat(10_000),
        "</div>".repeat(10_000)
    );
    assert_eq!(text(&html), "deep\n\n## After\n\n- x");
    let scripts = format!(
        "{}a<script>'<b>'</script><style>b{{}}</style>c{}",
        "<div>".repeat(500),
        "</div>".repeat(500)
    );
    assert_eq!(
        text(&scripts),
        "[The page may show more by its scripts, which are not run here.]\n\nac"
    );
}

/// Pages of any structure, well made or not.
fn any_page() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<div hidden>",
        "<div>",
        "</div>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<b>",
        "</b>",
        "<a href=/x>",
        "</a>",
        "<ul>",
        "<li>",
        "</ul>",
        "<pre>",
        "</pre>",
        "<svg>",
        "</svg>",
        "<math>",
        "<template>",
        "</template>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<select>",
        "<option>",
        "</select>",
        "<h1>",
        "</h1>",
        "<blockquote>",
        "</blockquote>",
        "<sup>",
        "</sup>",
        "<frameset>",
        "<form>",
        "</form>",
        "<button>",
        "</button>",
        "<br>",
        "<img alt=cat>",
        "</br>",
        "</html>",
        "</body>",
        "<body>",
        "<head>",
        "<title>",
        "</title>",
        "<code>",
        "</code>",
        "word ",
        "2",
        "\n",
        " ",
        "&lt;",
        "<",
        "|",
        "\u{200b}",
        "\0",
        "é",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_page_is_read_within_its_bounds_and_the_same_each_time(html in any_page()) {
        let found = page(&html);
        prop_assert!(found.text.chars().all(|c| matches!(c, '\n' | '\t') || !tool::is_unseen(c)));
        prop_assert!(found.links.iter().all(|link| link.url.starts_with("http")));
        prop_assert_eq!(page(&html), found);
    }
}

/// Each of them fills a page; those whose pages take more than their length are told.
fn excesses(pieces: &[&str]) -> Vec<String> {
    let excess = |piece: &&str| effort::excess(piece, effort::repeated(piece), page);
    pieces.iter().filter_map(excess).collect()
}

#[test]
fn effort_of_no_structure_is_more_than_its_length() {
    let pieces = [
        "<div>",
        "<div><p>a, b, c</p>",
        "<a href=/x>y</a> ",
        "<b a=1>x<p>",
        "<p><b id=1></p>",
        "<table><tr><td>x",
        "<table><td><p>",
        "<li>x",
        "<ol><li><p>x",
        "<blockquote>x",
        "<template>",
        "</p>",
        "</b>",
        "<svg><g>",
        "<math><mi>",
        "<h1>x",
        "<form><input>",
        "<dl><dt>x<dd>y",
        "<p class=comment-footer>x",
    ];
    assert_eq!(excesses(&pieces), [""; 0]);
}

#[test]
fn effort_of_no_text_is_more_than_its_length() {
    let pieces = [
        "<p>word ",
        "<pre>x\n",
        "<!-- x -->",
        "<!-->",
        "<script>1</script>",
        "<sup>2</sup>",
        "<br>",
        "&amp;",
        "<a ",
        "\u{200b}",
        "<td>|",
        "<p style='a:b;c:d'>",
        "<p style='/*'>",
        "<i hidden>x",
        "<title>x",
    ];
    assert_eq!(excesses(&pieces), [""; 0]);
    // Each of these is a token of its own, which takes its time where nothing is optimized.
    for sign in ["&", "<"] {
        effort::assert_linear(sign, |bytes| sign.repeat(bytes / 4), page);
    }
    // What is left open is made again, with its attributes, wherever a paragraph begins.
    let again = |bytes: usize| {
        let long = "a;".repeat(bytes / 16);
        format!(
            "<p><a href={long} class={long} style={long} title={long}>{}",
            "<p>a".repeat(bytes / 8)
        )
    };
    effort::assert_linear("attributes again and again", again, page);
    let many = |bytes: usize| {
        format!(
            "<p><b {}>{}",
            "a1 ".repeat(bytes / 6),
            "<p>a".repeat(bytes / 8)
        )
    };
    effort::assert_linear("many attributes again and again", many, page);
    let crossed = |bytes: usize| {
        let n = bytes / 18;
        let open = |tag: &str| {
            (0..n)
                .map(|n| format!("<{tag} id={n}>"))
                .collect::<String>()
        };
        format!("{}{}{}", open("b"), open("i"), "x</b>".repeat(n))
    };
    effort::assert_linear("elements that cross", crossed, page);
    let in_a_tag = |bytes: usize| format!("<p {}>x", "a1 ".repeat(bytes / 3));
    effort::assert_linear("attributes", in_a_tag, page);
}
