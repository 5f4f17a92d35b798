//! Carries out the campaigns: `cargo run -p tests --bin campaign -- [routes|tools|streams]… [--seconds N] [--seed N] [--case N]`.
//!
//! Ten minutes each where nothing else is said. A finding ends it with the case, which `--case` tries again by itself.

use std::time::Duration;

use tests::campaign::{Campaign, Length, Plan};

const SECONDS: u64 = 600;

#[tokio::main]
async fn main() -> Result<(), String> {
    let mut campaigns = Vec::new();
    let mut plan = Plan {
        seed: rand::random::<u32>().into(),
        first: 0,
        length: Length::For(Duration::from_secs(SECONDS)),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let said = arguments.next().and_then(|it| it.parse::<u64>().ok());
            said.ok_or_else(|| format!("{argument} takes a whole number"))
        };
        match &*argument {
            "--seconds" => plan.length = Length::For(Duration::from_secs(number()?)),
            "--seed" => plan.seed = number()?,
            "--case" => {
                plan.first = number()?;
                plan.length = Length::Cases(1);
            }
            name => {
                let known = Campaign::ALL.into_iter().find(|it| it.name() == name);
                campaigns.push(known.ok_or_else(|| {
                    format!("there is no campaign {name}: routes, tools or streams")
                })?);
            }
        }
    }
    if campaigns.is_empty() {
        campaigns.extend(Campaign::ALL);
    }
    for campaign in campaigns {
        println!("{}, --seed {}", campaign.name(), plan.seed);
        println!("{}", campaign.carry_out(plan).await);
    }
    Ok(())
}
