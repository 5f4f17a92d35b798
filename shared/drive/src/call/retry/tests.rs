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
            calls: AskedBy::Native,
            sends_answer_schema: false,
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
    calls: AskedBy::Native,
    sends_answer_schema: false,
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
        calls: AskedBy::Text,
        sends_answer_schema: false,
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
    // The first pause is spread over the upper half of its length.
    let first = |_| RetryState::default().next(&loading, &WITH_TOOLS);
    let pauses: Vec<_> = (0..100).filter_map(first).collect();
    let (least, most) = (pause(0, 0.5), pause(0, 1.0));
    let is_spread = |next: &NextAttempt| matches!(next, NextAttempt::Loaded(pause) if (least..=most).contains(pause));
    assert!(pauses.len() == 100 && pauses.iter().all(is_spread));
    assert!(pauses.iter().any(|next| *next != pauses[0]));
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

#[test]
fn a_server_that_keeps_no_reply_to_a_schema_is_asked_in_words_and_one_reply_without_an_end_once_so()
{
    let by_schema = Tried {
        calls: AskedBy::Schema,
        sends_answer_schema: false,
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

fn busy() -> AskError {
    refused(Next::Retry {
        after: Some(Duration::ZERO),
    })
}

const AT_ONCE: Option<NextAttempt> = Some(NextAttempt::After(Duration::ZERO));

/// The context that is reckoned with, of one of 8,192 tokens.
fn context_after(errors: &[AskError]) -> u32 {
    let mut state = RetryState::default();
    for error in errors {
        assert!(state.next(error, &WITH_TOOLS).is_some());
    }
    let known = state.applied_to(Capabilities::default(), 8192);
    known.context_tokens(8192)
}

#[test]
fn a_question_is_sent_three_times() {
    let mut state = RetryState::default();
    assert_eq!(state.next(&busy(), &WITH_TOOLS), AT_ONCE);
    assert_eq!(state.next(&busy(), &WITH_TOOLS), AT_ONCE);
    assert_eq!(state.next(&busy(), &WITH_TOOLS), None);
}

#[test]
fn what_was_answered_with_nothing_twice_is_asked_in_half_of_the_context() {
    let empty = || AskError::Empty;
    assert_eq!(context_after(&[]), 8192);
    assert_eq!(context_after(&[empty()]), 8192);
    assert_eq!(context_after(&[empty(), empty()]), 4096);
    assert_eq!(context_after(&[empty(), busy()]), 8192);
    assert_eq!(context_after(&[busy(), busy()]), 8192);
}

#[test]
fn a_question_that_is_too_long_is_shortened_three_times_and_not_to_nothing() {
    let too_long = refused(Next::Shrink { window: None });
    let mut state = RetryState::default();
    assert!(!state.has_shrunk());
    for tokens in [3072, 3072, 3072] {
        let next = state.next(&too_long, &WITH_TOOLS);
        assert_eq!(next, Some(NextAttempt::Shorter));
        assert!(state.has_shrunk());
        let known = state.applied_to(Capabilities::default(), 8192);
        assert_eq!(known.context_tokens, Some(tokens));
    }
    assert_eq!(state.next(&too_long, &WITH_TOOLS), None);
    for (taken, next) in [(684, Some(NextAttempt::Shorter)), (683, None)] {
        let tried = Tried {
            taken,
            ..WITH_TOOLS
        };
        assert_eq!(RetryState::default().next(&too_long, &tried), next);
    }
    // What was learned before of a model's context holds until a question is shortened.
    let known = Capabilities {
        context_tokens: Some(2048),
        ..Capabilities::default()
    };
    let applied = RetryState::default().applied_to(known.clone(), 8192);
    assert_eq!(applied, known);
}

#[test]
fn tools_are_put_in_words_once_also_after_text_was_shown() {
    for has_shown in [false, true] {
        let by_name = Tried {
            has_shown,
            ..WITH_TOOLS
        };
        let in_words = Tried {
            calls: AskedBy::Text,
            sends_answer_schema: false,
            has_shown,
            ..WITH_TOOLS
        };
        for (next, why, stays) in [
            (Next::ToolsInText, Why::NoTools, false),
            (Next::ToolsInTextNow, Why::UnreadCall, true),
        ] {
            let error = refused(next);
            let mut state = RetryState::default();
            assert_eq!(
                state.next(&error, &by_name),
                Some(NextAttempt::InWords(why))
            );
            let known = state.applied_to(Capabilities::default(), 8192);
            assert_eq!(known.no_tools, stays.then_some(NoTools::Unread));
            assert_eq!(state.next(&error, &in_words), None);
        }
    }
    let known = Capabilities {
        no_tools: Some(NoTools::Refused),
        ..Capabilities::default()
    };
    let applied = RetryState::default().applied_to(known, 8192);
    assert_eq!(applied.no_tools, Some(NoTools::Refused));
}

#[test]
fn a_decision_that_is_nothing_is_asked_for_once_more_with_a_higher_temperature() {
    let nothing = Message::default();
    let text = Message {
        content: "So.".to_owned(),
        ..Message::default()
    };
    let mut state = RetryState::default();
    assert!(!state.asks_once_more(&text));
    assert_eq!(state.temperature(), None);
    assert!(state.asks_once_more(&nothing));
    assert_eq!(state.temperature(), Some(SECOND_TEMPERATURE));
    assert!(!state.asks_once_more(&nothing));
    assert_eq!(state.temperature(), Some(SECOND_TEMPERATURE));
}

#[test]
fn an_answer_proves_what_the_question_was_asked_with() {
    let now = Instant::now();
    let message = |content: &str, reasoning: Option<&str>| Message {
        content: content.to_owned(),
        reasoning: reasoning.map(str::to_owned),
        ..Message::default()
    };
    for (message, still_thinks_first) in [
        (message("So.", None), false),
        (message("So.", Some("Hm.")), true),
        (message(" ", None), true),
    ] {
        let mut memory = Memory::default();
        memory.thinks_first = true;
        RetryState::default().keep(&mut memory, false, &message, now);
        assert_eq!(memory.thinks_first, still_thinks_first);
        assert_eq!(memory.at(now).context_tokens, None);
    }
    // Of calls that its server left unread, two in a row are too many.
    for (reads_calls, has_no_tools) in [(true, false), (false, true)] {
        let mut memory = Memory::default();
        memory.left_calls_unread(now);
        RetryState::default().keep(&mut memory, reads_calls, &message("So.", None), now);
        memory.left_calls_unread(now);
        assert_eq!(memory.at(now).no_tools.is_some(), has_no_tools);
    }
    let mut state = RetryState::default();
    let too_long = refused(Next::Shrink { window: None });
    assert!(state.next(&too_long, &WITH_TOOLS).is_some());
    let mut memory = Memory::default();
    state.keep(&mut memory, true, &message("So.", None), now);
    assert_eq!(memory.at(now).context_tokens, Some(3072));
}
