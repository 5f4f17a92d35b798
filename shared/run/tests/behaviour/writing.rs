//! Text is shown at once and stored in chunks.

use run::{CHUNK_BYTES, FLUSH_AFTER_MS, Input, MAX_TEXT_BYTES};

use crate::kit::*;

const CALL: &str = "r1.orchestrator";

fn asked_orchestrator() -> Scene {
    given(started()).when(Input::Begin).then([calls(CALL, 1)])
}

#[test]
fn text_waits_to_be_stored_together_and_not_for_long() {
    asked_orchestrator()
        .when(writes(CALL, 1, "Sev"))
        .then([shows(CALL, 1, 0, "Sev")])
        .and_wakes_after(Some(FLUSH_AFTER_MS))
        .after(200, writes(CALL, 1, "en"))
        .then([shows(CALL, 1, 3, "en")])
        .and_wakes_after(Some(FLUSH_AFTER_MS - 200))
        .after(FLUSH_AFTER_MS - 200, Input::Woken)
        .then_append([text(CALL, 1, 0, "Seven")])
        .and_wakes_after(None)
        .when(writes(CALL, 1, "."))
        .then([shows(CALL, 1, 5, ".")])
        .after(100, Input::Woken)
        .then([])
        .when_stored()
        .then([])
        .and_wakes_after(Some(FLUSH_AFTER_MS))
        .after(FLUSH_AFTER_MS, Input::Woken)
        .then_append([text(CALL, 1, 5, ".")]);
}

#[test]
fn text_of_a_tool_is_stored_as_that_of_the_orchestrator_is() {
    let log = [started(), vec![decided(1, 1), asked("r1.1", answer("phi"))]];
    given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .when(writes("r1.1", 1, "Seven"))
        .then([shows("r1.1", 1, 0, "Seven")])
        .after(FLUSH_AFTER_MS, Input::Woken)
        .then_append([text("r1.1", 1, 0, "Seven")])
        .when_stored()
        .then([])
        .when(writes("r1.1", 1, "."))
        .then([shows("r1.1", 1, 5, ".")])
        .when(Input::Leave)
        .then_append([text("r1.1", 1, 5, ".")]);
}

#[test]
fn a_full_chunk_waits_no_longer_and_a_longer_text_is_cut_between_characters() {
    let long = "é".repeat(CHUNK_BYTES / 2 - 1) + "x七七";
    let (chunk, rest) = long.split_at(CHUNK_BYTES - 1);
    assert_eq!(rest, "七七");
    let length = CHUNK_BYTES as u64 / 2;
    let scene = asked_orchestrator().when(writes(CALL, 1, &long));
    let [shown, append] = &scene.commands()[..] else {
        panic!("{:?}", scene.commands());
    };
    assert_eq!(*shown, shows(CALL, 1, 0, &long));
    let run::Command::Append { events, .. } = append else {
        panic!("{append:?}");
    };
    assert_eq!(
        events[..],
        [text(CALL, 1, 0, chunk), text(CALL, 1, length, rest)]
    );
    let commands = scene.commands();
    scene.then(commands);
}

#[test]
fn text_that_an_append_left_behind_and_that_fills_a_chunk_waits_no_longer_either() {
    let long = "x".repeat(CHUNK_BYTES);
    let scene = asked_orchestrator()
        .when(writes(CALL, 1, "Seven"))
        .then([shows(CALL, 1, 0, "Seven")])
        .after(FLUSH_AFTER_MS, Input::Woken)
        .then_append([text(CALL, 1, 0, "Seven")])
        .when(writes(CALL, 1, &long))
        .then([shows(CALL, 1, 5, &long)]);
    scene.when_stored().then_append([text(CALL, 1, 5, &long)]);
}

#[test]
fn text_beyond_what_a_call_may_write_is_neither_shown_nor_stored() {
    let most = "x".repeat(MAX_TEXT_BYTES);
    let scene = asked_orchestrator().when(writes(CALL, 1, &most));
    let commands = scene.commands();
    scene
        .then(commands)
        .when(writes(CALL, 1, "y"))
        .then([])
        .when(writes(CALL, 1, ""))
        .then([]);
}

#[test]
fn text_of_no_call_that_is_under_way_is_nothing() {
    asked_orchestrator()
        .when(writes("r1.1", 1, "x"))
        .then([])
        .when(writes(CALL, 2, "x"))
        .then([])
        .and_wakes_after(Some(run::POLL_AFTER_MS));
}
