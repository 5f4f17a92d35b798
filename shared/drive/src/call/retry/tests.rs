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
            by_schema: false,
            has_shown: false,
            taken: 4096,
        };
        RetryState::default().next(&error, &tried)
    };
    for seconds in [0, 25, 120] {
        let asked = Duration::from_secs(seconds);
        assert_eq!(again(asked), Some(NextAttempt::After(asked)));
    }
    assert_eq!(again(Duration::from_hours(1)), None);
}

#[test]
fn pauses_grow_and_are_spread_over_their_whole_length() {
    // Times that it was sent again, the dice, the pause in milliseconds.
    for (retries, dice, ms) in [
        (0, 0.0, 0),
        (0, 0.5, 250),
        (0, 1.0, 500),
        (1, 0.5, 1000),
        (1, 1.0, 2000),
    ] {
        assert_eq!(
            pause(retries, dice),
            Duration::from_millis(ms),
            "{retries}, {dice}"
        );
    }
    let busy = refused(Next::Retry { after: None });
    let mut pauses = (0..100).map(|_| RetryState::default().next(&busy, &WITH_TOOLS));
    let first = pauses.next().unwrap();
    assert!(pauses.any(|pause| pause != first), "the dice are thrown");
}

const WITH_TOOLS: Tried = Tried {
    offers_tools: true,
    in_words: false,
    by_schema: false,
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
    let mut state = RetryState::default();
    for _ in 0..RESTRICTIONS {
        let next = state.next(&error, &WITH_TOOLS);
        assert_eq!(next, Some(NextAttempt::Adapted(restriction())));
    }
    assert_eq!(state.next(&error, &WITH_TOOLS), None);
    assert_eq!(state.retries, 0);
    let busy = refused(Next::Retry {
        after: Some(Duration::ZERO),
    });
    let next = state.next(&busy, &WITH_TOOLS);
    assert_eq!(
        next,
        Some(NextAttempt::After(Duration::ZERO)),
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
    assert_eq!(RetryState::default().next(&error, &shown), None);
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
    let next = |tried: &Tried| RetryState::default().next(&error, tried);
    let no_system = Some(NextAttempt::Adapted(Restriction::Another(
        RequestStyle::NoSystem,
    )));
    assert_eq!(next(&WITH_TOOLS), Some(NextAttempt::InWords(Why::NoTools)));
    assert_eq!(next(&in_words), no_system);
    assert_eq!(next(&without_tools), no_system);
}

#[test]
fn a_server_that_keeps_no_reply_to_a_schema_is_asked_in_words_and_one_reply_without_an_end_once_so()
{
    let by_schema = Tried {
        in_words: true,
        by_schema: true,
        ..WITH_TOOLS
    };
    let ignored = RetryState::default().next(&AskError::NoDecision, &by_schema);
    assert_eq!(ignored, Some(NextAttempt::InWords(Why::IgnoredSchema)));
    // Blanks without end, and a grammar that its own server broke off.
    for error in [AskError::Blanks, refused(Next::ToolsInTextNow)] {
        let mut state = RetryState::default();
        let next = state.next(&error, &by_schema);
        assert_eq!(next, Some(NextAttempt::InWords(Why::NoEnd)));
        let known = state.applied_to(Capabilities::default(), 4096);
        assert!(known.ignores_schema, "for this question");
        assert_eq!(state.next(&error, &by_schema), None, "once");
    }
}
