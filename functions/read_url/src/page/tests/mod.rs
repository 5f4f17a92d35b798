//! What pages become.

#![expect(
    clippy::format_collect,
    reason = "a test may be slow and should be short"
)]

mod bounds;
mod links;
mod seen;
mod shapes;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn page(html: &str) -> Page {
    read(
        html,
        Syntax::Html,
        &url("https://example.org/docs/page?q=1"),
        "",
    )
}

fn text(html: &str) -> String {
    page(html).text
}
