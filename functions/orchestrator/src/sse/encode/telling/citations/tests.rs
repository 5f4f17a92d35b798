//! Each place that is told is one that speaks of its source.

use proptest::prelude::*;

use super::*;

fn source(number: usize) -> Source {
    Source {
        title: format!("Page [{number}]\n*of* many"),
        url: format!("https://example.org/{number}_(x)"),
    }
}

fn of(name: &str) -> Source {
    Source {
        title: name.to_owned(),
        url: format!("https://{name}.example/"),
    }
}

fn cut(text: &str, citation: &Citation) -> String {
    let count = citation.end - citation.start;
    text.chars().skip(citation.start).take(count).collect()
}

/// What each place of an answer and of the links behind it says, and of which source.
fn places(answer: &str, sources: &[Source]) -> (String, Vec<(String, usize)>) {
    let Cited { links, citations } = cited(answer, sources);
    let whole = format!("{answer}{links}");
    let places = citations.iter().map(|citation| {
        let at = sources.iter().position(|it| *it == citation.source);
        (cut(&whole, citation), at.unwrap())
    });
    (links, places.collect())
}

fn said(places: &[(&str, usize)]) -> Vec<(String, usize)> {
    places
        .iter()
        .map(|(text, at)| ((*text).to_owned(), *at))
        .collect()
}

#[test]
fn numbers_are_the_sources_and_those_that_are_not_named_stand_in_the_list() {
    let sources = [source(1), source(2)];
    let (links, places) = places("Ünd so 😀 [2], [2] and [7] [x] [0] a[2](y).", &sources);
    assert_eq!(
        links,
        "\n\n**Sources**\n\n1. [Page \\[1\\] \\*of\\* many](https://example.org/1_%28x%29)\n2. [Page \\[2\\] \\*of\\* many](https://example.org/2_%28x%29)"
    );
    let first = "[Page \\[1\\] \\*of\\* many](https://example.org/1_%28x%29)";
    assert_eq!(places, said(&[("[2]", 1), ("[2]", 1), (first, 0)]));
}

#[test]
fn an_answer_that_names_all_addresses_needs_no_list() {
    let sources = ["a", "b"].map(of);
    let answer = "So [1].\n\n- [1] B: https://b.example/.\n[2]: https://a.example/";
    let (links, places) = places(answer, &sources);
    assert_eq!(links, "");
    let own = "https://a.example/";
    assert_eq!(places, said(&[("[1]", 1), ("[1]", 1), (own, 0)]));
}

#[test]
fn a_list_of_the_answers_own_gives_its_numbers() {
    let sources = ["a", "b", "c"].map(of);
    let answer = "Thus [1] and [2].\n\n[1]: https://c.example\n* [2] B, <https://b.example/>";
    let (links, places) = places(answer, &sources);
    assert!(links.contains("1. [a](https://a.example/)"));
    let of_list = "[a](https://a.example/)";
    assert_eq!(
        places,
        said(&[("[1]", 2), ("[2]", 1), ("[2]", 1), (of_list, 0)])
    );
}

#[test]
fn a_page_without_a_title_is_called_by_its_address() {
    let source = Source {
        title: " ".to_owned(),
        url: "https://a.example/".to_owned(),
    };
    assert!(
        cited("So.", &[source])
            .links
            .ends_with("1. [https://a.example/](https://a.example/)")
    );
}

#[test]
fn without_sources_nothing_is_added() {
    assert_eq!(cited("See [1].", &[]), Cited::default());
}

proptest! {
    #[test]
    fn every_source_has_a_place_and_no_place_lies_outside(answer in "[\\[\\]0-9 é😀(:\n-]{0,40}", count in 0_usize..4) {
        let sources: Vec<_> = (1..=count).map(source).collect();
        let Cited { links, citations } = cited(&answer, &sources);
        let length = answer.chars().count() + links.chars().count();
        for citation in &citations {
            prop_assert!(citation.start < citation.end && citation.end <= length);
        }
        for source in &sources {
            prop_assert!(citations.iter().any(|citation| citation.source == *source));
        }
        prop_assert!(links.lines().count() <= count + 4);
    }
}
