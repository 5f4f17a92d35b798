//! Refusals of a request's form, as servers and gateways word them.

mod refusals;

use refusals::{FIELDS, LIMITS, Told};

use super::*;
use crate::AskError;
use crate::next::Next;

impl From<Told> for Next {
    fn from(told: Told) -> Self {
        match told {
            Told::Without(names) => Self::Adapt(Lesson::Without(
                names.iter().map(|name| (*name).to_owned()).collect(),
            )),
            Told::Shorter(numbers) => Self::Adapt(Lesson::ShorterReply(numbers.to_vec())),
            Told::ShorterDescriptions(numbers) => {
                Self::Adapt(Lesson::ShorterDescriptions(numbers.to_vec()))
            }
            Told::Temperature => Self::Adapt(Lesson::OtherTemperature),
            Told::Another(manner) => Self::Adapt(Lesson::Another(manner)),
            Told::PlainTurns => Self::PlainTurns,
            Told::ToolsInText => Self::ToolsInText,
            Told::ToolsInTextNow => Self::ToolsInTextNow,
        }
    }
}

/// What is none of these: nothing of the request's form would change it.
const OTHERS: [(u16, &str, Next); 8] = [
    (
        400,
        r#"{"error":{"message":"Unknown parameter: 'messages[1].reasoning'.","param":"messages[1].reasoning"}}"#,
        Next::GiveUp,
    ),
    (
        400,
        r#"{"error":{"message":"Unsupported value: 'model' does not support this.","param":"model"}}"#,
        Next::GiveUp,
    ),
    (
        422,
        r#"{"detail":[{"type":"extra_forbidden","loc":["body","messages",0,"foo"],"msg":"Extra inputs are not permitted"}]}"#,
        Next::GiveUp,
    ),
    (
        401,
        r#"{"error":{"message":"Unsupported key 'temperature'"}}"#,
        Next::OtherModel,
    ),
    (
        429,
        r#"{"error":{"message":"max_tokens: 32768 > 8192 tokens are left in this minute"}}"#,
        Next::Retry { after: None },
    ),
    (
        503,
        r#"{"error":{"message":"streaming is not supported now"}}"#,
        Next::Retry { after: None },
    ),
    (
        400,
        r#"{"error":{"message":"Invalid value: 'x'."}}"#,
        Next::GiveUp,
    ),
    (400, r#"{"error":{"message":"Bad request"}}"#, Next::GiveUp),
];

#[test]
fn a_refusal_of_the_form_says_what_is_not_taken() {
    for (who, status, body, told) in [FIELDS, LIMITS, refusals::MANNERS].concat() {
        let expected = Next::from(told);
        let mut next = AskError::refused(status, body.as_bytes(), None).next();
        // Behind those in the words the field that is named apart from them comes again.
        if let (Next::Adapt(Lesson::Without(names)), Told::Without(expected)) = (&mut next, told) {
            names.truncate(expected.len());
        }
        let names = |next: &Next| match next {
            Next::Adapt(Lesson::Without(names)) => names.clone(),
            _ => Vec::new(),
        };
        let names = (names(&next), names(&expected));
        assert_eq!(next, expected, "{who}: {names:?}");
    }
}

#[test]
fn a_refusal_of_anything_else_teaches_nothing() {
    for (status, body, expected) in OTHERS {
        let next = AskError::refused(status, body.as_bytes(), None).next();
        assert_eq!(next, expected, "{body}");
    }
}

#[test]
fn every_wording_for_another_manner_is_read_in_any_case() {
    for (words, manner) in MANNERS {
        for text in [words.to_owned(), words.to_uppercase()] {
            let lesson = Taught::Lesson(Lesson::Another(manner));
            assert_eq!(taught(Some(400), b"", &text), Some(lesson), "{text}");
        }
    }
    for words in THOUGHT {
        assert_eq!(taught(None, b"", words), Some(Taught::NoTools), "{words}");
    }
    for words in VAGUE {
        let all = Lesson::Without(OPTIONAL.map(str::to_owned).to_vec());
        let told = taught(None, b"", words);
        assert_eq!(told, Some(Taught::Lesson(all)), "{words}");
    }
    for words in TURNS {
        assert_eq!(
            taught(None, b"", words),
            Some(Taught::PlainTurns),
            "{words}"
        );
    }
}

#[test]
fn every_word_of_refusal_refuses_what_is_quoted_beside_it() {
    for words in REFUSING {
        let text = format!("Refused, {words} 'stream_options' here");
        let lesson = Taught::Lesson(Lesson::Without(vec!["stream_options".to_owned()]));
        assert_eq!(taught(Some(400), b"", &text), Some(lesson), "{text}");
    }
    for words in RANGE {
        let text = format!("temperature {words} 1");
        let lesson = Taught::Lesson(Lesson::OtherTemperature);
        assert_eq!(taught(Some(400), b"", &text), Some(lesson), "{text}");
    }
    for words in REPLY {
        let text = format!("{words}: at most 100");
        let lesson = Taught::Lesson(Lesson::ShorterReply(vec![100]));
        assert_eq!(taught(Some(400), b"", &text), Some(lesson), "{text}");
    }
}

#[test]
fn a_lesson_for_a_log_repeats_nothing_of_the_refusal() {
    let refusal = r#"{"error":{"message":"Unknown parameter: 'what_a_person_wrote'"}}"#;
    let next = AskError::refused(400, refusal.as_bytes(), None).next();
    assert!(matches!(next, Next::Adapt(_)));
    assert!(!format!("{next:?}").contains("person"));
}
