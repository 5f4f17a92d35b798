use super::*;
use model::Next;
use run::Usage;

const SECOND: Duration = Duration::from_secs(1);

fn said(output_tokens: u64, estimated: bool) -> Message {
    Message {
        content: "seven ".repeat(20),
        usage: Usage {
            output_tokens,
            estimated,
            ..Usage::default()
        },
        ..Message::default()
    }
}

/// What is noted of a question whose reply began after so many milliseconds, if it did, and ended after 9 s.
fn noted(
    wanted: Wanted,
    began_ms: Option<u64>,
    reply: Result<Message, AskError>,
) -> Option<Measure> {
    let asked_at = Instant::now();
    let timing = Timing {
        asked_at,
        began_at: began_ms.map(|ms| asked_at + Duration::from_millis(ms)),
    };
    timing.measure(wanted, &reply, asked_at + SECOND * 9)
}

/// Calls, failures, the first token, the whole, tokens behind the first and the time in which they came.
type Row = (u64, u64, Option<u64>, Option<u64>, u64, u64);

fn row(measure: &Measure) -> Row {
    (
        measure.calls,
        measure.failures,
        measure.first_token.median_ms(),
        measure.whole.median_ms(),
        measure.written_tokens,
        measure.writing_ms,
    )
}

#[test]
fn an_answer_is_noted_by_its_first_token_its_whole_time_and_what_it_wrote() {
    let cases: [(Wanted, Option<u64>, Message, Row); 10] = [
        (
            Wanted::Text,
            Some(1000),
            said(81, false),
            (1, 0, Some(1000), Some(10_000), 80, 8000),
        ),
        // Decisions are short, and say nothing of how long an answer takes.
        (
            Wanted::Decision,
            Some(1000),
            said(81, false),
            (1, 0, Some(1000), None, 0, 0),
        ),
        // Without a stream nobody knows when the first token came.
        (
            Wanted::Text,
            None,
            said(81, false),
            (1, 0, None, Some(10_000), 0, 0),
        ),
        // What the server did not count.
        (
            Wanted::Text,
            Some(1000),
            said(81, true),
            (1, 0, Some(1000), Some(10_000), 0, 0),
        ),
        (
            Wanted::Text,
            Some(1000),
            said(0, false),
            (1, 0, Some(1000), Some(10_000), 0, 0),
        ),
        (
            Wanted::Text,
            Some(1000),
            said(1, false),
            (1, 0, Some(1000), Some(10_000), 0, 0),
        ),
        // All of it at once, or as good as.
        (
            Wanted::Text,
            Some(9000),
            said(81, false),
            (1, 0, Some(10_000), Some(10_000), 0, 0),
        ),
        (
            Wanted::Text,
            Some(8993),
            said(81, false),
            (1, 0, Some(10_000), Some(10_000), 0, 0),
        ),
        (
            Wanted::Text,
            Some(8992),
            said(81, false),
            (1, 0, Some(10_000), Some(10_000), 80, 8),
        ),
        // More tokens than bytes: a thought that was kept from us came before the first of them.
        (
            Wanted::Text,
            Some(1000),
            said(5000, false),
            (1, 0, Some(1000), Some(10_000), 0, 0),
        ),
    ];
    for (wanted, began_ms, message, expected) in cases {
        let measure = noted(wanted, began_ms, Ok(message)).unwrap();
        assert_eq!(row(&measure), expected, "{wanted:?}, {began_ms:?}");
    }
}

#[test]
fn no_more_tokens_were_written_than_bytes_of_thoughts_and_text() {
    for (output_tokens, written) in [(9, 8), (10, 0)] {
        let message = Message {
            content: "seven".to_owned(),
            reasoning: Some("four".to_owned()),
            ..said(output_tokens, false)
        };
        assert_eq!(written_tokens(&message), written, "{output_tokens}");
    }
}

#[test]
fn a_failure_of_the_server_is_one_however_fast_it_came_and_has_no_time_but_that_of_a_silence() {
    let refused = |status, next| AskError::Refused {
        status,
        message: String::new(),
        next,
    };
    let silent = || AskError::Silent { silence: SECOND };
    let detail = String::new();
    let failed = Some((1, 1, None, None, 0, 0));
    let cases = [
        (AskError::Unreachable { detail }, None, failed),
        (refused(503, Next::OtherModel), None, failed),
        (AskError::Empty, Some(10), failed),
        (AskError::Cut, Some(10), failed),
        (
            AskError::RateLimited {
                next: Next::OtherModel,
                message: String::new(),
            },
            None,
            failed,
        ),
        (silent(), None, Some((1, 1, Some(10_000), None, 0, 0))),
        // It had begun, and stopped.
        (silent(), Some(10), failed),
        // What the question is to blame for, or nobody.
        (refused(400, Next::GiveUp), None, None),
        (refused(401, Next::OtherModel), None, None),
        (AskError::TooLong, None, None),
        (AskError::CircuitOpen { rest: SECOND }, None, None),
        (AskError::NoDecision, Some(10), None),
    ];
    for (error, began_ms, expected) in cases {
        let told = error.to_string();
        let measure = noted(Wanted::Text, began_ms, Err(error));
        assert_eq!(measure.as_ref().map(row), expected, "{told}");
    }
}

#[test]
fn a_clock_that_stands_still_or_goes_back_gives_no_time_at_all() {
    let asked_at = Instant::now() + SECOND;
    let timing = Timing {
        asked_at,
        began_at: Some(asked_at - SECOND),
    };
    let measure = timing.measure(Wanted::Text, &Ok(said(9, false)), asked_at - SECOND);
    assert_eq!(row(&measure.unwrap()), (1, 0, Some(100), Some(100), 0, 0));
}

#[test]
fn a_reply_may_take_as_long_as_there_is_or_much_longer_than_the_slowest_of_late() {
    // Seconds at most, the slowest in milliseconds, tokens of the question, seconds that it may take to begin.
    for (at_most, slowest_ms, tokens, expected) in [
        (90, None, 0, 90),
        (90, None, 100_000, 90),
        // A fast one is not given up for a moment's queue.
        (90, Some(100), 0, 15),
        (90, Some(3000), 0, 15),
        (90, Some(7000), 0, 28),
        (90, Some(30_000), 0, 90),
        // A long question takes long to read.
        (90, Some(100), 10_000, 35),
        (90, Some(100), 1_000_000, 90),
        // Never more than half of what is left.
        (2, Some(100), 0, 2),
        (0, Some(100), 9, 0),
        (90, Some(u64::MAX), u32::MAX, 90),
    ] {
        let slowest = slowest_ms.map(Duration::from_millis);
        let begin = begin_within(SECOND * at_most, slowest, tokens, SECOND * 90);
        assert_eq!(
            begin,
            SECOND * expected,
            "{at_most}, {slowest_ms:?}, {tokens}"
        );
    }
}

#[test]
fn silences_that_were_given_up_make_the_next_limit_longer() {
    let mut times = store::Times::default();
    times.note(100);
    let mut limits = Vec::new();
    for _ in 0..5 {
        let slowest = times.longest_ms().map(Duration::from_millis);
        let begin = begin_within(SECOND * 90, slowest, 0, SECOND * 90);
        limits.push(begin.as_secs());
        times.note(millis(begin));
    }
    assert_eq!(limits, [15, 60, 90, 90, 90]);
}
