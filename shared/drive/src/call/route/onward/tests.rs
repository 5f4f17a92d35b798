//! Which failure leads to whom.

use model::{RequestStyle, Restriction, Window};

use super::*;

const RETRY: Next = Next::Retry { after: None };

fn refused(status: u16, next: Next) -> AskError {
    let message = "no".to_owned();
    AskError::Refused {
        status,
        message,
        next,
    }
}

fn reported(next: Next) -> AskError {
    let message = "no".to_owned();
    AskError::Reported { message, next }
}

fn busy(next: Next) -> AskError {
    let message = "no".to_owned();
    AskError::RateLimited { message, next }
}

fn unreachable() -> AskError {
    AskError::Unreachable {
        detail: "refused".to_owned(),
    }
}

const SILENT: AskError = AskError::Silent {
    silence: Duration::from_secs(90),
};

#[test]
fn each_failure_leads_to_whom_it_says() {
    use Onward::{Again, Another, Larger, Nobody};
    let window = Window {
        prompt_tokens: Some(9000),
        context_tokens: 4096,
    };
    let larger = Larger { than: Some(4096) };
    let any_larger = Larger { than: None };
    // The failure; who is asked before any text was shown, after the first text that broke off, and after the second.
    let cases = [
        (unreachable(), [Another, Again, Another]),
        (SILENT, [Another, Again, Another]),
        (AskError::Cut, [Another, Again, Another]),
        (AskError::Empty, [Another; 3]),
        (AskError::OnlyThought, [Another; 3]),
        (AskError::TooLong, [Another; 3]),
        (AskError::TooLarge, [Another; 3]),
        (AskError::Garbage, [Another; 3]),
        (refused(503, RETRY), [Another; 3]),
        (refused(500, Next::OtherModel), [Another; 3]),
        // A key, a name or a right that is wrong at one server is not so at the next.
        (refused(401, Next::OtherModel), [Another; 3]),
        (refused(404, Next::OtherModel), [Another; 3]),
        // The question is put anew for each model.
        (refused(400, Next::GiveUp), [Another; 3]),
        (refused(400, Next::ToolsInText), [Another; 3]),
        (
            refused(
                400,
                Next::Adapt(Restriction::Another(RequestStyle::NoSystem)),
            ),
            [Another; 3],
        ),
        (busy(RETRY), [Another; 3]),
        (busy(Next::OtherModel), [Another; 3]),
        (reported(Next::OtherModel), [Another, Again, Another]),
        (reported(RETRY), [Another, Again, Another]),
        (reported(Next::GiveUp), [Another, Again, Another]),
        (
            refused(
                400,
                Next::Shrink {
                    window: Some(window),
                },
            ),
            [larger; 3],
        ),
        (refused(413, Next::Shrink { window: None }), [any_larger; 3]),
        (reported(Next::Shrink { window: None }), [any_larger; 3]),
        (refused(400, Next::Stop), [Nobody; 3]),
        (reported(Next::Stop), [Nobody; 3]),
    ];
    for (error, expected) in cases {
        let found = [(false, 0), (true, 0), (true, 1)];
        let found = found.map(|(has_shown, breaks)| onward(&error, has_shown, breaks));
        assert_eq!(found, expected, "{error:?}");
    }
}

#[test]
fn what_lasts_spares_a_model_and_what_is_of_the_question_does_not() {
    let minute = Some(Duration::from_mins(1));
    let loading = AskError::Refused {
        status: 503,
        message: "Loading model".to_owned(),
        next: RETRY,
    };
    for (error, lasts, asked_for) in [
        (unreachable(), true, None),
        (SILENT, true, None),
        (AskError::Garbage, true, None),
        (busy(Next::Retry { after: minute }), true, minute),
        (busy(Next::OtherModel), true, None),
        (refused(503, Next::Retry { after: minute }), true, minute),
        (refused(401, Next::OtherModel), true, None),
        (reported(Next::OtherModel), true, None),
        (loading, false, None),
        (refused(400, Next::GiveUp), false, None),
        (refused(400, Next::Stop), false, None),
        (refused(400, Next::Shrink { window: None }), false, None),
        (AskError::Empty, false, None),
        (AskError::Cut, false, None),
        (AskError::OnlyThought, false, None),
        (AskError::TooLong, false, None),
    ] {
        assert_eq!(is_lasting(&error), lasts, "{error:?}");
        assert_eq!(rest_asked_for(&error), asked_for, "{error:?}");
    }
}

#[test]
fn a_question_is_too_long_where_less_of_it_may_fit() {
    let window = Window {
        prompt_tokens: None,
        context_tokens: 4096,
    };
    for (error, expected) in [
        (refused(400, Next::Shrink { window: None }), true),
        (
            refused(
                400,
                Next::Shrink {
                    window: Some(window),
                },
            ),
            true,
        ),
        (reported(Next::Shrink { window: None }), true),
        (refused(503, RETRY), false),
        (refused(400, Next::Stop), false),
        // The reply, not the question.
        (AskError::TooLong, false),
        (AskError::TooLarge, false),
    ] {
        assert_eq!(is_too_long(&error), expected, "{error:?}");
    }
}
