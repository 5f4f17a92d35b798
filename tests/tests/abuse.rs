//! All abuse at once, in small: the same each time. In full: `cargo run -p tests --bin abuse`.

use tests::campaign::abuse::{Plan, carry_out};

/// Whether honest runs are slower beside it is measured in full, on a machine that does nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn abuse_of_all_kinds_at_once_crashes_nothing_leaks_nothing_and_harms_no_honest_run() {
    let plan = Plan::small(1);
    let figures = carry_out(plan).await;
    println!("{figures}");
    assert_eq!(figures.refused(), plan.requests);
    assert!(figures.garbage.len() >= 50, "{figures}");
    assert!(
        figures.hostile_runs > 0 && figures.abused.count() > 0,
        "{figures}"
    );
}
