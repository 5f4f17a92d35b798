//! How often a question is asked again, and in which way.

use super::*;

#[test]
fn a_server_is_left_alone_for_as_long_as_it_asks_up_to_a_few_minutes() {
    let again = |after| {
        let next = Next::Retry { after: Some(after) };
        let message = "busy".to_owned();
        let error = AskError::RateLimited { message, next };
        let tried = Tried {
            offers_tools: true,
            in_words: false,
            has_shown: false,
            taken: 4096,
        };
        Course::default().next(&error, &tried)
    };
    for seconds in [0, 25, 120] {
        let asked = Duration::from_secs(seconds);
        assert_eq!(again(asked), Some(Again::After(asked)));
    }
    assert_eq!(again(Duration::from_hours(1)), None);
}

#[test]
fn pauses_grow_and_stay_short() {
    let longest = [0, 1, 2].map(|retries| longest_pause(retries).as_millis());
    assert_eq!(longest, [500, 2000, 8000]);
    assert_eq!(longest_pause(u32::MAX), FIRST_PAUSE * u32::MAX);
    for retries in [0, 1] {
        let drawn: Vec<Duration> = (0..100).map(|_| pause(retries)).collect();
        let longest = longest_pause(retries);
        assert!(drawn.iter().all(|pause| *pause < longest), "{drawn:?}");
        // Spread over the whole time: that 100 draws all miss a half of it happens once in 10^30 runs.
        assert!(drawn.iter().any(|pause| *pause > longest / 2), "{drawn:?}");
        assert!(drawn.iter().any(|pause| *pause < longest / 2), "{drawn:?}");
    }
}

const WITH_TOOLS: Tried = Tried {
    offers_tools: true,
    in_words: false,
    has_shown: false,
    taken: 4096,
};

fn refused(next: Next) -> AskError {
    AskError::Refused {
        status: 400,
        message: "no".to_owned(),
        next,
    }
}

#[test]
fn a_part_that_is_refused_costs_no_try_and_not_more_than_a_few_questions() {
    let restriction = || Restriction::Without(vec!["temperature".to_owned()]);
    let error = refused(Next::Adapt(restriction()));
    let mut course = Course::default();
    for _ in 0..RESTRICTIONS {
        let again = course.next(&error, &WITH_TOOLS);
        assert_eq!(again, Some(Again::Adapted(restriction())));
    }
    assert_eq!(course.next(&error, &WITH_TOOLS), None);
    assert_eq!(course.retries, 0);
    let busy = refused(Next::Retry {
        after: Some(Duration::ZERO),
    });
    let again = course.next(&busy, &WITH_TOOLS);
    assert_eq!(
        again,
        Some(Again::After(Duration::ZERO)),
        "all tries are left"
    );
}

#[test]
fn nothing_is_put_in_another_form_once_text_was_shown() {
    let error = refused(Next::Adapt(Restriction::OtherTemperature));
    let shown = Tried {
        has_shown: true,
        ..WITH_TOOLS
    };
    assert_eq!(Course::default().next(&error, &shown), None);
}

#[test]
fn a_server_that_wants_plain_turns_gets_tools_in_words_and_then_no_system() {
    let error = refused(Next::PlainTurns);
    let in_words = Tried {
        in_words: true,
        ..WITH_TOOLS
    };
    let without_tools = Tried {
        offers_tools: false,
        ..WITH_TOOLS
    };
    let next = |tried: &Tried| Course::default().next(&error, tried);
    let no_system = Some(Again::Adapted(Restriction::Another(RequestStyle::NoSystem)));
    assert_eq!(next(&WITH_TOOLS), Some(Again::InWords(Why::NoTools)));
    assert_eq!(next(&in_words), no_system);
    assert_eq!(next(&without_tools), no_system);
}
