//! What is added to a day, and what a day says.

use run::{Status, Summary};

use super::*;

#[test]
fn what_a_run_did_not_take_is_not_added() {
    let summary = |estimated, tally: Tally| Summary {
        usage: Usage {
            estimated,
            ..Usage::default()
        },
        by_model: [(ModelId::new("qwen"), tally)].into_iter().collect(),
        ..Summary::default()
    };
    let called = Tally {
        calls: 2,
        ..Tally::default()
    };
    for (summary, figures) in [
        (summary(false, Tally::default()), &[][..]),
        (
            summary(true, called),
            &[("estimated", 1), ("model#qwen#calls", 2)],
        ),
    ] {
        let figures = figures.iter().chain(&[("status#failed", 1)]);
        let expected: BTreeMap<_, i128> = figures
            .map(|(name, addend)| ((*name).to_owned(), *addend))
            .collect();
        assert_eq!(Addends::of_run(Status::Failed, &summary).0, expected);
    }
}

#[test]
fn tokens_were_reckoned_where_one_run_of_the_day_says_so() {
    for (runs, estimated) in [(0, false), (1, true), (9, true)] {
        let (mut usage, mut cost) = (Usage::default(), Cost::ZERO);
        add_figure(ESTIMATED, runs, &mut usage, &mut cost);
        assert_eq!(usage.estimated, estimated, "{runs}");
    }
}
