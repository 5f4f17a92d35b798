//! Thinking and content, cut anywhere.

use super::*;

/// Content, thought, and whether content was taken back on the way.
fn read(pieces: &[&str], thinks_first: bool) -> (String, String, bool) {
    let (mut content, mut thought, mut rethought) = (String::new(), String::new(), false);
    let mut take = |segment: Segment<'_>| match segment {
        Segment::Content(text) => content.push_str(text),
        Segment::Thought(text) => thought.push_str(text),
        Segment::Rethink => {
            thought.push_str(&std::mem::take(&mut content));
            rethought = true;
        }
    };
    let mut thoughts = Thoughts::new(thinks_first);
    for piece in pieces {
        thoughts.push(piece, &mut take);
    }
    thoughts.finish(true, &mut take);
    (content, thought, rethought)
}

#[test]
fn thoughts_are_told_from_content_wherever_the_text_is_cut() {
    let cases = [
        (
            "<think>\nhm\n</think>\n\nSo.",
            false,
            ("So.", "\nhm\n", false),
        ),
        (
            "\n<think>a</think>b\n<think>c</think> d",
            false,
            ("\nb\nd", "ac", false),
        ),
        ("hm</think>\n\nSo.", false, ("So.", "hm", true)),
        ("hm</think>\n\nSo.", true, ("So.", "hm", false)),
        ("No thought.", true, ("No thought.", "", false)),
        ("<reasoning>hm</reasoning>So.", false, ("So.", "hm", false)),
        ("<think>cut off", false, ("", "cut off", false)),
        ("<thinking>hm</thinking>So.", false, ("So.", "hm", false)),
        (
            "<thought>\nhm</thought>\nSo.",
            false,
            ("So.", "\nhm", false),
        ),
        ("<reason>hm</reason>So.", false, ("So.", "hm", false)),
        ("[THINK]hm[/THINK]So.", false, ("So.", "hm", false)),
        (
            "<seed:think>hm</seed:think>So.",
            false,
            ("So.", "hm", false),
        ),
        (
            "<|START_THINKING|>hm<|END_THINKING|>So.",
            false,
            ("So.", "hm", false),
        ),
        (
            "<|channel>thought\nhm<channel|>So.",
            false,
            ("So.", "hm", false),
        ),
        ("hm<channel|>So.", false, ("So.", "hm", true)),
        ("hm[/THINK]So.", false, ("So.", "hm", true)),
        ("hm[/THINK]So.", true, ("So.", "hm", false)),
        (
            "<think>a<think>b</think>c</think>So.",
            false,
            ("So.", "a<think>bc", true),
        ),
        (
            "<think>a <think> tag</think>So.",
            false,
            ("So.", "a <think> tag", false),
        ),
        (
            "<thinking>a<think>b</think>c</thinking>So.",
            false,
            ("So.", "a<think>b</think>c", false),
        ),
        (
            "A <reason>why</reason> and [1], <thought>too</thought>",
            false,
            (
                "A <reason>why</reason> and [1], <thought>too</thought>",
                "",
                false,
            ),
        ),
        ("The <think> tag", false, ("The <think> tag", "", false)),
        (
            "say `</think>` a <b> </thin",
            false,
            ("say `</think>` a <b> </thin", "", false),
        ),
        (
            "<think>a</think>b</think>c",
            false,
            ("b</think>c", "a", false),
        ),
    ];
    for (text, thinks_first, expected) in cases {
        assert_read(text, thinks_first, expected);
    }
}

#[test]
fn the_same_end_again_ends_nothing_more_but_of_a_thought_within_another_it_does() {
    let cases = [
        (
            "Well.\n<think>a</think></think>So.",
            false,
            ("Well.\nSo.", "a", false),
        ),
        (
            "[THINK]hm[/THINK]\n[/THINK]So.",
            false,
            ("So.", "hm", false),
        ),
        (
            "<think>a<think>b</think></think>So.",
            false,
            ("So.", "a<think>b", true),
        ),
        (
            "<think>a<think>b</think></think>c</think>So.",
            false,
            ("c</think>So.", "a<think>b", true),
        ),
    ];
    for (text, thinks_first, expected) in cases {
        assert_read(text, thinks_first, expected);
    }
}

/// Content, thought, and whether content was taken back on the way, wherever the text is cut.
fn assert_read(text: &str, thinks_first: bool, (content, thought, rethought): (&str, &str, bool)) {
    let expected = (content.to_owned(), thought.to_owned(), rethought);
    for at in 0..=text.len() {
        let (head, tail) = text.split_at(at);
        assert_eq!(
            read(&[head, tail], thinks_first),
            expected,
            "{text} at {at}"
        );
    }
}

#[test]
fn only_what_may_become_a_tag_is_held_back() {
    let mut thoughts = Thoughts::new(false);
    let mut shown = String::new();
    thoughts.push("a < b <t", &mut |segment| {
        if let Segment::Content(text) = segment {
            shown.push_str(text);
        }
    });
    assert_eq!(shown, "a < b ");
}
