use super::*;

#[test]
fn a_share_is_in_percent_and_never_told_as_less_than_it_is() {
    let cost = |nano_usd| Cost { nano_usd };
    for (part, whole, told) in [
        (0, 5, 0),
        (1, 3, 34),
        (80, 100, 80),
        (800_000_001, 1_000_000_000, 81),
        (6, 5, 120),
        (0, 0, 0),
        (u64::MAX, u64::MAX, 100),
        (u64::MAX, 1, u64::MAX),
    ] {
        assert_eq!(percent(cost(part), cost(whole)), told, "{part} of {whole}");
    }
}

#[test]
fn only_known_words_of_servers_and_tools_are_told() {
    for (said, told) in [
        ("stop", "stop"),
        ("STOP", "stop"),
        ("tool_calls", "tool_calls"),
        ("MAX_TOKENS", "max_tokens"),
        ("", ""),
        ("Where is Aunt Agatha?", OTHER),
        ("stop\nlevel=ERROR", OTHER),
        ("st\u{202e}op", OTHER),
    ] {
        assert_eq!(known_reason(said), told, "{said:?}");
    }
    let long = "x".repeat(LONGEST_CODE + 1);
    for (said, told) in [
        ("timeout", "timeout"),
        ("http_404", "http_404"),
        ("", OTHER),
        ("Aunt Agatha", OTHER),
        ("a\u{9b}31m", OTHER),
        (&long, OTHER),
    ] {
        assert_eq!(known_code(said), told, "{said:?}");
    }
}
