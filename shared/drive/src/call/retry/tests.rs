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
            context_tokens: 8192,
            others: Others::default(),
            patience: Duration::from_mins(1),
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
    has_shown: false,
    taken: 4096,
    context_tokens: 8192,
    others: ALONE,
    patience: Duration::from_mins(1),
};

const ALONE: Others = Others {
    largest: None,
    none_left: false,
};

const BESIDE_OTHERS: Tried = Tried {
    others: Others {
        largest: Some(4096),
        ..ALONE
    },
    ..WITH_TOOLS
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
fn where_another_model_can_be_asked_nobody_waits_long_for_this_one() {
    let again = |seconds, tried| {
        let after = Some(Duration::from_secs(seconds));
        let message = "busy".to_owned();
        let next = Next::Retry { after };
        RetryState::default().next(&AskError::RateLimited { message, next }, tried)
    };
    for (seconds, alone, beside_others) in [(5, true, true), (6, true, false), (121, false, false)]
    {
        assert_eq!(again(seconds, &WITH_TOOLS).is_some(), alone, "{seconds}");
        assert_eq!(
            again(seconds, &BESIDE_OTHERS).is_some(),
            beside_others,
            "{seconds}"
        );
    }
}

#[test]
fn a_question_that_is_too_long_goes_whole_to_a_model_with_more_room_before_it_is_cut() {
    let window = |context_tokens| {
        Some(Window {
            prompt_tokens: None,
            context_tokens,
        })
    };
    // The largest context of the others, what the server says of its own, and whether one of the others is asked first.
    for (largest, window, goes_elsewhere) in [
        (None, None, false),
        (Some(8192), None, false),
        (Some(8193), None, true),
        (Some(8192), window(4096), true),
        (Some(4096), window(4096), false),
        (Some(32_768), window(u64::MAX), false),
    ] {
        let others = Others { largest, ..ALONE };
        let tried = Tried {
            others,
            ..WITH_TOOLS
        };
        let error = refused(Next::Shrink { window });
        let next = RetryState::default().next(&error, &tried);
        assert_eq!(next.is_none(), goes_elsewhere, "{largest:?} {window:?}");
    }
}

#[test]
fn a_model_that_is_being_loaded_is_waited_for_as_long_as_a_silent_one_unless_another_can_be_asked()
{
    let loading = AskError::Refused {
        status: 503,
        message: "Loading model".to_owned(),
        next: Next::Retry { after: None },
    };
    let mut alone = RetryState::default();
    let mut waited = Duration::ZERO;
    let mut times = 0;
    while let Some(next) = alone.next(&loading, &WITH_TOOLS) {
        let NextAttempt::Loaded(pause) = next else {
            panic!("{next:?}");
        };
        assert!(!pause.is_zero() && pause <= LOADING_PAUSE);
        waited += pause;
        times += 1;
    }
    let patience = WITH_TOOLS.patience;
    assert!(
        waited <= patience && waited + LOADING_PAUSE > patience,
        "{waited:?}"
    );
    assert!((15..40).contains(&times), "{times}");

    let mut beside_others = RetryState::default();
    let asked = (0..10).filter(|_| beside_others.next(&loading, &BESIDE_OTHERS).is_some());
    assert_eq!(asked.count() + 1, TRIES as usize);
}

#[test]
fn no_more_questions_are_sent_than_a_call_may_send_but_for_other_forms_of_the_same() {
    let others = Others {
        none_left: true,
        ..ALONE
    };
    let spent = Tried {
        others,
        ..WITH_TOOLS
    };
    let mut state = RetryState::default();
    let busy = refused(Next::Retry { after: None });
    assert_eq!(state.next(&busy, &spent), None);
    let shrink = refused(Next::Shrink { window: None });
    assert_eq!(state.next(&shrink, &spent), None);
    let adapt = refused(Next::Adapt(Restriction::OtherTemperature));
    let adapted = Some(NextAttempt::Adapted(Restriction::OtherTemperature));
    assert_eq!(state.next(&adapt, &spent), adapted);
    for (questions, none_left) in [
        (0, false),
        (MOST_QUESTIONS - 1, false),
        (MOST_QUESTIONS, true),
    ] {
        assert_eq!(ALONE.after(questions).none_left, none_left);
    }
}
