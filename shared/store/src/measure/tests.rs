use super::*;
use proptest::prelude::*;

fn times(all: &[u64]) -> Times {
    let mut times = Times::default();
    for ms in all {
        times.note(*ms);
    }
    times
}

#[test]
fn a_time_is_counted_as_the_nearest_that_is_told() {
    for (ms, step) in [
        (0, 100),
        (1, 100),
        (122, 100),
        (123, 150),
        (1000, 1000),
        (1224, 1000),
        (1225, 1500),
        (8000, 7000),
        (9000, 10_000),
        (31_000, 30_000),
        (900_000, 1_000_000),
        (u64::MAX, 1_000_000),
    ] {
        assert_eq!(nearest(ms), step, "{ms}");
    }
}

#[test]
fn of_times_the_middle_one_and_the_longest_are_told() {
    for (all, median, longest) in [
        (&[][..], None, None),
        (&[2000], Some(2000), Some(2000)),
        (&[3000, 1000], Some(1000), Some(3000)),
        (&[1000, 70_000, 2000], Some(2000), Some(70_000)),
        (&[0, 0, 0, 5000], Some(100), Some(5000)),
    ] {
        let times = times(all);
        assert_eq!((times.median_ms(), times.longest_ms()), (median, longest));
        assert_eq!(times.count(), all.len() as u64);
    }
}

#[test]
fn half_of_the_calls_take_no_longer_than_the_median_and_what_failed_took_longest() {
    // Times of answers, calls that failed, the median.
    let cases: [(&[u64], u64, Option<u64>); 12] = [
        (&[], 0, None),
        (&[], 3, None),
        (&[7000], 0, Some(7000)),
        (&[0, 0, 0], 0, Some(100)),
        (&[1000, 2000, 3000], 0, Some(2000)),
        // One that had to be loaded says nothing of the others.
        (&[1000, 1000, 1000, 1000, 70_000], 0, Some(1000)),
        // A server that refuses at once is not a fast one.
        (&[1000, 2000, 3000], 1, Some(2000)),
        (&[1000, 2000, 3000], 2, Some(3000)),
        (&[1000, 2000, 3000], 3, None),
        (&[1000], 9, None),
        (&[1000, 7000], 1, Some(7000)),
        (&[u64::MAX], 0, Some(1_000_000)),
    ];
    for (answers, failures, median) in cases {
        let measure = Measure {
            calls: answers.len() as u64 + failures,
            failures,
            whole: times(answers),
            ..Measure::default()
        };
        assert_eq!(
            measure.median_ms(),
            median,
            "{answers:?}, {failures} failed"
        );
    }
}

#[test]
fn decisions_have_no_whole_time_and_their_failures_count_as_their_part_of_all() {
    let measure = |calls, failures| Measure {
        calls,
        failures,
        whole: times(&[1000, 1000, 2000, 2000, 3000]),
        ..Measure::default()
    };
    for (calls, failures, median) in [
        (5, 0, Some(2000)),
        (105, 6, Some(2000)),
        (105, 40, Some(3000)),
        (105, 53, None),
        // What does not fit together, as an item that was damaged.
        (0, 0, Some(1000)),
        (0, 7, None),
        (3, 2, None),
        (u64::MAX, u64::MAX, None),
        (u64::MAX, 1, Some(2000)),
    ] {
        assert_eq!(
            measure(calls, failures).median_ms(),
            median,
            "{calls}, {failures}"
        );
    }
}

#[test]
fn a_reply_that_came_in_one_piece_has_no_speed() {
    for (written_tokens, writing_ms, speed) in [
        (0, 0, None),
        (70, 0, None),
        (0, 70, Some(0)),
        (70, 2000, Some(35)),
        (u64::MAX, 1, Some(u64::MAX)),
    ] {
        let measure = Measure {
            written_tokens,
            writing_ms,
            ..Measure::default()
        };
        assert_eq!(measure.tokens_a_second(), speed);
    }
}

fn any_measure() -> impl Strategy<Value = Measure> {
    let any_times = || prop::collection::vec(0..2_000_000_u64, 0..6).prop_map(|all| times(&all));
    let sums = (0..9_u64, 0..9_u64, 0..999_u64, 0..999_u64);
    (sums, any_times(), any_times()).prop_map(|(sums, first_token, whole)| Measure {
        calls: sums.0,
        failures: sums.1,
        written_tokens: sums.2,
        writing_ms: sums.3,
        first_token,
        whole,
    })
}

proptest! {
    #[test]
    fn sums_are_the_same_in_whatever_order_and_groups_they_are_added(
        measures in prop::collection::vec((any_measure(), 0..4_usize), 0..20),
    ) {
        let mut one_by_one = Measure::default();
        let mut of_processes = vec![Measure::default(); 4];
        for (measure, process) in &measures {
            one_by_one.add(measure);
            of_processes[*process].add(measure);
        }
        let mut together = Measure::default();
        for of_one in of_processes.iter().rev() {
            together.add(of_one);
        }
        prop_assert_eq!(&together, &one_by_one);
        let ended = together.median_ms().is_none_or(|ms| STEPS_MS.contains(&ms));
        prop_assert!(ended);
    }

    #[test]
    fn no_step_is_nearer_than_the_one_that_is_counted(ms in 1..5_000_000_u64) {
        let distance = |step: u64| {
            let (a, b) = (ms.max(step), ms.min(step));
            // As a ratio, in parts of a million.
            u128::from(a) * 1_000_000 / u128::from(b)
        };
        let least = STEPS_MS.into_iter().map(distance).min().unwrap_or_default();
        prop_assert!(distance(nearest(ms)) <= least + 1);
    }
}
