use super::*;
use proptest::prelude::*;

const HOUR_MS: u64 = 60 * 60 * 1000;
/// The beginning of an hour.
const NOW: u64 = 490_000 * HOUR_MS;

fn qwen() -> ModelId {
    ModelId::new("qwen")
}

fn answered(whole_ms: u64) -> Measure {
    let mut measure = Measure {
        calls: 1,
        ..Measure::default()
    };
    measure.whole.note(whole_ms);
    measure.first_token.note(whole_ms / 10);
    measure
}

fn failed() -> Measure {
    Measure {
        calls: 1,
        failures: 1,
        ..Measure::default()
    }
}

fn sum(measures: &[Measure]) -> Measure {
    let mut sum = Measure::default();
    for measure in measures {
        sum.add(measure);
    }
    sum
}

#[test]
fn five_calls_tell_how_long_a_model_takes_and_fewer_leave_it_to_the_catalogue() {
    let answers = |count| vec![answered(7000); count];
    let with = |mut measures: Vec<Measure>, failures| {
        measures.extend(vec![failed(); failures]);
        measures
    };
    // What was measured, what the catalogue says, what is told, what orders models.
    for (measures, typical_ms, told, likely) in [
        (answers(0), None, None, None),
        (answers(0), Some(31_000), Some(31_000), Some(31_000)),
        (answers(4), None, None, Some(7000)),
        (answers(4), Some(31_000), Some(31_000), Some(31_000)),
        (answers(5), None, Some(7000), Some(7000)),
        (answers(5), Some(31_000), Some(7000), Some(7000)),
        // One that fails as often as not is not told as fast, whatever the catalogue says.
        (with(answers(5), 4), Some(31_000), Some(7000), Some(7000)),
        (with(answers(5), 5), Some(31_000), None, None),
        (
            with(answers(0), 4),
            Some(31_000),
            Some(31_000),
            Some(31_000),
        ),
        (with(answers(0), 5), Some(31_000), None, None),
    ] {
        let mut measured = Measured::default();
        for measure in &measures {
            measured.note(&qwen(), measure, NOW);
        }
        let row = (
            measured.takes_ms(&qwen(), typical_ms, NOW),
            measured.likely_takes_ms(&qwen(), typical_ms, NOW),
        );
        assert_eq!(row, (told, likely), "{measures:?}, {typical_ms:?}");
        let other = measured.takes_ms(&ModelId::new("phi"), typical_ms, NOW);
        assert_eq!(other, typical_ms);
    }
}

#[test]
fn a_call_counts_in_its_hour_and_the_next_whatever_clock_is_read() {
    let mut measured = Measured::default();
    for _ in 0..5 {
        measured.note(&qwen(), &answered(7000), NOW - 1);
    }
    // Milliseconds from the end of its hour.
    for (later, told) in [
        (0, true),
        (HOUR_MS - 1, true),
        (HOUR_MS, false),
        (2 * HOUR_MS, false),
    ] {
        let takes_ms = measured.takes_ms(&qwen(), None, NOW + later);
        assert_eq!(takes_ms.is_some(), told, "{later}");
    }
    // A clock that was set back by a minute, an hour, a day.
    for (back, told) in [(60_000, true), (HOUR_MS, true), (24 * HOUR_MS, false)] {
        let takes_ms = measured.takes_ms(&qwen(), None, NOW - back);
        assert_eq!(takes_ms.is_some(), told, "{back}");
    }
    for at_ms in [0, u64::MAX] {
        assert_eq!(measured.takes_ms(&qwen(), None, at_ms), None);
        measured.note(&qwen(), &answered(7000), at_ms);
    }
    assert_eq!(measured.unwritten.len(), 1, "other hours are forgotten");
}

#[test]
fn the_slowest_first_token_is_known_from_five_replies_on() {
    let mut measured = Measured::default();
    for (ms, slowest) in [
        (1000, None),
        (1000, None),
        (9000, None),
        (1000, None),
        (1000, Some(1000)),
    ] {
        measured.note(&qwen(), &answered(ms), NOW);
        let known = measured.slowest_first_token(&qwen(), NOW);
        assert_eq!(known, slowest.map(Duration::from_millis), "{ms}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_table_is_read_once_a_minute() {
    let mut measured = Measured::default();
    let begun = [0, 0, 59, 1, 30, 31, 600].map(|passed| {
        let at = Instant::now() + Duration::from_secs(passed);
        (at, passed)
    });
    let mut at = begun[0].0;
    let mut reads = Vec::new();
    for (_, passed) in begun {
        at += Duration::from_secs(passed);
        reads.push(measured.begin_read(at));
    }
    assert_eq!(reads, [true, false, false, true, false, true, true]);
    // A time that has been before.
    assert!(!measured.begin_read(at - Duration::from_mins(10)));
}

#[test]
fn what_was_read_is_forgotten_when_its_hours_are_over() {
    let mut measured = Measured::default();
    let read = sum(&vec![answered(7000); 5]);
    measured.end_read(BTreeMap::from([(qwen(), read)]), NOW);
    for (later, told) in [(0, true), (2 * HOUR_MS - 1, true), (2 * HOUR_MS, false)] {
        let takes_ms = measured.takes_ms(&qwen(), None, NOW + later);
        assert_eq!(takes_ms.is_some(), told, "{later}");
    }
}

/// What happens to a process.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Answered(u64),
    Failed,
    Written,
    Read,
}

fn anything() -> impl Strategy<Value = (usize, Happens)> {
    let happens = prop_oneof![
        4 => (1..100_000_u64).prop_map(Happens::Answered),
        1 => Just(Happens::Failed),
        2 => Just(Happens::Written),
        2 => Just(Happens::Read),
    ];
    (0..3_usize, happens)
}

proptest! {
    /// Each call stands in the table once when all have written, and no process counts its own twice or misses one.
    #[test]
    fn whenever_processes_write_and_read_each_call_counts_once(
        all in prop::collection::vec(anything(), 0..60),
    ) {
        let mut processes = [(); 3].map(|()| Measured::default());
        let (mut table, mut everything) = (Measure::default(), Measure::default());
        let mut own = vec![Measure::default(); 3];
        let write = |process: &mut Measured, table: &mut Measure| {
            for (_, measure) in process.take_unwritten() {
                table.add(&measure);
            }
        };
        for (at, happens) in all {
            let process = &mut processes[at];
            match happens {
                Happens::Answered(_) | Happens::Failed => {
                    let measure = match happens {
                        Happens::Answered(ms) => answered(ms),
                        _ => failed(),
                    };
                    process.note(&qwen(), &measure, NOW);
                    everything.add(&measure);
                    own[at].add(&measure);
                }
                Happens::Written => write(process, &mut table),
                Happens::Read => {
                    process.end_read(BTreeMap::from([(qwen(), table.clone())]), NOW);
                }
            }
            let known = process.of(&qwen(), NOW);
            prop_assert!(own[at].calls <= known.calls && known.calls <= everything.calls);
        }
        for process in &mut processes {
            write(process, &mut table);
        }
        prop_assert_eq!(&table, &everything);
        for process in &mut processes {
            process.end_read(BTreeMap::from([(qwen(), table.clone())]), NOW);
            prop_assert_eq!(&process.of(&qwen(), NOW), &everything);
        }
    }
}
