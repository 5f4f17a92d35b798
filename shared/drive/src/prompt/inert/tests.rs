//! What is broken up of a text, and what stays as it is.

use super::*;

/// Texts as they are told, where that is another way than they are written.
#[test]
fn what_only_looks_like_a_control_token_stays_as_it_is() {
    let name = "a_".repeat(MAX_NAME_BYTES / 2);
    let (longest, longer) = (format!("<{name}>"), format!("<{name}b>"));
    let broken = format!("\\u003c{name}>");
    for (written, told) in [
        // Falcon's, and text around two brackets.
        (">>QUESTION<<", Some("\\u003e>QUESTION<<")),
        (">>abc<<", None),
        (">>QUESTION is", None),
        // Llama's in double brackets; the inner one is a token of its own.
        ("<<SYS>>", Some("\\u003c\\u003cSYS>>")),
        ("<<SYS>", Some("<\\u003cSYS>")),
        ("<<a_b>>", Some("<\\u003ca_b>>")),
        ("<<abc>>", None),
        ("<<SYS is", None),
        ("[/ABC]", Some("\\u005b/ABC]")),
        ("[ABC]", None),
        ("[unused9]", Some("\\u005bunused9]")),
        ("[unused]", None),
        ("[unusedx]", None),
        (&longest, Some(&broken)),
        (&longer, None),
    ] {
        assert_eq!(text(written), told.unwrap_or(written), "{written}");
    }
}
