use super::*;
use proptest::prelude::*;

#[test]
fn words_to_whoever_searches_are_left_out_and_all_others_stay() {
    let cases = [
        ("rust", "rust"),
        ("  rust\n\tlifetimes ", "rust lifetimes"),
        (
            "Search for the latest Python version, then write code to check if it's installed on my system",
            "the latest Python version",
        ),
        ("search for Rust 1.95 and then write a program", "Rust 1.95"),
        (
            "Search the web for: population of Tokyo",
            "population of Tokyo",
        ),
        ("Please, can you search for cats?", "cats?"),
        (
            "look up the newest Git release, and run code to find out whether it is installed",
            "the newest Git release",
        ),
        ("weather in Bern; then compute the mean", "weather in Bern"),
        (
            "find out who wrote Faust. Then summarize it",
            "who wrote Faust",
        ),
        (
            "population of Lagos, and calculate its growth",
            "population of Lagos",
        ),
        (
            "population of Lagos. Calculate its growth",
            "population of Lagos",
        ),
        ("web search: rust async", "rust async"),
        ("query: rust async", "rust async"),
        (
            // Somebody means these words in this order.
            "\"safe and effective measure\"",
            "\"safe and effective measure\"",
        ),
        // What only looks like words to us.
        ("search engine optimization", "search engine optimization"),
        ("search", "search"),
        ("search for", "search for"),
        ("look up", "look up"),
        ("google maps api pricing", "google maps api pricing"),
        ("find command linux", "find command linux"),
        (
            "how to read and write files in Python",
            "how to read and write files in Python",
        ),
        (
            "chmod read, write and execute",
            "chmod read, write and execute",
        ),
        ("node.js create server", "node.js create server"),
        ("if then else", "if then else"),
        ("eats, shoots and leaves", "eats, shoots and leaves"),
        ("salt, pepper, then what", "salt, pepper, then what"),
        ("cats, write", "cats, write"),
        (
            "What is the current population of Tokyo?",
            "What is the current population of Tokyo?",
        ),
        ("\"a\" or \"b\"", "\"a\" or \"b\""),
        ("\"\"", "\"\""),
        (
            "site:example.com \"exact words\" -not",
            "site:example.com \"exact words\" -not",
        ),
        ("searching for bobby fischer", "searching for bobby fischer"),
        ("东京人口", "东京人口"),
        ("a\u{202e}b\u{200b}c \u{0}d", "abc d"),
    ];
    for (query, expected) in cases {
        assert_eq!(cleaned(query), expected, "{query}");
    }
}

#[test]
fn a_query_is_cut_between_words_and_a_long_word_within() {
    let cases = [
        ("one two three", 13, 50, "one two three"),
        ("one two three", 12, 50, "one two"),
        ("one two three", 7, 50, "one two"),
        ("one two three", 99, 2, "one two"),
        ("ünïcödé wörds", 7, 50, "ünïcödé"),
        ("abcdefgh ij", 5, 50, "abcde"),
        ("", 5, 50, ""),
    ];
    for (query, most_chars, most_words, expected) in cases {
        assert_eq!(cut(query, most_chars, most_words), expected, "{query}");
    }
}

#[test]
fn words_that_command_an_engine_are_quoted() {
    let cases = [
        ("!w rust", "\"!w\" rust"),
        ("rust !g", "rust \"!g\""),
        ("!!g secrets", "\"!!g\" secrets"),
        ("\\ rust \\x", "\\ rust \"\\x\""),
        (":de haus", "\":de\" haus"),
        ("I <3 rust", "I \"<3\" rust"),
        ("oh! wow! !", "oh! wow! !"),
        ("g! rust", "\"g!\" rust"),
        ("rust: a language", "rust: a language"),
        ("\"!x\"", "\"!x\""),
        ("a != b", "a \"!=\" b"),
    ];
    for (query, expected) in cases {
        assert_eq!(without_engine_commands(query), expected, "{query}");
    }
}

proptest! {
    #[test]
    fn a_cut_query_is_a_beginning_of_it_in_words(query in "[a-zé ]{0,80}", chars in 1_usize..40, words in 1_usize..9) {
        let query = cleaned(&query);
        let kept = cut(&query, chars, words);
        prop_assert!(query.starts_with(&kept));
        prop_assert!(kept.chars().count() <= chars);
        prop_assert!(kept.split(' ').count() <= words);
        let is_whole = kept.len() == query.len() || query[kept.len()..].starts_with(' ');
        prop_assert!(is_whole || !kept.contains(' '));
    }

    #[test]
    fn cleaning_leaves_something_and_nothing_that_is_unseen(query in "\\PC{0,20}( |,|then |search for |and write |\"|\u{202e}|\u{7}){0,6}\\PC{0,20}") {
        prop_assume!(query.chars().any(|c| !c.is_whitespace() && !tool::is_unseen(c)));
        let query = cleaned(&query);
        prop_assert!(!query.is_empty());
        prop_assert!(!query.contains(tool::is_unseen));
    }
}
