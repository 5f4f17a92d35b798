//! The campaigns in small: the same cases each time. In full: `cargo run -p tests --bin campaign`.

use tests::campaign::{Campaign, Length, Plan};

async fn try_some(campaign: Campaign, cases: u64) {
    let plan = Plan {
        seed: 1,
        first: 0,
        length: Length::Cases(cases),
    };
    let figures = campaign.carry_out(plan).await;
    assert_eq!(figures.cases, cases);
    assert!(figures.outcomes.len() > 1, "{figures}");
}

#[tokio::test]
async fn no_request_disturbs_the_service_or_an_honest_run() {
    try_some(Campaign::Routes, 200).await;
}

#[tokio::test]
async fn no_response_of_a_tool_disturbs_an_honest_run() {
    try_some(Campaign::Tools, 30).await;
}

#[tokio::test]
async fn no_stream_of_a_model_disturbs_an_honest_run() {
    try_some(Campaign::Streams, 40).await;
}
