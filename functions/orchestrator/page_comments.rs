// The page's scripts and styles without their comments, as release builds carry them: a quarter of their bytes is for readers of the
// source. `build.rs` and the tests of `src/http/page.rs` include it; `tests/page/unit/comments.test.mjs` holds that nothing else goes.

/// Without the lines that are nothing but a comment. One that begins with `/*!` stays: licences are written so.
fn without_comments(source: &str) -> String {
    let mut is_within = false;
    let lines = source.split_inclusive('\n').filter(|line| {
        let line = line.trim();
        let is_open = std::mem::replace(&mut is_within, false);
        if is_open || (line.starts_with("/*") && !line.starts_with("/*!")) {
            is_within = !line.contains("*/");
            return !is_within && !line.ends_with("*/");
        }
        !line.starts_with("//")
    });
    lines.collect()
}
